// The words of a game to practise at home: a page of the player's own, which the server makes when it is asked for.

import { h, text } from "../shared/dom.js";
import { drawing } from "../shared/drawing.js";
import { BASE } from "../shared/paths.js";

/**
 * A button, and in its place the link and its QR code once the player wants them.
 * @param {string} sessionId
 * @param {string} token of the session.
 * @returns {HTMLElement}
 */
export function practise(sessionId, token) {
  const told = h("p.error", { role: "alert" });
  const button = h("button.primary.wide", { type: "button", onclick: () => ask() }, text("practise_home"));
  const lead = h("p.small", {}, text("practise_lead"));
  const node = h("div.practise", {}, button, lead, told);

  async function ask() {
    button.disabled = true;
    told.textContent = "";
    try {
      const made = await make(sessionId, token);
      const link = h("a.primary.wide", { href: made.url }, text("practise_open"));
      const code = h("div.code", {}, drawing(made.qr));
      node.replaceChildren(link, lead, code, h("p.small", {}, text("practise_other")));
      link.focus();
    } catch (error) {
      told.textContent = /** @type {Error} */ (error).message || text("try_again");
      button.disabled = false;
    }
  }
  return node;
}

/**
 * @param {string} sessionId @param {string} token
 * @returns {Promise<{url: string, qr: string}>}
 * @throws {Error} with what the server says, or with nothing.
 */
async function make(sessionId, token) {
  const response = await fetch(`${BASE}/practice/api/decks`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ session_id: sessionId, session_token: token }),
  }).catch(() => null);
  const told = await response?.json().catch(() => null);
  if (!response?.ok || !told) throw new Error(response && response.status < 500 ? (told?.detail ?? "") : "");
  return told;
}
