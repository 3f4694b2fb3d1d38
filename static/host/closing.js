// When a session ends by itself, and of a homework another time for that: for everybody, or for one player.

import { element, text, when } from "../shared/dom.js";
import { request } from "./api.js";
import { askIn } from "./dialogs.js";
import { state } from "./state.js";

export const isHomework = Boolean(state.session.options.closes_at);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @type {Record<string, string>} why a time was not taken, by the answer's `reason`. */
const FAULTS = { no_such_time: text("no_such_time") };

/** Until when one player has, if that is longer than the others. @param {string} userId @returns {string | undefined} */
const longer = (userId) => state.session.extensions.find((one) => one.user_id === userId)?.closes_at;

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
 * @param {(answer: import("./state.js").Session) => void} moved
 * @param {() => void} closed
 */
export function askForClosing(player, moved, closed) {
  element("closing-title").textContent = player
    ? text("longer_name", { name: player.username })
    : text("closing_for_all");
  element("closing-zone").textContent = text("in_time_zone", { zone });
  const until = (player && longer(player.user_id)) ?? state.session.closes_at;
  askIn({ dialog: "closing", field: "new-closing", value: until ? local(until) : "" }, closed, async (value) => {
    const body = { closes_at: value, time_zone: zone, ...(player ? { user_id: player.user_id } : {}) };
    const { status, answer } = await request("/closing", "POST", body);
    if (status !== 200) {
      const { reason = "" } = /** @type {import("./api.js").Refused} */ (answer);
      return FAULTS[reason] ?? text(status === 409 || status === 400 ? "closing_refused" : "not_now");
    }
    moved(/** @type {import("./state.js").Session} */ (answer));
    return "";
  });
}
