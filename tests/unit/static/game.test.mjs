import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openPage, settled, sockets } from "./browser.mjs";

const { Game } = await import("../../../static/player/game.js");
const { viewOf } = await import("../../../static/player/views.js");

const JOINED = {
  session_id: "s1",
  join_code: "ABCDEF",
  title: "Words",
  session_token: "secret",
  user_id: "me",
  username: "Ann",
  status: "active",
  phase: "ready",
  pace: "host",
  paused: false,
  participant_count: 2,
  question_count: 3,
  your_score: 0,
  your_rank: 1,
  answered: [],
  attempt: 1,
  options: {},
  closes_at: null,
  question: null,
  asked: null,
};
const QUESTION = {
  question_id: "q1",
  index: 0,
  total: 3,
  kind: "choice",
  text: "?",
  options: ["a", "b"],
  points: 10,
  time_limit_ms: 20_000,
  opened_at: "2026-11-16T10:30:00Z",
  deadline: "2026-11-16T10:30:20Z",
};
let game;
let refused;
const sent = (type) => sockets.flatMap((socket) => socket.sent).filter((message) => message.type === type);

beforeEach((context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  openPage();
  refused = [];
  game = new Game(
    () => {},
    (error) => refused.push(error.code),
  );
  game.start({ session_id: "ABCDEF", username: "Ann" });
});

async function play(more = {}) {
  sockets[0].letIn(5, { ...JOINED, ...more });
  await settled();
}

test("a connection that ends for good before the session let the player in is told, and may be tried again", () => {
  sockets[0].onclose({ code: 4029 });
  assert.equal(game.joined, false);
  assert.equal(viewOf(game), "fault 4029");
  game.takeOver();
  assert.equal(game.fault, null);
  assert.equal(sockets.length, 2);
});

test("what the session refuses goes to the form", async () => {
  sockets[0].onopen();
  sockets[0].answer("JOIN_SESSION", "ERROR", { code: "USERNAME_TAKEN" });
  await settled();
  assert.deepEqual(refused, ["USERNAME_TAKEN"]);
});

test("an answer is sent once, and is locked when it has arrived", async () => {
  await play();
  sockets[0].tell("QUESTION_OPENED", QUESTION, { seq: 6 });
  assert.equal(viewOf(game), "question q1");
  game.own.submit("a");
  game.own.submit("b");
  assert.equal(sent("SUBMIT_ANSWER").length, 1);
  assert.equal(game.own.mine.state, "sending");
  sockets[0].answer("SUBMIT_ANSWER", "ANSWER_ACCEPTED", { question_id: "q1" });
  await settled();
  assert.equal(game.own.mine.state, "accepted");
  assert.equal(viewOf(game), "locked q1");
});

test("after a break the same answer goes out again, unless the server has it", async (context) => {
  await play();
  sockets[0].tell("QUESTION_OPENED", QUESTION, { seq: 6 });
  game.own.submit("a");
  sockets[0].onclose({ code: 1006 });
  context.mock.timers.tick(10_000);
  sockets[1].letIn(6, { ...JOINED, phase: "open", question: QUESTION });
  await settled();
  assert.deepEqual(
    sent("SUBMIT_ANSWER").map((message) => message.payload.answer),
    ["a", "a"],
  );
  sockets[1].onclose({ code: 1006 });
  context.mock.timers.tick(10_000);
  sockets[2].letIn(6, { ...JOINED, phase: "open", question: QUESTION, answered: ["q1"] });
  await settled();
  assert.equal(sent("SUBMIT_ANSWER").length, 2);
  assert.equal(game.own.mine.state, "accepted");
});

test("an answer that came too late is told as late, and one that was refused may be corrected", async () => {
  await play();
  sockets[0].tell("QUESTION_OPENED", QUESTION, { seq: 6 });
  game.own.submit("a");
  sockets[0].answer("SUBMIT_ANSWER", "ERROR", { code: "INVALID_ANSWER", message: "No option." });
  await settled();
  assert.deepEqual([game.own.mine, game.own.complaint], [null, "No option."]);
  game.own.submit("b");
  sockets[0].answer("SUBMIT_ANSWER", "ERROR", { code: "QUESTION_NOT_OPEN", reason: "late" });
  await settled();
  assert.equal(game.own.mine.state, "late");
});

test("an answer that another device gave is the one that counts", async () => {
  await play();
  sockets[0].tell("QUESTION_OPENED", QUESTION, { seq: 6 });
  game.own.submit("a");
  const result = { question_id: "q1", answer: "b", received_at: "2026-11-16T10:30:05Z" };
  sockets[0].answer("SUBMIT_ANSWER", "ERROR", { code: "ALREADY_ANSWERED", result });
  await settled();
  assert.deepEqual([game.own.mine.answer, game.own.mine.state, game.own.mine.verdict], ["b", "accepted", null]);
});

test("a result is another view when another answer counts, and the points follow", async () => {
  await play();
  sockets[0].tell("QUESTION_OPENED", QUESTION, { seq: 6 });
  const closed = { question_id: "q1", correct_answers: ["a"], your_answer: "b", points_earned: 0, your_score: 0 };
  sockets[0].tell("QUESTION_CLOSED", { ...closed, reason: "wrong", is_correct: false }, { seq: 7 });
  const before = viewOf(game);
  const own = { your_answer: "b", is_correct: true, points_earned: 10, reason: "correct", new_score: 10 };
  sockets[0].tell("ANSWERS_REGRADED", { question_id: "q1", correct_answers: ["a", "b"], ...own }, { seq: 8 });
  assert.notEqual(viewOf(game), before);
  assert.equal(game.standing.score, 10);
  assert.deepEqual(game.news.values, { answer: "b", points: 10 });
});

test("a regrading that tells this player nothing changes no points", async () => {
  await play();
  sockets[0].tell("QUESTION_OPENED", QUESTION, { seq: 6 });
  sockets[0].tell("QUESTION_CLOSED", { question_id: "q1", correct_answers: ["a"], your_score: 4 }, { seq: 7 });
  const nothing = { your_answer: null, is_correct: null, points_earned: null, reason: null, new_score: null };
  sockets[0].tell("ANSWERS_REGRADED", { question_id: "q1", correct_answers: null, ...nothing }, { seq: 8 });
  assert.equal(game.standing.score, 4);
  assert.deepEqual(game.result.correct_answers, ["a"]);
});

test("more time for one player moves the deadline of the open question at once", async () => {
  await play();
  sockets[0].tell("QUESTION_OPENED", { ...QUESTION }, { seq: 6 });
  sockets[0].tell("NEEDS_CHANGED", { needs: { time: 150 } });
  assert.equal(game.question.deadline, "2026-11-16T10:30:30.000Z");
  assert.equal(game.question.time_limit_ms, 30_000);
});

test("a homework that closes later for this player than for all closes at the own time", async () => {
  await play({ pace: "self", closes_at: "2026-12-01T10:00:00Z", options: { closes_at: 1 } });
  sockets[0].tell("CLOSING_CHANGED", { closes_at: "2026-12-02T10:00:00Z", your_closes_at: "2026-12-03T10:00:00Z" });
  assert.equal(game.session.closes_at, "2026-12-03T10:00:00Z");
});
