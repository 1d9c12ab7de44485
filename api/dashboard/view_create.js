// A new call: who makes it, where, when; what stands in the way is said before it is tried.

import { el, field, fill, newId } from './dom.js';
import { get, isOffline, newKey, post, segment } from './api.js';
import { chatName, markedId, peerOfChat, readyAccounts, setCall, state } from './store.js';
import { attempt, problemBox } from './problem.js';
import { streamBox } from './stream.js';
import { day, fromLocal, now, span, toLocal, until, zone } from './time.js';

const TITLE_MAX = 64;
const TYPING = 400; // ms without a key before the chat is looked at
const LATEST = 8 * 86400;

const length = (text) => [...text].length;
const nameOf = ({ user, chat }) => chat?.title ?? [user?.first_name, user?.last_name].filter(Boolean).join(' ');

// Chats to choose from: those of calls, and those the account is in where the token may ask.
async function readChats(account) {
  const chats = new Map();
  for (const c of state.calls.values()) {
    if (c.account === account && c.peer) chats.set(markedId(c.peer), chatName(account, c.peer));
  }
  try {
    const answer = await post(`v1/methods/messages.getDialogs?account=${segment(account)}`, {
      offset_date: 0, offset_id: 0, offset_peer: { _: 'inputPeerEmpty' }, limit: 100, hash: 0,
    });
    for (const c of answer.chats) {
      if (c.left || c.deactivated || !c.title || /Forbidden$/.test(c._)) continue;
      const id = markedId(peerOfChat(c));
      if (c.username) chats.delete(id);
      chats.set(c.username ? `@${c.username}` : id, c.title);
    }
  } catch {
    // The scope is missing, or nobody answers: a chat can be typed.
  }
  return chats;
}

// What is missing for a livestream alone is said where one is wanted.
function preflightBox({ peer, rights, isStream }) {
  const can = rights.can_create && (rights.can_stream || !isStream);
  const missing = rights.missing.filter((m) => isStream || m.right !== 'creator');
  return el(`div.preflight.preflight-${can ? 'good' : 'bad'}`, {},
    el('p', {}, el('strong', {}, nameOf(peer)),
      !can ? ` – no ${isStream ? 'livestream' : 'call'} can be made here.`
        : rights.can_stream ? ' – calls and livestreams can be made here.' : ' – calls can be made here, livestreams not.'),
    missing.length > 0 && el('ul', {}, missing.map((m) => el('li', {}, m.remedy))));
}

