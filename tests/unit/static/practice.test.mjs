import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, judged } from "../../../static/practice/judge.js";
import { AT_ONCE, batch, replaced, settled, tokenOf, uuid, wire } from "../../../static/practice/outbox.js";
import { EARLY_MS, next, overlaid, queue, standing } from "../../../static/practice/queue.js";

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

const card = (id, changes = {}) => ({
  id,
  kind: "typed",
  text: id,
  options: [],
  language: "de",
  answer: { accepted: ["der Hund"], tolerance: 0 },
  missed: false,
  due: NOW - DAY,
  reviews: 0,
  after: { again: NOW + MINUTE, hard: NOW + 5 * MINUTE, good: NOW + 10 * MINUTE },
  ...changes,
});
const review = (id, of, changes = {}) => ({
  id,
  deck: "d",
  card: of,
  at: NOW,
  answer: "x",
  took_ms: 1,
  grade: "good",
  told: true,
  ...changes,
});
const ids = (cards) => cards.map((one) => one.id);

test("missed words come first, then what is due again, then the rest of the list", () => {
  const cards = [
    card("m1", { missed: true }),
    card("m2", { missed: true, reviews: 2, due: NOW - 5 }),
    card("m3", { missed: true }),
    card("r1"),
    card("r2", { reviews: 1, due: NOW - 9 }),
    card("r3", { reviews: 1, due: NOW + DAY }),
  ];
  assert.deepEqual(ids(queue(cards, NOW)), ["m1", "m3", "r2", "m2", "r1"]);
  assert.deepEqual(standing(cards, NOW), { due: 5, fresh: 3, all: 6, next: NOW + DAY });
});

test("a word that was just wrong comes again within the round, and one that was right does not", () => {
  const cards = overlaid([card("a"), card("b")], [review("1", "a", { grade: "again" }), review("2", "b")], NOW);
  assert.deepEqual(ids(queue(cards, NOW)), ["a"]);
  assert.ok(EARLY_MS >= MINUTE);
});

test("no word comes twice in a row while there is another, and a single one may", () => {
  const two = [card("a"), card("b")];
  assert.equal(next(two, NOW)?.id, "a");
  assert.equal(next(two, NOW, { last: "a" })?.id, "b");
  assert.equal(next([card("a")], NOW, { last: "a" })?.id, "a");
});

test("what is not due is practised only on request, the soonest first", () => {
  const later = [card("a", { reviews: 1, due: NOW + 2 * DAY }), card("b", { reviews: 1, due: NOW + DAY })];
  assert.equal(next(later, NOW), null);
  assert.equal(next(later, NOW, { ahead: true })?.id, "b");
  assert.equal(next([], NOW, { ahead: true }), null);
});

test("dates count from the answer, by what the server told of it, in the order the answers were given", () => {
  const waits = [review("2", "a", { at: NOW + DAY, grade: "good" }), review("1", "a", { grade: "again" })];
  const [a, b] = overlaid([card("a"), card("b")], waits, NOW);
  assert.equal(a.due, NOW + DAY + 10 * MINUTE);
  assert.equal(a.reviews, 2);
  assert.equal(b.due, NOW - DAY);
});

test("what the player has not graded yet moves nothing, nor does a card that is gone", () => {
  const cards = [card("a")];
  assert.deepEqual(overlaid(cards, [review("1", "a", { grade: null }), review("2", "gone")], NOW), cards);
});

test("capitals, spaces and the way letters are put together tell no answers apart, and all else does", () => {
  assert.equal(folded("  Cafe\u0301\u00a0 AU lait "), "café au lait");
  assert.equal(judged(card("a"), " DER  hund"), "good");
  assert.equal(judged(card("a"), "Hund"), null);
  assert.equal(judged(card("a"), null), "again");
});

