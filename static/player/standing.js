// How a player stands: the points, the place, and who is around.

import { Board, places } from "../shared/board.js";

/**
 * @typedef {import("../shared/board.js").Entry} Entry
 * @typedef {import("../shared/messages.js").Own} Own
 * @typedef {import("../shared/messages.js").SessionEnded} SessionEnded
 */

export class Standing {
  score = 0;
  /** @type {number | null} */
  rank = null;
  /** The place before the result on show, as far as anybody had points then. @type {number | null} */
  before = null;
  board = new Board();
  /** The players around this one, from beyond the board too. @type {Entry[]} */
  neighbours = [];
  #userId = "";
  /** @type {number | null} */
  #place = null;

  /** @param {import("../shared/messages.js").SessionJoined} joined */
  begin(joined) {
    this.#userId = joined.user_id;
    this.score = joined.your_score ?? 0;
    this.rank = joined.your_rank;
    this.board = new Board();
  }

  /** The place people are told: equal scores share one. Off the board that is shown here, as the server said it last. */
  get place() {
    return places(this.board.entries).get(this.#userId) ?? this.#place ?? this.rank;
  }

  /** Whether a rank says anything: before anybody has points it is the order of joining. */
  get ranked() {
    return Boolean(this.rank && (this.board.entries[0]?.score ?? this.score));
  }

  /** Another result is about to be on show. */
  keep() {
    this.before = this.ranked ? this.place : null;
  }

  /** How many places it went up since then; below 0: down. */
  get climbed() {
    const now = this.place ?? 0;
    return (this.before ?? now) - now;
  }

  /** What a ranking tells this player. @param {Partial<Own>} own @param {boolean} points whether those are the ones on show. */
  told(own, points) {
    if (own.your_rank === undefined) return;
    this.rank = own.your_rank;
    this.#place = own.your_place ?? null;
    if (points) this.score = own.your_score ?? 0;
  }

  /** @param {SessionEnded & Partial<Own>} ended */
  end(ended) {
    this.told(ended, true);
    this.board.entries = ended.leaderboard;
    this.board.total = ended.total_participants;
    this.board.together(ended);
  }

  /** Those around the player who are on the board. Whether that has to do. */
  look() {
    this.neighbours = this.board.around(this.#userId);
    return this.neighbours.length > 0 || !this.rank;
  }

  /**
   * The nearest of these who has more points, and how many more.
   * @param {Entry[]} entries the best first.
   */
  ahead(entries) {
    const { rank, score } = this;
    const next = rank && entries.findLast((entry) => entry.rank < rank && entry.score > score);
    return next ? { next, points: next.score - score } : null;
  }
}
