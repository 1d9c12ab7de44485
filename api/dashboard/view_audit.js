// Who changed what, and who was refused.

import { el, fill } from './dom.js';
import { get } from './api.js';
import { problemBox } from './problem.js';
import { moment } from './time.js';

const PAGE = 50;

export function openAudit(root) {
  let records = null;
  let cursor;
  let problem = null;
  let isReading = false;

  // From the beginning again, or what comes behind the last.
  async function read(goesOn) {
    isReading = true;
    update();
    try {
      const answer = await get(`v1/audit?limit=${PAGE}${goesOn ? `&cursor=${cursor}` : ''}`);
      records = goesOn ? [...records, ...answer.records] : answer.records;
      cursor = answer.next_cursor;
      problem = null;
    } catch (e) {
      problem = e;
    }
    isReading = false;
    update();
  }

  const row = (r, i) => el('article.card', { key: `${r.request_id ?? ''} ${i}` },
    el('div.call-head', {}, el('h2', {}, `${r.method} ${r.path ?? ''}`),
      el(`span.badge.badge-${r.status < 400 ? 'good' : 'bad'}`, {}, r.status),
      r.count && el('span.badge', {}, `${r.count} times`)),
    el('p.facts', {}, el('span.fact', {}, r.who ?? 'no known token'), el('span.fact', {}, r.peer), el('span.fact', {}, moment(r.at)),
      r.account && el('span.fact', {}, r.account), r.telegram && el('span.fact', {}, r.telegram.message)));

  function update() {
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Audit'),
        el('button', { type: 'button', disabled: isReading, onclick: () => read(false) }, 'Read again')),
      problem ? problemBox(problem, { key: 'problem' })
        : !records ? el('p.empty', { key: 'reading' }, 'Reading …')
          : records.length ? el('div.cards', { key: 'cards' }, records.map(row))
            : el('p.empty', { key: 'none' }, 'Nothing was changed yet, and nobody was refused.'),
      !problem && cursor && el('div.buttons', { key: 'more' },
        el('button', { type: 'button', disabled: isReading, onclick: () => read(true) }, 'Older ones')),
    ]);
  }
  read(false);
  return { update, needsData: false };
}
