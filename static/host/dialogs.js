// The two questions that a console asks back.

import { text } from "../shared/dom.js";
import { request } from "./api.js";

const element = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/**
 * Whether the host means it.
 * @param {string} question
 * @param {string} yes what the button says.
 * @returns {Promise<boolean>}
 */
export function confirmed(question, yes) {
  const dialog = element("confirm");
  element("confirm-text").textContent = question;
  element("confirm-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * Why a name was not taken, by the answer's `reason` or `code`; the rules are the server's.
 * @type {Record<string, string>}
 */
const NAME_FAULTS = {
  empty: text("name_empty"),
  long: text("name_long"),
  characters: text("name_characters"),
  offensive: text("name_offensive"),
  reserved: text("name_reserved"),
  USERNAME_TAKEN: text("name_taken"),
};

/**
 * Give a player another name.
 * @param {{user_id: string, username: string}} player
 * @param {(answer: {user_id: string, username: string}) => void} renamed
 * @param {() => void} closed
 */
export function askForName(player, renamed, closed) {
  const dialog = element("rename");
  const field = element("new-name");
  const complain = (/** @type {string} */ message) => {
    element("new-name-error").textContent = message;
    field.setAttribute("aria-invalid", String(message !== ""));
  };
  element("rename-title").textContent = text("rename_name", { name: player.username });
  field.value = player.username;
  complain("");
  dialog.onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    try {
      const path = `/participants/${encodeURIComponent(player.user_id)}`;
      const { status, answer } = await request(path, "PATCH", { username: field.value });
      if (status === 200) {
        dialog.close();
        renamed(answer);
      } else {
        complain(NAME_FAULTS[answer.reason ?? answer.code] ?? text("not_now"));
        field.focus();
      }
    } catch {
      complain(text("unreachable"));
    }
  };
  // The row may have been drawn again meanwhile, so that the browser cannot give the focus back itself.
  dialog.onclose = closed;
  dialog.showModal();
  field.select();
}

element("rename-cancel").addEventListener("click", () => element("rename").close());
