// Requests that go on without their client.

import { el, fill } from './dom.js';
import { call, get, segment } from './api.js';
import { state } from './store.js';
import { ask } from './ask.js';
import { problemBox } from './problem.js';
import { moment, until } from './time.js';

const SHOWN = 100;
const KINDS = { done: 'good', failed: 'bad' };

function cancel(j) {
  ask({
    title: `Cancel ${j.request}?`,
    content: [el('p', {}, 'What was sent to Telegram already cannot be taken back; then the daemon says so.')],
    does: 'Cancel the job',
    danger: true,
    work: async () => {
      const answer = await call('DELETE', `v1/jobs/${segment(j.id)}`);
      if (answer?.id) state.jobs.set(answer.id, answer);
    },
  });
}

export function openJobs(root) {
  const details = new Map(); // by id: the job with its answer, or why it cannot be read

  async function read(j) {
    try {
      details.set(j.id, { job: await get(`v1/jobs/${segment(j.id)}`) });
    } catch (e) {
      details.set(j.id, { problem: e });
    }
    update();
  }

  function more(j) {
    const known = details.get(j.id);
    if (!known) return el('p.hint', {}, 'Reading …');
    if (known.problem) return problemBox(known.problem);
    // It was looked at before its end.
    if (j.state in KINDS && !(known.job.state in KINDS) && !known.isReading) {
      known.isReading = true;
      read(j);
    }
    if (known.job.problem) return problemBox({ body: known.job.problem }, { role: null });
    return known.job.answer ? el('pre', { tabindex: '0', 'aria-label': `Answer of job ${j.id}` }, JSON.stringify(known.job.answer, null, 2)) : el('p.hint', {}, 'It has no answer yet.');
  }

  function row(j) {
    const isOver = j.state in KINDS;
    return el('article.card', { key: j.id },
      el('div.call-head', {}, el('h2', {}, j.request.replaceAll('_', ' ')), el(`span.badge.badge-${KINDS[j.state] ?? 'wait'}`, {}, j.state)),
      el('p.facts', {}, j.account && el('span.fact', {}, j.account), el('span.fact', {}, moment(j.created_at)),
        j.until && !isOver && el('span.fact', {}, `goes on ${until(j.until)}`), j.status && el('span.fact', {}, `answer ${j.status}`)),
      el('details', { ontoggle: (e) => e.target.open && read(j) }, el('summary', {}, 'Answer'), more(j)),
      !isOver && el('div.buttons', {}, el('button.danger', { type: 'button', onclick: () => cancel(j) }, 'Cancel')));
  }

  function update() {
    const jobs = [...state.jobs.values()].sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1));
    fill(root, [
      el('div.head', { key: 'head' }, el('h1', {}, 'Jobs')),
      jobs.length ? el('div.cards', { key: 'cards' }, jobs.slice(0, SHOWN).map(row))
        : el('p.empty', { key: 'none' }, 'No request goes on by itself. One becomes a job by ', el('code', {}, 'Prefer: respond-async'), ', or when its answer is late.'),
    ]);
  }
  return { update };
}
