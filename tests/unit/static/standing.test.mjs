import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Standing } from "../../../static/player/standing.js";

const entry = (user_id, rank, score) => ({ user_id, username: user_id, rank, score, place: rank });
let standing;

beforeEach(() => {
  standing = new Standing();
  standing.begin({ user_id: "me", your_score: 0, your_rank: 3 });
});

const see = (version, ...leaderboard) =>
  standing.board.apply({ version, leaderboard, total_participants: leaderboard.length });

test("before anybody has points a rank is only the order of joining", () => {
  see(1, entry("a", 1, 0), entry("me", 2, 0));
  assert.equal(standing.ranked, false);
  see(2, entry("a", 1, 10), entry("me", 2, 0));
  assert.equal(standing.ranked, true);
});

test("equal scores share a place, off the board that is shown", () => {
  see(1, entry("a", 1, 20), entry("b", 2, 10), entry("me", 3, 10));
  assert.equal(standing.place, 2);
});

test("who is not on the board has the place that the server told", () => {
  see(1, entry("a", 1, 20));
  standing.told({ your_rank: 150, your_place: 120, your_score: 5 }, true);
  assert.deepEqual([standing.place, standing.score], [120, 5]);
});

test("of several attempts the points under way stay on show", () => {
  standing.score = 7;
  standing.told({ your_rank: 1, your_place: 1, your_score: 30 }, false);
  assert.equal(standing.score, 7);
});

test("a board for everybody tells nothing of this player", () => {
  standing.score = 7;
  standing.told({}, true);
  assert.deepEqual([standing.rank, standing.score], [3, 7]);
});

test("places are told as climbed against those before the result", () => {
  see(1, entry("a", 1, 20), entry("b", 2, 15), entry("me", 3, 10));
  standing.keep();
  see(2, entry("me", 1, 40), entry("a", 2, 20), entry("b", 3, 15));
  assert.equal(standing.climbed, 2);
});

test("nobody climbs who had no place before", () => {
  standing.keep();
  see(1, entry("me", 1, 40), entry("a", 2, 20));
  assert.equal(standing.climbed, 0);
});

test("the one ahead is the nearest with more points, not one with as many", () => {
  const all = [entry("a", 1, 30), entry("b", 2, 20), entry("c", 3, 10), entry("me", 4, 10)];
  standing.told({ your_rank: 4, your_place: 3, your_score: 10 }, true);
  assert.deepEqual(standing.ahead(all), { next: all[1], points: 10 });
  assert.equal(standing.ahead(all.slice(2)), null);
});

test("the end brings the last board", () => {
  standing.end({ leaderboard: [entry("me", 1, 9)], total_participants: 1, your_rank: 1, your_place: 1, your_score: 9 });
  assert.deepEqual([standing.place, standing.score, standing.board.total], [1, 9, 1]);
});
