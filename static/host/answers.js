// Rows of bars: how the answers to a question are distributed.

import { hue, inOrder, optionText, shape, shownText, text } from "../shared/dom.js";

const SVG = "http://www.w3.org/2000/svg";

/** A bar of two stretches: what was right, then the rest. Shares of the whole, 0 to 1. */
function bar(right, rest) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 100 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [from, share, look] of [
    [0, right, "qz-part qz-correct"],
    [right, rest, "qz-bar"],
  ]) {
    const rect = document.createElementNS(SVG, "rect");
    rect.setAttribute("x", String(100 * from));
    rect.setAttribute("width", String(100 * share));
    rect.setAttribute("height", "10");
    rect.setAttribute("class", look);
    svg.append(rect);
  }
  return svg;
}

/** Where the hall sees a shape and a colour, so does the host: "the triangle" is the same on all pages. */
function sign(option) {
  const node = document.createElement("span");
  if (option !== undefined) {
    node.className = `qz-shape ${hue(option)}`;
    node.append(shape(option));
  }
  return node;
}

const VERDICTS = { correct: text("right"), almost: text("almost"), wrong: text("wrong") };

/** The letters of an almost right answer: too many ones struck out, missing ones underlined (nobody typed those). */
function compared(difference) {
  return difference.map(([op, letters]) => {
    if (op === "same") {
      return letters;
    }
    const node = document.createElement(op === "extra" ? "del" : "ins");
    node.textContent = letters;
    node.ariaHidden = op === "missing" ? "true" : null;
    return node;
  });
}

function row({ label, count, right, option, difference, verdict = right ? "correct" : null }, largest) {
  const item = document.createElement("li");
  const mark = document.createElement("span");
  mark.className = verdict ? `qz-mark qz-${verdict}` : "qz-mark";
  if (verdict) {
    const told = document.createElement("span");
    told.className = "qz-hidden";
    told.textContent = VERDICTS[verdict];
    mark.append(told);
  }
  const given = document.createElement("bdi");
  given.append(...(difference ? compared(difference) : [label]));
  const number = document.createElement("span");
  number.className = "qz-count";
  number.textContent = String(count);
  const share = count / largest;
  item.append(sign(option), given, mark, right ? bar(share, 0) : bar(0, share), number);
  return item;
}

/** The answers given, as rows: every option for questions that have some, else the most frequent answers. */
function rowsOf(question, counts) {
  const right = new Set(question.correct_answers);
  if (question.kind === "multi") {
    const chosen = new Map(question.options.map((option) => [option, 0]));
    for (const [answer, count] of Object.entries(counts)) {
      for (const option of JSON.parse(answer)) {
        chosen.set(option, (chosen.get(option) ?? 0) + count);
      }
    }
    return [...chosen].map(([label, count], option) => ({ label, count, right: right.has(label), option }));
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

/** What is in each gap, the most frequent first; `1. ` and so on says which gap it is. */
function gapRows(question, counts) {
  const filled = question.gaps.map(() => new Map());
  for (const [answer, count] of Object.entries(counts)) {
    for (const [gap, given] of JSON.parse(answer).entries()) {
      if (given) filled[gap].set(given, (filled[gap].get(given) ?? 0) + count);
    }
  }
  const each = Math.max(1, Math.floor(MOST / question.gaps.length));
  return filled.flatMap((given, gap) =>
    [...given]
      .sort(([, one], [, other]) => other - one)
      .slice(0, each)
      .map(([answer, count]) => ({
        label: `${gap + 1}. ${answer}`,
        count,
        right: question.gaps[gap].correct_answers.includes(answer),
        chosen: question.gaps[gap].options.length > 0,
      })),
  );
}

/** Whether a host may accept what was written to a question. */
export const isTyped = (question) =>
  question.kind === "typed" || (question.kind === "gaps" && question.gaps.some((gap) => !gap.options.length));

/** @param {boolean} [chosenOnly] of a text with gaps, only those with options: what was typed is told beside. */
export function answerRows(question, counts, chosenOnly = false) {
  const rows = rowsOf(question, counts).filter((line) => !chosenOnly || line.chosen);
  const largest = Math.max(1, ...rows.map((line) => line.count));
  return rows.slice(0, Math.max(MOST, question.gaps?.length ?? 0)).map((line) => row(line, largest));
}

/** What was typed to a closed question, by frequency; what is not right has a button that accepts it. */
export class TypedAnswers {
  /**
   * @param {HTMLElement} list
   * @param {(questionId: string) => Promise<object|null>} load what was typed to a question.
   * @param {(questionId: string, given: {answer: string, gap?: number}) => Promise<object|null>} accept the same, after
   *   an answer was accepted.
   * @param {() => void} changed the answers are on show now, or are others.
   */
  constructor(list, { load, accept, changed }) {
    Object.assign(this, { list, load, accept, changed, question: null, shown: false, drawn: "" });
  }

  /** Show the answers to this question, or none (`null`). Whether they are on show. */
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
        if (line.gap) item.querySelector("bdi").prepend(`${line.gap}. `);
        if (!right) {
          item.append(this.#button(item.querySelector("bdi"), line, index));
        }
        return item;
      }),
    );
    if (focused) {
      // Where the hand was: the next answer that could be accepted, else the list.
      (this.list.querySelector("button") ?? this.list).focus();
    }
  }

  #button(label, { answer, gap }, index) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "qz-button qz-small";
    button.textContent = text("accept");
    label.id = `typed-${index}`;
    button.setAttribute("aria-describedby", label.id);
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled") === "true") {
        return;
      }
      button.setAttribute("aria-disabled", "true");
      const asked = this.question;
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
 * @param {string|null} looked id of the question whose answers are on show.
 */
export function progressRows(questions, progress, players, looked) {
  return progress.map(({ answered, correct }, index) => {
    const question = questions[index];
    const item = document.createElement("li");
    const asked = document.createElement("bdi");
    asked.textContent = `${index + 1}. ${shownText(question)}`;
    asked.id = `asked-${index}`;
    const number = document.createElement("span");
    number.className = "qz-count";
    number.textContent = text("answered_right", { answered, correct });
    const all = Math.max(1, players, answered);
    item.append(asked, number, bar(correct / all, (answered - correct) / all));
    if (isTyped(question) && (answered > correct || question.id === looked)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "qz-button qz-small";
      button.dataset.question = question.id;
      button.textContent = text("answers");
      button.setAttribute("aria-describedby", asked.id);
      button.setAttribute("aria-expanded", String(question.id === looked));
      button.setAttribute("aria-controls", "typed");
      number.after(button);
    }
    return item;
  });
}
