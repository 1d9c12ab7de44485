// Chats in which a call is to run always: whether one does, why it does not, and what ended the last.

import { el, field, fill, newId, say } from './dom.js';
import { call, get, segment } from './api.js';
import { chatName, markedId, readyAccounts, state } from './store.js';
import { ask } from './ask.js';
import { problemBox } from './problem.js';
import { moment, until } from './time.js';

const PER_HOUR = 6;
const STATES = { running: ['Runs', 'good'], recreating: ['Is made anew', 'wait'], paused: ['Paused', 'bad'] };

const pathOf = (account, peer) => `v1/peers/${segment(peer)}/live?account=${segment(account)}`;

function endedBy(account, { how, by }) {
  if (how === 'admin') return by ? `ended by ${chatName(account, by)}` : 'ended by an admin';
  if (how === 'api') return 'ended through this daemon';
  if (how === 'replaced') return 'another call took its place';
  return 'ended, and Telegram does not say by whom';
}

export function openLive(root) {
  let kept = null;
  let problem = null;
  let heard = null; // the last event that told of one

  async function read() {
    try {
      kept = (await get('v1/live')).live;
      problem = null;
    } catch (e) {
      problem = e;
    }
    update();
  }

  async function make() {
    const accounts = readyAccounts().map((a) => a.name).sort();
    const account = el('select', {}, accounts.map((a) => el('option', { value: a }, a)));
    const chat = el('input', { type: 'text', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
    const title = el('input', { type: 'text', autocomplete: 'off' });
    const most = el('input', { type: 'number', required: true, min: 1, max: 60, value: PER_HOUR });
    const isStream = el('input', { type: 'checkbox', id: newId('streams'), onchange: show });
    const hasNewKey = el('input', { type: 'checkbox', id: newId('key') });
    const keyField = el('div.check', {}, hasNewKey, el('label', { for: hasNewKey.id }, 'A new stream key for each call that is made anew'));

    function show() {
      keyField.hidden = !isStream.checked;
    }

    show();
    const isDone = await ask({
      title: 'Keep a chat live',
      content: [el('p', {}, 'A call runs there from now on: when it was ended, another one is made.'),
        field('Account', account), field('Chat', chat, 'A name (@channel), a t.me link or an id.'),
        field('Title', title, 'Left empty it is the chat\'s.'),
        field('At most so many an hour', most, 'Calls that are made anew within any hour, up to 60.'),
        el('div.check', {}, isStream, el('label', { for: isStream.id }, 'Livestream by RTMP')), keyField],
      does: 'Keep it live',
      work: async () => {
        const body = { max_per_hour: Number(most.value) };
        if (title.value) body.title = title.value;
        if (isStream.checked) Object.assign(body, { rtmp_stream: true, rotate_key: hasNewKey.checked });
        await call('PUT', pathOf(account.value, chat.value.trim()), body);
      },
    });
    if (isDone) read();
  }

  async function stop({ account, peer }, name) {
    const isDone = await ask({
      title: `Stop keeping ${name} live?`,
      content: [el('p', {}, 'A call that runs goes on. When it was ended, no other one is made.')],
      does: 'Stop keeping it',
      danger: true,
      work: () => call('DELETE', pathOf(account, markedId(peer))),
    });
    if (isDone) {
      say('No longer kept live');
      read();
    }
  }

  const why = (k) => [
    k.reason && el('p.warning', {}, k.reason),
    k.remedy && el('p', {}, k.remedy),
    k.retry_at && el('p.hint', {}, `Tries again ${until(k.retry_at)}`),
  ];

  function row(k) {
    const { account, peer, title, rtmp_stream: isStream, max_per_hour: most, rotate_key: hasNewKey, since } = k.wish;
    const name = chatName(account, peer);
    const [word, kind] = STATES[k.state] ?? [k.state, 'wait'];
    return el('article.card', { key: `${account} ${markedId(peer)}` },
      el('div.call-head', {}, el('h2', {}, name), el(`span.badge.badge-${kind}`, {}, word), isStream && el('span.badge', {}, 'Livestream')),
      el('p.facts', {},
        el('span.fact', {}, account),
        title && el('span.fact', {}, title),
        el('span.fact', {}, `since ${moment(since)}`),
        hasNewKey && el('span.fact', {}, 'a new key each time')),
      why(k),
      el('p.facts', {},
        el('span.fact', {}, `Made anew: ${k.recreations.last_hour} of ${most} within the last hour, ${k.recreations.total} in all`),
        k.last_end && el('span.fact', {}, `The last one ${moment(k.last_end.at)}: ${endedBy(account, k.last_end)}`)),
      el('div.buttons', {},
        el('button.danger', { type: 'button', onclick: () => stop(k.wish, name), 'aria-label': `Stop keeping ${name} live` }, 'Stop keeping it')));
  }

  function update() {
    const newest = state.events.find((e) => e.name === 'live')?.id ?? 0;
    if (heard !== null && newest !== heard) {
      heard = newest;
      read();
    }
    heard ??= newest;
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Kept live'),
        !problem && readyAccounts().length > 0 && el('button.primary', { type: 'button', onclick: make }, 'Keep a chat live')),
      problem ? problemBox(problem, { key: 'problem' })
        : !kept ? el('p.empty', { key: 'none' }, 'Reading …')
          : kept.length ? el('div.cards', { key: 'cards' }, kept.map(row))
            : el('p.empty', { key: 'empty' }, 'None yet. In a chat that is kept live a call runs always: when it was ended, another one is made.'),
    ]);
  }
  read();
  return { update };
}
