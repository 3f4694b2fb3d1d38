// One deck on this device: its copy, the answers that wait, and what goes between them and the server.

import { call, json, Refused, Unreachable } from "./api.js";
import { judged } from "./judge.js";
import { batch, replaced, settled, uuid, wire } from "./outbox.js";
import { overlaid } from "./queue.js";

/**
 * @typedef {import("./queue.js").Answer} Answer
 * @typedef {import("./queue.js").Card} Card
 * @typedef {import("./queue.js").Grade} Grade
 * @typedef {import("./queue.js").Review} Review
 * @typedef {import("./outbox.js").Result} Result
 * @typedef {import("./outbox.js").Verdict} Verdict
 * @typedef {import("./store.js").Copy} Copy
 * @typedef {import("./store.js").Store} Store
 */

/** How long a player waits for the server's verdict, and how often the page looks for a server that is away. */
const PATIENCE_MS = 5_000;
const RETRY_MS = [5_000, 15_000, 60_000];

export class PracticeDeck {
  /** @type {Copy | null} */
  copy = null;
  /** @type {Review[]} */
  pending = [];
  /** Whether the last attempt did not reach the server. */
  away = false;
  /** Whether the server has no such deck any more. */
  gone = false;
  /** What the server judged otherwise than the player was told. @type {{review: Review, verdict: Verdict}[]} */
  otherwise = [];
  /** What the server did not take. @type {{review: Review, detail: string | null}[]} */
  refused = [];
  /** The server's results of this visit, by review. @type {Map<string, Result>} */
  #results = new Map();
  /** @type {Promise<void> | null} */
  #running = null;
  #wanted = false;
  #retries = 0;
  #stopped = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} token @param {Store} store @param {() => void} changed */
  constructor(token, store, changed) {
    this.token = token;
    this.store = store;
    this.changed = changed;
  }

  /** Unix milliseconds on the server, as far as this device knows. */
  get now() {
    return Date.now() + (this.copy?.ahead ?? 0);
  }

  /** The cards with what waits here. @returns {Card[]} */
  get cards() {
    return this.copy ? overlaid(this.copy.cards, this.pending, this.copy.told) : [];
  }

  /** What this device has of it; whether it has anything. */
  async recall() {
    this.copy = (await this.store.decks()).find((copy) => copy.token === this.token) ?? null;
    this.pending = await this.store.pending(this.token);
    return this.copy !== null;
  }

  /** Send what waits, and fetch the deck anew. */
  async refresh() {
    await this.sync();
    if (this.away || this.gone) return;
    await this.#reach(async () => {
      const { deck, cards, server_time: told } = await json(this.token, "GET", "deck");
      await this.#keep({ token: this.token, deck, cards, told, ahead: told - Date.now() });
    });
  }

  /** @param {Copy} copy */
  async #keep(copy) {
    this.copy = copy;
    await this.store.keepDeck(copy);
  }

  /**
   * Take an answer; null for "I do not know". It is on the disk before it goes out.
   * @param {Card} card @param {Answer | null} answer @param {number} tookMs
   * @returns {Promise<{review: Review, result: Result | null}>} the server's result where it was reached in time.
   */
  async answer(card, answer, tookMs) {
    const review = {
      id: uuid(),
      deck: this.token,
      card: card.id,
      at: Math.round(this.now),
      answer,
      took_ms: Math.round(tookMs),
      grade: judged(card, answer),
      told: false,
    };
    this.pending.push(review);
    await this.store.keepReview(review);
    const sent = this.sync();
    if (!this.away) await Promise.race([sent, new Promise((done) => setTimeout(done, PATIENCE_MS))]);
    return { review, result: this.#results.get(review.id) ?? null };
  }

  /** The player was told a grade before the server was. @param {Review} review @param {Grade} grade */
  async tell(review, grade) {
    Object.assign(review, { grade, told: true });
    const result = this.#results.get(review.id);
    if (result) {
      this.#note([review], [result]);
      this.changed();
    } else if (this.pending.some((one) => one.id === review.id)) {
      this.pending = this.pending.map((one) => (one.id === review.id ? review : one));
      await this.store.keepReview(review);
    }
  }

  /** Send all that waits. Any number of calls make one round. */
  sync() {
    this.#wanted = true;
    this.#running ??= this.#rounds();
    return this.#running;
  }

  async #rounds() {
    while (this.#wanted) {
      this.#wanted = false;
      await this.#reach(() => this.#send());
    }
    this.#running = null;
  }

  async #send() {
    // Another tab may have left some, or sent some.
    for (let left = await this.store.pending(this.token); left.length; left = await this.store.pending(this.token)) {
      const sent = batch(left);
      const body = { reviews: sent.map(wire) };
      const { results, cards, server_time: told } = await json(this.token, "POST", "reviews", body);
      const done = this.#note(sent, results);
      if (!done.length) throw new Unreachable();
      for (const result of results) this.#results.set(result.id, result);
      const ids = new Set(done);
      this.pending = this.pending.filter((review) => !ids.has(review.id));
      if (this.copy) {
        // The other cards' dates were told before: what they are counted from stays as it is.
        const shift = told - this.copy.told;
        const changed = cards.map((/** @type {Card} */ card) => ({ ...card, after: moved(card.after, -shift) }));
        const later = { cards: replaced(this.copy.cards, changed), ahead: told - Date.now() };
        await this.#keep({ ...this.copy, ...later });
      }
      await this.store.drop(done);
    }
    this.pending = [];
  }

  /** @param {Review[]} sent @param {Result[]} results */
  #note(sent, results) {
    // What the player was told while it was on its way is known here alone.
    const told = sent.map((review) => this.pending.find((one) => one.id === review.id) ?? review);
    const { done, otherwise, refused } = settled(told, results);
    this.otherwise.push(...otherwise);
    this.refused.push(...refused);
    return done;
  }

  /** Ask the server, and remember whether it was there. @param {() => Promise<void>} ask */
  async #reach(ask) {
    try {
      await ask();
      this.away = false;
      this.#retries = 0;
      clearTimeout(this.#timer);
    } catch (error) {
      if (error instanceof Refused && error.code === "UNKNOWN_DECK") this.gone = true;
      else if (error instanceof Unreachable || error instanceof Refused) this.#later(error);
      else throw error;
    }
    this.changed();
  }

  /** @param {Unreachable | Refused} error */
  #later(error) {
    this.away = true;
    const asked = error instanceof Unreachable ? error.wait : 0;
    const wait = Math.max(asked, RETRY_MS[Math.min(this.#retries++, RETRY_MS.length - 1)]);
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.refresh(), wait);
  }

  /** Delete it, here and on the server. @throws {Unreachable | Refused} when the server does not. */
  async delete() {
    try {
      await call(this.token, "DELETE", "deck");
    } catch (error) {
      if (!(error instanceof Refused && error.code === "UNKNOWN_DECK")) throw error;
    }
    await this.forget();
  }

  /** Look for the server no more. */
  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Delete it from this device. */
  async forget() {
    this.stop();
    await this.store.forget(this.token);
  }
}

/** @param {Record<Grade, number>} dates @param {number} by milliseconds. */
const moved = (dates, by) => ({ again: dates.again + by, hard: dates.hard + by, good: dates.good + by });
