// The accounts: how each stands, what to do about it, and logging in a step at a time.

import { el, field, fill, say } from './dom.js';
import { ask as fetchAnswer, call, post, segment } from './api.js';
import { readAccount, setAccount, state } from './store.js';
import { ask } from './ask.js';
import { attempt, problemBox } from './problem.js';
import { clock, now, until } from './time.js';

const READ_EVERY = 3; // seconds, of what no event tells: a connection's state, a QR code that is renewed
const STATES = {
  wait_login: 'Not logged in', wait_email: 'Wants an e-mail address', wait_email_code: 'Waits for the code from the e-mail',
  wait_code: 'Waits for the code', wait_password: 'Waits for the password', wait_qr: 'Waits for a scan',
  wait_registration: 'Waits for a name', ready: 'Ready', logged_out: 'Logged out', revoked: 'Login was revoked',
  duplicated: 'Login was ended: used at two places', frozen: 'Frozen', banned: 'Banned', layer_too_old: 'Layer is too old',
};
const LINKS = { connecting: 'connecting', ready: 'connected', waiting: 'waits to connect again', off: 'not connected' };
const WAYS = { app: 'in the app', sms: 'by SMS', call: 'by a call', flashCall: 'by a call', missedCall: 'by a missed call', emailCode: 'by e-mail' };
// Where a login begins anew.
const STARTS = new Set(['wait_login', 'logged_out', 'revoked', 'duplicated']);

const path = (a, rest = '') => `v1/accounts/${segment(a.name)}${rest}`;
const userName = (u) => [u?.first_name, u?.last_name].filter(Boolean).join(' ');

// What each account's last step was refused for; how it stood when the step began that is under way, as an event may tell of the
// next one before the answer does; and its QR code as it is drawn.
const refused = new Map();
const busy = new Map();
const codes = new Map();

async function step(a, rest, body, button, redraw) {
  const place = el('div');
  refused.delete(a.name);
  let problem = null;
  busy.set(a.name, a);
  await attempt(button, place, async () => {
    try {
      setAccount(await post(path(a, rest), body));
    } catch (e) {
      problem = e;
    }
  });
  busy.delete(a.name);
  if (problem) {
    refused.set(a.name, problem);
    if (problem.status === 409) readAccount(a.name);
  }
  redraw();
}

// One step's form: its fields by name, and the request it makes.
function stepForm(a, key, rest, fields, label, redraw, more = []) {
  return el('form.step', {
    key: `${a.name} ${key}`,
    onsubmit(event) {
      event.preventDefault();
      if (busy.has(a.name)) return;
      const body = {};
      for (const input of event.target.querySelectorAll('input')) {
        if (input.value !== '') body[input.name] = input.name === 'password' ? input.value : input.value.trim();
      }
      step(a, rest, body, event.target.querySelector('button[type=submit]'), redraw);
    },
  }, fields, el('div.buttons', {}, el('button.primary', { type: 'submit' }, label), more));
}

const input = (a, name, attributes = {}) => el('input', { id: `${a.name}-${name}`, name, required: true, type: 'text', autocomplete: 'off', ...attributes });

function cancelButton(a, redraw) {
  return el('button', { type: 'button', onclick: (e) => step(a, '/login/cancel', {}, e.currentTarget, redraw) }, 'Give up');
}

function codeFields(a, rest, redraw) {
  const next = a.code?.next_kind;
  const wait = (a.code?.resend_at ?? 0) - now();
  return stepForm(a, a.state, rest,
    [field('Code', input(a, 'code', { inputmode: 'numeric', autocomplete: 'one-time-code' }), a.reason)], 'Go on', redraw,
    [next && el('button', {
      type: 'button', disabled: wait > 0, onclick: (e) => step(a, '/login/resend', {}, e.currentTarget, redraw),
    }, `Send it ${WAYS[next] ?? `by ${next}`}${wait > 0 ? ` ${until(a.code.resend_at)}` : ''}`), cancelButton(a, redraw)]);
}

async function draw(a, redraw) {
  const known = codes.get(a.name);
  if (!a.qr || known?.url === a.qr.url) return;
  codes.set(a.name, { ...known, url: a.qr.url });
  try {
    const answer = await fetchAnswer(path(a, '/login/qr'), { headers: { Accept: 'image/svg+xml' } });
    if (known?.src) URL.revokeObjectURL(known.src);
    codes.set(a.name, { url: a.qr.url, src: URL.createObjectURL(await answer.blob()) });
  } catch {
    codes.delete(a.name);
  }
  redraw();
}

function scan(a, redraw) {
  draw(a, redraw);
  const src = codes.get(a.name)?.src;
  return el('div.step', { key: `${a.name} qr` },
    src ? el('img.qr', { src, alt: `QR code that logs ${a.name} in`, width: 220, height: 220 }) : el('div.qr'),
    el('div', {}, el('p', {}, 'Scan it in a Telegram app, under Settings, Devices, Link Desktop Device.'),
      el('p.hint', {}, 'It is renewed by itself.'), el('div.buttons', {}, cancelButton(a, redraw))));
}

function login(a, redraw) {
  return stepForm(a, 'login', '/login',
    [field('Phone number', input(a, 'phone', { type: 'tel', autocomplete: 'tel', placeholder: '+49 151 …' }), 'With the country\'s code.')],
    'Send a code', redraw,
    [el('button', { type: 'button', onclick: (e) => step(a, '/login', { qr: true }, e.currentTarget, redraw) }, 'Show a QR code')]);
}

