// The page: which view is open, who may see it, and whether what it shows is still so.

import { el, fill } from './dom.js';
import { onUnauthorized, token } from './api.js';
import { connect, forgetAll, onChange, readNodes, retry, state } from './store.js';
import { problemBox } from './problem.js';
import { clock, now } from './time.js';
import { openToken } from './view_token.js';
import { openCalls } from './view_calls.js';
import { openCreate } from './view_create.js';
import { openSchedules } from './view_schedules.js';
import { openLive } from './view_live.js';
import { openAccounts } from './view_accounts.js';
import { openEvents } from './view_events.js';
import { openJobs } from './view_jobs.js';
import { openAudit } from './view_audit.js';
import { openTokens } from './view_tokens.js';
import { openWebhooks } from './view_webhooks.js';
import { openNodes, waitingFor } from './view_nodes.js';

const VIEWS = {
  calls: ['Calls', openCalls],
  create: ['New call', openCreate],
  schedules: ['Schedules', openSchedules],
  live: ['Kept live', openLive],
  accounts: ['Accounts', openAccounts],
  events: ['Events', openEvents],
  jobs: ['Jobs', openJobs],
  webhooks: ['Webhooks', openWebhooks],
  tokens: ['Tokens', openTokens],
  audit: ['Audit', openAudit],
  nodes: ['Nodes', openNodes],
};

const place = document.getElementById('view');
const nav = document.getElementById('nav');
const link = document.getElementById('link');
const offline = document.getElementById('offline');
const waits = document.getElementById('waits');
const leave = document.getElementById('leave');
// Seconds until the nodes are read again; of a daemon that seems to be the only one, more.
const NODES_EVERY = 5;
const NO_NODES_EVERY = 60;
let root = null;
let view = null; // {update(), close?(), needsData}

function showLink() {
  const { state: how, since, retryAt } = state.link;
  const isLive = how === 'live';
  const text = isLive ? 'Live' : how === 'connecting' && now() - since < 3 ? 'Connecting' : 'Offline';
  link.className = `link-${text.toLowerCase()}`;
  if (link.textContent !== text) link.textContent = text;
  document.body.classList.toggle('stale', text === 'Offline');
  if (text !== 'Offline') return fill(offline, []);
  const wait = retryAt && how === 'waiting' ? Math.ceil(retryAt - now()) : 0;
  fill(offline, [
    el('p', {}, el('strong', {}, 'The daemon does not answer'), ` since ${clock(since)}. What is shown may be out of date.`),
    el('span', { 'aria-hidden': 'true' }, wait > 0 ? `Again in ${wait} s` : 'Trying …'),
    el('button', { type: 'button', onclick: retry }, 'Try now'),
  ]);
}

function showNodes() {
  nav.querySelector('[href="#/nodes"]').hidden = !state.nodes.length;
  fill(waits, view && state.nodes.length ? waitingFor(state.nodes) : []);
}

function lookAtNodes() {
  if (!view || state.link.state !== 'live') return;
  if (now() - state.nodesAskedAt >= (state.nodes.length ? NODES_EVERY : NO_NODES_EVERY)) readNodes();
}

function update() {
  showLink();
  showNodes();
  if (!view) return;
  if (!state.loaded && view.needsData) {
    fill(root, [state.problem ? problemBox(state.problem) : el('p.empty', {}, 'Reading …')]);
    return;
  }
  view.update();
}

let isDue = false;
function updateSoon() {
  if (isDue) return;
  isDue = true;
  setTimeout(() => {
    isDue = false;
    update();
  }, 30);
}

function open(isMoved) {
  const name = location.hash.replace(/^#\/?/, '').split('?')[0];
  const [title, opens] = VIEWS[name] ?? VIEWS.calls;
  view?.close?.();
  // One of its own: what a view that was left hears later is written where nobody looks.
  root = el('div.view');
  place.replaceChildren(root);
  document.title = `${title} – tgcalld`;
  for (const a of nav.children) {
    const isHere = a.hash === `#/${name in VIEWS ? name : 'calls'}` || (name === 'create' && a.hash === '#/calls');
    if (isHere) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
  view = { needsData: true, ...opens(root) };
  update();
  if (isMoved) place.focus({ preventScroll: true });
}

function askForToken(problem) {
  forgetAll();
  nav.hidden = true;
  leave.hidden = true;
  fill(offline, []);
  fill(waits, []);
  link.textContent = '';
  link.className = '';
  view?.close?.();
  view = null;
  document.title = 'Token – tgcalld';
  const wasGiven = token.get() !== null;
  token.forget();
  openToken(place, wasGiven ? problem : null, begin);
}

function begin() {
  nav.hidden = false;
  leave.hidden = token.get() === null;
  open(false);
  connect();
}

leave.addEventListener('click', () => askForToken(null));
onUnauthorized((problem) => view && askForToken(problem));
onChange(updateSoon);
window.addEventListener('hashchange', () => view && open(true));
function tick() {
  if (document.hidden) return;
  lookAtNodes();
  update();
}
setInterval(tick, 1000);
document.addEventListener('visibilitychange', tick);
document.querySelector('.skip').addEventListener('click', (e) => {
  e.preventDefault();
  place.focus();
});
begin();
