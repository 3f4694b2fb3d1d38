// What a session's players reach together: teams by the average of their members, or one goal of all.

import { h, hue, number, text } from "./dom.js";

/**
 * @typedef {import("./messages.js").TeamEntry} TeamLine
 * @typedef {import("./messages.js").Goal} Goal
 * @typedef {{teams: TeamLine[] | null, goal: Goal | null}} Told
 * @typedef {import("./messages.js").SessionOptions} Options
 */

/** @param {number} team */
export const teamName = (team) => text("team", { number: number(team) });

/**
 * One bar for all.
 * @param {Options} options
 * @param {() => Told} told what the board says now.
 */
export function goalBar(options, told) {
  const fill = h("span.fill");
  const figure = h("p.reached");
  const bar = h(
    "div.track",
    { role: "progressbar", "aria-label": text("goal"), "aria-valuemin": 0, "aria-valuemax": 100 },
    fill,
  );
  return {
    node: h("div.goal", {}, figure, bar),
    update() {
      const amount = options.goal_amount ?? 1;
      const reached = told().goal?.reached ?? 0;
      const done = reached >= amount;
      const key = done ? "goal_done" : options.goal === "right" ? "goal_right" : "goal_points";
      figure.textContent = text(key, { reached: number(reached), amount: number(amount) });
      const share = Math.min(1, reached / amount);
      fill.style.transform = `scaleX(${share})`;
      bar.setAttribute("aria-valuenow", String(Math.floor(100 * share)));
      bar.classList.toggle("done", done);
    },
  };
}

/**
 * Teams, the best first.
 * @param {() => Told} told what the board says now.
 * @param {number | null} [mine] the player's own.
 */
export function teamBoard(told, mine = null) {
  const node = h("ol.teams");
  let drawn = "";
  return {
    node,
    update() {
      const lines = told().teams ?? [];
      const now = JSON.stringify(lines);
      if (now === drawn) return;
      drawn = now;
      node.replaceChildren(
        ...lines.map((line) =>
          h(
            `li.${hue(line.team - 1)}${line.team === mine ? ".me" : ""}`,
            {},
            h("span.rank", {}, number(line.place)),
            h("span.name", {}, teamName(line.team)),
            h("span.members", {}, text("members", { count: number(line.members) })),
            h("span.score", { title: text("average") }, number(line.average)),
          ),
        ),
      );
    },
  };
}
