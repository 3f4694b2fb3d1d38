// A result on the big screen: what is right, and how many chose or wrote it.

import { chosenCounts } from "../shared/distribution.js";
import { foreign, h, number, picture, settle, sure, text, words } from "../shared/dom.js";
import { heading, opened, options, whole } from "./question.js";
import { ranksShown, standings, still } from "./ranks.js";

/**
 * @typedef {import("./hall.js").Hall} Hall
 * @typedef {import("./hall.js").Open} Open
 * @typedef {import("./hall.js").Result} Result
 * @typedef {import("./scenes.js").Scene} Scene
 */

/** How long an explanation stands still before it passes by, and how fast it does: a line in about four seconds. */
const PASSING_MS = 10_000;
const PASSING_MS_A_PIXEL = 120;

/** @param {string} content */
const wordy = (content) => (content.length > 90 ? "long" : content.length > 24 ? "medium" : "short");
/** @param {Hall} hall @returns {Scene} */
export function result(hall) {
  const asked = opened(hall);
  const told = sure(hall.result);
  const { language } = sure(hall.session);
  const ranks = standings(hall);
  const image = picture(asked);
  const answers = h(
    "div.answers",
    {},
    h("div.asked", {}, h("div", {}, ...heading(hall)), image),
    asked.kind === "order" || asked.kind === "gaps"
      ? solution(told, language)
      : asked.options.length
        ? chosen(asked, told, language)
        : wrote(told, language),
  );
  const aside = ranksShown(hall) ? h("aside", {}, h("h2", {}, text(ranks.title)), ranks.node) : null;
  const node = h(`section.result${aside ? "" : ".alone"}`, {}, answers, aside);
  const explain = told.explanation ? explained(told.explanation, answers, aside) : null;
  const fit = () => {
    explain?.();
    const room = (/** @type {string} */ look) => {
      node.dataset.room = look;
    };
    settle(["", "dense", "least"], room, () => whole(answers));
  };
  image?.addEventListener("load", fit);
  return { node, fit, update: ranks.update };
}

/**
 * The explanation below the answers; a longer one below the first three of the leaderboard, or smaller. What is too
 * long even for that passes by, and who wants less motion scrolls.
 * @param {string} content
 * @param {HTMLElement} answers
 * @param {HTMLElement | null} aside
 */
function explained(content, answers, aside) {
  const inner = h("p", {}, content);
  const node = h("div.explanation", { dir: "auto" }, inner);
  /** Where it may stand, and how the scene then looks. @type {[HTMLElement, string][]} */
  const places = aside
    ? [
        [answers, ""],
        [aside, "shared wide"],
        [aside, "shared"],
      ]
    : [[answers, "alone"]];
  const looks = ["", "smaller", "smallest"].flatMap((size) => places.map(([place, kind]) => ({ size, place, kind })));
  /** @type {Animation | null} */
  let passing = null;
  answers.append(node);
  return () => {
    passing?.cancel();
    const apply = (/** @type {(typeof looks)[number]} */ { size, place, kind }) => {
      node.dataset.size = size;
      place.append(node);
      if (answers.parentElement) answers.parentElement.className = `result ${kind}`;
    };
    if (settle(looks, apply, () => whole(node) && whole(answers))) return node.removeAttribute("tabindex");
    node.tabIndex = 0;
    const hidden = inner.scrollHeight - node.clientHeight;
    if (still.matches || hidden <= 0) return;
    const ends = { transform: `translateY(-${hidden}px)` };
    passing = inner.animate(
      [{ transform: "none" }, { transform: "none", offset: 0.1 }, { ...ends, offset: 0.9 }, ends],
      { duration: PASSING_MS + hidden * PASSING_MS_A_PIXEL, iterations: Infinity, direction: "alternate" },
    );
  };
}

/** @param {Open} asked @param {Result} told @param {string} language */
function chosen(asked, told, language) {
  const found = chosenCounts(asked, told.distribution);
  const most = Math.max(1, ...found.values());
  return options(asked, language, (option) => {
    const count = found.get(option) ?? 0;
    const bar = h("span.bar", { "aria-hidden": "true" });
    bar.style.setProperty("--share", String(count / most));
    const right = told.correct_answers.includes(option);
    const sign = right ? h("span.sign", { role: "img", "aria-label": text("right_answer") }, "✓") : null;
    const state = right ? ".right" : asked.kind === "poll" ? "" : ".wrong";
    return { state, extra: [bar, h("span.votes", {}, number(count)), sign] };
  });
}

/** @param {Result} told @param {string} language */
function solution(told, language) {
  return [
    h(
      "ol.solution",
      {},
      told.correct_answers.map((entry) => words("li", entry, foreign(language))),
    ),
    tally(told),
  ];
}

/** What people wrote themselves is not for a hall to read: the right answers, and how many wrote them. @param {Result} told @param {string} language */
function wrote(told, language) {
  const solution = told.correct_answers.join(" / ");
  return [words(`p.word.${wordy(solution)}`, solution, foreign(language)), tally(told)];
}

/** @param {Result} told */
function tally({ correct_count: hits, answered_count: all }) {
  const bar = (/** @type {string} */ name, /** @type {number} */ count, /** @type {string} */ label) => {
    const fill = h("span.fill");
    fill.style.inlineSize = `${all ? (100 * count) / all : 0}%`;
    return h(
      `li.${name}`,
      {},
      h("span.label", {}, label),
      h("span.track", {}, fill),
      h("span.votes", {}, number(count)),
    );
  };
  return h("ul.tally", {}, bar("right", hits, text("right_answer")), bar("other", all - hits, text("other_answers")));
}