test("choices are judged by what is right", () => {
  const choice = card("a", { kind: "choice", answer: { accepted: ["x"] } });
  assert.deepEqual(
    ["x", "y"].map((answer) => judged(choice, answer)),
    ["good", "again"],
  );
  const multi = card("a", { kind: "multi", answer: { accepted: ["x", "y"] } });
  const given = [["y", "x"], ["x"], ["x", "x"], ["x", "y", "z"]];
  assert.deepEqual(
    given.map((answer) => judged(multi, answer)),
    ["good", "again", "again", "again"],
  );
  const order = card("a", { kind: "order", answer: { accepted: ["x", "y"] } });
  assert.deepEqual(
    given.map((answer) => judged(order, answer)),
    ["again", "again", "again", "again"],
  );
  assert.equal(judged(order, ["x", "y"]), "good");
});

test("a number in plain digits is judged by its tolerance, and others are compared", () => {
  const pi = card("a", { kind: "number", answer: { accepted: ["3.14"], tolerance: 0.01 } });
  assert.equal(judged(pi, "3.141"), "good");
  assert.equal(judged(pi, "3"), null);
  assert.equal(judged(pi, "3,14"), null);
});

test("a request takes the oldest answers, as many as the server bounds", () => {
  const many = Array.from({ length: AT_ONCE + 5 }, (_, index) => review(`${index}`, "a", { at: NOW - index }));
  const sent = batch(many);
  assert.equal(sent.length, AT_ONCE);
  assert.equal(sent[0].id, `${AT_ONCE + 4}`);
});

test("an answer goes out with what was taken of it, and none as what the player did not know", () => {
  const sent = { id: "1", card: "a", at: NOW, took_ms: 1 };
  assert.deepEqual(wire(review("1", "a")), { ...sent, answer: "x", provisional: true });
  assert.deepEqual(wire(review("1", "a", { answer: null, grade: "again" })), { ...sent, provisional: false });
});

test("what the server judged otherwise is told, but only to who was told before", () => {
  const result = (id, status, verdict, detail = null) => ({ id, status, verdict, detail, difference: null });
  const sent = [
    review("right", "a"),
    review("wrong", "a"),
    review("near", "a", { grade: "again" }),
    review("untold", "a", { told: false }),
    review("again", "a"),
    review("bad", "a"),
    review("gone", "z"),
    review("lost", "a"),
  ];
  const results = [
    result("right", "stored", "correct"),
    result("wrong", "stored", "wrong"),
    result("near", "stored", "almost"),
    result("untold", "stored", "wrong"),
    result("again", "known", "correct"),
    result("bad", "refused", null, "Why."),
    result("gone", "unknown_card", null),
  ];
  const { done, otherwise, refused } = settled(sent, results);
  assert.deepEqual(done, ["right", "wrong", "near", "untold", "again", "bad", "gone"]);
  assert.deepEqual(
    otherwise.map(({ review: { id }, verdict }) => [id, verdict]),
    [
      ["wrong", "wrong"],
      ["near", "almost"],
    ],
  );
  assert.deepEqual(
    refused.map(({ review: { id }, detail }) => [id, detail]),
    [
      ["bad", "Why."],
      ["gone", null],
    ],
  );
});

test("cards that changed stand where they stood", () => {
  const changed = card("b", { reviews: 1 });
  assert.deepEqual(replaced([card("a"), card("b"), card("c")], [changed, card("new")]), [
    card("a"),
    changed,
    card("c"),
  ]);
});

test("ids are UUIDs, without a browser's secure context", () => {
  const made = Array.from({ length: 50 }, uuid);
  for (const id of made) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(new Set(made).size, 50);
});

test("a link is known by what stands behind its #, and nothing else is one", () => {
  const token = "dGhlIHRva2VuIG9mIGEgZGVjaw-_";
  for (const pasted of [token, `#${token}`, ` https://quiz.example/quiz/practice/#${token}\n`]) {
    assert.equal(tokenOf(pasted), token);
  }
  for (const pasted of ["", "#", "https://quiz.example/practice/", "ABCDEF", `#${token} and more`]) {
    assert.equal(tokenOf(pasted), null);
  }
});
