// Elements, made of text alone, and a page that changes where its data did and nowhere else.

const KEPT = new Set(['open', 'value', 'checked', 'selected']);
const HANDLERS = ['onclick', 'onsubmit', 'oninput', 'onchange', 'ontoggle'];

// el('a.quiet', {href: '#/'}, 'text', [more]): null, undefined and false are no children and no attributes. `on…` is a handler.
export function el(what, attributes, ...children) {
  const [tag, ...classes] = what.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node[name] = value;
    else if (name === 'key') node.dataset.key = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === '') continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

function isSame(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName &&
    (old.nodeType !== Node.ELEMENT_NODE || (old.dataset.key ?? '') === (fresh.dataset.key ?? ''));
}

// What the user did to OLD (what is typed, opened, focused) stays.
function morph(old, fresh) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const isKept = (name) => KEPT.has(name) || (old.hasAttribute('aria-busy') && (name === 'disabled' || name === 'aria-busy'));
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !isKept(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !KEPT.has(name)) old.setAttribute(name, value);
  }
  for (const name of HANDLERS) {
    if (old[name] !== fresh[name]) old[name] = fresh[name];
  }
  fill(old, [...fresh.childNodes]);
}

// Makes NODES the children of PARENT; those that are there already, by key or by place, are changed and stay.
export function fill(parent, nodes) {
  const keyed = new Map();
  for (const child of parent.children) {
    if (child.dataset.key !== undefined) keyed.set(child.dataset.key, child);
  }
  let at = parent.firstChild;
  for (const fresh of nodes.flat(Infinity).filter((n) => n instanceof Node)) {
    const key = fresh.dataset?.key;
    const known = key === undefined ? at : keyed.get(key);
    if (known && isSame(known, fresh)) {
      morph(known, fresh);
      if (known !== at) parent.insertBefore(known, at);
      else at = at.nextSibling;
    } else {
      parent.insertBefore(fresh, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

let unique = 0;
export function newId(stem) {
  unique += 1;
  return `${stem}-${unique}`;
}

// A label, its input and what helps to fill it in.
export function field(label, input, hint) {
  const id = input.id || newId('field');
  input.id = id;
  const help = hint && el('p.hint', { id: `${id}-hint` }, hint);
  if (help) input.setAttribute('aria-describedby', help.id);
  return el('div.field', {}, el('label', { for: id }, label), input, help);
}

export function say(text) {
  const place = document.getElementById('said');
  place.textContent = text;
  place.classList.add('shown');
  clearTimeout(say.timer);
  say.timer = setTimeout(() => {
    place.classList.remove('shown');
    place.textContent = '';
  }, 5000);
}

// A button that puts what TEXT() gives into the clipboard; without a clipboard (no secure context) it is shown to be copied.
export function copyButton(label, text) {
  return el('button', {
    type: 'button',
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text());
        say('Copied');
      } catch {
        window.prompt('Copy this', text());
      }
    },
  }, label);
}
