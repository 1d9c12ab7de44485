// Where events are sent by themselves, and what came of it.

import { el, field, fill, say } from './dom.js';
import { call, get, post, segment } from './api.js';
import { state } from './store.js';
import { ask, show } from './ask.js';
import { problemBox } from './problem.js';
import { secretLine } from './secret.js';
import { moment, span, now } from './time.js';

const PAGE = 20;
const KINDS = { active: 'good', paused: 'wait', disabled: 'bad' };
const WORDS = {
  active: 'Events are sent as they come.',
  paused: 'Nothing is sent: events wait until you go on.',
  disabled: 'Nothing is sent any more.',
};
const OUTCOMES = { delivered: 'good', retried: 'wait', failed: 'bad' };

const pathOf = (h) => `v1/webhooks/${segment(h.name)}`;
const answerOf = (d) => (d.status ? `answer ${d.status}` : d.error ?? '');

export function openWebhooks(root) {
  let hooks = null;
  let problem = null;
  const tries = new Map(); // by name: {failed, list, cursor} of what is open, or why it cannot be read

  async function read() {
    try {
      hooks = (await get('v1/webhooks')).webhooks;
      problem = null;
    } catch (e) {
      problem = e;
    }
    update();
  }

  // Of one that is open: from the beginning again, or what comes behind the last.
  async function readTries(h, failed, goesOn) {
    const known = tries.get(h.name);
    try {
      const more = `${failed ? '&state=failed' : ''}${goesOn ? `&cursor=${encodeURIComponent(known.cursor)}` : ''}`;
      const answer = await get(`${pathOf(h)}/deliveries?limit=${PAGE}${more}`);
      tries.set(h.name, { failed, list: goesOn ? [...known.list, ...answer.deliveries] : answer.deliveries, cursor: answer.next_cursor });
    } catch (e) {
      tries.set(h.name, { failed, problem: e });
    }
    update();
  }

  const shown = (title, secret) => show({
    title,
    content: [el('p', {}, 'Copy it now: it is not shown again. The receiver verifies by it that events come from here.'), secretLine('Secret', secret)],
  });

  async function make() {
    const name = el('input', { type: 'text', required: true, pattern: '[a-z0-9][a-z0-9_\\-]{0,31}', autocomplete: 'off', autocapitalize: 'none' });
    const url = el('input', { type: 'url', required: true, autocomplete: 'off' });
    const types = el('input', { type: 'text', autocomplete: 'off', autocapitalize: 'none' });
    const account = el('select', {}, el('option', { value: '' }, 'all'), [...state.accounts.keys()].map((a) => el('option', { value: a }, a)));
    let made = null;
    const isDone = await ask({
      title: 'New webhook',
      content: [field('Name', name, 'Up to 32 of a-z, 0-9, _ and -.'), field('URL', url, 'Where events are sent.'),
        field('Types', types, 'With commas between, such as call, account. Left empty: all.'), field('Account', account)],
      does: 'Make it',
      work: async () => {
        const body = { name: name.value.trim(), url: url.value.trim() };
        const wanted = types.value.split(',').map((t) => t.trim()).filter(Boolean);
        if (wanted.length) body.types = wanted;
        if (account.value) body.account = account.value;
        made = await post('v1/webhooks', body);
      },
    });
    if (isDone) {
      read();
      shown(`Webhook ${made.name}`, made.secret);
    }
  }

  async function rotate(h) {
    let made = null;
    const isDone = await ask({
      title: `A new secret for ${h.name}?`,
      content: [el('p', {}, 'For 24 hours what is sent is signed by the one before too, then by the new one alone.')],
      does: 'Make it',
      work: async () => { made = await post(`${pathOf(h)}/rotate`); },
    });
    if (isDone) shown(`New secret of ${h.name}`, made.secret);
  }

  async function sure(question, said) {
    if (await ask(question)) {
      say(said);
      read();
    }
  }

  const remove = (h) => sure({
    title: `Delete ${h.name}?`,
    content: [el('p', {}, h.pending ? `${h.pending} events wait for it, and are not sent.` : 'No event waits for it.')],
    does: 'Delete it', danger: true, work: () => call('DELETE', pathOf(h)),
  }, 'Deleted');

  const hold = (h, paused) => sure({
    title: paused ? `Pause ${h.name}?` : `Go on with ${h.name}?`,
    content: [el('p', {}, paused ? 'Events wait until you go on, for as long as the event log keeps them.' : 'What waits is sent first.')],
    does: paused ? 'Pause it' : 'Go on', work: () => call('PATCH', pathOf(h), { paused }),
  }, paused ? 'Paused' : 'It goes on');

  const probe = (h) => sure({
    title: `Send a test event to ${h.name}?`,
    content: [el('p', {}, 'It is of the type webhook.test. What came of it stands among the deliveries.')],
    does: 'Send it', work: () => post(`${pathOf(h)}/test`),
  }, 'Under way');

  const again = (h) => sure({
    title: `Send what failed to ${h.name} again?`,
    content: [el('p', {}, 'Those events that were given up and are still in the log.')],
    does: 'Send again', work: () => post(`${pathOf(h)}/replay`, { failed: true }),
  }, 'Under way');

  const tryRow = (d) => el('li', { key: `${d.id} ${d.try} ${d.at}` },
    el(`span.badge.badge-${OUTCOMES[d.state] ?? 'wait'}`, {}, d.state), ` event ${d.id}, try ${d.try}, ${moment(d.at)}`,
    answerOf(d) && `: ${answerOf(d)}`, ` (${d.took_ms} ms)`);

  function deliveries(h) {
    const known = tries.get(h.name);
    const failed = known?.failed ?? false;
    if (!known) return el('p.hint', {}, 'Reading …');
    return [
      el('div.buttons', { key: 'which' },
        el('button', { type: 'button', 'aria-pressed': String(failed), onclick: () => readTries(h, !failed, false) }, 'Failed only'),
        el('button', { type: 'button', onclick: () => readTries(h, failed, false) }, 'Read again'),
        el('button', { type: 'button', onclick: () => again(h) }, 'Send again')),
      known.problem ? problemBox(known.problem, { key: 'problem' })
        : known.list.length ? el('ul.tries', { key: 'tries', 'aria-label': `Deliveries of ${h.name}` }, known.list.map(tryRow))
          : el('p.hint', { key: 'none' }, failed ? 'None failed.' : 'Nothing was sent yet.'),
      known.cursor && el('div.buttons', { key: 'more' }, el('button', { type: 'button', onclick: () => readTries(h, failed, true) }, 'Older ones')),
    ];
  }

  function facts(h) {
    const wait = h.pending === 0 ? 'nothing waits'
      : `${h.pending} wait${h.pending === 1 ? 's' : ''}${h.oldest_pending_at ? `, the first for ${span(now() - h.oldest_pending_at)}` : ''}`;
    return el('p.facts', {},
      el('span.fact', {}, h.types.length ? h.types.join(', ') : 'all types'),
      h.account && el('span.fact', {}, `of ${h.account}`),
      el('span.fact', {}, wait),
      el('span.fact', {}, h.last ? `last ${moment(h.last.at)}: ${answerOf(h.last)}` : 'nothing sent yet'));
  }

  const does = (word, h, work, kind = 'button') => el(kind, { type: 'button', onclick: () => work(h), 'aria-label': `${word} ${h.name}` }, word);

  const row = (h) => el('article.card', { key: h.name },
    el('div.call-head', {}, el('h2', {}, h.name), el(`span.badge.badge-${KINDS[h.state] ?? 'wait'}`, {}, h.state)),
    el('p', {}, el('code', {}, h.url)),
    el('p.hint', {}, WORDS[h.state], h.reason && ` ${h.reason}`),
    facts(h),
    el('details', { ontoggle: (e) => e.target.open && readTries(h, false, false) }, el('summary', {}, 'Deliveries'), deliveries(h)),
    el('div.buttons', {}, does('Test', h, probe),
      h.state === 'active' ? does('Pause', h, () => hold(h, true)) : does('Go on with', h, () => hold(h, false)),
      does('New secret', h, rotate), does('Delete', h, remove, 'button.danger')));

  function update() {
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Webhooks'),
        el('button', { type: 'button', onclick: read }, 'Read again'),
        !problem && el('button.primary', { type: 'button', onclick: make }, 'New webhook')),
      problem ? problemBox(problem, { key: 'problem' })
        : !hooks ? el('p.empty', { key: 'reading' }, 'Reading …')
          : hooks.length ? el('div.cards', { key: 'cards' }, hooks.map(row))
            : el('p.empty', { key: 'none' }, 'Events are sent to nobody. A webhook has each of them sent to a URL of yours.'),
    ]);
  }
  read();
  return { update, needsData: false };
}
