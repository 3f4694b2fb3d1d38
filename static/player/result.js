// What an answer came to, and where that leaves the player.

import { hasGoal, hasTeams, places } from "../shared/board.js";
import { nearest } from "../shared/diff.js";
import { aligned, answerText, foreign, h, number, picture, secondsTo, sure, text, tongue } from "../shared/dom.js";
import { gapResult } from "../shared/gaps.js";
import { goalBar, teamBoard } from "../shared/together.js";
import { marked, primary, solution, title } from "./parts.js";
import { heard } from "./question.js";

/**
 * @typedef {import("./game.js").Game} Game
 * @typedef {import("./parts.js").View} View
 * @typedef {import("../shared/board.js").Entry} Entry
 */

/** @type {Record<string, string>} */
const SIGNS = { correct: "✓", almost: "≈", wrong: "✕", poll: "✓" };

/** @param {Game} game @returns {View} */
export function result(game) {
  const { asked } = game;
  const verdict = sure(game.result);
  const late = game.own.mine?.state === "late" || game.own.mine?.state === "sending";
  const reason = asked.kind === "poll" ? "poll" : (verdict.reason ?? (late ? "late" : "unanswered"));
  const standing = h("div.standing");
  const answers = h("dl.answers", { id: "answers" });
  const yours = verdict.your_answer;
  const written = tongue(asked.kind, game.session.language);
  const differs =
    asked.kind === "typed" && typeof yours === "string" ? nearest(yours, verdict.correct_answers ?? []) : null;
  const filled = asked.kind === "gaps" ? gapResult(asked, verdict, game.session.language) : null;
  if (yours !== null && yours !== undefined && !verdict.is_correct && !filled) {
    const own = aligned("dd", answerText(asked, yours), written);
    answers.append(h("dt", {}, text("your_answer")), differs ? marked("dd", differs.typed, "del", written) : own);
  }
  if (differs && !verdict.is_correct) {
    answers.append(h("dt", {}, text("compared")), marked("dd.right", differs.right, "ins", written));
  }
  if (verdict.correct_answers?.length && !filled) {
    const right = solution(asked, verdict.correct_answers);
    answers.append(h("dt", {}, text("right_answer")), aligned("dd.right", right, written));
  }
  const next = game.selfPaced ? primary("", () => game.next()) : null;
  const after = next ?? h("p.next");
  /** What comes after it. Questions may be asked again while it is on show: then it was not the last one. */
  const tellNext = () => {
    const more = next ? game.left > 0 : asked.index + 1 < game.session.question_count;
    const lead = text(next ? (more ? "next" : "see_result") : more ? "next_soon_lead" : "last_one");
    const seconds = game.advanceAt && !next ? secondsTo(game.advanceAt, game.connection.clock.now()) : 0;
    const told = seconds ? text("goes_on", { seconds }) : lead;
    if (after.textContent !== told) after.textContent = told;
  };
  game.lookAround();
  return {
    node: h(
      `section.result.${reason}`,
      {},
      h(
        "header.verdict",
        {},
        h("span.sign", { "aria-hidden": "true" }, SIGNS[reason] ?? "–"),
        h(
          "div",
          {},
          // With the focus comes what it stands for: a screen reader goes on with points and answers by itself.
          title(text(`${reason}_title`), { "aria-describedby": "earned answers" }),
          h("p.earned", { id: "earned" }, pointsInWords(asked, verdict)),
        ),
        verdict.points_earned
          ? h("p.plus", { dir: "ltr", "aria-hidden": "true" }, `+${number(verdict.points_earned)}`)
          : null,
      ),
      filled ?? aligned("p.asked", asked.text, foreign(asked.listen_language ?? game.session.language)),
      heard(asked, { speed: game.session.options?.listen_speed }),
      picture(asked),
      answers,
      verdict.explanation ? aligned("p.explanation", verdict.explanation) : null,
      standing,
      next ? h("div.foot", {}, next) : after,
    ),
    key(key) {
      if (key !== "Enter" || !next) return false;
      next.click();
      return true;
    },
    update() {
      standing.replaceChildren(...[together(game), ...ranks(game)].filter((part) => part instanceof Node));
      tellNext();
    },
    tick: tellNext,
  };
}

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

/** @param {Game} game */
function ranks(game) {
  const { rank, place, board: all, neighbours } = game.standing;
  if (!rank) return [];
  const around = all.around(game.session.user_id);
  const shown = game.session.options?.board === "top3" ? all.entries : neighbours;
  const entries = around.length ? around : shown;
  return [
    h(
      "h2",
      {},
      text("rank_of", { rank: number(place ?? rank), total: number(all.total) }),
      moved(game.standing.climbed),
    ),
    entries.length ? board(entries, game) : null,
    behind(game, entries),
  ];
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

/** How many places it went up or down since the question before. @param {number} steps */
function moved(steps) {
  if (!steps) return null;
  const [sign, key] = steps > 0 ? ["▲", "places_up"] : ["▼", "places_down"];
  const count = number(Math.abs(steps));
  return h(
    `span.moved${steps > 0 ? ".up" : ""}`,
    {},
    h("span", { "aria-hidden": "true" }, `${sign} ${count}`),
    h("span.visually-hidden", {}, text(key, { places: count })),
  );
}

/** What is missing to the player before. @param {Game} game @param {Entry[]} entries */
function behind(game, entries) {
  const ahead = game.standing.ahead(entries);
  if (!ahead) return null;
  const name = `\u2068${ahead.next.username}\u2069`;
  return h("p.small", {}, text("points_behind", { points: number(ahead.points), name }));
}

/** @param {Entry[]} entries @param {Game} game */
export function board(entries, game) {
  const userId = game.session.user_id;
  // Of a window from the middle of the ranking the places above are not known.
  const shared = places(game.standing.board.entries);
  return h(
    "ol.board",
    {},
    entries.map((entry) =>
      h(
        `li${entry.user_id === userId ? ".me" : ""}`,
        {},
        h("span.rank", {}, number(shared.get(entry.user_id) ?? entry.rank)),
        aligned("span.name", entry.username),
        h("span.score", {}, number(entry.score)),
      ),
    ),
  );
}
