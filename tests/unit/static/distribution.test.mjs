import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenCounts } from "../../../static/shared/distribution.js";

const options = ["a", "b", "c"];

test("every option has its count, in the order of the options", () => {
  const found = chosenCounts({ kind: "choice", options }, { c: 2, a: 1 });
  assert.deepEqual(
    [...found],
    [
      ["a", 1],
      ["b", 0],
      ["c", 2],
    ],
  );
});

test("an answer of several options counts for each of them", () => {
  const found = chosenCounts({ kind: "multi", options }, { '["a","b"]': 2, '["b"]': 3 });
  assert.deepEqual([...found.values()], [2, 5, 0]);
});
