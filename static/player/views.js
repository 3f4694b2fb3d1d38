// What a player sees: which view belongs to the state of the game, and the views without a question.

import { hasTeams } from "../shared/board.js";
import { dance, h, hue, number, shape, text, when } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { teamName } from "../shared/together.js";
import { mark, primary, title } from "./parts.js";
import { asked, locked, question, until } from "./question.js";
import { result } from "./result.js";
import { end, finished, practising, reviewing } from "./summary.js";

/**
 * @typedef {import("./game.js").Game} Game
 * @typedef {import("./parts.js").View} View
 */

const BUILDERS = { fault, lobby, wait, asked, question, locked, result, finished, closed, end };

/** Which view is on show: its name, and what makes it another one of that name. @param {Game} game */
export function viewOf(game) {
  if (game.fault !== null) return `fault ${game.fault}`;
  if (game.status === "waiting") return "lobby";
  if (game.status === "completed") return "end";
  const id = game.question?.question_id;
  if (game.closed && !game.result) return "closed";
  if (game.phase === "asked" && id) return `asked ${id}`;
  if (game.result && id === game.result.question_id) {
    // Another result, or another right answer, is another view.
    return `result ${id} ${game.result.points_earned} ${game.result.reason} ${game.result.correct_answers?.length}`;
  }
  if (id) return `${game.own.mine ? "locked" : "question"} ${id}`;
  return game.finished ? "finished" : "wait";
}

/** @param {string} key as `viewOf` says. @param {Game} game @returns {View} */
export const build = (key, game) => BUILDERS[/** @type {keyof typeof BUILDERS} */ (key.split(" ")[0])](game);

/** @type {Record<number, string>} */
const FAULTS = { 4001: "elsewhere", 4003: "removed", 4029: "too_fast" };

/** @param {Game} game @returns {View} */
function fault(game) {
  const key = FAULTS[game.fault ?? 0] ?? "cut_off";
  const again = primary(text(key === "elsewhere" ? "play_here" : "connect_again"), () => game.takeOver());
  return {
    node: h(
      "section.message",
      {},
      mark("!", ".fault"),
      title(text(`${key}_title`)),
      h("p.lead", {}, text(key)),
      key === "removed" ? h("a.button.wide", { href: `${BASE}/` }, text("to_start")) : again,
    ),
  };
}

/** @type {Record<string, string>} */
const HOW_SPEED_COUNTS = { speed: "scoring_speed", scaled: "scoring_scaled", flat: "scoring_flat" };

/** @param {Game} game @returns {View} */
function lobby(game) {
  const count = h("span");
  const name = title("", { "aria-describedby": "lobby-wait" });
  const team = ownTeam(game);
  const opensAt = game.session.opens_at;
  const lead = opensAt ? text("opens_on", { time: when(opensAt) }) : text("lobby_wait");
  return {
    node: h(
      "section.message.lobby",
      {},
      dance(),
      h("p.eyebrow", {}, text("you_are_in")),
      name,
      team?.node,
      h("p.lead", { id: "lobby-wait" }, lead),
      until(game),
      h("p.count", {}, count),
      h("p.how", {}, text(HOW_SPEED_COUNTS[game.session.scoring] ?? "scoring_speed")),
      h("p.how", {}, text("how_to_keys")),
      h("button.quiet", { type: "button", onclick: () => game.leave() }, text("leave")),
    ),
    update() {
      name.textContent = game.session.username;
      team?.update();
      count.textContent = text("players_here", { count: number(game.count) });
    },
  };
}

/** The player's team, and where players choose, the others to choose from. @param {Game} game */
function ownTeam(game) {
  const { options } = game.session;
  if (!hasTeams(options)) return null;
  const label = h("p.team", { role: "status" });
  const buttons = Array.from({ length: options.teams === "chosen" ? (options.team_count ?? 0) : 0 }, (_, index) =>
    h(
      `button.choose-team.${hue(index)}`,
      { type: "button", onclick: () => game.chooseTeam(index + 1) },
      teamName(index + 1),
    ),
  );
  return {
    node: h(
      "div.own-team",
      {},
      label,
      buttons.length ? h("div.teams-to-choose", { role: "group", "aria-label": text("choose_team") }, buttons) : null,
    ),
    update() {
      const mine = game.session.your_team;
      label.textContent = mine ? text("your_team", { number: number(mine) }) : "";
      for (const [index, button] of buttons.entries()) {
        button.setAttribute("aria-pressed", String(index + 1 === mine));
      }
    },
  };
}

/** The time of a homework is over for this player; others may have longer. @param {Game} game @returns {View} */
function closed(game) {
  const later = game.session.reveal === "on_close";
  const read = reviewing(game);
  return {
    node: h(
      "section.end",
      {},
      mark("⏱"),
      title(text("homework_closed_title")),
      h("p.lead", {}, text(later ? "homework_closed_later" : "homework_closed")),
      later ? null : practising(game),
      read.node,
    ),
    update: read.update,
  };
}

/** @param {Game} game @returns {View} */
function wait(game) {
  const ready = game.phase !== "closed";
  return {
    node: h(
      "section.message",
      {},
      h("div.breathe", { "aria-hidden": "true" }, shape(0)),
      title(text(ready ? "get_ready" : "next_soon")),
      h("p.lead", {}, text(ready ? "get_ready_lead" : "next_soon_lead")),
    ),
  };
}
