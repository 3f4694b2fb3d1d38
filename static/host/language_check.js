// Whether a quiz is likely to be in another language than it says. The server knows; it is asked when somebody pauses.

/** What the server takes. */
const MAX_LENGTH = 10_000;

/**
 * Asks about the words, never twice about the same.
 * @param {string} url
 * @param {string} csrf
 * @param {typeof fetch} ask
 * @returns {(words: string[], tag: string) => Promise<string>} the language that they look like; empty: no doubt.
 */
export function languageCheck(url, csrf, ask = fetch) {
  let about = "";
  let last = Promise.resolve("");
  return (words, tag) => {
    const written = words.map((word) => word.trim()).filter((word) => /\p{L}/u.test(word));
    let room = MAX_LENGTH;
    const body = JSON.stringify({
      words: written.filter((word) => {
        room -= word.length;
        return room > 0;
      }),
      language: tag,
    });
    if (body === about) return last;
    about = body;
    last = written.length ? found(ask, url, csrf, body) : Promise.resolve("");
    return last;
  };
}

/** @param {typeof fetch} ask @param {string} url @param {string} csrf @param {string} body */
async function found(ask, url, csrf, body) {
  try {
    const headers = { "X-CSRFToken": csrf, "Content-Type": "application/json" };
    const response = await ask(url, { method: "POST", headers, body, credentials: "same-origin" });
    return response.ok ? (await response.json()).language : "";
  } catch {
    // Nobody is warned while the server is away; what is written is none the worse for it.
    return "";
  }
}
