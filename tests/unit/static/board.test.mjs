import assert from "node:assert/strict";
import { test } from "node:test";
import { Board, places } from "../../../static/shared/board.js";

const entry = (user_id, rank, score) => ({ user_id, username: user_id, rank, score });
const whole = (version, ...leaderboard) => ({ version, leaderboard, total_participants: leaderboard.length });

test("a delta on our version changes what it names and removes what it names", () => {
  const board = new Board();
  board.apply(whole(3, entry("ann", 1, 20), entry("ben", 2, 10), entry("cem", 3, 0)));
  const delta = { version: 4, base_version: 3, delta: true, removed: ["cem"], total_participants: 2 };
  assert.equal(board.apply({ ...delta, leaderboard: [entry("ben", 1, 30), entry("ann", 2, 20)] }), true);
  assert.deepEqual(
    board.entries.map(({ user_id }) => user_id),
    ["ben", "ann"],
  );
  assert.equal(board.total, 2);
});

test("a delta on another version is not applied, and asks for a whole board", () => {
  const board = new Board();
  board.apply(whole(3, entry("ann", 1, 20)));
  const missed = { version: 9, base_version: 8, delta: true, removed: [], leaderboard: [], total_participants: 1 };
  assert.equal(board.apply(missed), false);
  assert.equal(board.version, 3);
});

test("an older board changes nothing", () => {
  const board = new Board();
  board.apply(whole(5, entry("ann", 1, 20)));
  assert.equal(board.apply(whole(4, entry("ben", 1, 10))), true);
  assert.equal(board.entries[0].user_id, "ann");
});

test("around a player are two on each side, or more where one side has fewer", () => {
  const board = new Board();
  board.apply(whole(1, ...["a", "b", "c", "d", "e", "f"].map((id, index) => entry(id, index + 1, 10 - index))));
  const around = (id) => board.around(id).map(({ user_id }) => user_id);
  assert.deepEqual(around("d"), ["b", "c", "d", "e", "f"]);
  assert.deepEqual(around("a"), ["a", "b", "c", "d", "e"]);
  assert.deepEqual(around("nobody"), []);
});

test("equal scores share a place, and the next one is as far down as people stand before it", () => {
  const shared = places([entry("a", 1, 30), entry("b", 2, 30), entry("c", 3, 10), entry("d", 4, 10), entry("e", 5, 0)]);
  assert.deepEqual([...shared.values()], [1, 1, 3, 3, 5]);
});
