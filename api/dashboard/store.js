// What this page knows of the daemon: read once, then kept true by events.

import { call, get, isOffline, isUnauthorized, post, segment, Problem } from './api.js';
import { follow } from './events.js';
import { now } from './time.js';

const EVENTS_KEPT = 500;
const EVENTS_BEFORE = 100; // those of the past that are shown at first
const ENDED_SHOWN = 200;

export const state = {
  link: { state: 'connecting', since: now() },
  loaded: false,
  problem: null, // why it could not be read
  accounts: new Map(), // by name
  calls: new Map(), // by account and id
  jobs: new Map(), // by id
  events: [], // the newest first
  names: new Map(), // of chats, by account and id
  nodes: [], // that share the database; none where the daemon is the only one
  database: null, // which they share, as the daemon sees it
  nodesAt: 0, // when that was read
  nodesAskedAt: 0,
};

let changed = () => {};
let stream = null;
let generation = 0; // of the token: what was asked for under another one is not taken

export function onChange(then) {
  changed = then;
}

export const callKey = (c) => `${c.account}/${c.id}`;

const channelId = (id) => `-${1000000000000n + BigInt(id)}`;

// As the Bot API writes it, which names a chat in paths.
export function markedId(peer) {
  if (peer?.channel_id) return channelId(peer.channel_id);
  if (peer?.chat_id) return `-${peer.chat_id}`;
  return peer?.user_id ? String(peer.user_id) : null;
}

// Of a Chat, as answers bear it.
export const peerOfChat = (c) => (c._.startsWith('channel') ? { channel_id: c.id } : { chat_id: c.id });

const nameOf = ({ user, chat }) => chat?.title ?? [user?.first_name, user?.last_name].filter(Boolean).join(' ');
const nameKey = (account, id) => `${account} ${id}`;

// The chat's title, once it is known; asked for once.
export function chatName(account, peer) {
  const id = markedId(peer);
  if (!id) return '';
  const key = nameKey(account, id);
  if (!state.names.has(key)) {
    state.names.set(key, '');
    const mine = generation;
    get(`v1/peers/${segment(id)}?account=${segment(account)}`).then((answer) => {
      if (mine !== generation) return;
      state.names.set(key, nameOf(answer));
      changed();
    }, (e) => {
      if (isOffline(e)) state.names.delete(key);
    });
  }
  return state.names.get(key) || id;
}

function learnNames(account, { chats = [], users = [] }) {
  for (const c of chats) {
    if (c.title) state.names.set(nameKey(account, markedId(peerOfChat(c))), c.title);
  }
  for (const u of users) {
    if (u.first_name) state.names.set(nameKey(account, u.id), nameOf({ user: u }));
  }
}

export function setCall(c) {
  state.calls.set(callKey(c), c);
  changed();
}

export function setAccount(a) {
  state.accounts.set(a.name, a);
  changed();
}

// Quietly: what cannot be read now is read again with the next event or connection.
export async function readAccount(name) {
  const mine = generation;
  try {
    const a = await get(`v1/accounts/${segment(name)}`);
    if (mine === generation) setAccount(a);
  } catch (e) {
    if (mine === generation && e.status === 404) state.accounts.delete(name);
    changed();
  }
}

async function allCalls() {
  const calls = [];
  let cursor = '';
  do {
    const page = await get(`v1/calls?limit=500${cursor && `&cursor=${segment(cursor)}`}`);
    calls.push(...page.calls);
    cursor = page.next_cursor ?? '';
  } while (cursor && calls.length < 5000);
  return calls;
}

// Quietly: who asks again is this page, every few seconds.
export async function readNodes() {
  const mine = generation;
  state.nodesAskedAt = now();
  try {
    const { nodes = [], database = null } = await get('v1/nodes');
    if (mine !== generation) return;
    Object.assign(state, { nodes, database, nodesAt: now() });
  } catch {
    return;
  }
  changed();
}

// Of each reading that is under way, what happened since it began: its answers may be from before that.
const meanwhile = new Set();

async function readAll() {
  const mine = generation;
  const missed = [];
  meanwhile.add(missed);
  try {
    const [accounts, calls, jobs] = await Promise.all([get('v1/accounts'), allCalls(), get('v1/jobs?limit=200')]);
    if (mine !== generation) return;
    state.accounts = new Map(accounts.accounts.map((a) => [a.name, a]));
    state.calls = new Map(calls.map((c) => [callKey(c), c]));
    state.jobs = new Map(jobs.jobs.map((j) => [j.id, j]));
    state.loaded = true;
    state.problem = null;
    meanwhile.delete(missed);
    for (const { name, data } of missed) settle(name, data);
  } catch (e) {
    if (mine !== generation || isUnauthorized(e)) return;
    if (!isOffline(e)) state.problem = e;
  } finally {
    meanwhile.delete(missed);
  }
  changed();
}

function keepEvent(event) {
  state.events.unshift(event);
  state.events.length = Math.min(state.events.length, EVENTS_KEPT);
}

function forgetOldEnded() {
  const ended = [...state.calls.values()].filter((c) => c.state === 'discarded').sort((a, b) => b.ended_at - a.ended_at);
  for (const c of ended.slice(ENDED_SHOWN)) state.calls.delete(callKey(c));
}

// What an event says of what is kept.
function settle(name, data) {
  if (name === 'call') {
    if (data.what === 'forgotten') state.calls.delete(callKey(data.call));
    else state.calls.set(callKey(data.call), data.call);
    forgetOldEnded();
  } else if (name === 'account') {
    if (data.what === 'forgotten') state.accounts.delete(data.account);
    else readAccount(data.account);
  } else if (name === 'job') {
    state.jobs.set(data.job.id, data.job);
  }
}

function apply(name, id, data) {
  keepEvent({ id, name, data });
  learnNames(data.account, data);
  for (const missed of meanwhile) missed.push({ name, data });
  settle(name, data);
  if (name === 'gap') readAll();
  changed();
}

// Reads everything, and follows what happens from before that on.
export async function connect() {
  disconnect();
  const mine = generation;
  let next = 0;
  try {
    next = (await get('v1/events?wait=0')).next;
    const before = await get(`v1/events?wait=0&after=${Math.max(0, next - EVENTS_BEFORE)}`);
    if (mine !== generation) return;
    state.events = [];
    for (const e of before.events) {
      learnNames(e.data.account, e.data);
      if (e.id <= next) keepEvent({ id: e.id, name: e.event, data: e.data });
    }
  } catch (e) {
    if (mine !== generation || isUnauthorized(e)) return;
    state.problem = isOffline(e) ? null : e;
    state.link = { state: 'waiting', since: state.link.since, retryAt: now() + 3 };
    changed();
    setTimeout(() => mine === generation && connect(), 3000);
    return;
  }
  stream = follow(next, {
    event: apply,
    state(link) {
      state.link = link;
      changed();
    },
    open() {
      readNodes();
      return readAll();
    },
  });
}

export function retry() {
  if (stream) stream.retry();
  else connect();
}

export function disconnect() {
  generation += 1;
  stream?.close();
  stream = null;
}

export function forgetAll() {
  disconnect();
  Object.assign(state, {
    loaded: false, problem: null, accounts: new Map(), calls: new Map(), jobs: new Map(), events: [], names: new Map(), nodes: [], database: null, nodesAt: 0, nodesAskedAt: 0,
    link: { state: 'connecting', since: now() },
  });
}

export const readyAccounts = () => [...state.accounts.values()].filter((a) => a.state === 'ready');
export { call, post, Problem };