export function openCreate(root) {
  const id = newId('chats');
  const account = el('select', { id: 'account', onchange: chooseAccount });
  const chat = el('input', { id: 'chat', type: 'text', list: id, required: true, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', oninput: typed });
  const known = el('datalist', { id });
  const seen = el('div', { 'aria-live': 'polite' });
  const title = el('input', { id: 'title', type: 'text', maxlength: 2 * TITLE_MAX, autocomplete: 'off', oninput: check });
  const isLater = el('input', { type: 'checkbox', id: 'later', onchange: showWhen });
  const at = el('input', { id: 'at', type: 'datetime-local', oninput: showWhen });
  const when = el('p.hint', { id: 'at-told', 'aria-live': 'polite' });
  const starts = el('input', { type: 'checkbox', id: 'starts', checked: true });
  const isStream = el('input', { type: 'checkbox', id: 'streams', onchange: showRights });
  const exists = el('select', { id: 'exists' },
    el('option', { value: 'return' }, 'Leave it as it is'), el('option', { value: 'replace' }, 'End it and make a new one'));
  const said = el('div');
  const button = el('button.primary', { type: 'submit' }, 'Create');
  const whenFields = el('div.inset', { hidden: true });
  const existsField = el('div.inset', { hidden: true });
  const streamField = el('div.check', {}, isStream, el('label', { for: 'streams' }, 'Livestream by RTMP'),
    el('p.hint', {}, 'From OBS, ffmpeg and the like; the address comes with the call.'));
  let looked = '';
  let typing = 0;
  let found = null; // of the chat: who it is, and what the account may do there
  let intent = null; // {words, key}: what is tried again is the same call

  at.setAttribute('aria-describedby', 'at-told');
  fill(whenFields, [el('div.field', {}, el('label', { for: 'at' }, 'Date and time'), at, when),
    el('div.check', {}, starts, el('label', { for: 'starts' }, 'Start it at that time'),
      el('p.hint', {}, 'Telegram never starts a scheduled call by itself; the daemon can.'))]);
  fill(existsField, [field('A call is there already', exists)]);

  // What was chosen for one chat is not done to another.
  function forgetChat() {
    looked = '';
    found = null;
    existsField.hidden = true;
    exists.value = 'return';
  }

  async function look() {
    const words = `${account.value} ${chat.value.trim()}`;
    if (words === looked) return;
    forgetChat();
    looked = words;
    if (!chat.value.trim() || !account.value) return void fill(seen, []);
    fill(seen, [el('p.hint', {}, 'Looking …')]);
    const path = `v1/peers/${segment(chat.value.trim())}`;
    const query = `?account=${segment(account.value)}`;
    try {
      const peer = await get(path + query);
      const rights = await get(`${path}/preflight${query}`);
      if (looked !== words) return;
      found = { peer, rights };
      showRights();
    } catch (e) {
      if (looked !== words) return;
      if (isOffline(e)) looked = '';
      seen.replaceChildren(problemBox(e, { role: null }));
    }
  }

  function showRights() {
    const running = found?.rights.running_call;
    existsField.hidden = !running;
    if (!found) return;
    seen.replaceChildren(preflightBox({ ...found, isStream: isStream.checked }));
    if (running) {
      existsField.querySelector('label').textContent = `${running.title ? `“${running.title}”` : 'A call'} ${running.state === 'scheduled' ? 'is scheduled' : 'runs'} there already`;
    }
  }

  function typed() {
    forgetChat();
    clearTimeout(typing);
    typing = setTimeout(look, TYPING);
  }

  async function chooseAccount() {
    forgetChat();
    look();
    const mine = account.value;
    const chats = mine ? await readChats(mine) : new Map();
    if (mine === account.value) known.replaceChildren(...[...chats].map(([value, label]) => el('option', { value, label })));
  }

  function check() {
    title.setCustomValidity(length(title.value) > TITLE_MAX ? `At most ${TITLE_MAX} characters` : '');
  }

  function showWhen() {
    whenFields.hidden = !isLater.checked;
    at.required = isLater.checked;
    button.textContent = isLater.checked ? 'Schedule' : 'Create';
    if (isLater.checked && !at.value) at.value = toLocal(Math.ceil((now() + 3600) / 900) * 900);
    const date = fromLocal(at.value);
    if (!isLater.checked || Number.isNaN(date)) return void (when.textContent = '');
    when.textContent = `${zone(date)} – ${day(date)}, ${until(date)}.${date - now() > LATEST ? ` Telegram takes dates up to ${span(LATEST)} ahead.` : ''}`;
  }

  function words() {
    const body = { account: account.value, peer: chat.value.trim() };
    if (title.value) body.title = title.value;
    if (isLater.checked) Object.assign(body, { schedule_date: fromLocal(at.value), auto_start: starts.checked });
    if (isStream.checked) body.rtmp_stream = true;
    if (!existsField.hidden) body.if_exists = exists.value;
    return body;
  }

  function done({ call: made, existing, differs = [] }) {
    setCall(made);
    const name = made.title || (found ? nameOf(found.peer) : chatName(made.account, made.peer));
    const heading = el('h1', { tabindex: '-1' }, existing ? 'There was a call already' : made.state === 'scheduled' ? 'Scheduled' : 'The call runs');
    root.replaceChildren(el('section.narrow', {}, heading,
      el('div.card', {}, el('h2', {}, name),
        existing && el('p', {}, 'It was left as it is.', differs.length > 0 && ` It differs in what was asked for: ${differs.join(', ')}.`),
        made.state === 'scheduled' && el('p', {}, `${day(made.schedule_date)}, ${zone(made.schedule_date)}${made.auto_start ? '; it starts by itself.' : '. Start it yourself then.'}`),
        made.rtmp_stream && streamBox(made.account, markedId(made.peer)),
        el('div.buttons', {}, el('a.button.primary', { href: '#/calls' }, 'To the calls')))));
    heading.focus();
  }

  async function submit(event) {
    event.preventDefault();
    const body = words();
    const text = JSON.stringify(body);
    if (intent?.text !== text) intent = { text, key: newKey() };
    let answer = null;
    await attempt(button, said, async () => {
      try {
        answer = await post('v1/calls', body, { 'Idempotency-Key': intent.key });
      } catch (e) {
        // A refusal is final; without an answer the same one is tried again.
        if (!isOffline(e) && e.status < 500 && e.status !== 409 && e.status !== 429) intent = null;
        throw e;
      }
    });
    if (answer) done(answer);
  }

  const form = el('form.card', { onsubmit: submit },
    field('Account', account),
    el('div.field', {}, el('label', { for: 'chat' }, 'Chat'), chat, known,
      el('p.hint', { id: 'chat-hint' }, 'A name (@channel), a t.me link or an id.')), seen, existsField,
    field('Title', title, 'Left empty it is the chat\'s.'),
    el('div.check', {}, isLater, el('label', { for: 'later' }, 'Schedule it')), whenFields, streamField,
    said, el('div.buttons', {}, el('a.button', { href: '#/calls' }, 'Cancel'), button));
  chat.setAttribute('aria-describedby', 'chat-hint');

  function update() {
    const ready = readyAccounts().map((a) => a.name).sort();
    const there = [...account.options].map((o) => o.value);
    if (!form.isConnected && !root.firstChild) {
      root.replaceChildren(el('section.narrow', {}, el('h1', {}, 'New call'), form));
    }
    if (ready.join(' ') === there.join(' ')) return;
    const before = account.value;
    account.replaceChildren(...ready.map((name) => el('option', { value: name }, name)));
    if (ready.includes(before)) account.value = before;
    button.disabled = ready.length === 0;
    if (!ready.length) said.replaceChildren(el('p.warning', {}, 'No account is ready. ', el('a', { href: '#/accounts' }, 'Log one in'), ' first.'));
    else if (!there.length) said.replaceChildren();
    if (account.value !== before) chooseAccount();
  }
  return { update, close: () => clearTimeout(typing) };
}
