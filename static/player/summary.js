// The end of a game, or of a player's own way through it: the figures, and every question to be read again.

import { aligned, answerText, foreign, h, number, page as own, text, tongue } from "../shared/dom.js";
import { gapResult } from "../shared/gaps.js";
import { BASE } from "../shared/paths.js";
import { mark, primary, solution, title } from "./parts.js";
import { until } from "./question.js";
import { board, pointsInWords, together } from "./result.js";

const page = /** @type {typeof own & {preview?: {back: string}}} */ (own);

/**
 * @typedef {import("./game.js").Game} Game
 * @typedef {import("./parts.js").View} View
 * @typedef {import("../shared/messages.js").SummaryLine} Line
 */

/** Every question of the own way through is answered. @param {Game} game @returns {View} */
export function finished(game) {
  const numbers = h("div");
  const read = reviewing(game);
  const { attempt, options } = game.session;
  const lead = h("p.lead");
  const more = primary(text("go_on"), () => game.next());
  const again =
    attempt < game.attempts
      ? h(
          "div",
          {},
          h("p", {}, text(options?.counts === "last" ? "last_counts" : "best_counts")),
          primary(text("do_it_again"), () => game.again()),
        )
      : null;
  const which =
    game.attempts > 1
      ? h("p.eyebrow", {}, text("attempt_of", { one: number(attempt), all: number(game.attempts) }))
      : null;
  const name = title(text("finished_title"));
  const all = h("div.standing");
  const home = options?.closes_at && game.session.reveal === "immediately" ? practising(game) : null;
  return {
    node: h("section.end", {}, mark("✓"), which, name, lead, until(game), more, numbers, all, again, home, read.node),
    key(key) {
      if (key !== "Enter" || more.hidden) return false;
      more.click();
      return true;
    },
    update() {
      const done = options?.closes_at ? "homework_done" : "finished_lead";
      lead.textContent = text(game.left ? "asked_again" : done, { count: number(game.left) });
      more.hidden = !game.left;
      if (again) again.hidden = game.left > 0;
      if (home) home.hidden = game.left > 0;
      all.replaceChildren(together(game) ?? "");
      numbers.replaceChildren(figures(game));
      read.update();
    },
  };
}

/** @param {Game} game @returns {View} */
export function end(game) {
  const numbers = h("div");
  const best = h("div");
  const all = h("div.standing");
  const name = title("");
  const medal = h("p.medal", { hidden: true });
  const read = reviewing(game);
  return {
    node: h(
      "section.end",
      {},
      h("p.eyebrow", {}, text("game_over")),
      medal,
      name,
      numbers,
      all,
      best,
      practising(game),
      read.node,
      h("a.button.wide", { href: page.preview?.back ?? `${BASE}/` }, text("another_game")),
    ),
    update() {
      const { standing } = game;
      const top = standing.board.entries.slice(0, 5);
      name.textContent = game.session.username;
      const place = standing.score > 0 && standing.place && standing.place <= 3 ? standing.place : null;
      medal.hidden = !place;
      medal.className = `medal place${place}`;
      medal.replaceChildren(
        h("span.disc", { "aria-hidden": "true" }, number(place ?? 0)),
        text(place === 1 ? "won" : "on_podium"),
      );
      numbers.replaceChildren(figures(game));
      all.replaceChildren(together(game) ?? "");
      if (top.length) best.replaceChildren(h("h2", {}, text("best_players")), board(top, game));
      read.update();
    },
  };
}

/** The way to practise these words at home. Its module is fetched by those who have come that far. @param {Game} game */
export function practising(game) {
  // A preview leaves nothing behind.
  if (page.preview) return null;
  const place = h("div");
  const { session_id: id, session_token: token } = game.session;
  import("./practise.js").then(
    ({ practise }) => token && place.append(practise(id, token)),
    () => {}, // Offline: the page is good without it, and offers it when it is loaded again.
  );
  return place;
}

/** The review, drawn again only with a new summary: somebody may be reading it. @param {Game} game */
export function reviewing(game) {
  const node = h("div");
  /** @type {Game["summary"]} */
  let drawn = null;
  return {
    node,
    update() {
      if (drawn === game.summary) return;
      drawn = game.summary;
      node.replaceChildren(...review(game));
    },
  };
}

/** @param {Game} game */
function figures(game) {
  const { standing } = game;
  const graded = (game.summary?.questions ?? []).filter((line) => line.kind !== "poll");
  const right = graded.filter((line) => line.is_correct).length;
  const total = game.summary?.total_participants ?? standing.board.total;
  const figure = (/** @type {string} */ label, /** @type {string} */ value) =>
    h("div", {}, h("dt", {}, label), h("dd", {}, value));
  return h(
    "dl.figures",
    {},
    figure(text("points"), number(standing.score)),
    game.attempts > 1 && game.status === "active" && game.summary && game.session.reveal === "immediately"
      ? figure(text("counts"), number(game.summary.your_score))
      : null,
    standing.rank
      ? figure(text("rank"), text("of", { one: number(standing.place ?? standing.rank), all: number(total) }))
      : null,
    graded.length ? figure(text("right"), text("of", { one: number(right), all: number(graded.length) })) : null,
  );
}

/** What was missed, to be learnt; the rest folded. @param {Game} game */
function review(game) {
  const lines = game.summary?.questions ?? [];
  const missed = lines.filter((line) => line.kind !== "poll" && !line.is_correct);
  const parts = [];
  if (missed.length) {
    parts.push(
      h("h2", {}, text("missed_words")),
      h(
        "ol.review",
        {},
        missed.map((line) => reviewed(line, game.session.language)),
      ),
    );
  } else if (lines.length) {
    parts.push(h("p.lead", {}, text("nothing_missed")));
  }
  const right = lines.filter((line) => !missed.includes(line));
  if (right.length) {
    parts.push(
      h(
        "details",
        {},
        h("summary", {}, text("right_ones")),
        h(
          "ol.review",
          {},
          right.map((line) => reviewed(line, game.session.language)),
        ),
      ),
    );
  }
  return parts;
}

/** @param {Line} line @param {string} language */
function reviewed(line, language) {
  if (line.kind === "gaps") {
    return h(
      `li.${line.reason ?? "unanswered"}`,
      {},
      gapResult(line, line, language),
      line.your_answer === null ? h("p.own", {}, text("your_answer_was", { answer: text("no_answer") })) : null,
      h("p.own", {}, pointsInWords(line, line)),
      line.explanation ? aligned("p.explanation", line.explanation) : null,
    );
  }
  const own = line.your_answer === null ? text("no_answer") : answerText(line, line.your_answer);
  return h(
    `li.${line.reason ?? "unanswered"}`,
    {},
    aligned("p.asked", line.text, foreign(language)),
    line.correct_answers.length
      ? aligned("p.right", solution(line, line.correct_answers), tongue(line.kind, language))
      : null,
    line.is_correct ? null : h("p.own", {}, text("your_answer_was", { answer: `\u2068${own}\u2069` })),
    h("p.own", {}, pointsInWords(line, line)),
    line.explanation ? aligned("p.explanation", line.explanation) : null,
  );
}
