// Which card comes next, from the dates the server gave and from what was answered since. Nothing here computes a
// date: with each card come those after each answer.

/**
 * @typedef {"again" | "hard" | "good"} Grade
 * @typedef {string | string[]} Answer
 */
/**
 * A card as the server tells it; times are Unix milliseconds on the server.
 * @typedef {object} Card
 * @property {string} id
 * @property {string} kind
 * @property {string} text
 * @property {string[]} options
 * @property {string | null} media
 * @property {string | null} listen
 * @property {string | null} sound
 * @property {string | null} listen_language
 * @property {string} language
 * @property {string} explanation
 * @property {{accepted: string[], tolerance?: number | null}} answer
 * @property {boolean} missed
 * @property {number} due
 * @property {number} reviews
 * @property {Record<Grade, number>} after
 */
/**
 * An answer that waits on this device. `grade`: how it is taken until the server has judged it, null for not known;
 * `told`: whether the player was told so.
 * @typedef {object} Review
 * @property {string} id
 * @property {string} deck
 * @property {string} card
 * @property {number} at
 * @property {Answer | null} answer
 * @property {number} took_ms
 * @property {Grade | null} grade
 * @property {boolean} told
 */

/** Milliseconds by which a word that was just practised may come early: what was wrong comes again within a round. */
export const EARLY_MS = 5 * 60_000;

/** The order in which reviews were given. @param {Review} one @param {Review} other */
export const byTime = (one, other) => one.at - other.at || (one.id < other.id ? -1 : 1);

/**
 * The cards with what waits on this device.
 * @param {Card[]} cards
 * @param {Review[]} pending
 * @param {number} told when the server told the cards.
 * @returns {Card[]}
 */
export function overlaid(cards, pending, told) {
  const later = new Map(cards.map((card) => [card.id, card]));
  for (const review of [...pending].sort(byTime)) {
    const card = later.get(review.card);
    if (!card || !review.grade) continue;
    const due = review.at + Math.max(0, card.after[review.grade] - told);
    later.set(card.id, { ...card, due, reviews: card.reviews + 1 });
  }
  return cards.map((card) => later.get(card.id) ?? card);
}

/** @param {Card} card @param {number} now */
const isDue = (card, now) => card.due <= now + (card.reviews ? EARLY_MS : 0);

/** Missed words that were never practised, then what is due again, then the rest of the list. @param {Card} card */
const rank = (card) => (card.reviews ? 1 : card.missed ? 0 : 2);

/**
 * The cards to practise now, in order.
 * @param {Card[]} cards
 * @param {number} now
 * @returns {Card[]}
 */
export function queue(cards, now) {
  // Sorting is stable: words that nobody practised stay in the order of the list.
  return cards
    .filter((card) => isDue(card, now))
    .sort((one, other) => rank(one) - rank(other) || (one.reviews ? one.due - other.due : 0));
}

/**
 * The card to show.
 * @param {Card[]} cards
 * @param {number} now
 * @param {object} how
 * @param {string | null} [how.last] the card before, which does not come twice in a row where another can.
 * @param {boolean} [how.ahead] go on with what is not due, the soonest first.
 * @returns {Card | null}
 */
export function next(cards, now, { last = null, ahead = false } = {}) {
  const due = queue(cards, now);
  const waiting = due.length || !ahead ? due : [...cards].sort((one, other) => one.due - other.due);
  return waiting.find((card) => card.id !== last) ?? waiting[0] ?? null;
}

/**
 * How a deck stands.
 * @param {Card[]} cards
 * @param {number} now
 */
export function standing(cards, now) {
  const later = cards.filter((card) => !isDue(card, now)).map((card) => card.due);
  return {
    due: cards.length - later.length,
    fresh: cards.filter((card) => !card.reviews).length,
    all: cards.length,
    next: later.length ? Math.min(...later) : null,
  };
}
