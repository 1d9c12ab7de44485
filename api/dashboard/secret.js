// A secret that is on the screen when it was asked for, and can be copied without being seen.

import { copyButton, el } from './dom.js';

const HIDDEN = '••••••••••••';

// LABEL, and TEXT with each SECRET in it hidden.
export function secretLine(label, text, secret = text) {
  const hidden = text.replaceAll(secret, HIDDEN);
  const shown = el('code.value', {}, hidden);
  const reveal = el('button', {
    type: 'button',
    'aria-pressed': 'false',
    onclick() {
      const isShown = reveal.getAttribute('aria-pressed') === 'true';
      shown.textContent = isShown ? hidden : text;
      reveal.setAttribute('aria-pressed', String(!isShown));
    },
  }, 'Show');
  return el('div.copyable', {}, el('span.label', {}, label), shown, reveal, copyButton('Copy', () => text));
}

export function plainLine(label, text) {
  return el('div.copyable.plain', {}, el('span.label', {}, label), el('code.value', {}, text), copyButton('Copy', () => text));
}
