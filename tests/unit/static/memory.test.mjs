import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openPage } from "./browser.mjs";

const memory = await import("../../../static/player/memory.js");

beforeEach(openPage);

test("a game is found again by its id, by its code, and as the last one", () => {
  memory.remember("s1", { code: "ABCDEF", token: "t" });
  memory.remember("s1", { username: "Ann" });
  for (const kept of [memory.game("s1"), memory.gameByCode("ABCDEF"), memory.lastGame()]) {
    assert.equal(kept.token, "t");
    assert.equal(kept.username, "Ann");
  }
  memory.forget("s1");
  assert.equal(memory.gameByCode("ABCDEF"), null);
  assert.equal(memory.lastGame(), null);
});

test("a draft stays with its question until it is taken away", () => {
  memory.draft("s1", "q1").keep("die Kat");
  assert.equal(memory.draft("s1", "q1").value, "die Kat");
  assert.equal(memory.draft("s1", "q2").value, null);
  memory.draft("s1", "q1").keep(null);
  assert.equal(memory.draft("s1", "q1").value, null);
});

test("without storage one plays on without a memory", () => {
  window.localStorage = window.sessionStorage = {
    getItem() {
      throw new Error("no storage here");
    },
    setItem() {
      throw new Error("no storage here");
    },
  };
  memory.remember("s1", { code: "ABCDEF" });
  assert.equal(memory.game("s1"), null);
});

test("games of the day before are forgotten, others are kept", (context) => {
  const now = Date.now();
  context.mock.method(Date, "now", () => now - 25 * 3_600_000);
  memory.remember("old", { code: "OLDOLD" });
  context.mock.restoreAll();
  memory.remember("new", { code: "NEWNEW" });
  memory.tidy();
  assert.equal(memory.game("old"), null);
  assert.equal(memory.game("new").code, "NEWNEW");
});
