// In the session of a class: who plays picks a name, or came by a card.
//
// The secret of a card is behind the # of its address, so that no server, proxy or log has it in an address. It is told
// to this server in a body, and not kept: devices are shared.

import { announce, element, h, text } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { page } from "./join.js";

/** @type {Record<string, string>} */
const REASONS = {
  taken: "pupil_taken",
  card_needed: "card_needed",
  card_invalid: "card_unknown",
  class_deleted: "class_deleted",
  unknown: "class_deleted",
};

/** @typedef {{pupil?: string, card?: string}} Who */

/** @param {string} message */
function complain(message) {
  const note = document.getElementById("pupils-error");
  if (note) note.textContent = message;
}

/**
 * Say why the session let nobody in as this pupil.
 * @param {import("../shared/connection.js").Refusal} error
 * @param {string} code
 */
export function showRefusal(error, code) {
  const reason = error.reason ?? "";
  // Only its own page has the names of the class.
  if (reason === "needed" && page.code !== code) location.href = `${BASE}/j/${code}`;
  else complain(text(REASONS[reason] ?? "try_again"));
}

/** @param {(code: string, who: Who) => void} enter */
export function setUp(enter) {
  for (const button of document.querySelectorAll("button[data-pupil]"))
    button.addEventListener("click", () => {
      complain("");
      enter(page.code, { pupil: button.getAttribute("data-pupil") ?? "" });
    });
  if (page.card) greet(page.card, location.hash.slice(1), enter);
}

/**
 * @param {string} address where the secret is told.
 * @param {string} card the secret.
 * @param {(code: string, who: Who) => void} enter
 */
async function greet(address, card, enter) {
  const place = element("card");
  /** @param {string} message @param {Node[]} more */
  const say = (message, ...more) => {
    place.replaceChildren(h("p.lead", { dir: "auto" }, message), ...more);
    announce(message);
  };
  const again = () =>
    h("button.primary.wide", { type: "button", onclick: () => greet(address, card, enter) }, text("look_again"));
  /** @type {{name: string, sessions: {code: string, title: string}[]}} */
  let found;
  try {
    const answer = await fetch(address, { method: "POST", body: JSON.stringify({ card }) });
    if (answer.status === 404) return say(text("card_unknown"));
    if (!answer.ok) throw new Error(String(answer.status));
    found = await answer.json();
  } catch {
    return say(text("try_again"), again());
  }
  const hello = text("card_hello", { name: found.name });
  const [first, ...others] = found.sessions;
  if (!first) say(`${hello} ${text("card_none")}`, again());
  else if (!others.length) enter(first.code, { card });
  else
    say(
      `${hello} ${text("card_choose")}`,
      ...found.sessions.map((session) =>
        h(
          "button.button.wide",
          { type: "button", dir: "auto", onclick: () => enter(session.code, { card }) },
          session.title,
        ),
      ),
    );
}
