import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { PracticeDeck } from "../../../static/practice/practice_deck.js";
import { openStore } from "../../../static/practice/store.js";

const TOKEN = "dGhlIHRva2VuIG9mIGEgZGVjaw";
const MINUTE = 60_000;
const after = (now) => ({ again: now + MINUTE, hard: now + 5 * MINUTE, good: now + 10 * MINUTE });

/** A server that keeps each review once, and may be away, lose its reply, or ask to wait. */
class Server {
  reviews = new Map();
  requests = [];
  away = false;
  loses = 0;
  gone = false;
  busy = 0;
  /** Milliseconds by which the device's clock is behind. */
  ahead = 0;
  /** What holds the reply back. @type {Promise<void> | null} */
  held = null;

  fetch = async (url, { method, headers, body }) => {
    this.requests.push(`${method} ${url.split("/api/")[1]}`);
    if (this.away) throw new TypeError("Failed to fetch");
    assert.equal(headers.Authorization, `Practice ${TOKEN}`);
    if (this.busy-- > 0) return this.#reply(429, { detail: "Wait." }, { "Retry-After": "20" });
    if (this.gone) return this.#reply(404, { code: "UNKNOWN_DECK", detail: "Gone." });
    const told = method === "GET" ? this.#deck() : this.#take(JSON.parse(body));
    await this.held;
    if (this.loses-- > 0) throw new TypeError("Failed to fetch");
    return this.#reply(200, told);
  };

  now() {
    return Date.now() + this.ahead;
  }

  #reply(status, body, headers = {}) {
    return new Response(JSON.stringify(body), { status, headers });
  }

  #deck() {
    const now = this.now();
    const cards = ["a", "b"].map((id) => this.#card(id, now));
    return { deck: { title: "Animals" }, cards, server_time: now };
  }

  #card(id, now) {
    const own = [...this.reviews.values()].filter((review) => review.card === id);
    const card = { id, kind: "typed", text: id, options: [], answer: { accepted: ["Hund"] }, missed: true };
    return { ...card, due: own.length ? now + 10 * MINUTE : now, reviews: own.length, after: after(now) };
  }

  #take({ reviews }) {
    const now = this.now();
    const results = reviews.map((review) => {
      const status = this.reviews.has(review.id) ? "known" : "stored";
      this.reviews.set(review.id, review);
      // By the rules of the game a dog is a hound.
      const verdict = /hund|hound/i.test(review.answer ?? "") ? "correct" : "wrong";
      return { id: review.id, status, verdict, correct: verdict === "correct", difference: null, detail: null };
    });
    return { results, cards: reviews.map(({ card }) => this.#card(card, now)), server_time: now };
  }
}

let server;
let deck;
let store;

beforeEach(async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
  server = new Server();
  globalThis.fetch = server.fetch;
  ({ store } = await openStore());
  deck = new PracticeDeck(TOKEN, store, () => {});
  await deck.refresh();
});
afterEach(() => deck.stop());

const card = (id) => deck.cards.find((one) => one.id === id);

test("an answer is judged by the server where that is reached", async () => {
  const { review, result } = await deck.answer(card("a"), "hound", 5);
  assert.equal(result.verdict, "correct");
  assert.equal(server.reviews.get(review.id).answer, "hound");
  assert.deepEqual([deck.pending.length, card("a").reviews, deck.away], [0, 1, false]);
  assert.equal((await store.pending(TOKEN)).length, 0);
});

test("an answer without a connection waits, moves its card, and goes out once", async () => {
  server.away = true;
  const { review, result } = await deck.answer(card("a"), "hund", 5);
  assert.equal(result, null);
  assert.equal(review.grade, "good");
  await deck.tell(review, "good");
  assert.deepEqual([deck.away, deck.pending.length, card("a").reviews], [true, 1, 1]);
  assert.equal(card("a").due, review.at + 10 * MINUTE);
  server.away = false;
  await deck.refresh();
  assert.deepEqual([deck.away, deck.pending.length, server.reviews.size], [false, 0, 1]);
  assert.deepEqual(deck.otherwise, []);
});

test("a reply that was lost doubles nothing", async () => {
  server.loses = 1;
  await deck.answer(card("a"), "Hund", 5);
  assert.equal(deck.pending.length, 1);
  await deck.sync();
  assert.deepEqual([deck.pending.length, server.reviews.size, card("a").reviews], [0, 1, 1]);
});

test("the page tells what the server judged otherwise than the player", async () => {
  server.away = true;
  const { review } = await deck.answer(card("a"), "hound", 5);
  assert.equal(review.grade, null);
  await deck.tell(review, "again");
  server.away = false;
  await deck.refresh();
  assert.deepEqual(
    deck.otherwise.map(({ review: { card }, verdict }) => [card, verdict]),
    [["a", "correct"]],
  );
});

test("a verdict that comes while the player compares is told as well", async (context) => {
  let release;
  server.held = new Promise((done) => {
    release = done;
  });
  const answered = deck.answer(card("a"), "hound", 5);
  await new Promise((done) => setImmediate(done));
  context.mock.timers.tick(5_000);
  const { review, result } = await answered;
  assert.equal(result, null);
  release();
  await deck.sync();
  await deck.tell(review, "again");
  assert.deepEqual(
    deck.otherwise.map(({ verdict }) => verdict),
    ["correct"],
  );
  assert.equal(server.reviews.size, 1);
});

test("two pages of one device share what waits, and send it once", async () => {
  server.away = true;
  await deck.answer(card("a"), "Hund", 5);
  const other = new PracticeDeck(TOKEN, store, () => {});
  await other.recall();
  assert.equal(other.pending.length, 1);
  server.away = false;
  await Promise.all([other.sync(), deck.sync()]);
  assert.deepEqual([server.reviews.size, deck.pending.length, other.pending.length], [1, 0, 0]);
});

test("a server that asks to wait is asked again no sooner", async (context) => {
  server.busy = 1;
  await deck.answer(card("a"), "Hund", 5);
  const asked = server.requests.length;
  context.mock.timers.tick(19_000);
  assert.equal(server.requests.length, asked);
  context.mock.timers.tick(2_000);
  await deck.sync();
  assert.deepEqual([server.reviews.size, deck.away], [1, false]);
});

test("a deck that was deleted elsewhere is known as gone", async () => {
  server.gone = true;
  await deck.answer(card("a"), "Hund", 5);
  assert.deepEqual([deck.gone, deck.away], [true, false]);
  await deck.forget();
  assert.deepEqual([await store.decks(), await store.pending(TOKEN)], [[], []]);
});

test("an answer is dated by the server's clock, however wrong that of the device is", async () => {
  server.ahead = -86_400_000;
  await deck.refresh();
  server.away = true;
  const { review } = await deck.answer(card("a"), "Hund", 5);
  assert.equal(review.at, server.now());
});
