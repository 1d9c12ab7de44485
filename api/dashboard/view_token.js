// The token: asked for where the daemon wants one.

import { el, field } from './dom.js';
import { get, isUnauthorized, token } from './api.js';
import { attempt, problemBox } from './problem.js';

// PROBLEM: why the one before does not do, or null. DONE() when there is one that the daemon knows.
export function openToken(place, problem, done) {
  const input = el('input', { type: 'password', id: 'token', name: 'token', required: true, autocomplete: 'off', spellcheck: 'false' });
  const keep = el('input', { type: 'checkbox', id: 'keep' });
  const said = el('div', {}, problem && problemBox(problem));
  const button = el('button.primary', { type: 'submit' }, 'Go on');
  place.replaceChildren(el('section.narrow', {},
    el('h1', {}, 'A token, please'),
    el('p', {}, 'This daemon answers those who have a token. The first one is in the file ', el('code', {}, 'admin.token'),
      ' of its state directory.'),
    el('form.card', {
      onsubmit: async (event) => {
        event.preventDefault();
        const known = await attempt(button, said, async () => {
          token.set(input.value.trim(), keep.checked);
          try {
            await get('v1/events?wait=0');
          } catch (e) {
            token.forget();
            if (isUnauthorized(e)) input.select();
            throw e;
          }
        });
        if (known) done();
      },
    },
    field('Token', input),
    el('div.check', {}, keep, el('label', { for: 'keep' }, 'Keep it on this device'),
      el('p.hint', {}, 'Otherwise it is gone with this tab.')),
    said, el('div.buttons', {}, button))));
  input.focus();
}
