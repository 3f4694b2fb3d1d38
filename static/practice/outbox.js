// Answers on their way to the server: what is sent of them, and what its replies make of them.

import { GRADES } from "./judge.js";
import { byTime } from "./queue.js";

/**
 * @typedef {import("./queue.js").Card} Card
 * @typedef {import("./queue.js").Review} Review
 * @typedef {"correct" | "almost" | "wrong"} Verdict
 * @typedef {[string, string][]} Segments a difference as the server writes it: what happens to which letters.
 * @typedef {{id: string, status: "stored" | "known" | "unknown_card" | "refused", verdict: Verdict | null,
 *   difference: Segments | null, detail: string | null}} Result
 */

/** Reviews of one request, as the server bounds them. */
export const AT_ONCE = 200;

/** What goes next, the oldest first. @param {Review[]} pending */
export const batch = (pending) => [...pending].sort(byTime).slice(0, AT_ONCE);

/** A review as it goes over the wire. @param {Review} review */
export function wire({ id, card, at, took_ms, answer, grade }) {
  const sent = { id, card, at, took_ms };
  return answer === null ? { ...sent, provisional: false } : { ...sent, answer, provisional: grade === "good" };
}

/**
 * What the server's results change: reviews that need not wait any more, and what the player is to be told of them.
 * @param {Review[]} sent
 * @param {Result[]} results
 */
export function settled(sent, results) {
  const found = new Map(results.map((result) => [result.id, result]));
  /** @type {{review: Review, verdict: Verdict}[]} */
  const otherwise = [];
  /** @type {{review: Review, detail: string | null}[]} */
  const refused = [];
  /** @type {string[]} */
  const done = [];
  for (const review of sent) {
    const result = found.get(review.id);
    if (!result) continue;
    done.push(review.id);
    if (result.status === "refused" || result.status === "unknown_card") {
      refused.push({ review, detail: result.detail });
    } else if (result.verdict && review.told && GRADES[result.verdict] !== review.grade) {
      otherwise.push({ review, verdict: result.verdict });
    }
  }
  return { done, otherwise, refused };
}

/**
 * The cards with those that changed in their places.
 * @param {Card[]} cards
 * @param {Card[]} changed
 */
export function replaced(cards, changed) {
  const by = new Map(changed.map((card) => [card.id, card]));
  return cards.map((card) => by.get(card.id) ?? card);
}

/** A random UUID; the browser's own are for encrypted pages alone. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The token in a link, or in what was pasted of one; null where there is none. @param {string} pasted */
export function tokenOf(pasted) {
  const found = /^(?:.*#)?([A-Za-z0-9_=-]{16,200})$/s.exec(pasted.trim());
  return found ? found[1] : null;
}
