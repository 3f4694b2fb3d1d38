import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Hall } from "../../../static/screen/hall.js";

let hall;
let asked;

const joined = (more = {}) => ({
  status: "active",
  phase: "ready",
  pace: "host",
  paused: false,
  locked: false,
  participant_count: 2,
  options: {},
  question: null,
  asked: null,
  ...more,
});
const tell = (type, payload = {}) => hall.receive({ type, payload });
const question = (id, more = {}) => ({ question_id: id, text: id, options: ["a", "b"], ...more });

beforeEach(() => {
  asked = 0;
  hall = new Hall({ now: () => 0 }, () => {
    asked += 1;
  });
  hall.join(joined());
});

test("whoever joins is asked a whole board, which is the list of names", () => {
  assert.equal(asked, 1);
  hall.take({ version: 1, total_participants: 1, leaderboard: [{ user_id: "u", username: "Ann", score: 0, team: 2 }] });
  assert.deepEqual([...hall.names], [["u", "Ann"]]);
  assert.equal(hall.teams.get("u"), 2);
});

test("a change to another board than ours asks for a whole one", () => {
  assert.equal(tell("LEADERBOARD_UPDATED", { version: 9, delta: true, base_version: 8, leaderboard: [] }), true);
  assert.equal(asked, 2);
});

test("a question opens, closes, and gives way", () => {
  tell("QUESTION_ASKED", question("q1", { options: undefined, options_at: "2026-11-16T10:00:00Z" }));
  assert.deepEqual([hall.phase, hall.question.question_id], ["asked", "q1"]);
  tell("QUESTION_OPENED", question("q1"));
  tell("ANSWERS_PROGRESS", { answered_count: 1, participant_count: 3 });
  assert.deepEqual([hall.phase, hall.count, hall.progress.answered_count], ["open", 3, 1]);
  tell("QUESTION_CLOSED", { question_id: "q1", correct_answers: ["a"], correct_count: 1, advance_at: "soon" });
  assert.deepEqual([hall.phase, hall.advanceAt], ["closed", "soon"]);
  tell("QUESTION_OPENED", question("q2"));
  assert.deepEqual([hall.result, hall.progress, hall.advanceAt], [null, null, null]);
});

test("what was heard only is told with the close, of this question alone", () => {
  tell("QUESTION_OPENED", question("q1", { text: "" }));
  tell("QUESTION_CLOSED", { question_id: "q0", text: "another", correct_answers: [] });
  assert.equal(hall.question.text, "");
  tell("QUESTION_CLOSED", { question_id: "q1", text: "the cat", correct_answers: [] });
  assert.equal(hall.question.text, "the cat");
});

test("one more accepted answer changes the result on show, and keeps what is not told", () => {
  tell("QUESTION_OPENED", question("q1"));
  tell("QUESTION_CLOSED", { question_id: "q1", correct_answers: ["a"], correct_count: 1, explanation: "why" });
  tell("ANSWERS_REGRADED", { question_id: "q1", correct_answers: null, correct_count: null });
  assert.deepEqual(hall.result.correct_answers, ["a"]);
  tell("ANSWERS_REGRADED", { question_id: "q1", correct_answers: ["a", "b"], correct_count: 2 });
  assert.deepEqual([hall.result.correct_answers, hall.result.correct_count], [["a", "b"], 2]);
  assert.equal(hall.result.explanation, "why");
});

test("a pause takes the time away, and its end brings it back moved", () => {
  tell("QUESTION_OPENED", question("q1", { deadline: "early" }));
  tell("SESSION_PAUSED");
  assert.equal(hall.paused, true);
  tell("SESSION_RESUMED", { deadline: "late" });
  assert.deepEqual([hall.paused, hall.question.deadline], [false, "late"]);
});

test("who leaves is not listed, and who was not listed is not renamed into the list", () => {
  tell("USER_JOINED", { user_id: "u", username: "Ann", participant_count: 3 });
  tell("USER_RENAMED", { user_id: "u", username: "Anna" });
  tell("USER_RENAMED", { user_id: "x", username: "Nobody" });
  assert.deepEqual([...hall.names], [["u", "Anna"]]);
  tell("USER_LEFT", { user_id: "u", participant_count: 2 });
  assert.equal(hall.names.size, 0);
});

test("a message that the hall does not show draws nothing", () => {
  assert.equal(tell("NEEDS_CHANGED", { needs: {} }), false);
});
