// The sounds of a game, made here of plain tones: there are no files to fetch. Whoever wants less motion hears nothing.

/**
 * A tone: when it begins and how long it lasts, in seconds; its frequency in hertz; how loud it is, 0 to 1.
 * @typedef {[at: number, length: number, frequency: number, level: number]} Tone
 * @typedef {"tick" | "last" | "close" | "reveal" | "podium"} Name
 */

/** @type {Record<Name, Tone[]>} */
export const SOUNDS = {
  tick: [[0, 0.05, 880, 0.5]],
  last: [[0, 0.12, 1175, 0.6]],
  close: [
    [0, 0.14, 494, 0.6],
    [0.13, 0.24, 330, 0.6],
  ],
  reveal: [
    [0, 0.16, 523, 0.5],
    [0.11, 0.16, 659, 0.5],
    [0.22, 0.34, 784, 0.6],
  ],
  podium: [
    [0, 0.16, 523, 0.5],
    [0.18, 0.16, 523, 0.5],
    [0.36, 0.16, 523, 0.5],
    [0.54, 0.42, 698, 0.6],
    [1, 0.2, 659, 0.5],
    [1.22, 0.2, 698, 0.5],
    [1.44, 0.8, 880, 0.7],
    [1.44, 0.8, 698, 0.4],
  ],
};
/** One round of the lobby: soft, so that people can talk over it. @type {Tone[]} */
export const LOBBY = [
  [0, 0.5, 262, 0.22],
  [0.6, 0.3, 392, 0.14],
  [1.2, 0.3, 330, 0.14],
  [1.8, 0.3, 392, 0.14],
  [2.4, 0.5, 220, 0.22],
  [3, 0.3, 330, 0.14],
  [3.6, 0.3, 262, 0.14],
  [4.2, 0.3, 330, 0.14],
];
const ROUND = 4.8;
/** Seconds that a round is made before it is due; a tab in the background wakes up once a second. */
const AHEAD = 2.5;
const LOOK_MS = 500;
/** Seconds in which a tone comes and in which the volume changes, so that nothing clicks. */
const SOFT = 0.015;
/** A reveal comes after the close that brought it. */
const BREATH = 0.45;

const still = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Why nothing is heard: it is switched off; the device wants less motion; the browser waits for a click or a key; it
 * makes no sounds; another page of this browser sounds already. Empty where it is heard.
 * @typedef {"" | "off" | "still" | "refused" | "none" | "elsewhere"} Silence
 */

export class Sound {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {GainNode | null} */
  #out = null;
  #broken = false;
  #lobby = false;
  /** When the next round of the lobby begins, on the context's clock; 0 for at once. */
  #next = 0;
  /** @type {OscillatorNode[]} what of the lobby still sounds. */
  #rounds = [];
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #on = false;
  #volume = 0.5;
  #elsewhere = false;

  /** @param {() => void} changed called when it is heard, or no longer. */
  constructor(changed) {
    this.changed = changed;
    still.addEventListener("change", () => this.wake());
  }

  /** @returns {Silence} */
  get silence() {
    if (still.matches) return "still";
    if (!this.#on) return "off";
    if (this.#broken) return "none";
    if (this.#elsewhere) return "elsewhere";
    return this.#context?.state === "running" ? "" : "refused";
  }

  /** @param {{on: boolean, volume: number}} wish volume: 0 to 1. */
  set({ on, volume }) {
    this.#on = on;
    this.#volume = volume;
    if (this.#context) this.#out?.gain.setTargetAtTime(this.#level(), this.#context.currentTime, SOFT);
    this.wake();
  }

  /** Whether another page sounds for this one. @param {boolean} elsewhere */
  hush(elsewhere) {
    if (this.#elsewhere === elsewhere) return;
    this.#elsewhere = elsewhere;
    this.#settle();
  }

  /** Begin to sound, if it is wanted and the browser lets it: after a click or a key it does. */
  wake() {
    const wanted = this.#on && !still.matches;
    if (wanted && !this.#context && !this.#broken) this.#make();
    const context = this.#context;
    if (wanted && context && context.state !== "running") context.resume().then(this.#settle, this.#settle);
    if (!wanted && context?.state === "running") context.suspend().then(this.#settle, this.#settle);
    this.#settle();
  }

  #make() {
    try {
      this.#context = new AudioContext();
      this.#out = this.#context.createGain();
      this.#out.gain.value = this.#level();
      this.#out.connect(this.#context.destination);
      this.#context.addEventListener("statechange", this.#settle);
    } catch {
      this.#broken = true;
    }
  }

  #settle = () => {
    this.#loop();
    this.changed();
  };

  /** What a slider says is felt: half of it is heard as half as loud. */
  #level() {
    return this.#volume ** 2;
  }

  /** @param {Name} name @param {number} [after] seconds from now. */
  play(name, after = 0) {
    const context = this.#context;
    if (this.silence || !context) return;
    for (const tone of SOUNDS[name]) this.#tone(context, tone, context.currentTime + after);
  }

  /** The close of a question, and what was right. */
  reveal() {
    this.play("close");
    this.play("reveal", BREATH);
  }

  /** Whether the lobby is on show: then it sounds, round after round. @param {boolean} there */
  lobby(there) {
    if (this.#lobby === there) return;
    this.#lobby = there;
    this.#loop();
  }

  #loop() {
    const sounds = this.#lobby && !this.silence;
    if (sounds && this.#timer === undefined) {
      this.#next = 0;
      this.#round();
      this.#timer = setInterval(() => this.#round(), LOOK_MS);
    } else if (!sounds && this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      for (const tone of this.#rounds) tone.stop();
      this.#rounds = [];
    }
  }

  #round() {
    const context = this.#context;
    if (!context) return;
    const now = context.currentTime;
    this.#next = Math.max(this.#next, now);
    if (this.#next > now + AHEAD) return;
    this.#rounds = LOBBY.map((tone) => this.#tone(context, tone, this.#next));
    this.#next += ROUND;
  }

  /** @param {AudioContext} context @param {Tone} tone @param {number} from */
  #tone(context, [at, length, frequency, level], from) {
    const start = from + at;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = "triangle";
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(level, start + SOFT);
    gain.gain.exponentialRampToValueAtTime(0.001, start + length);
    oscillator.connect(gain).connect(/** @type {GainNode} */ (this.#out));
    oscillator.start(start);
    oscillator.stop(start + length);
    return oscillator;
  }
}

/**
 * How a session stands, as far as it is heard.
 * @typedef {object} Standing
 * @property {"lobby" | "ready" | "playing" | "open" | "closed" | "ended" | string} phase
 * @property {number | null} left milliseconds until the open question closes; null where no clock runs.
 */

/** Hears from one look at a session to the next what happened. */
export class Follower {
  /** @type {string | null} */
  #phase = null;
  #second = 0;

  /** @param {Sound} sound */
  constructor(sound) {
    this.sound = sound;
  }

  /** To be called with every change, and several times a second. @param {Standing} standing */
  see({ phase, left }) {
    const before = this.#phase;
    this.#phase = phase;
    if (phase !== before) this.sound.lobby(phase === "lobby");
    if (before === "open" && phase === "closed") this.sound.reveal();
    // Whoever comes when all is over has missed it.
    if (before !== null && before !== "ended" && phase === "ended") this.sound.play("podium");
    this.#tick(phase === "open" && left !== null ? Math.ceil(left / 1_000) : 0);
  }

  /** @param {number} second */
  #tick(second) {
    if (second !== this.#second && second >= 1 && second <= 5) this.sound.play(second === 1 ? "last" : "tick");
    this.#second = second;
  }
}
