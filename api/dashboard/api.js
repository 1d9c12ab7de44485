// The REST API: one way in for all requests, with the token, and a Problem for each refusal.

const KEY = 'tgcalld.token';

export const token = {
  get: () => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY),
  // KEEP: also when this tab is gone.
  set(text, keep) {
    this.forget();
    (keep ? localStorage : sessionStorage).setItem(KEY, text);
  },
  forget() {
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
  },
};

// What the daemon refused, as it said it (RFC 9457), or why nobody answered.
export class Problem extends Error {
  constructor(body, status = 0) {
    super(body.detail ?? body.title ?? 'No answer');
    this.body = body;
    this.status = status;
  }
}

export const isOffline = (e) => e instanceof Problem && e.status === 0;
export const isUnauthorized = (e) => e instanceof Problem && e.status === 401;

let unauthorized = () => {};
export function onUnauthorized(then) {
  unauthorized = then;
}

export function headersWithToken(more = {}) {
  const given = token.get();
  return given ? { Authorization: `Bearer ${given}`, ...more } : more;
}

async function problemOf(answer) {
  const text = await answer.text();
  try {
    return new Problem(JSON.parse(text), answer.status);
  } catch {
    return new Problem({
      title: `The answer was ${answer.status}`,
      detail: 'It is not one of tgcalld\'s.',
      remedy: 'Look at what stands between this page and the daemon.',
    }, answer.status);
  }
}

// The Response, where it is a success.
export async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(new URL(path, document.baseURI), {
      cache: 'no-store', credentials: 'omit', ...options, headers: headersWithToken(options.headers),
    });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new Problem({
      title: 'The daemon does not answer',
      detail: 'Nothing came back from it.',
      remedy: 'See that tgcalld runs and that its address has not changed; this page tries again by itself.',
    });
  }
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  if (answer.status === 401) unauthorized(problem);
  throw problem;
}

// The answer's JSON. BODY: an object, or undefined for none.
export async function call(method, path, body, headers = {}) {
  const options = { method, headers };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': 'application/json', ...headers };
  }
  const answer = await ask(path, options);
  return answer.status === 204 ? null : answer.json();
}

export const get = (path) => call('GET', path);
export const post = (path, body = {}, headers) => call('POST', path, body, headers);
export const segment = encodeURIComponent;

// Unlike any other; randomUUID() is there in secure contexts alone.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}
