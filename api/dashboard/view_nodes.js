// The daemons that share a database: who has the accounts, and who would take over.

import { el, fill } from './dom.js';
import { state } from './store.js';
import { clock, now } from './time.js';

const STATES = { active: ['Active', 'good'], waiting: ['Waiting', 'wait'], leaving: ['Leaving', 'bad'] };
const CLOCK_MAX_MS = 10000;

const served = (nodes) => nodes.find((n) => n.state === 'active');

// What stands above every view of a node that has no accounts; nothing on the one that has them.
export function waitingFor(nodes) {
  const self = nodes.find((n) => n.self);
  const active = served(nodes);
  if (!self || self === active) return [];
  return [el('p', {}, el('strong', {}, `${self.name} waits`), active
    ? [': the accounts are served by ', el('a', { href: '#/nodes' }, active.name), '.']
    : [': no node has the accounts now. ', el('a', { href: '#/nodes' }, 'Nodes'), '.'])];
}

// What another node says of itself leads nowhere but to pages.
function address(text) {
  let url = null;
  try {
    url = new URL(text);
  } catch {
    return text;
  }
  return ['http:', 'https:'].includes(url.protocol) ? el('a', { href: url.href, rel: 'noreferrer' }, text) : text;
}

const count = (n, one, more) => `${n} ${n === 1 ? one : more}`;

function lease(n) {
  const left = Math.ceil(n.lease_left_ms / 1000 - (now() - state.nodesAt));
  return left > 0 ? `lease: ${left} s left` : 'lease: none left';
}

function card(n) {
  const [text, kind] = STATES[n.state] ?? [n.state, 'wait'];
  return el('article.card', { key: n.name, 'aria-label': n.name },
    el('div.call-head', {}, el('h2', {}, n.name), el(`span.badge.badge-${kind}`, {}, text), n.self && el('span.badge', {}, 'this node')),
    el('p.facts', {}, n.accounts !== undefined && el('span.fact', {}, count(n.accounts, 'account', 'accounts')), el('span.fact', {}, lease(n)),
      el('span.fact', {}, `seen ${clock(n.seen_at)}`)),
    n.advertise && el('p.facts', {}, address(n.advertise)));
}

// [what, how it is, whether that is a worry]
function facts(d) {
  const off = Math.abs(d.clock_ahead_ms) / 1000;
  return [
    ['Connections left', String(d.connections_left), d.connections_left < 5],
    ['Clock', `${off.toFixed(3)} s ${d.clock_ahead_ms < 0 ? 'behind' : 'ahead of'} this node's`, off * 1000 > CLOCK_MAX_MS],
    ['Commits', d.fsync && d.synchronous_commit ? `on its disk${d.synchronous_standby ? ' and a standby\'s' : ''}`
      : 'not on its disk: what was kept may be gone when its machine fails', !d.fsync || !d.synchronous_commit],
    ['Pages', d.full_page_writes ? 'written whole' : 'not written whole (full_page_writes is off)', !d.full_page_writes],
  ];
}

function databaseCard(d) {
  return el('section', { key: 'database', 'aria-label': 'Database' }, el('h2', {}, 'Database'),
    el('div.card', {}, el('dl.pairs', {}, facts(d).map(([what, how, isBad]) => [el('dt', {}, what), el(isBad ? 'dd.warning' : 'dd', {}, how)])),
      el('p.hint', {}, `Seen ${clock(d.seen_at)}`)));
}

export function openNodes(root) {
  function update() {
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Nodes')),
      state.nodes.length ? el('section', { key: 'nodes', 'aria-label': 'Nodes' }, el('div.cards', {}, state.nodes.map(card)))
        : el('p.empty', { key: 'none' }, 'This daemon is the only one: no other one shares its database.'),
      state.database && databaseCard(state.database),
    ]);
  }
  return { update };
}
