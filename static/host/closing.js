// When a session ends by itself, and of a homework another time for that: for everybody, or for one player.

import { page, text, when } from "../shared/dom.js";
import { request } from "./api.js";
import { state } from "./state.js";

const element = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
export const isHomework = Boolean(page.session.options.closes_at);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @type {Record<string, string>} why a time was not taken, by the answer's `reason`. */
const FAULTS = { no_such_time: text("no_such_time") };

/** Until when one player has, if that is longer than the others. @param {string} userId @returns {string | undefined} */
const longer = (userId) => state.session.extensions.find((/** @type {any} */ one) => one.user_id === userId)?.closes_at;

/** @param {{user_id: string}} player @returns {string} what stands behind the player's state. */
export const extension = (player) => {
  const until = longer(player.user_id);
  return until ? text("has_until", { time: when(until) }) : "";
};

export function renderClosing() {
  const { opens_at: opensAt, closes_at: closesAt, status } = state.session;
  element("closes").hidden = !closesAt || status === "completed";
  if (!closesAt) return;
  element("closes-at").textContent = opensAt
    ? text("opens_and_closes", { opens: when(opensAt), closes: when(closesAt) })
    : when(closesAt);
  element("move-closing").hidden = !isHomework;
}

/** A moment as a field of this kind has it. @param {string} time */
function local(time) {
  const moment = new Date(time);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * Let the homework close at another time.
 * @param {{user_id: string, username: string} | null} player the one who has longer; null: everybody.
 * @param {(answer: any) => void} moved
 * @param {() => void} closed
 */
export function askForClosing(player, moved, closed) {
  const dialog = element("closing");
  const field = element("new-closing");
  const complain = (/** @type {string} */ message) => {
    element("new-closing-error").textContent = message;
    field.setAttribute("aria-invalid", String(message !== ""));
  };
  element("closing-title").textContent = player
    ? text("longer_name", { name: player.username })
    : text("closing_for_all");
  element("closing-zone").textContent = text("in_time_zone", { zone });
  field.value = local((player && longer(player.user_id)) ?? state.session.closes_at);
  complain("");
  dialog.onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const body = { closes_at: field.value, time_zone: zone, ...(player ? { user_id: player.user_id } : {}) };
    try {
      const { status, answer } = await request("/closing", "POST", body);
      if (status === 200) {
        dialog.close();
        moved(answer);
        return;
      }
      complain(FAULTS[answer.reason] ?? text(status === 409 || status === 400 ? "closing_refused" : "not_now"));
      field.focus();
    } catch {
      complain(text("unreachable"));
    }
  };
  dialog.onclose = closed;
  dialog.showModal();
}

element("closing-cancel").addEventListener("click", () => element("closing").close());
