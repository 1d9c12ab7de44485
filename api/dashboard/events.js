// The daemon's events by a streaming fetch (an EventSource cannot send a token): followed for ever, from where it was left.

import { ask, isUnauthorized } from './api.js';
import { now } from './time.js';

const SILENCE = 40000; // ms: the daemon says something every 15 s
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;

// Calls THEN(event, id, data) for each event of TEXT, which is whole lines, and returns what is left of it.
function take(text, then) {
  for (;;) {
    const end = text.indexOf('\n\n');
    if (end < 0) return text;
    const said = { data: [] };
    for (const line of text.slice(0, end).split('\n')) {
      const colon = line.indexOf(':');
      if (colon <= 0) continue; // a comment
      const value = line.slice(colon + 1).replace(/^ /, '');
      if (line.startsWith('data:')) said.data.push(value);
      else said[line.slice(0, colon)] = value;
    }
    if (said.data.length) then(said.event, Number(said.id), JSON.parse(said.data.join('\n')));
    text = text.slice(end + 2);
  }
}

// on.event(name, id, data); on.state({state: 'connecting' | 'live' | 'waiting', since, retryAt}); on.open() each time that it is
// live, before its first event. Begins after event LAST. Ends by close() or for want of a token.
export function follow(last, on) {
  let wait = FIRST_WAIT;
  let closed = false;
  let abort = null;
  let timer = 0;
  let since = now();

  async function read(answer, bytesCame) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytesCame();
      text = take(text + value.replaceAll('\r', ''), (name, id, data) => {
        last = id;
        on.event(name, id, data);
      });
    }
  }

  async function once() {
    let silence = 0;
    const mine = new AbortController();
    const bytesCame = () => {
      clearTimeout(silence);
      silence = setTimeout(() => mine.abort(), SILENCE);
    };
    abort = mine;
    bytesCame();
    try {
      const answer = await ask('v1/events', {
        signal: mine.signal, headers: { Accept: 'text/event-stream', 'Last-Event-ID': String(last) },
      });
      wait = FIRST_WAIT;
      since = now();
      on.state({ state: 'live', since });
      on.open();
      await read(answer, bytesCame);
    } catch (e) {
      if (isUnauthorized(e)) closed = true;
    } finally {
      clearTimeout(silence);
    }
  }

  async function run() {
    clearTimeout(timer);
    timer = 0;
    const began = since;
    on.state({ state: 'connecting', since });
    await once();
    if (closed) return;
    if (since !== began) since = now(); // it was live until now
    const pause = wait * (0.75 + Math.random() / 2);
    wait = Math.min(2 * wait, LONGEST_WAIT);
    on.state({ state: 'waiting', since, retryAt: now() + pause / 1000 });
    timer = setTimeout(run, pause);
  }

  const retry = () => {
    if (timer) run();
  };
  window.addEventListener('online', retry);
  run();
  return {
    retry,
    close() {
      closed = true;
      clearTimeout(timer);
      window.removeEventListener('online', retry);
      abort?.abort();
    },
  };
}
