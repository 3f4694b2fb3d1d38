// A text with gaps in the editor: brackets in the text are its gaps, each of them a row with what else belongs to it.

import { h, text } from "../shared/dom.js";

/**
 * @typedef {{correct_answers?: string[], options?: string[], grading?: Record<string, string>}} Stored as the form has a gap.
 * @typedef {{answers: string[], wrong: string[], grading: Record<string, string>}} Gap
 */

const BRACKETS = /\\[[\]\\|]|\[([^[\]\n\\]*(?:\\[[\]\\|][^[\]\n\\]*)*)\]/g;
const bare = (/** @type {string} */ written) => written.replace(/\\([[\]\\|])/g, "$1").trim();
const parts = (/** @type {string} */ line) => [...new Set(line.split("|").map((part) => part.trim()))].filter(Boolean);

/** What stands in each bracket. @param {string} written @returns {string[][]} */
export const brackets = (written) =>
  [...written.matchAll(BRACKETS)]
    .filter((found) => found[1] !== undefined)
    .map((found) => [...new Set(found[1].split(/(?<!\\)\|/).map(bare))].filter(Boolean));

/**
 * The text in pieces as players see it: strings, and `null` where a gap is.
 * @param {string} written
 * @returns {(string | null)[]}
 */
export function shownPieces(written) {
  /** @type {(string | null)[]} */
  const found = [];
  let at = 0;
  for (const each of written.matchAll(BRACKETS)) {
    found.push(written.slice(at, each.index), each[1] === undefined ? each[0].slice(1) : null);
    at = each.index + each[0].length;
  }
  return [...found, written.slice(at)];
}

/** @param {string} json @returns {Gap[]} */
export function readGaps(json) {
  try {
    const stored = /** @type {Stored[]} */ (JSON.parse(json || "[]"));
    return stored.map(({ correct_answers = [], options = [], grading = {} }) => ({
      answers: correct_answers,
      wrong: options.filter((option) => !correct_answers.includes(option)),
      grading,
    }));
  } catch {
    return [];
  }
}

/** @param {Gap[]} gaps */
export const writeGaps = (gaps) =>
  JSON.stringify(
    gaps.map(({ answers, wrong, grading }) => ({
      correct_answers: answers,
      options: wrong.length ? [...answers, ...wrong] : [],
      grading,
    })),
  );

/**
 * The gaps of a text that was changed: one that says what a gap said before keeps what belongs to it, wherever it is now.
 * @param {string} written @param {Gap[]} before @returns {Gap[]}
 */
export function gapsOf(written, before) {
  const left = new Set(before);
  const found = brackets(written).map((answers) => {
    const same = [...left].find((gap) => gap.answers[0] === answers[0]);
    if (same) left.delete(same);
    return { answers, same };
  });
  return found.map(({ answers, same }, index) => {
    const known = same ?? (left.has(before[index]) ? before[index] : null);
    if (known) left.delete(known);
    const more = known?.answers.slice(1).filter((answer) => !answers.includes(answer)) ?? [];
    return { answers: [...answers, ...more], wrong: known?.wrong ?? [], grading: known?.grading ?? {} };
  });
}

/**
 * The rows, and a button that makes what is marked in the text a gap.
 * @param {HTMLTextAreaElement} field the text. @param {Gap[]} gaps
 * @param {(name: string) => HTMLSelectElement | null} rule a field of the form whose choices a rule has.
 * @param {() => void} changed
 */
export function gapRows(field, gaps, rule, changed) {
  const make = h("button.qz-button.qz-small", { type: "button", onclick: () => bracket(field) }, text("make_gap"));
  const rows = gaps.map((gap, index) => {
    const number = index + 1;
    const more = line(gap.answers.slice(1), "also_right", "also_right_short", number, (given) => {
      gap.answers = [gap.answers[0], ...given.filter((one) => one !== gap.answers[0])];
      changed();
    });
    const wrong = line(gap.wrong, "wrong_options", "wrong_short", number, (given) => {
      gap.wrong = given.filter((one) => !gap.answers.includes(one));
      changed();
    });
    const rules = ["case", "accents", "articles"].map((name) => ruleOf(gap, name, rule(name), changed));
    const grading = h("details.qz-gap-rules", {}, h("summary", {}, text("gap_grading")), rules);
    const told = h("p.qz-gap-name", {}, `${text("gap_number", { number })}: `, h("bdi", {}, gap.answers[0] ?? "…"));
    return h("li", {}, told, more, wrong, grading);
  });
  return [h("p.qz-help", {}, text("gaps_hint")), make, h("ol.qz-gap-rows", {}, rows)];
}

/**
 * @param {string[]} entries @param {string} label @param {string} short @param {number} number
 * @param {(given: string[]) => void} take
 */
function line(entries, label, short, number, take) {
  const input = h("input.qz-line", {
    type: "text",
    form: "",
    dir: "auto",
    autocomplete: "off",
    value: entries.join(" | "),
    placeholder: text(short),
    "aria-label": text(label, { number, example: "a | b" }),
    oninput: () => take(parts(input.value)),
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && event.preventDefault(),
  });
  return input;
}

/** @param {Gap} gap @param {string} name @param {HTMLSelectElement | null} field @param {() => void} changed */
function ruleOf(gap, name, field, changed) {
  if (!field) return null;
  const select = h(
    "select",
    {
      form: "",
      onchange: () => {
        gap.grading = { ...gap.grading, [name]: select.value };
        changed();
      },
    },
    [...field.options].map(({ value, textContent }) =>
      h("option", { value, selected: value === (gap.grading[name] ?? field.options[0].value) }, textContent),
    ),
  );
  return h("label.qz-gap-rule", {}, field.labels?.[0]?.textContent ?? name, " ", select);
}

/** Put what is marked in brackets, or empty ones where the cursor is. @param {HTMLTextAreaElement} field */
function bracket(field) {
  const [from, to] = [field.selectionStart, field.selectionEnd];
  const marked = field.value.slice(from, to);
  const own = marked.trim();
  const start = from + marked.indexOf(own);
  field.setRangeText(`[${own}]`, start, start + own.length, "end");
  if (!own) field.setSelectionRange(start + 1, start + 1);
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
