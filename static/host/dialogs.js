// What a console asks back.

import { element, text } from "../shared/dom.js";
import { request } from "./api.js";

/**
 * Whether the host means it.
 * @param {string} question
 * @param {string} yes what the button says.
 * @returns {Promise<boolean>}
 */
export function confirmed(question, yes) {
  const dialog = element("confirm", HTMLDialogElement);
  element("confirm-text").textContent = question;
  element("confirm-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * Ask for one value in a dialog of the page, until the server takes it.
 * @param {{dialog: string, field: string, value: string}} asked the ids of both, and what stands there at first.
 * @param {() => void} closed
 * @param {(value: string) => Promise<string>} send says why the server did not take it; empty: it did.
 */
export function askIn({ dialog: name, field: id, value }, closed, send) {
  const dialog = element(name, HTMLDialogElement);
  const field = element(id, HTMLInputElement);
  const complain = (/** @type {string} */ message) => {
    element(`${id}-error`).textContent = message;
    field.setAttribute("aria-invalid", String(message !== ""));
  };
  element(`${name}-cancel`).onclick = () => dialog.close();
  field.value = value;
  complain("");
  dialog.onsubmit = async (event) => {
    event.preventDefault();
    const fault = await send(field.value).catch(() => text("unreachable"));
    if (!fault) {
      dialog.close();
      return;
    }
    complain(fault);
    field.focus();
  };
  // The row may have been drawn again meanwhile, so that the browser cannot give the focus back itself.
  dialog.onclose = closed;
  dialog.showModal();
  field.select();
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
  element("rename-title").textContent = text("rename_name", { name: player.username });
  askIn({ dialog: "rename", field: "new-name", value: player.username }, closed, async (username) => {
    const path = `/participants/${encodeURIComponent(player.user_id)}`;
    const { status, answer } = await request(path, "PATCH", { username });
    if (status !== 200) {
      const { reason, code = "" } = /** @type {import("./api.js").Refused} */ (answer);
      return NAME_FAULTS[reason ?? code] ?? text("not_now");
    }
    renamed(/** @type {{user_id: string, username: string}} */ (answer));
    return "";
  });
}
