// The calls as they live: those that run, those to come, those that were.

import { el, field, fill, say } from './dom.js';
import { call, post, segment } from './api.js';
import { callKey, chatName, markedId, setCall, state } from './store.js';
import { ask, show } from './ask.js';
import { plainLine } from './secret.js';
import { openStream } from './stream.js';
import { attempt, problemBox } from './problem.js';
import { day, moment, now, span, until } from './time.js';

const TITLE_MAX = 64;
const ENDED_AT_FIRST = 10;

const path = (c, rest = '') => `v1/calls/${segment(c.id)}${rest}?account=${segment(c.account)}`;
const place = (c) => (c.kind === 'conference' ? 'Conference' : chatName(c.account, c.peer));
const titleOf = (c) => c.title || place(c);
const people = (n) => (n === 1 ? '1 participant' : `${n} participants`);

function rename(c) {
  const input = el('input', { type: 'text', value: c.title ?? '', maxlength: 2 * TITLE_MAX });
  ask({
    title: `Rename ${titleOf(c)}`,
    content: [field('Title', input, `Up to ${TITLE_MAX} characters; empty is the chat's own.`)],
    does: 'Rename',
    work: async () => setCall((await call('PATCH', path(c), { title: input.value })).call),
  });
}

async function end(c) {
  const isDone = await ask({
    title: c.state === 'scheduled' ? `Cancel ${titleOf(c)}?` : `End ${titleOf(c)}?`,
    content: [el('p', {}, c.state === 'scheduled'
      ? 'It will not take place. A new one can be scheduled at any time.'
      : `It ends for everybody${c.participants_count ? `, ${people(c.participants_count)} now` : ''}. It cannot be taken up again.`)],
    does: c.state === 'scheduled' ? 'Cancel the call' : 'End it for everybody',
    danger: true,
    work: async () => setCall((await call('DELETE', path(c))).call),
  });
  if (isDone) say('The call has ended');
}

function start(c) {
  ask({
    title: `Start ${titleOf(c)} now?`,
    content: [el('p', {}, `It is planned for ${day(c.schedule_date)}.`)],
    does: 'Start it',
    work: async () => setCall((await post(path(c, '/start'))).call),
  });
}

async function link(c, button) {
  const said = el('div');
  let answer = { link: c.invite_link };
  const isDone = await attempt(button, said, async () => {
    if (!answer.link) answer = await post(path(c, '/invite-link'));
  });
  show({ title: `Link to ${titleOf(c)}`, content: [isDone ? plainLine('Link', answer.link) : said] });
}

// Which row shows its participants, and who they are.
const opened = new Map();

async function readPeople(c) {
  const key = callKey(c);
  // Who hid them meanwhile does not want them any more.
  const keep = (read) => opened.has(key) && opened.set(key, { ...read, version: c.version });
  try {
    const answer = await call('GET', `${path(c, '/participants')}&limit=100`);
    const name = (peer) => {
      const u = answer.users.find((x) => x.id === peer.user_id);
      const chat = answer.chats.find((x) => x.id === (peer.channel_id ?? peer.chat_id));
      return u ? [u.first_name, u.last_name].filter(Boolean).join(' ') || `@${u.username}` : chat?.title ?? markedId(peer);
    };
    keep({ count: answer.count, people: answer.participants.map((p) => ({ ...p, name: name(p.peer) })) });
  } catch (e) {
    keep({ problem: e });
  }
}

function peopleList(c, redraw) {
  const key = callKey(c);
  const known = opened.get(key);
  if (!known) return null;
  if (!known.isReading && (known.version !== c.version || known.count === undefined) && !known.problem) {
    known.isReading = true;
    readPeople(c).then(redraw);
  }
  if (known.problem) return problemBox(known.problem);
  if (!known.people) return el('p.hint', {}, 'Reading …');
  if (!known.people.length) return el('p.hint', {}, 'Nobody is in it yet.');
  return el('ul.people', {}, known.people.map((p) => el('li', { key: markedId(p.peer) }, p.name,
    p.muted && el('span.badge', {}, 'muted'), p.raise_hand_rating && el('span.badge', {}, 'hand up'),
    p.video && el('span.badge', {}, 'video'))),
  known.count > known.people.length && el('li', { key: 'more' }, `and ${known.count - known.people.length} more`));
}

