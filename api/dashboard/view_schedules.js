// Calls that are made at their dates: what comes next, what came of the last, and new ones.

import { el, field, fill, newId, say } from './dom.js';
import { call, get, post, segment } from './api.js';
import { chatName, readyAccounts, state } from './store.js';
import { ask } from './ask.js';
import { problemBox } from './problem.js';
import { day, fromLocal, now, span, toLocal, until, zone } from './time.js';

const DAYS = [['MO', 'Monday'], ['TU', 'Tuesday'], ['WE', 'Wednesday'], ['TH', 'Thursday'], ['FR', 'Friday'], ['SA', 'Saturday'], ['SU', 'Sunday']];
const REPEATS = { once: 'Once', daily: 'Every day', weekly: 'Every week', monthly: 'Every month, on that day', rule: 'By a rule of its own' };
const AHEAD = [[0, 'Not: it is made at its time'], [600, '10 minutes before'], [3600, '1 hour before'], [86400, '1 day before'], [604800, '7 days before']];

const STATES = { waiting: 'Waits', announced: 'Announced', running: 'Runs', done: 'Over', paused: 'Waits' };
const OUTCOMES = {
  started: 'started', existing: 'a call was there already', missed: 'missed', skipped: 'skipped', refused: 'refused', ended: 'held, and ended',
};

const home = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

// "every week on MO, WE", as far as that is easily said; else the rule.
function rhythm(s) {
  if (!s.rrule) return 'once';
  const parts = Object.fromEntries(s.rrule.replace(/^RRULE:/, '').split(';').map((p) => p.split('=')));
  const isPlain = Object.keys(parts).every((p) => p === 'FREQ' || (p === 'BYDAY' && parts.FREQ === 'WEEKLY'));
  const every = { DAILY: 'every day', WEEKLY: 'every week', MONTHLY: 'every month', YEARLY: 'every year' }[parts.FREQ];
  if (!isPlain || !every) return s.rrule;
  return parts.BYDAY ? `${every} on ${parts.BYDAY.split(',').map((d) => DAYS.find(([id]) => id === d)?.[1] ?? d).join(', ')}` : every;
}

