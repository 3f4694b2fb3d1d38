// What a browser keeps for a page. Where it keeps nothing (private mode, a full disk) the page does without.

/** @typedef {"localStorage" | "sessionStorage"} Storage for ever, or as long as the tab lives. */

/** @param {string} key @param {Storage} storage */
export function stored(key, storage = "localStorage") {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string | null} value null takes it away. @param {Storage} storage */
export function store(key, value, storage = "localStorage") {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, value);
  } catch {
    // As if it had been forgotten at once.
  }
}

/**
 * What `keep` kept; null where there is nothing, or nothing of ours.
 * @param {string} key
 * @param {Storage} storage
 * @returns {unknown}
 */
export function recall(key, storage = "localStorage") {
  try {
    return JSON.parse(stored(key, storage) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} key @param {unknown} value null takes it away. @param {Storage} storage */
export const keep = (key, value, storage = "localStorage") =>
  store(key, value === null ? null : JSON.stringify(value), storage);
