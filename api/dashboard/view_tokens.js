// Who may do what.

import { el, field, fill, say } from './dom.js';
import { call, get, post, segment } from './api.js';
import { state } from './store.js';
import { ask, show } from './ask.js';
import { problemBox } from './problem.js';
import { secretLine } from './secret.js';
import { fromLocal, moment } from './time.js';

const SCOPES = {
  read: 'Look at everything, and follow events',
  calls: 'Create, change and end calls',
  accounts: 'Add accounts and log them in and out',
  methods: 'Run any method of Telegram\'s',
  secrets: 'See stream keys and sessions',
  admin: 'All of it, and tokens',
};

export function openTokens(root) {
  let tokens = null;
  let problem = null;

  async function read() {
    try {
      tokens = (await get('v1/tokens')).tokens;
      problem = null;
    } catch (e) {
      problem = e;
    }
    update();
  }

  function checks(name, words) {
    return words.map(([value, hint]) => {
      const box = el('input', { type: 'checkbox', id: `${name}-${value}`, name, value });
      return el('div.check', {}, box, el('label', { for: box.id }, value), hint && el('p.hint', {}, hint));
    });
  }

  async function make() {
    const name = el('input', { type: 'text', required: true, pattern: '[a-z0-9][a-z0-9_\\-]{0,31}', autocomplete: 'off', autocapitalize: 'none' });
    const ends = el('input', { type: 'datetime-local' });
    const scopes = el('fieldset', {}, el('legend', {}, 'May'), checks('scope', Object.entries(SCOPES)));
    const accounts = state.accounts.size > 0 && el('fieldset', {}, el('legend', {}, 'Only of these accounts'), checks('of', [...state.accounts.keys()].map((a) => [a])),
      el('p.hint', {}, 'None chosen: of all.'));
    const chosen = (place) => (place ? [...place.querySelectorAll('input:checked')].map((x) => x.value) : []);
    let made = null;
    const isDone = await ask({
      title: 'New token',
      content: [field('Name', name, 'For whom or what it is: up to 32 of a-z, 0-9, _ and -.'), scopes, accounts,
        field('Ends at', ends, 'Left empty: never.')],
      does: 'Make it',
      work: async () => {
        const body = { name: name.value.trim(), scopes: chosen(scopes) };
        const of = chosen(accounts);
        if (of.length) body.accounts = of;
        if (ends.value) body.expires_at = fromLocal(ends.value);
        made = await post('v1/tokens', body);
      },
    });
    if (isDone) {
      read();
      show({ title: `Token ${made.name}`, content: [el('p', {}, 'Copy it now: it is not shown again.'), secretLine('Token', made.token)] });
    }
  }

  async function revoke(t) {
    const isDone = await ask({
      title: `Revoke ${t.name}?`,
      content: [el('p', {}, 'Whoever uses it is refused from now on.')],
      does: 'Revoke it',
      danger: true,
      work: () => call('DELETE', `v1/tokens/${segment(t.name)}`),
    });
    if (isDone) {
      say('Revoked');
      read();
    }
  }

  const row = (t) => el('article.card', { key: t.name },
    el('div.call-head', {}, el('h2', {}, t.name), t.scopes.map((s) => el('span.badge', {}, s))),
    el('p.facts', {},
      el('span.fact', {}, t.last_used_at ? `last used ${moment(t.last_used_at)}` : 'never used'),
      t.accounts && el('span.fact', {}, `of ${t.accounts.join(', ')}`),
      el('span.fact', {}, t.expires_at ? `ends ${moment(t.expires_at)}` : 'never ends')),
    el('div.buttons', {}, el('button.danger', { type: 'button', onclick: () => revoke(t), 'aria-label': `Revoke ${t.name}` }, 'Revoke')));

  function update() {
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Tokens'), !problem && el('button.primary', { type: 'button', onclick: make }, 'New token')),
      problem ? problemBox(problem, { key: 'problem' })
        : tokens ? el('div.cards', { key: 'cards' }, tokens.map(row)) : el('p.empty', { key: 'none' }, 'Reading …'),
    ]);
  }
  read();
  return { update, needsData: false };
}
