// What several views of a player are made of.

import { hasGoal, hasTeams } from "../shared/board.js";
import { answerText, h, number, optionText, text, when, words } from "../shared/dom.js";
import { goalBar, teamBoard } from "../shared/together.js";

/**
 * @typedef {import("./game.js").Game} Game
 * @typedef {import("../shared/dom.js").Attributes} Attributes
 * @typedef {{node: HTMLElement, focus?: () => void, key?: (key: string) => boolean, update?: () => void,
 *   tick?: () => void, fit?: () => void}} View built once when its state begins, then only brought up to date.
 */

/** The heading, which takes the focus. @param {string} content @param {Attributes} attributes */
export const title = (content, attributes = {}) => words("h1", content, { tabindex: -1, ...attributes });

/** @param {string} label @param {() => void} onclick */
export const primary = (label, onclick) => h("button.primary.wide", { type: "button", onclick }, label);

/** @param {string} sign */
export const mark = (sign, kind = "") => h(`p.mark${kind}`, { "aria-hidden": "true" }, sign);

/** What all reach together, above or in place of a ranking. @param {Game} game */
export function together(game) {
  const { options, your_team: mine } = game.session;
  const { board } = game.standing;
  const part = hasGoal(options)
    ? goalBar(options, () => board)
    : hasTeams(options) && board.teams
      ? teamBoard(() => board, mine)
      : null;
  part?.update();
  return part?.node;
}

/** Homework: until when the answers count. @param {Game} game */
export function until(game) {
  const { options, closes_at: closesAt } = game.session;
  return options?.closes_at && closesAt ? h("p.until", {}, text("open_until", { time: when(closesAt) })) : null;
}

/**
 * What a rule says that has nothing but a name.
 * @type {Record<string, string>}
 */
const WITHOUT_POINTS = {
  wrong: "points_wrong",
  unanswered: "points_unanswered",
  warm_up: "points_warm_up",
  poll: "points_poll",
};

/**
 * "10 + 4 for speed": where the points come from, or why there are none, in words.
 * @param {{points: number}} asked
 * @param {{rule?: string | null, reason?: string | null, points_earned?: number | null}} verdict
 */
export function pointsInWords(asked, verdict) {
  const rule = verdict.rule ?? verdict.reason ?? "unanswered";
  const earned = verdict.points_earned ?? 0;
  if (rule in WITHOUT_POINTS) return text(WITHOUT_POINTS[rule]);
  if (rule === "almost") return text("points_almost", { points: number(earned) });
  const speed = Math.max(0, earned - asked.points);
  const values = { base: number(earned - speed), speed: number(speed) };
  if (rule === "right_slow") return text("points_slow", values);
  return text(speed ? "points_speed" : "points_plain", values);
}

/** The right answers as one line. @param {{kind: string}} asked @param {string[]} answers */
export const solution = (asked, answers) =>
  asked.kind === "order" || asked.kind === "multi"
    ? answerText(asked, answers)
    : answers.map((answer) => optionText(asked, answer)).join(" / ");