const STEPS = {
  wait_code: (a, redraw) => codeFields(a, '/login/code', redraw),
  wait_email_code: (a, redraw) => codeFields(a, '/login/email-code', redraw),
  wait_password: (a, redraw) => stepForm(a, 'password', '/login/password',
    [field('Password', input(a, 'password', { type: 'password', autocomplete: 'current-password' }),
      a.hint ? `Two-step verification. Hint: ${a.hint}` : 'Of two-step verification.')], 'Log in', redraw, [cancelButton(a, redraw)]),
  wait_email: (a, redraw) => stepForm(a, 'email', '/login/email',
    [field('E-mail address', input(a, 'email', { type: 'email', autocomplete: 'email' }), a.reason)], 'Go on', redraw, [cancelButton(a, redraw)]),
  wait_registration: (a, redraw) => stepForm(a, 'registration', '/login/registration',
    [field('First name', input(a, 'first_name')), field('Last name', input(a, 'last_name', { required: false }))],
    'Sign up', redraw, [cancelButton(a, redraw)]),
  wait_qr: scan,
};

function logOut(a, redraw) {
  ask({
    title: `Log ${a.name} out?`,
    content: [el('p', {}, 'Its key is destroyed, here and at Telegram. To come back it has to log in again.')],
    does: 'Log out',
    danger: true,
    work: async () => setAccount(await post(path(a, '/logout'))),
  }).then(redraw);
}

function forget(a) {
  ask({
    title: `Forget ${a.name}?`,
    content: [el('p', {}, 'It is logged out, and all that the daemon knows of it goes.')],
    does: 'Forget it',
    danger: true,
    work: async () => {
      await call('DELETE', path(a));
      state.accounts.delete(a.name);
    },
  });
}

function facts(a) {
  return el('dl.pairs', {},
    el('dt', {}, 'Connection'),
    el('dd', {}, LINKS[a.connection.state], a.connection.state === 'ready' && a.connection.since && ` since ${clock(a.connection.since)}`,
      a.connection.reason && `: ${a.connection.reason}`),
    a.connection.remedy && [el('dt', {}, 'Remedy'), el('dd', {}, a.connection.remedy)],
    a.proxy && [el('dt', {}, 'Proxy'), el('dd', {}, a.proxy)],
    el('dt', {}, 'Data centre'), el('dd', {}, `${a.dc}, ${a.environment}, layer ${a.layer}`),
    a.flood_waits.filter((w) => w.until > now()).map((w) => [el('dt', {}, 'Waits'), el('dd', {}, el('code', {}, w.method), ` ${until(w.until)}`)]));
}

function card(a, redraw) {
  const form = STARTS.has(a.state) ? login : STEPS[a.state];
  const isReady = a.state === 'ready';
  const kind = isReady ? 'good' : form && !['revoked', 'duplicated'].includes(a.state) ? 'wait' : 'bad';
  const problem = refused.get(a.name);
  return el('article.card', { key: a.name, 'aria-label': a.name },
    el('div.call-head', {}, el('h2', {}, a.name), el(`span.badge.badge-${kind}`, {}, STATES[a.state] ?? a.state)),
    a.user && el('p.facts', {}, el('span.fact', {}, userName(a.user)), a.user.username && el('span.fact', {}, `@${a.user.username}`)),
    a.reason && !a.code && el('p', {}, a.reason),
    a.remedy && !a.state.startsWith('wait_') && el('p.remedy', {}, a.remedy),
    form && form(a, redraw),
    problem && problemBox(problem, { key: `${a.name} problem` }),
    facts(a),
    el('div.buttons', { key: `${a.name} ends` },
      isReady && el('button', { type: 'button', onclick: () => logOut(a, redraw), 'aria-label': `Log ${a.name} out` }, 'Log out'),
      el('button.danger', { type: 'button', onclick: () => forget(a), 'aria-label': `Forget ${a.name}` }, 'Forget')));
}

function add() {
  const name = el('input', { type: 'text', required: true, pattern: '[a-z0-9][a-z0-9_\\-]{0,31}', autocomplete: 'off', autocapitalize: 'none' });
  ask({
    title: 'Add an account',
    content: [field('Name', name, 'Yours to choose: up to 32 of a-z, 0-9, _ and -. Requests name the account by it.')],
    does: 'Add',
    work: async () => setAccount(await post('v1/accounts', { name: name.value.trim() })),
  }).then((isDone) => isDone && say('Added'));
}

// The step that comes next is where the user goes on, if he was in the one before.
function keepFocus(root, work) {
  const was = document.activeElement?.closest?.('.step');
  const name = was && root.contains(was) ? was.closest('article')?.dataset.key : null;
  work();
  if (name && !was.isConnected) root.querySelector(`article[data-key="${name}"] .step input`)?.focus();
}

export function openAccounts(root) {
  let read = now();
  const update = () => keepFocus(root, () => {
    if (now() - read > READ_EVERY && state.link.state === 'live') {
      read = now();
      for (const name of state.accounts.keys()) readAccount(name);
    }
    const accounts = [...state.accounts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Accounts'), el('button.primary', { type: 'button', onclick: add }, 'Add an account')),
      accounts.length ? el('div.cards', { key: 'cards' }, accounts.map((a) => card(busy.get(a.name) ?? a, update)))
        : el('p.empty', { key: 'none' }, 'There is no account yet. Add one to log in.'),
    ]);
  });
  return {
    update,
    close() {
      refused.clear();
      for (const { src } of codes.values()) if (src) URL.revokeObjectURL(src);
      codes.clear();
    },
  };
}
