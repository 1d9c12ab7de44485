// What happens, as it comes: the newest first.

import { el, field, fill } from './dom.js';
import { chatName, state } from './store.js';
import { clock, moment } from './time.js';

const SHOWN = 200;

function text(member, v) {
  if (v === undefined) return 'nothing';
  if (typeof v === 'object') return JSON.stringify(v);
  return typeof v === 'number' && /_(at|date)$/.test(member) ? moment(v) : String(v);
}
const changes = (c = {}) => Object.entries(c).map(([k, { old, new: fresh }]) => `${k}: ${text(k, old)} → ${text(k, fresh)}`).join(', ');

// Whom a Peer of an update names, by what came with it.
function named(data, peer = {}) {
  const chat = data.chats?.find((c) => c.id === (peer.channel_id ?? peer.chat_id));
  return chat?.title ?? data.users?.find((u) => u.id === peer.user_id)?.first_name ?? '';
}

function telling(data) {
  const u = data.update ?? {};
  const said = u.message?.message || u.message?.action?._?.replace(/^messageAction/, '') ||
    (u.call?._ === 'groupCallDiscarded' ? 'ended' : u.call?.title) || '';
  return [named(data, u.message?.peer_id ?? u.peer ?? { chat_id: u.chat_id, channel_id: u.channel_id }), said].filter(Boolean).join(': ');
}

// One line on what an event says.
function summary({ name, data }) {
  if (name === 'call') {
    const what = data.call.title || chatName(data.account, data.call.peer) || 'a conference';
    return `${what} ${data.what}${data.changed ? ` – ${changes(data.changed)}` : ''}`;
  }
  if (name === 'account') return `${data.what}${data.changed ? ` – ${changes(data.changed)}` : data.state ? ` – ${data.state}` : ''}`;
  if (name === 'job') return `${data.job.request} ${data.job.state}${data.job.status ? `, ${data.job.status}` : ''}`;
  if (name === 'schedule') return `${data.schedule.name} ${data.what}${data.count ? `, ${data.count} times` : ''}`;
  if (name === 'live') {
    const { wish, state: is, reason } = data.live;
    return `${chatName(wish.account, wish.peer)} ${data.what} – ${is === data.previous ? is : `${data.previous} → ${is}`}${reason ? `: ${reason}` : ''}`;
  }
  if (name === 'stream_key') return `${chatName(data.account, data.peer)}: the key to stream with is another one`;
  if (name === 'gap') return `Events after ${data.after} up to ${data.resumes_after} are lost.`;
  return telling(data);
}

const kindOf = (name) => (['call', 'account', 'job', 'schedule', 'live', 'stream_key', 'gap'].includes(name) ? name : 'update');

export function openEvents(root) {
  let paused = null; // the events as they were
  let kind = '';
  let search = '';
  const opened = new Set();

  const choice = el('select', { id: 'kind', onchange: (e) => { kind = e.target.value; update(); } },
    [['', 'All'], ['call', 'Calls'], ['account', 'Accounts'], ['job', 'Jobs'], ['schedule', 'Schedules'], ['live', 'Kept live'], ['stream_key', 'Stream keys'], ['update', 'Updates of Telegram']].map(([value, label]) => el('option', { value }, label)));
  const find = el('input', { id: 'find', type: 'search', oninput: (e) => { search = e.target.value.toLowerCase(); update(); } });
  const pause = el('button', {
    type: 'button', 'aria-pressed': 'false',
    onclick() {
      paused = paused ? null : [...state.events];
      pause.setAttribute('aria-pressed', String(paused !== null));
      pause.textContent = paused ? 'Go on' : 'Pause';
      update();
    },
  }, 'Pause');
  const list = el('ol.events', { 'aria-label': 'Events', reversed: true });
  const empty = el('p.empty');
  const told = el('p.hint');

  function row(e) {
    const isOpen = opened.has(e.id);
    return el(`li.event.event-${kindOf(e.name)}`, { key: e.id },
      el('details', {
        ontoggle(event) {
          if (event.target.open) opened.add(e.id);
          else opened.delete(e.id);
          update();
        },
      },
      el('summary', {},
        el('time', { datetime: new Date(e.data.received_at * 1000).toISOString(), title: moment(e.data.received_at) }, clock(e.data.received_at)),
        el('span.badge', {}, e.name), el('span.who', {}, e.data.account ?? ''), el('span.what', {}, summary(e))),
      isOpen && el('pre', { tabindex: '0', 'aria-label': `Event ${e.id}` }, JSON.stringify({ id: e.id, event: e.name, data: e.data }, null, 2))));
  }

  function update() {
    const all = paused ?? state.events;
    const found = all.filter((e) => (!kind || kindOf(e.name) === kind) &&
      (!search || `${e.name} ${e.data.account} ${summary(e)}`.toLowerCase().includes(search)));
    const missed = paused ? state.events.findIndex((e) => e.id === paused[0]?.id) : 0;
    told.textContent = paused ? `Paused${missed > 0 ? `, ${missed} came since` : ''}.` : '';
    empty.textContent = found.length ? '' : 'Nothing yet. What happens shows here at once.';
    empty.hidden = found.length > 0;
    list.hidden = found.length === 0;
    fill(list, found.slice(0, SHOWN).map(row));
  }

  root.replaceChildren(el('div.head', {}, el('h1', {}, 'Events'), pause),
    el('div.filters', {}, field('Show', choice), field('With the words', find)), told, empty, list);
  return { update: () => { if (state.loaded) update(); }, needsData: false };
}
