// The host's calls to the server.

import { page as own, sure, text } from "../shared/dom.js";

const page = /** @type {typeof own & {api: string}} */ (own);
/** @type {HTMLInputElement | null} */
const secret = document.querySelector("#console input[name=csrfmiddlewaretoken]");
const csrf = sure(secret).value;

/** @typedef {{code?: string, reason?: string, session?: import("./state.js").Session}} Refused why the server did not do it. */

/**
 * @param {string} path below the session.
 * @param {string} method
 * @param {unknown} [body]
 * @returns {Promise<{status: number, answer: unknown}>} the caller knows what is answered.
 */
export async function request(path, method, body) {
  const response = await fetch(page.api + path, {
    method,
    headers: { "X-CSRFToken": csrf, "Content-Type": "application/json", Accept: "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
  const answer = response.status === 204 ? null : await response.json();
  return { status: response.status, answer };
}

/** @type {Record<number, string>} */
const REASONS = { 409: "does_not_fit", 401: "signed_out", 403: "signed_out" };

/** Why the server did not do it, for a person. */
export const reason = (/** @type {number} */ status) => text(REASONS[status] ?? "not_now");

/** Show what went wrong; nothing takes it away. */
export function problem(/** @type {string} */ message) {
  const place = document.getElementById("problem");
  if (place) place.textContent = message;
}

/**
 * Run at once, and once more after a while if it was asked for again meanwhile.
 * @param {() => Promise<unknown>} work
 * @param {number} milliseconds
 */
export function throttled(work, milliseconds) {
  let resting = false;
  let again = false;
  const run = () => {
    work().catch(() => {});
    resting = true;
    setTimeout(() => {
      resting = false;
      if (again) {
        again = false;
        run();
      }
    }, milliseconds);
  };
  return () => {
    if (resting) again = true;
    else run();
  };
}
