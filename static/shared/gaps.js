// Texts with something in their gaps: fields, or what became of them.

import { foreign, h, pieces, text } from "./dom.js";

/**
 * A text with a node in each gap.
 * @param {string} selector
 * @param {string} written
 * @param {Node[]} nodes
 * @param {string | undefined} language
 */
export function gapped(selector, written, nodes, language) {
  const parts = pieces(written).flatMap((piece, index) => (nodes[index] ? [piece, nodes[index]] : [piece]));
  return h(selector, { dir: "auto", ...foreign(language) }, parts);
}

/**
 * @typedef {object} Told
 * @property {string | string[] | null} [your_answer] what was filled in, gap by gap.
 * @property {{verdict?: string | null, difference?: string[][] | null}[] | null} [your_gaps]
 * @property {{correct_answers: string[]}[] | null} [gaps]
 */

/**
 * What a text came to: in each gap what was given, and what is right where that is something else.
 * @param {{text: string}} question
 * @param {Told} told
 * @param {string | undefined} language
 */
export function gapResult(question, told, language) {
  const nodes = (told.gaps ?? []).map(({ correct_answers: [right] }, index) => {
    const verdict = told.your_gaps?.[index]?.verdict ?? null;
    return gapShown(told.your_answer?.[index] ?? "", verdict, told.your_gaps?.[index]?.difference ?? null, right);
  });
  return gapped("p.gap-text", question.text, nodes, language);
}

/** What became of a gap, for the ear. @type {Record<string, string>} */
const TOLD = { correct: "gap_correct", almost: "gap_almost", wrong: "gap_wrong", open: "gap_open" };

/**
 * @param {string} given @param {string | null} verdict @param {string[][] | null} difference @param {string} right
 * @returns {HTMLElement}
 */
function gapShown(given, verdict, difference, right) {
  const told = text(TOLD[verdict ?? "open"]);
  const spoken = h("span.visually-hidden", { lang: document.documentElement.lang }, ` (${told}) `);
  if (verdict === "correct") return h("span.gap.correct", {}, h("bdi", {}, given), spoken);
  if (verdict === "almost" && difference) {
    const letters = difference.map(([op, part]) =>
      op === "same" ? part : h(op === "extra" ? "del" : "ins", {}, part),
    );
    return h("span.gap.almost", {}, h("bdi", {}, letters), spoken);
  }
  const own = verdict ? [h("del", {}, h("bdi", {}, given)), " "] : [];
  return h(`span.gap.${verdict ?? "open"}`, {}, own, h("ins", {}, h("bdi", {}, right)), spoken);
}
