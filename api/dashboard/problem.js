// A refusal as people read it: what happened, why, and what to do about it. Never without the last.

import { el } from './dom.js';

export function problemBox(e, attributes = {}) {
  const p = e.body ?? { title: 'This page has an error', detail: e.message, remedy: 'Load it again.' };
  const errors = (p.errors ?? []).filter((x) => x.detail && p.errors.length > 1);
  return el('div.problem', { role: 'alert', ...attributes },
    el('p.problem-title', {}, p.title ?? 'Refused', p.telegram && el('code', {}, p.telegram.message)),
    p.detail && p.detail !== p.title && el('p', {}, p.detail),
    errors.length > 0 && el('ul', {}, errors.map((x) => el('li', {}, el('code', {}, x.pointer), ` ${x.detail}`))),
    p.sent === true && el('p', {}, 'It was sent, and may have happened all the same.'),
    p.remedy && el('p.remedy', {}, p.remedy));
}

// Runs WORK while BUTTON waits; what is refused is shown in PLACE, whose last refusal goes. True: it was done.
export async function attempt(button, place, work) {
  place.replaceChildren();
  button.disabled = true;
  button.setAttribute('aria-busy', 'true');
  try {
    await work();
    return true;
  } catch (e) {
    place.replaceChildren(problemBox(e));
    return false;
  } finally {
    button.disabled = false;
    button.removeAttribute('aria-busy');
  }
}