function badges(c) {
  return [
    c.rtmp_stream && el('span.badge', {}, 'livestream'),
    c.kind === 'conference' && el('span.badge', {}, 'conference'),
    c.auto_start && el('span.badge', {}, 'starts by itself'),
  ];
}

function facts(c) {
  const at = el('span.fact', {}, c.state === 'active' ? `for ${span(now() - c.created_at)}`
    : c.state === 'scheduled' ? `${day(c.schedule_date)}, ${until(c.schedule_date)}`
      : `${moment(c.ended_at ?? c.created_at)}${c.duration ? `, lasted ${span(c.duration)}` : ''}`);
  return el('p.facts', {},
    c.title && el('span.fact', {}, place(c)),
    state.accounts.size > 1 && el('span.fact', {}, c.account),
    c.state === 'active' && el('span.fact', {}, people(c.participants_count)), at);
}

function row(c, redraw) {
  const key = callKey(c);
  const name = titleOf(c);
  const isOver = c.state === 'discarded';
  const act = (label, does, attributes = {}) => el('button', {
    type: 'button', onclick: does, 'aria-label': `${label} ${name}`, ...attributes,
  }, label);
  return el(`article.card.call.call-${c.state}`, { key },
    el('div.call-head', {}, el('h3', {}, name), badges(c)),
    facts(c),
    c.auto_start_missed && el('p.warning', {}, `It was not started at its date: ${c.auto_start_missed.reason}`),
    !isOver && el('div.buttons', {},
      c.state === 'scheduled' && act('Start', () => start(c), { class: 'primary' }),
      act('Rename', () => rename(c)),
      act('Link', (e) => link(c, e.currentTarget)),
      c.rtmp_stream && act('Stream', () => openStream(c.account, markedId(c.peer))),
      c.state === 'active' && act(opened.has(key) ? 'Hide people' : 'People', () => {
        if (!opened.delete(key)) opened.set(key, {});
        redraw();
      }, { 'aria-expanded': String(opened.has(key)) }),
      act(c.state === 'scheduled' ? 'Cancel' : 'End', () => end(c), { class: 'danger' })),
    !isOver && peopleList(c, redraw));
}

function group(title, calls, redraw, empty) {
  return el('section', { key: title, 'aria-label': title },
    el('h2', {}, title, calls.length > 0 && el('span.count', {}, calls.length)),
    calls.length ? el('div.cards', {}, calls.map((c) => row(c, redraw))) : empty && el('p.empty', {}, empty));
}

export function openCalls(root) {
  let isAllShown = false;
  const update = () => {
    const all = [...state.calls.values()];
    const of = (what, by) => all.filter((c) => c.state === what).sort((a, b) => by(a) - by(b) || (callKey(a) < callKey(b) ? -1 : 1));
    const planned = of('scheduled', (c) => c.schedule_date);
    const ended = of('discarded', (c) => -(c.ended_at ?? c.created_at));
    const shown = isAllShown ? ended : ended.slice(0, ENDED_AT_FIRST);
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Calls'), el('a.button.primary', { href: '#/create' }, 'New call')),
      group('Live', of('active', (c) => c.created_at), update, 'No call runs.'),
      planned.length > 0 && group('Scheduled', planned, update),
      ended.length > 0 && group('Ended', shown, update),
      shown.length < ended.length && el('button.more', {
        key: 'more', type: 'button',
        onclick: () => {
          isAllShown = true;
          update();
        },
      }, `Show ${ended.length - shown.length} more`),
    ]);
  };
  return { update, close: () => opened.clear() };
}
