// What is heard of a session, on a stand-in for the browser's sound.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** What was played: frequencies, in the order they were asked for. */
let tones = [];
let made = [];
let refuses = false;
let still;

class Param {
  value = 0;
  setValueAtTime() {}
  linearRampToValueAtTime() {}
  exponentialRampToValueAtTime() {}
  setTargetAtTime(to) {
    this.value = to;
  }
}

globalThis.AudioContext = class extends EventTarget {
  state = "suspended";
  currentTime = 100;
  destination = {};
  gains = [];
  constructor() {
    super();
    made.push(this);
    if (!refuses) this.state = "running";
  }
  become(state) {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
  async resume() {
    if (refuses) return new Promise(() => {});
    this.become("running");
  }
  async suspend() {
    this.become("suspended");
  }
  createGain() {
    const gain = { gain: new Param(), connect: (to) => to };
    this.gains.push(gain);
    return gain;
  }
  createOscillator() {
    const tone = { frequency: new Param(), connect: (to) => to, stop: () => {} };
    tone.start = (at) => tones.push({ at, frequency: tone.frequency.value });
    return tone;
  }
};

class Still extends EventTarget {
  matches = false;
}
still = new Still();
globalThis.matchMedia = () => still;

const { Follower, LOBBY, Sound, SOUNDS } = await import("../../../static/shared/sound.js");

let sound;
let follower;

beforeEach(() => {
  tones = [];
  made = [];
  refuses = false;
  still.matches = false;
  sound = new Sound(() => {});
  follower = new Follower(sound);
});

const heard = () => tones.map(({ frequency }) => frequency);
const of = (name) => SOUNDS[name].map(([, , frequency]) => frequency);
const see = (phase, left = null) => follower.see({ phase, left });

test("nothing is made before it is switched on", () => {
  sound.play("tick");
  see("lobby");
  assert.equal(sound.silence, "off");
  assert.deepEqual([made.length, heard()], [0, []]);
});

test("each of the last five seconds ticks once, the very last one higher", () => {
  sound.set({ on: true, volume: 1 });
  for (let left = 7_000; left > -500; left -= 250) see("open", left);
  assert.deepEqual(heard(), [...of("tick"), ...of("tick"), ...of("tick"), ...of("tick"), ...of("last")]);
});

test("a clock that stands still does not tick", () => {
  sound.set({ on: true, volume: 1 });
  see("open", 3_200);
  for (let look = 0; look < 9; look++) see("open", null);
  assert.deepEqual(heard(), of("tick"));
});

test("a close is heard before what was right, and both only when the page saw the question open", () => {
  sound.set({ on: true, volume: 1 });
  see("closed");
  assert.deepEqual(heard(), []);
  see("open");
  see("closed");
  see("closed");
  assert.deepEqual(heard(), [...of("close"), ...of("reveal")]);
  assert.ok(Math.max(...tones.slice(0, 2).map(({ at }) => at)) < tones[2].at);
});

test("the podium is heard once, and not by whoever comes when all is over", () => {
  sound.set({ on: true, volume: 1 });
  see("ended");
  assert.deepEqual(heard(), []);
  follower = new Follower(sound);
  see("closed");
  see("ended");
  see("ended");
  assert.deepEqual(heard(), of("podium"));
});

test("the lobby goes round until the session starts", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  sound.set({ on: true, volume: 1 });
  see("lobby");
  assert.equal(tones.length, LOBBY.length);
  made[0].currentTime += 4;
  t.mock.timers.tick(500);
  assert.equal(tones.length, 2 * LOBBY.length);
  see("ready");
  made[0].currentTime += 60;
  t.mock.timers.tick(5_000);
  assert.equal(tones.length, 2 * LOBBY.length);
});

test("whoever wants less motion hears nothing, from that moment on", () => {
  sound.set({ on: true, volume: 1 });
  still.matches = true;
  still.dispatchEvent(new Event("change"));
  sound.play("podium");
  assert.deepEqual([sound.silence, made[0].state, heard()], ["still", "suspended", []]);
});

test("nothing is even made on a device that wants less motion", () => {
  still.matches = true;
  sound.set({ on: true, volume: 1 });
  assert.deepEqual([sound.silence, made.length], ["still", 0]);
});

test("what the browser refuses is said, and waits for a click", () => {
  refuses = true;
  sound.set({ on: true, volume: 1 });
  sound.play("tick");
  assert.deepEqual([sound.silence, heard()], ["refused", []]);
  refuses = false;
  sound.wake();
  sound.play("tick");
  assert.deepEqual([sound.silence, heard()], ["", of("tick")]);
});

test("a browser without sound is named", (t) => {
  t.mock.method(globalThis, "AudioContext", () => {
    throw new Error("there is none");
  });
  sound.set({ on: true, volume: 1 });
  assert.equal(sound.silence, "none");
  sound.play("tick");
});

test("the volume is felt, not measured, and switching off stops it", () => {
  sound.set({ on: true, volume: 0.5 });
  assert.equal(made[0].gains[0].gain.value, 0.25);
  sound.set({ on: true, volume: 1 });
  assert.equal(made[0].gains[0].gain.value, 1);
  sound.set({ on: false, volume: 1 });
  sound.play("tick");
  assert.deepEqual([sound.silence, made[0].state, heard()], ["off", "suspended", []]);
});

test("a page beside another one that sounds is silent", () => {
  sound.set({ on: true, volume: 1 });
  sound.hush(true);
  sound.play("tick");
  assert.deepEqual([sound.silence, heard()], ["elsewhere", []]);
  sound.hush(false);
  sound.play("tick");
  assert.deepEqual(heard(), of("tick"));
});
