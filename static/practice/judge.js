// How an answer is taken without the server, whose rules decide once it is reached: this only tells what is sure.

/**
 * @typedef {import("./queue.js").Answer} Answer
 * @typedef {import("./queue.js").Card} Card
 * @typedef {import("./queue.js").Grade} Grade
 */

/** What does not tell two spellings apart. @param {string} written */
export const folded = (written) => written.normalize("NFC").trim().replace(/\s+/gu, " ").toLowerCase();

/** @type {Record<string, Grade>} */
export const GRADES = { correct: "good", almost: "hard", wrong: "again" };

/**
 * "good" or "again" where that is sure; null where the player has to compare.
 * @param {Card} card
 * @param {Answer | null} answer null for "I do not know".
 * @returns {Grade | null}
 */
export function judged(card, answer) {
  if (answer === null) return "again";
  const { accepted } = card.answer;
  if (Array.isArray(answer)) {
    const same =
      card.kind === "order" ? answer.every((part, index) => part === accepted[index]) : all(answer, accepted);
    return same && answer.length === accepted.length ? "good" : "again";
  }
  if (card.kind === "typed" || card.kind === "number") {
    return accepted.some((right) => folded(right) === folded(answer)) || near(card, answer) ? "good" : null;
  }
  return accepted.includes(answer) ? "good" : "again";
}

/** @param {string[]} answer @param {string[]} accepted */
const all = (answer, accepted) =>
  new Set(answer).size === answer.length && answer.every((one) => accepted.includes(one));

/** A number written in plain digits; others are compared by the player. @param {Card} card @param {string} answer */
function near(card, answer) {
  if (card.kind !== "number" || !/^[+-]?\d+(\.\d+)?$/.test(answer.trim())) return false;
  const apart = (/** @type {string} */ right) => Math.abs(Number(right) - Number(answer));
  return card.answer.accepted.some((right) => apart(right) <= (card.answer.tolerance ?? 0));
}