export function openSchedules(root) {
  let schedules = null;
  let problem = null;
  let heard = null; // the last event that told of one

  async function read() {
    try {
      schedules = (await get('v1/schedules')).schedules;
      problem = null;
    } catch (e) {
      problem = e;
    }
    update();
  }

  // --- a new one ---

  async function make() {
    const accounts = readyAccounts().map((a) => a.name).sort();
    const name = el('input', { type: 'text', required: true, pattern: '[a-z0-9][a-z0-9_\\-]{0,31}', autocomplete: 'off', autocapitalize: 'none' });
    const account = el('select', {}, accounts.map((a) => el('option', { value: a }, a)));
    const chat = el('input', { type: 'text', required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
    const title = el('input', { type: 'text', autocomplete: 'off' });
    const at = el('input', { type: 'datetime-local', required: true, value: toLocal(Math.ceil((now() + 3600) / 900) * 900) });
    const repeats = el('select', { onchange: show }, Object.entries(REPEATS).map(([value, words]) => el('option', { value }, words)));
    const timezone = el('input', { type: 'text', required: true, value: home(), autocomplete: 'off', spellcheck: 'false' });
    const rule = el('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', placeholder: 'FREQ=MONTHLY;BYDAY=1SU' });
    const days = el('fieldset', {}, el('legend', {}, 'On'), DAYS.map(([value, words]) => {
      const box = el('input', { type: 'checkbox', id: newId('day'), value });
      return el('div.check', {}, box, el('label', { for: box.id }, words));
    }));
    const announce = el('select', {}, AHEAD.map(([value, words]) => el('option', { value }, words)));
    const minutes = el('input', { type: 'number', min: 1, max: 10080 });
    const isStream = el('input', { type: 'checkbox', id: newId('streams') });
    const zoneField = field('Time zone', timezone, 'As in the zone database: Europe/Berlin. The date above is a time there.');
    const ruleField = field('Rule', rule, 'As in RFC 5545.');

    function show() {
      zoneField.hidden = repeats.value === 'once';
      ruleField.hidden = repeats.value !== 'rule';
      days.hidden = repeats.value !== 'weekly';
      timezone.required = !zoneField.hidden;
      rule.required = !ruleField.hidden;
    }

    function rrule() {
      const on = [...days.querySelectorAll('input:checked')].map((x) => x.value);
      if (repeats.value === 'rule') return rule.value.trim();
      return `FREQ=${repeats.value.toUpperCase()}${repeats.value === 'weekly' && on.length ? `;BYDAY=${on.join(',')}` : ''}`;
    }

    show();
    const isDone = await ask({
      title: 'New schedule',
      content: [field('Name', name, 'What it is: up to 32 of a-z, 0-9, _ and -.'), field('Account', account), field('Chat', chat, 'A name (@channel), a t.me link or an id.'),
        field('Title', title, 'Left empty it is the chat\'s. %Y-%m-%d stands for the date, %A for the weekday.'),
        field('Date and time', at), field('Repeats', repeats), days, ruleField, zoneField,
        field('Announced', announce, 'As a scheduled call of Telegram\'s, which people can look forward to.'),
        field('Ends after', minutes, 'In minutes. Left empty: whoever is there ends it.'),
        el('div.check', {}, isStream, el('label', { for: isStream.id }, 'Livestream by RTMP'))],
      does: 'Make it',
      work: async () => {
        const body = { name: name.value.trim(), account: account.value, peer: chat.value.trim() };
        if (title.value) body.title = title.value;
        if (repeats.value === 'once') Object.assign(body, { at: fromLocal(at.value), timezone: home() });
        else Object.assign(body, { start: `${at.value}:00`.slice(0, 19), timezone: timezone.value.trim(), rrule: rrule() });
        if (Number(announce.value)) body.announce = Number(announce.value);
        if (minutes.value) body.end_after = Number(minutes.value) * 60;
        if (isStream.checked) body.rtmp_stream = true;
        await post('v1/schedules', body);
      },
    });
    if (isDone) read();
  }

  // --- those that are there ---

  async function skip(s) {
    const isDone = await ask({
      title: `Leave out the next call of ${s.name}?`,
      content: [el('p', {}, `${day(s.next_at)}, ${zone(s.next_at)}: no call is made${s.state === 'announced' ? ', and the one that is announced is ended' : ''}. Those after it stay.`)],
      does: 'Leave it out',
      work: () => post(`v1/schedules/${segment(s.name)}/skip`, {}),
    });
    if (isDone) {
      say('Left out');
      read();
    }
  }

  async function forget(s) {
    const ends = el('input', { type: 'checkbox', id: newId('ends'), checked: s.state === 'announced' });
    const isDone = await ask({
      title: `Forget ${s.name}?`,
      content: [el('p', {}, 'No more calls are made by it.', s.state === 'announced' ? ' Nobody starts the one that is announced, unless it is ended with it.' : ' One that runs goes on, unless it is ended with it.'),
        s.call && el('div.check', {}, ends, el('label', { for: ends.id }, s.state === 'announced' ? 'End the announced call, too' : 'End its call, too'))],
      does: 'Forget it',
      danger: true,
      work: () => call('DELETE', `v1/schedules/${segment(s.name)}${s.call && ends.checked ? '?end=true' : ''}`),
    });
    if (isDone) {
      say('Forgotten');
      read();
    }
  }

  function lastLine({ at, outcome, problem, left }) {
    const why = left ?? problem;
    return el(outcome === 'missed' || outcome === 'refused' || left ? 'p.warning' : 'p.facts', {},
      el('span.fact', {}, `Last: ${day(at)}, ${OUTCOMES[outcome] ?? outcome.replaceAll('_', ' ')}`),
      left && el('span.fact', {}, 'Its call could not be ended'),
      why && el('span.fact', {}, `${why.detail ?? why.title}${why.remedy ? ` ${why.remedy}` : ''}`));
  }

  const row = (s) => el('article.card', { key: s.name },
    el('div.call-head', {}, el('h2', {}, s.name), el('span.badge', {}, STATES[s.state] ?? s.state), s.rtmp_stream && el('span.badge', {}, 'Livestream')),
    el('p.facts', {},
      el('span.fact', {}, chatName(s.account, s.peer)),
      s.title && el('span.fact', {}, s.title),
      el('span.fact', {}, rhythm(s), s.timezone && `, ${s.timezone}`),
      s.announce && el('span.fact', {}, `announced ${span(s.announce)} before`),
      s.end_after && el('span.fact', {}, `ends after ${span(s.end_after)}`)),
    s.next_at ? el('p', {}, 'Next: ', el('strong', {}, day(s.next_at)), ` – ${zone(s.next_at)}, ${until(s.next_at)}`) : s.state === 'done' && el('p', {}, 'Nothing comes any more.'),
    s.reason && el('p.warning', {}, el('span.fact', {}, `${s.reason[0].toUpperCase()}${s.reason.slice(1)}.`), el('span.fact', {}, s.remedy)),
    s.last && lastLine(s.last),
    s.skipped && el('p.facts', {}, el('span.fact', {}, `Left out last: ${day(s.skipped)}`)),
    s.upcoming?.length > 1 && el('details', {}, el('summary', {}, 'What comes then'), el('ul', {}, s.upcoming.slice(1).map((at) => el('li', {}, day(at))))),
    el('div.buttons', {},
      s.next_at && el('button', { type: 'button', onclick: () => skip(s), 'aria-label': `Skip the next call of ${s.name}` }, 'Skip next'),
      el('button.danger', { type: 'button', onclick: () => forget(s), 'aria-label': `Forget ${s.name}` }, 'Forget')));

  function update() {
    const newest = state.events.find((e) => e.name === 'schedule')?.id ?? 0;
    if (heard !== null && newest !== heard) {
      heard = newest;
      read();
    }
    heard ??= newest;
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Schedules'),
        !problem && readyAccounts().length > 0 && el('button.primary', { type: 'button', onclick: make }, 'New schedule')),
      problem ? problemBox(problem, { key: 'problem' })
        : !schedules ? el('p.empty', { key: 'none' }, 'Reading …')
          : schedules.length ? el('div.cards', { key: 'cards' }, schedules.map(row))
            : el('p.empty', { key: 'empty' }, 'None yet. A schedule makes calls at their dates, once or again and again, whether or not anybody is there.'),
    ]);
  }
  read();
  return { update };
}
