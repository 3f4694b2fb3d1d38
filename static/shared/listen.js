// What is heard of a question: its recording, or where there is none the device's own voice, if that has the text.

import { h, horn, text } from "./dom.js";
import { BASE } from "./paths.js";
import { store, stored } from "./storage.js";

/** Milliseconds that a browser may take to load its voices. */
const VOICES_MS = 1_000;

/**
 * @typedef {{listen?: string | null, sound?: string | null, listen_language?: string | null, text: string,
 *   question_id?: string}} Heard
 * @typedef {{plays?: number, speed?: number, session?: string}} Wishes plays: 0 for as many as wished; speed in percent.
 */

/**
 * A button that plays the question, and beside it what cannot be heard and why.
 * @param {Heard} question
 * @param {Wishes} wishes
 * @returns {{node: HTMLElement, play: () => Promise<void>} | null} null where there is nothing to hear.
 */
export function speaker(question, { plays = 0, speed = 100, session = "" } = {}) {
  if (!question.listen) return null;
  const told = h("p.listen-state", { role: "status" });
  if (!question.sound && !question.text) {
    told.textContent = text("host_plays");
    return { node: h("div.listen-row", {}, told), play: async () => {} };
  }
  const count = counter(`listen/${session}/${question.question_id}`);
  const button = h("button.listen", { type: "button", onclick: () => play() }, horn(), text("listen"));
  const node = h("div.listen-row", {}, button, told);
  const tell = (/** @type {string} */ message = "") => {
    const left = plays ? Math.max(0, plays - count.read()) : 0;
    const used = plays > 0 && left === 0;
    button.disabled = used;
    told.textContent = message || (used ? text("no_plays") : plays ? text("plays_left", { count: left }) : "");
  };
  async function play() {
    if (button.disabled) return;
    const why = await sound(question, speed / 100);
    if (!why) count.add();
    tell(why ? why() : "");
  }
  tell();
  return { node, play };
}

/**
 * Play it once, and say why not where that cannot be.
 * @param {Heard} question @param {number} speed
 * @returns {Promise<(() => string) | null>}
 */
async function sound(question, speed) {
  if (question.sound) {
    try {
      await record(BASE + question.sound, speed);
      return null;
    } catch (error) {
      // A browser plays nothing before somebody has touched the page.
      if (/** @type {Error} */ (error).name === "NotAllowedError") return () => text("press_listen");
      if (!question.text) return () => text("sound_failed");
    }
  }
  const language = question.listen_language ?? "";
  return (await speak(question.text, language, speed)) ? null : () => text("no_voice", { language: named(language) });
}

/** @type {HTMLAudioElement | null} */
let playing = null;

/** Whether something that is heard is still on the page: with it, its sound goes. */
const onShow = () => document.querySelector(".listen-row") !== null;

/** @param {string} address @param {number} speed */
async function record(address, speed) {
  playing?.pause();
  const audio = new Audio(address);
  audio.playbackRate = audio.defaultPlaybackRate = speed;
  audio.addEventListener("timeupdate", () => onShow() || audio.pause());
  playing = audio;
  await audio.play();
}

/**
 * By the voice of the device for this language.
 * @param {string} words @param {string} language @param {number} speed
 * @returns {Promise<boolean>} whether it has one.
 */
async function speak(words, language, speed) {
  const voice = pick(await voices(), language);
  if (!voice) return false;
  const said = new SpeechSynthesisUtterance(words);
  Object.assign(said, { voice, lang: voice.lang, rate: speed });
  said.addEventListener("boundary", () => onShow() || speechSynthesis.cancel());
  speechSynthesis.cancel();
  speechSynthesis.speak(said);
  return true;
}

/**
 * The voice of this very tag, else one of its language.
 * @param {SpeechSynthesisVoice[]} all @param {string} language
 */
function pick(all, language) {
  const tag = (/** @type {string} */ name) => name.replace("_", "-").toLowerCase();
  const code = (/** @type {string} */ name) => tag(name).split("-")[0];
  return (
    all.find((voice) => tag(voice.lang) === tag(language)) ?? all.find((voice) => code(voice.lang) === code(language))
  );
}

/** @returns {Promise<SpeechSynthesisVoice[]>} */
async function voices() {
  if (!("speechSynthesis" in window)) return [];
  const now = speechSynthesis.getVoices();
  if (now.length) return now;
  await new Promise((done) => {
    speechSynthesis.addEventListener("voiceschanged", done, { once: true });
    setTimeout(done, VOICES_MS);
  });
  return speechSynthesis.getVoices();
}

/** @param {string} language */
function named(language) {
  try {
    return new Intl.DisplayNames(document.documentElement.lang, { type: "language" }).of(language) ?? language;
  } catch {
    return language;
  }
}

/** How often something was heard, over a reload too. @param {string} key */
function counter(key) {
  let here = 0;
  // Without storage it is counted until the page is left.
  const read = () => Math.max(here, Number(stored(key, "sessionStorage") ?? 0));
  const add = () => {
    here = read() + 1;
    store(key, String(here), "sessionStorage");
  };
  return { read, add };
}
