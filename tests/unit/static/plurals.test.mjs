// Texts whose form goes by a number.

import assert from "node:assert/strict";
import { test } from "node:test";
import { filled } from "../../../static/shared/plurals.js";

const ENGLISH = { by: "points", one: "%(points)s point", other: "%(points)s points" };

test("a text without forms is filled as it stands", () => {
  assert.equal(filled("Rank %(rank)s of %(total)s", { rank: 1, total: "1,000" }, "en"), "Rank 1 of 1,000");
});

test("the form goes by the number, which is written as the language does", () => {
  assert.equal(filled(ENGLISH, { points: 1 }, "en"), "1 point");
  assert.equal(filled(ENGLISH, { points: 0 }, "en"), "0 points");
  assert.equal(filled(ENGLISH, { points: 1234 }, "en"), "1,234 points");
});

test("French takes nought for singular, Japanese has one form", () => {
  const french = { by: "points", zero: "%(points)s point", one: "%(points)s point", other: "%(points)s points" };
  assert.deepEqual(
    [0, 1, 2].map((points) => filled(french, { points }, "fr")),
    ["0 point", "1 point", "2 points"],
  );
  assert.equal(filled({ by: "points", other: "%(points)s点" }, { points: 1 }, "ja"), "1点");
});

test("Arabic has six forms", () => {
  const forms = { by: "n", zero: "z", one: "o", two: "t", few: "f", many: "m", other: "x" };
  const told = [0, 1, 2, 3, 10, 11, 99, 100, 103].map((n) => filled(forms, { n }, "ar"));
  assert.deepEqual(told, ["z", "o", "t", "f", "f", "m", "m", "x", "f"]);
});
