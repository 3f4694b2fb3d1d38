// What a browser remembers of its games, so that a refresh costs a second and nothing else.

import { keep, recall } from "../shared/storage.js";

const PREFIX = "quiz:";
const KEPT_MS = 24 * 3_600_000;

let keeps = true;
/** Whoever looks at a quiz of their own has been in no game. */
export function keepNothing() {
  keeps = false;
}

/** @typedef {string | string[]} Answer */
/** @typedef {{value: Answer | null, keep: (value: Answer | null) => void}} Draft */

/**
 * @typedef {object} Kept what is remembered of one game.
 * @property {string} session_id
 * @property {string} code
 * @property {string} title
 * @property {string | null} token of the player; null: not told yet.
 * @property {string} username
 * @property {number} [anchor] the event before the question on show.
 * @property {import("./answer.js").Mine | null} [mine]
 * @property {number} [attempt]
 * @property {number} [until] Unix milliseconds; a homework is open for weeks.
 * @property {boolean} [removed] by the host.
 * @property {number} at Unix milliseconds of the last change.
 */

/** @param {string} key @returns {string | null} */
function read(key) {
  const found = recall(PREFIX + key);
  return typeof found === "string" ? found : null;
}

/** @param {string} key @param {unknown} value null takes it away. @param {import("../shared/storage.js").Storage} [storage] */
function write(key, value, storage) {
  if (keeps) keep(PREFIX + key, value, storage);
}

/** @param {string} sessionId */
export const game = (sessionId) => /** @type {Kept | null} */ (recall(PREFIX + sessionId));
/** @param {string} code */
export const gameByCode = (code) => game(read(`code:${code}`) ?? "");
export const lastGame = () => game(read("last") ?? "");

/**
 * Keep what of a game changed.
 * @param {string} sessionId
 * @param {Partial<Kept>} changes
 */
export function remember(sessionId, changes) {
  const kept = { ...game(sessionId), ...changes, session_id: sessionId, at: Date.now() };
  write(sessionId, kept);
  write(`code:${kept.code}`, sessionId);
  write("last", sessionId);
}

/** What the player was called last, on this device. */
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
 * @returns {Draft}
 */
export function draft(sessionId, questionId) {
  const key = `draft:${sessionId}:${questionId}`;
  return {
    value: /** @type {Answer | null} */ (recall(PREFIX + key, "sessionStorage")),
    keep: (/** @type {Answer | null} */ value) => write(key, value, "sessionStorage"),
  };
}

export function tidy() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(PREFIX)) continue;
      const kept = game(key.slice(PREFIX.length));
      // A homework is open for weeks.
      const last = Math.max(kept?.at ?? 0, kept?.until ?? 0);
      if (kept?.session_id && Date.now() - last > KEPT_MS) forget(kept.session_id);
    }
  } catch {
    // Without storage there is nothing to tidy.
  }
}
