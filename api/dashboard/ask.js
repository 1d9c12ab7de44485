// Questions in a dialog: the keyboard stays in it, Escape is no.

import { el, newId } from './dom.js';
import { attempt } from './problem.js';

// A dialog with TITLE and CONTENT, whose button DOES runs WORK; it closes when that was done. Resolves to whether it was: who
// leaves while WORK is under way does not take it back.
export function ask({ title, content = [], does, danger = false, work }) {
  const id = newId('ask');
  const place = el('div');
  let done = false; // or what will be known of it
  const yes = el(danger ? 'button.danger' : 'button.primary', { type: 'submit' }, does);
  const dialog = el('dialog', { 'aria-labelledby': id },
    el('form', {
      method: 'dialog',
      onsubmit: async (event) => {
        event.preventDefault();
        done = attempt(yes, place, work);
        if (await done) dialog.close();
      },
    },
    el('h2', { id }, title), content, place,
    el('div.buttons', {}, el('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), yes)));
  const before = document.activeElement;
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      before?.focus?.();
      resolve(done);
    });
    dialog.showModal();
    dialog.querySelector('input, select, textarea')?.focus();
  });
}

// Something to read, with a button to close it.
export function show({ title, content }) {
  const id = newId('show');
  const dialog = el('dialog', { 'aria-labelledby': id },
    el('h2', { id }, title), content,
    el('div.buttons', {}, el('button.primary', { type: 'button', onclick: () => dialog.close() }, 'Close')));
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.addEventListener('close', () => {
    dialog.remove();
    before?.focus?.();
  });
  dialog.showModal();
}
