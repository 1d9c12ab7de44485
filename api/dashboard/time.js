// Times as people read them, in their own time zone. All that comes in is Unix seconds.

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });

export const now = () => Date.now() / 1000;
export const clock = (at) => CLOCK.format(at * 1000);
export const moment = (at) => MOMENT.format(at * 1000);
// Without its year a date of another one looks like one of these months.
export const day = (at) => (new Date(at * 1000).getFullYear() === new Date().getFullYear() ? DAY : DAY_OF_YEAR).format(at * 1000);

// "2 d 3 h", "1 h 05 min", "4:07"
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, '0');
  if (s >= 86400) return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
  return `${Math.floor(s / 60)}:${two(s % 60)}`;
}

export function until(at) {
  const left = at - now();
  return left > 0 ? `in ${span(left)}` : `${span(-left)} ago`;
}

// "Europe/Berlin, UTC+01:00" at that time.
export function zone(at = now()) {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const minutes = -new Date(at * 1000).getTimezoneOffset();
  const two = (n) => String(Math.floor(n)).padStart(2, '0');
  return name === 'UTC' ? name : `${name}, UTC${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

// For <input type="datetime-local">, and back; NaN where nothing is chosen.
export function toLocal(at) {
  const d = new Date(at * 1000);
  return new Date(d.getTime() - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}
export const fromLocal = (text) => Math.floor(new Date(text).getTime() / 1000);
