// Where to stream to: the address, and the key when it is asked for.

import { el } from './dom.js';
import { post, segment } from './api.js';
import { ask, show } from './ask.js';
import { attempt } from './problem.js';
import { plainLine, secretLine } from './secret.js';

const path = (account, peer) => `v1/peers/${segment(peer)}/rtmp?account=${segment(account)}`;

function lines({ url, key, ffmpeg }) {
  return [plainLine('Server', url), secretLine('Stream key', key), secretLine('ffmpeg', ffmpeg, key)];
}

function revoke(account, peer, place) {
  ask({
    title: 'Make a new key?',
    content: [el('p', {}, 'Whoever streams with the old one is cut off.')],
    does: 'Make a new key',
    danger: true,
    work: async () => place.replaceChildren(...lines(await post(path(account, peer), { revoke: true }))),
  });
}

// What a chat's livestream takes, into PLACE. BUTTON asks for it.
export function streamBox(account, peer) {
  const place = el('div');
  const button = el('button', {
    type: 'button',
    onclick: async () => {
      const isDone = await attempt(button, place, async () => {
        place.replaceChildren(...lines(await post(path(account, peer))));
      });
      if (isDone) {
        button.replaceWith(el('button.danger', { type: 'button', onclick: () => revoke(account, peer, place) }, 'New key …'));
      }
    },
  }, 'Get address and key');
  return el('div.stream', {}, el('p.hint', {}, 'For OBS, ffmpeg or another program that streams by RTMP. Whoever has the key can stream here.'),
    place, el('div.buttons', {}, button));
}

export function openStream(account, peer) {
  show({ title: 'Livestream', content: [streamBox(account, peer)] });
}
