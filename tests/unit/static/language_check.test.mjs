import assert from "node:assert/strict";
import { test } from "node:test";
import { languageCheck } from "../../../static/host/language_check.js";

function server(language) {
  const bodies = [];
  const ask = async (_url, { body }) => {
    bodies.push(JSON.parse(body));
    return { ok: true, json: async () => ({ language }) };
  };
  return { ask, bodies };
}

test("the words are asked about once, however often somebody pauses", async () => {
  const { ask, bodies } = server("de");
  const other = languageCheck("/ask", "token", ask);
  assert.equal(await other([" die Katze ", "12"], "en"), "de");
  assert.equal(await other(["die Katze"], "en"), "de");
  assert.equal(await other(["die Katze"], "de"), "de");
  assert.deepEqual(bodies, [
    { words: ["die Katze"], language: "en" },
    { words: ["die Katze"], language: "de" },
  ]);
});

test("nothing is asked where nothing is written", async () => {
  const { ask, bodies } = server("de");
  assert.equal(await languageCheck("/ask", "token", ask)(["", "26"], "en"), "");
  assert.deepEqual(bodies, []);
});

test("no more is sent than is read", async () => {
  const { ask, bodies } = server("");
  await languageCheck("/ask", "token", ask)(Array(500).fill("a".repeat(99)), "en");
  assert.ok(JSON.stringify(bodies[0]).length < 11_000);
});

test("without the server there is no doubt", async () => {
  const away = async () => {
    throw new TypeError("Failed to fetch");
  };
  assert.equal(await languageCheck("/ask", "token", away)(["die Katze"], "en"), "");
});
