import assert from "node:assert/strict";
import { test } from "node:test";
import { difference, nearest } from "../../../static/shared/diff.js";

/** Parts that differ stand in brackets. */
const told = (parts) => parts.map(({ text, same }) => (same ? text : `[${text}]`)).join("");
const both = ({ typed, right }) => [told(typed), told(right)];

test("a letter that is missing, too much or another one is marked on the side it stands on", () => {
  assert.deepEqual(both(difference("fromag", "fromage")), ["fromag", "fromag[e]"]);
  assert.deepEqual(both(difference("frommage", "fromage")), ["from[m]age", "fromage"]);
  assert.deepEqual(both(difference("fromige", "fromage")), ["from[i]ge", "from[a]ge"]);
});

test("an accent is a letter of its own, however it was typed, and case is none", () => {
  assert.deepEqual(both(difference("Eleve", "élève")), ["[E]l[e]ve", "[é]l[è]ve"]);
  assert.equal(difference("e\u0301tE\u0301", "été").distance, 0);
});

test("the nearest of the right answers is taken, with and without what may be left out", () => {
  assert.deepEqual(both(nearest("coulour", ["hue", "(the) colour"])), ["co[u]lour", "colour"]);
});

test("words that have nothing in common are not laid side by side", () => {
  assert.equal(nearest("dog", ["elephant"]), null);
  assert.equal(nearest("fromage", ["fromage"]), null);
  assert.equal(nearest("x".repeat(500), ["x"]), null);
});
