import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Clock } from "../../../static/shared/clock.js";

const SERVER = "2026-11-16T10:30:00.000Z";

function at(milliseconds) {
  mock.method(performance, "now", () => milliseconds);
}

test("without a sample the phone's own clock has to do", () => {
  assert.ok(Math.abs(new Clock().now() - Date.now()) < 1_000);
});

test("the server's time is what it said, plus half of the round trip, plus what has passed since", () => {
  const clock = new Clock();
  at(1_000);
  clock.sample(SERVER, 80);
  at(3_000);
  assert.equal(clock.now(), Date.parse(SERVER) + 40 + 2_000);
});

test("a slower round trip does not replace a faster one, until that is a minute old", () => {
  const clock = new Clock();
  at(0);
  clock.sample(SERVER, 20);
  at(1_000);
  clock.sample(SERVER, 900);
  assert.equal(clock.now(), Date.parse(SERVER) + 10 + 1_000);
  at(70_000);
  clock.sample(SERVER, 900);
  assert.equal(clock.now(), Date.parse(SERVER) + 450);
});

test("after a sleep the next sample is taken, whatever it is", () => {
  const clock = new Clock();
  at(0);
  clock.sample(SERVER, 20);
  clock.distrust();
  clock.sample(SERVER, 500);
  assert.equal(clock.now(), Date.parse(SERVER) + 250);
});
