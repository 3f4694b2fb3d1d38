// What a browser remembers of its games, so that a refresh costs a second and nothing else.

const PREFIX = "quiz:";
const KEPT_MS = 24 * 3_600_000;

let keeps = true;
/** Whoever looks at a quiz of their own has been in no game. */
export function keepNothing() {
  keeps = false;
}

/** @param {string} key @param {"localStorage" | "sessionStorage"} storage */
function read(key, storage = "localStorage") {
  try {
    return JSON.parse(window[storage].getItem(PREFIX + key) ?? "null");
  } catch {
    return null; // No storage (private mode) or nothing that we wrote: play on without.
  }
}

/** @param {string} key @param {unknown} value @param {"localStorage" | "sessionStorage"} storage */
function write(key, value, storage = "localStorage") {
  if (!keeps) return;
  try {
    if (value === null) window[storage].removeItem(PREFIX + key);
    else window[storage].setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // See read().
  }
}

/** @param {string} sessionId */
export const game = (sessionId) => read(sessionId);
/** @param {string} code */
export const gameByCode = (code) => game(read(`code:${code}`) ?? "");
export const lastGame = () => game(read("last") ?? "");

/**
 * Keep `{session_id, code, title, token, username, anchor, mine, attempt, until}`, or what of it changed.
 * @param {string} sessionId
 * @param {Record<string, unknown>} changes
 */
export function remember(sessionId, changes) {
  const kept = { ...game(sessionId), ...changes, session_id: sessionId, at: Date.now() };
  write(sessionId, kept);
  write(`code:${kept.code}`, sessionId);
  write("last", sessionId);
}

/** What the player was called last, on this device. @returns {string | null} */
export const lastName = () => read("name");
/** @param {string} name */
export const rememberName = (name) => write("name", name);

/** @param {string} sessionId */
export function forget(sessionId) {
  const kept = game(sessionId);
  write(sessionId, null);
  if (kept) write(`code:${kept.code}`, null);
  if (read("last") === sessionId) write("last", null);
}

/**
 * What a player has begun to answer, for as long as the tab lives: `value` is what was kept before, and `keep(value)`
 * keeps what there is now; null: nothing.
 * @param {string} sessionId
 * @param {string} questionId
 */
export function draft(sessionId, questionId) {
  const key = `draft:${sessionId}:${questionId}`;
  return {
    value: read(key, "sessionStorage"),
    keep: (/** @type {unknown} */ value) => write(key, value, "sessionStorage"),
  };
}

export function tidy() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      const kept = read(key.slice(PREFIX.length));
      // A homework is open for weeks.
      const last = Math.max(kept?.at ?? 0, kept?.until ?? 0);
      if (kept?.session_id && Date.now() - last > KEPT_MS) forget(kept.session_id);
    }
  } catch {
    // See read().
  }
}
