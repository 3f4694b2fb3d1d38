// What a browser remembers of its games, so that a refresh costs a second and nothing else.

const PREFIX = "quiz:";
const KEPT_MS = 24 * 3_600_000;

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key));
  } catch {
    return null; // No storage (private mode) or nothing that we wrote: play on without.
  }
}

function write(key, value) {
  try {
    if (value === null) localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // See read().
  }
}

export const game = (sessionId) => read(sessionId);
export const gameByCode = (code) => game(read(`code:${code}`) ?? "");
export const lastGame = () => game(read("last") ?? "");

/** Keep `{session_id, code, title, token, username, anchor, pending, answer}`, or what of it changed. */
export function remember(sessionId, changes) {
  const kept = { ...game(sessionId), ...changes, session_id: sessionId, at: Date.now() };
  write(sessionId, kept);
  write(`code:${kept.code}`, sessionId);
  write("last", sessionId);
}

export function forget(sessionId) {
  const kept = game(sessionId);
  write(sessionId, null);
  if (kept) write(`code:${kept.code}`, null);
  if (read("last") === sessionId) write("last", null);
}

export function tidy() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      const kept = read(key.slice(PREFIX.length));
      if (kept?.session_id && Date.now() - kept.at > KEPT_MS) forget(kept.session_id);
    }
  } catch {
    // See read().
  }
}
