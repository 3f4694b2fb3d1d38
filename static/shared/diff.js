// Where a typed answer and the right one differ, letter by letter.

/** Longer answers are shown as they are: nobody looks for a letter in a paragraph. */
const LONGEST = 80;
/** @param {string} word */
const letters = (word) => Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment);

/**
 * @typedef {{text: string, same: boolean}} Part
 * @typedef {{typed: Part[], right: Part[], distance: number}} Difference
 */

/**
 * The two words in parts that are the same and parts that differ. Case does not count.
 * @param {string} typed
 * @param {string} right
 * @returns {Difference}
 */
export function difference(typed, right) {
  const [own, other] = [letters(typed.normalize("NFC")), letters(right.normalize("NFC"))];
  const fold = (/** @type {string} */ letter) => letter.toLowerCase();
  const same = (/** @type {number} */ i, /** @type {number} */ j) => fold(own[i]) === fold(other[j]);
  /** Changes from the rest of one to the rest of the other. */
  const steps = Array.from({ length: own.length + 1 }, () => new Array(other.length + 1).fill(0));
  for (let i = own.length; i >= 0; i--) {
    for (let j = other.length; j >= 0; j--) {
      if (i === own.length || j === other.length) steps[i][j] = own.length - i + other.length - j;
      else if (same(i, j)) steps[i][j] = steps[i + 1][j + 1];
      else steps[i][j] = 1 + Math.min(steps[i + 1][j], steps[i][j + 1], steps[i + 1][j + 1]);
    }
  }
  /** @type {Difference} */
  const found = { typed: [], right: [], distance: steps[0][0] };
  let [i, j] = [0, 0];
  while (i < own.length || j < other.length) {
    if (i < own.length && j < other.length && same(i, j)) {
      add(found.typed, own[i++], true);
      add(found.right, other[j++], true);
    } else if (i < own.length && j < other.length && steps[i][j] === 1 + steps[i + 1][j + 1]) {
      add(found.typed, own[i++], false);
      add(found.right, other[j++], false);
    } else if (j === other.length || (i < own.length && steps[i][j] === 1 + steps[i + 1][j])) {
      add(found.typed, own[i++], false);
    } else {
      add(found.right, other[j++], false);
    }
  }
  return found;
}

/** @param {Part[]} parts @param {string} letter @param {boolean} same */
function add(parts, letter, same) {
  const last = parts.at(-1);
  if (last?.same === same) last.text += letter;
  else parts.push({ text: letter, same });
}

/**
 * The difference to the right answer that is nearest; null when the two have too little in common to lay side by side.
 * What stands in parentheses may be left out.
 * @param {string} typed
 * @param {string[]} answers
 */
export function nearest(typed, answers) {
  if (typed.length > LONGEST) return null;
  const spellings = answers.flatMap((answer) => [answer.replace(/[()]/g, ""), answer.replace(/\([^)]*\)/g, "").trim()]);
  const found = spellings
    .filter((answer) => answer && answer.length <= LONGEST)
    .map((answer) => difference(typed, answer))
    .sort((one, two) => one.distance - two.distance)[0];
  return found && found.distance > 0 && found.distance <= Math.max(1, typed.length / 2) ? found : null;
}
