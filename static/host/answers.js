// Rows of bars: how the answers to a question are distributed.

import { chosenCounts } from "../shared/distribution.js";
import { h, hue, inOrder, optionText, shape, shownText, svg, text } from "../shared/dom.js";

/**
 * @typedef {import("./state.js").Question} Question
 * @typedef {"correct" | "almost" | "wrong"} Verdict
 * @typedef {[op: "same" | "extra" | "missing", letters: string][]} Difference of an almost right answer.
 * @typedef {object} Line a row of answers.
 * @property {string} label
 * @property {number} count
 * @property {boolean} right
 * @property {number} [option] which of the question's it is.
 * @property {Difference | null} [difference]
 * @property {Verdict | null} [verdict]
 * @property {boolean} [chosen] whether it was chosen, not typed.
 *
 * @typedef {{answer: string, gap?: number}} Accepted `gap`: which one of a text, from 1 on.
 * @typedef {Accepted & {verdict: Verdict, count: number, difference: Difference | null}} TypedAnswer
 * @typedef {{answers: TypedAnswer[]}} Given what was typed to a question, the most frequent first.
 */

/** A bar of two stretches: what was right, then the rest. Shares of the whole, 0 to 1. @param {number} right @param {number} rest */
function bar(right, rest) {
  const stretch = (/** @type {number} */ from, /** @type {number} */ share, /** @type {string} */ look) =>
    svg("rect", { x: 100 * from, width: 100 * share, height: 10, class: look });
  return svg(
    "svg",
    { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    stretch(0, right, "qz-part qz-correct"),
    stretch(right, rest, "qz-bar"),
  );
}

/** Where the hall sees a shape and a colour, so does the host: "the triangle" is the same on all pages. @param {number | undefined} option */
function sign(option) {
  return option === undefined ? h("span") : h(`span.qz-shape.${hue(option)}`, {}, shape(option));
}

const VERDICTS = { correct: text("right"), almost: text("almost"), wrong: text("wrong") };

/** The letters of an almost right answer: too many ones struck out, missing ones underlined (nobody typed those). @param {Difference} difference */
const compared = (difference) =>
  difference.map(([op, letters]) => {
    if (op === "same") return letters;
    return op === "extra" ? h("del", {}, letters) : h("ins", { "aria-hidden": "true" }, letters);
  });

/** @param {Line} line @param {number} largest count of all rows. */
function row({ label, count, right, option, difference, verdict = right ? "correct" : null }, largest) {
  const mark = verdict
    ? h(`span.qz-mark.qz-${verdict}`, {}, h("span.qz-hidden", {}, VERDICTS[verdict]))
    : h("span.qz-mark");
  const given = h("bdi", {}, difference ? compared(difference) : label);
  const share = count / largest;
  const drawn = right ? bar(share, 0) : bar(0, share);
  return h("li", {}, sign(option), given, mark, drawn, h("span.qz-count", {}, count));
}

/**
 * The answers given, as rows: every option for questions that have some, else the most frequent answers.
 * @param {Question} question
 * @param {Record<string, number>} counts
 * @returns {Line[]}
 */
function rowsOf(question, counts) {
  const right = new Set(question.correct_answers);
  if (question.kind === "multi") {
    return [...chosenCounts(question, counts)].map(([label, count], option) => ({
      label,
      count,
      right: right.has(label),
      option,
    }));
  }
  if (question.kind === "order") {
    const solution = JSON.stringify(question.correct_answers);
    return Object.entries(counts).map(([answer, count]) => {
      const sequence = JSON.parse(answer);
      return { label: inOrder(sequence), count, right: JSON.stringify(sequence) === solution };
    });
  }
  if (question.kind === "gaps") return gapRows(question, counts);
  if (question.options.length) {
    return question.options.map((answer, option) => ({
      label: optionText(question, answer),
      count: counts[answer] ?? 0,
      right: right.has(answer),
      option,
    }));
  }
  return Object.keys(counts).map((label) => ({ label, count: counts[label], right: right.has(label) }));
}

/** Rows on show. */
const MOST = 12;

/**
 * What is in each gap, the most frequent first; `1. ` and so on says which gap it is.
 * @param {Question} question
 * @param {Record<string, number>} counts
 * @returns {Line[]}
 */
function gapRows(question, counts) {
  const gaps = (question.gaps ?? []).map((gap) => ({ gap, given: /** @type {Map<string, number>} */ (new Map()) }));
  for (const [answer, count] of Object.entries(counts)) {
    for (const [index, text] of /** @type {string[]} */ (JSON.parse(answer)).entries()) {
      const { given } = gaps[index];
      if (text) given.set(text, (given.get(text) ?? 0) + count);
    }
  }
  const each = Math.max(1, Math.floor(MOST / gaps.length));
  return gaps.flatMap(({ gap, given }, index) =>
    [...given]
      .sort(([, one], [, other]) => other - one)
      .slice(0, each)
      .map(([answer, count]) => ({
        label: `${index + 1}. ${answer}`,
        count,
        right: gap.correct_answers.includes(answer),
        chosen: gap.options.length > 0,
      })),
  );
}

/** Whether a host may accept what was written to a question. @param {Question} question */
export const isTyped = (question) =>
  question.kind === "typed" || (question.kind === "gaps" && (question.gaps ?? []).some((gap) => !gap.options.length));

/**
 * @param {Question} question
 * @param {Record<string, number>} counts
 * @param {boolean} chosenOnly of a text with gaps, only those with options: what was typed is told beside.
 */
export function answerRows(question, counts, chosenOnly = false) {
  const rows = rowsOf(question, counts).filter((line) => !chosenOnly || line.chosen);
  const largest = Math.max(1, ...rows.map((line) => line.count));
  return rows.slice(0, Math.max(MOST, question.gaps?.length ?? 0)).map((line) => row(line, largest));
}

/** @param {string} label @param {import("../shared/dom.js").Attributes} attributes */
const smallButton = (label, attributes) => h("button.qz-button.qz-small", { type: "button", ...attributes }, label);

/** What was typed to a closed question, by frequency; what is not right has a button that accepts it. */
export class TypedAnswers {
  /**
   * @param {HTMLElement} list
   * @param {object} server
   * @param {(questionId: string) => Promise<Given | null>} server.load what was typed to a question.
   * @param {(questionId: string, given: Accepted) => Promise<Given | null>} server.accept the same, after an answer was accepted.
   * @param {() => void} server.changed the answers are on show now, or are others.
   */
  constructor(list, { load, accept, changed }) {
    this.list = list;
    this.load = load;
    this.accept = accept;
    this.changed = changed;
    /** @type {Question | null} */
    this.question = null;
    this.shown = false;
    this.drawn = "";
  }

  /** Show the answers to this question, or none. Whether they are on show. @param {Question | null} question */
  show(question) {
    if (question?.id !== this.question?.id) {
      this.question = question;
      this.#draw(null);
      this.refresh();
    }
    return this.shown;
  }

  /** Ask again what was typed. */
  async refresh() {
    const asked = this.question;
    const given = asked && (await this.load(asked.id).catch(() => null));
    if (given && asked === this.question) {
      this.#draw(given);
      this.changed();
    }
  }

  /** @param {Given | null} given */
  #draw(given) {
    const told = JSON.stringify(given);
    if (told === this.drawn) {
      return;
    }
    this.drawn = told;
    this.shown = given !== null;
    this.list.hidden = !given;
    const focused = this.list.contains(document.activeElement);
    const lines = given?.answers ?? [];
    const largest = Math.max(1, ...lines.map((line) => line.count));
    this.list.replaceChildren(
      ...lines.map((line, index) => {
        const right = line.verdict === "correct";
        const item = row({ label: line.answer, right, ...line }, largest);
        const label = item.querySelector("bdi");
        if (line.gap) label?.prepend(`${line.gap}. `);
        if (!right && label) item.append(this.#button(label, line, index));
        return item;
      }),
    );
    if (focused) {
      // Where the hand was: the next answer that could be accepted, else the list.
      (this.list.querySelector("button") ?? this.list).focus();
    }
  }

  /** @param {HTMLElement} label @param {Accepted} line @param {number} index */
  #button(label, { answer, gap }, index) {
    label.id = `typed-${index}`;
    const button = smallButton(text("accept"), { "aria-describedby": label.id });
    button.addEventListener("click", async () => {
      const asked = this.question;
      if (!asked || button.getAttribute("aria-disabled") === "true") return;
      button.setAttribute("aria-disabled", "true");
      const given = await this.accept(asked.id, gap ? { answer, gap } : { answer });
      button.removeAttribute("aria-disabled");
      if (given && asked === this.question) {
        this.#draw(given);
      }
    });
    return button;
  }
}

/**
 * Self pace: how many of the players have answered each question, and how many rightly. A question that was answered by
 * typing, not always rightly, has a button that shows what was typed.
 * @param {Question[]} questions
 * @param {import("./state.js").Far[]} progress
 * @param {number} players
 * @param {string | null} looked id of the question whose answers are on show.
 */
export function progressRows(questions, progress, players, looked) {
  return progress.map(({ answered, correct }, index) => {
    const question = questions[index];
    const asked = h("bdi", { id: `asked-${index}` }, `${index + 1}. ${shownText(question)}`);
    const all = Math.max(1, players, answered);
    const look =
      isTyped(question) && (answered > correct || question.id === looked)
        ? smallButton(text("answers"), {
            "data-question": question.id,
            "aria-describedby": asked.id,
            "aria-expanded": String(question.id === looked),
            "aria-controls": "typed",
          })
        : null;
    const told = h("span.qz-count", {}, text("answered_right", { answered, correct }));
    return h("li", {}, asked, told, look, bar(correct / all, (answered - correct) / all));
  });
}
