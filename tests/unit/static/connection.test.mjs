import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { backoff, Connection, RETRIED } from "../../../static/shared/connection.js";
import { openPage, settled, sockets } from "./browser.mjs";

const heard = [];
const listener = {
  onStatus: (status) => heard.push(status),
  onJoined: (payload, replays) => heard.push(["joined", payload.seq, replays]),
  onMessage: ({ type, seq }) => heard.push([type, seq]),
  onRefused: (error) => heard.push(["refused", error.code]),
  onClosed: (code) => heard.push(["closed", code]),
};
let connection;

beforeEach(async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  openPage();
  connection = new Connection(() => ({ session_id: "s1" }), listener);
  connection.open();
  sockets[0].letIn(5);
  await settled();
  heard.length = 0;
});
afterEach(() => {
  connection.close();
  sockets.length = heard.length = 0;
});

test("waits grow, spread over their whole range, and end at ten seconds", () => {
  const range = (attempt) => [backoff(attempt, () => 0), backoff(attempt, () => 1)];
  assert.deepEqual(range(0), [500, 2_000]);
  assert.deepEqual(range(2), [500, 8_000]);
  assert.deepEqual(range(40), [500, 10_000]);
});

test("events are told once and in order", () => {
  sockets[0].tell("QUESTION_OPENED", {}, { seq: 6 });
  sockets[0].tell("QUESTION_OPENED", {}, { seq: 6 });
  sockets[0].tell("QUESTION_CLOSED", {}, { seq: 7 });
  assert.deepEqual(heard, [
    ["QUESTION_OPENED", 6],
    ["QUESTION_CLOSED", 7],
  ]);
});

test("a gap makes the client join again from the last event it has", () => {
  sockets[0].tell("QUESTION_CLOSED", {}, { seq: 8 });
  assert.deepEqual(heard, []);
  const again = sockets[0].sent.at(-1);
  assert.equal(again.type, "JOIN_SESSION");
  assert.equal(again.payload.last_seq, 5);
});

test("a heartbeat that is ahead of us does the same", () => {
  sockets[0].tell("HEARTBEAT", { latest_seq: 9 });
  assert.equal(sockets[0].sent.at(-1).type, "JOIN_SESSION");
});

for (const code of RETRIED) {
  test(`after a close with ${code} the client comes back with what it has`, (context) => {
    sockets[0].onclose({ code });
    assert.deepEqual(heard, ["reconnecting"]);
    context.mock.timers.tick(10_000);
    sockets[1].onopen();
    assert.equal(sockets[1].sent[0].payload.last_seq, 5);
  });
}

test("after another close it stays away, and says why", (context) => {
  sockets[0].onclose({ code: 4001 });
  context.mock.timers.tick(60_000);
  assert.equal(sockets.length, 1);
  assert.deepEqual(heard.at(-1), ["closed", 4001]);
});

test("what was asked on a connection that is gone is refused as offline", async () => {
  const asked = connection.ask("SUBMIT_ANSWER", {});
  sockets[0].onclose({ code: 1006 });
  await assert.rejects(asked, { code: "OFFLINE" });
});
