// How all stand, on the big screen: while a session is played, and at its end.

import { hasGoal, hasTeams, places } from "../shared/board.js";
import { aligned, h, hue, number, shape, sure, text, words } from "../shared/dom.js";
import { goalBar, teamBoard, teamName } from "../shared/together.js";

/**
 * @typedef {import("./hall.js").Hall} Hall
 * @typedef {import("./scenes.js").Scene} Scene
 * @typedef {Pick<import("../shared/board.js").Entry, "user_id" | "username" | "score">} Line
 */

const MOVE_MS = 700;
const CONFETTI = 60;
export const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the session shows the hall how all stand while it is played. @param {Hall} hall */
export function ranksShown(hall) {
  const { options } = sure(hall.session);
  return hasGoal(options) || !(options?.board === "end" || (options?.board === "own" && !hasTeams(options)));
}

/** How all stand: near their common goal, by teams, or one by one. @param {Hall} hall */
export function standings(hall) {
  const { options } = sure(hall.session);
  if (hasGoal(options)) return { title: "goal", ...goalBar(options, () => hall.board) };
  return hasTeams(options)
    ? { title: "teams", ...teamBoard(() => hall.board) }
    : { title: "leaderboard", ...ranking(hall, 8) };
}

/** The first `size` of the board. Whoever moves is seen moving. @param {Hall} hall @param {number} size */
function ranking(hall, size) {
  const node = h("ol.ranking");
  /** @typedef {{node: HTMLElement, rank: HTMLElement, name: HTMLElement, score: HTMLElement}} Row */
  /** By player. @type {Map<string, Row>} */
  const rows = new Map();
  return {
    node,
    update() {
      const before = new Map([...rows].map(([id, row]) => [id, row.node.getBoundingClientRect().top]));
      const top = hall.board.entries.slice(0, size);
      const shared = places(top);
      const there = new Set(top.map((entry) => entry.user_id));
      for (const [id, row] of rows) {
        if (there.has(id)) continue;
        row.node.remove();
        rows.delete(id);
      }
      top.forEach((entry, index) => {
        let row = rows.get(entry.user_id);
        if (!row) {
          const [rank, name, score] = [h("span.rank"), h("bdi"), h("span.score")];
          row = { node: h("li", {}, rank, h("span.name", {}, name), score), rank, name, score };
          rows.set(entry.user_id, row);
        }
        row.name.textContent = entry.username;
        row.rank.textContent = number(shared.get(entry.user_id) ?? 0);
        row.score.textContent = number(entry.score);
        if (node.children[index] !== row.node) node.insertBefore(row.node, node.children[index] ?? null);
      });
      if (still.matches) return;
      for (const [id, row] of rows) {
        const from = before.get(id);
        const moved = from === undefined ? 0 : from - row.node.getBoundingClientRect().top;
        const start = from === undefined ? { opacity: 0 } : { transform: `translateY(${moved}px)` };
        if (moved || from === undefined) row.node.animate([start, {}], { duration: MOVE_MS, easing: "ease-in-out" });
      }
    },
  };
}

/** Who stands on the podium: players, or teams by their average. @param {Hall} hall @returns {Line[]} */
function winners(hall) {
  if (!hasTeams(hall.session?.options)) return hall.board.entries;
  return (hall.board.teams ?? []).map((line) => ({
    user_id: String(line.team),
    username: teamName(line.team),
    score: line.average,
  }));
}

/** @param {Hall} hall @returns {Scene} */
export function end(hall) {
  const { options } = sure(hall.session);
  const node = h("section.end");
  let drawn = "";
  const goal = hasGoal(options) ? goalBar(options, () => hall.board) : null;
  return {
    node,
    update() {
      if (goal) {
        goal.update();
        const reached = (hall.board.goal?.reached ?? 0) >= (options.goal_amount ?? 1);
        const told = `${reached}`;
        if (told === drawn) return;
        drawn = told;
        const rain = reached && !still.matches ? confetti() : "";
        node.replaceChildren(h("h1", {}, text(reached ? "goal_won" : "final")), goal.node, rain);
        return;
      }
      const entries = winners(hall);
      // Drawn again only when it is another result: who leaves now must not make the podium rise anew.
      const told = JSON.stringify([hall.board.total, entries.slice(0, 8)]);
      if (told === drawn) return;
      drawn = told;
      const [first, second, third, ...others] = entries;
      const shared = places(entries);
      const step = (/** @type {Line} */ entry) =>
        h(
          `li.place${shared.get(entry.user_id)}`,
          {},
          words(`p.name${entry.username.length > 12 ? ".long" : ""}`, entry.username),
          h("p.score", {}, text("points_of", { points: entry.score })),
          h("p.block", {}, number(shared.get(entry.user_id) ?? 0)),
        );
      const rest = others
        .slice(0, 5)
        .map((entry) =>
          h(
            "li",
            {},
            h("span.rank", {}, number(shared.get(entry.user_id) ?? 0)),
            aligned("span.name", entry.username),
            h("span.score", {}, number(entry.score)),
          ),
        );
      node.replaceChildren(
        h("h1", {}, text(first ? "final" : hall.board.total ? "own_places" : "nobody")),
        first ? h("ol.podium", {}, [second, first, third].filter((entry) => entry).map(step)) : "",
        rest.length ? h("ol.ranking", { start: 4 }, rest) : "",
        first && !still.matches ? confetti() : "",
      );
    },
  };
}

/** The shapes of the game rain once the winner stands. */
function confetti() {
  const pieces = Array.from({ length: CONFETTI }, (_, index) => {
    const piece = h(`span.${hue(index)}`, {}, shape(index));
    const { style } = piece;
    style.insetInlineStart = `${Math.random() * 100}%`;
    style.animationDelay = `${2.4 + Math.random() * 2.5}s`;
    style.animationDuration = `${2.5 + Math.random() * 2}s`;
    return piece;
  });
  return h("div.confetti", { "aria-hidden": "true" }, pieces);
}
