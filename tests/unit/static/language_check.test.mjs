import assert from "node:assert/strict";
import { test } from "node:test";
import { otherLanguage } from "../../../static/host/language_check.js";

for (const [words, said, looks] of [
  ["die Katze", "en", "de"],
  ["le fromage", "en", "fr"],
  ["la niña", "en", "es"],
  ["ねこ", "en", "ja"],
  ["книга", "en", "ru"],
  ["quyển sách màu đỏ", "en", "vi"],
]) {
  test(`“${words}” is doubted as ${said}`, () => assert.equal(otherLanguage(words, said), looks));
}

for (const [words, said] of [
  ["die Katze", "de"],
  ["die Katze", "de-CH"],
  ["to die", "en"],
  ["la casa", "en"],
  ["the cat", "en"],
  ["猫", "ja"],
  ["cat", "nl"],
  ["", "en"],
]) {
  test(`“${words}” is not doubted as ${said}`, () => assert.equal(otherLanguage(words, said), null));
}
