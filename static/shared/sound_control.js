// The switch for sounds, what it remembers on this device, and what it says while nothing is heard.

import { element, text } from "./dom.js";
import { Follower, Sound } from "./sound.js";
import { keep, recall } from "./storage.js";

/** The big screen says this often that it sounds; a console beside it is silent until it has not said so for a while. */
const SAY_MS = 1_000;
const SAID_MS = 3_500;

/**
 * @typedef {{on: boolean, volume: number}} Wish
 * @typedef {{status: string, phase: string, deadline?: string | null}} Heard `deadline`: null while its time does not run.
 * @typedef {{toggle(): void, hear(heard: Heard, now: number): void}} SoundControl
 */

/**
 * Make the page's switch work, and hear what happens.
 * @param {object} settings
 * @param {string} settings.key under which the device remembers it.
 * @param {boolean} settings.on whether there is sound where nobody chose.
 * @param {"leads" | "follows"} [settings.beside] which of two pages of one session sounds in one browser.
 * @param {string} [settings.session]
 * @returns {SoundControl}
 */
export function soundControl({ key, on, beside, session }) {
  const button = element("sound", HTMLButtonElement);
  const volume = /** @type {HTMLInputElement | null} */ (document.getElementById("volume"));
  const hint = element("sound-hint");
  /** @type {Wish} */
  const wish = { on, volume: 0.5, .../** @type {Partial<Wish> | null} */ (recall(key)) };
  const sound = new Sound(draw);
  const follower = new Follower(sound);

  function draw() {
    const { silence } = sound;
    button.setAttribute("aria-pressed", String(wish.on && silence !== "still"));
    button.setAttribute("aria-disabled", String(silence === "still" || silence === "none"));
    if (volume) volume.disabled = ["off", "still", "none"].includes(silence);
    const said = silence && silence !== "off" ? text(`sound_${silence}`) : "";
    if (hint.textContent !== said) hint.textContent = said;
    hint.hidden = !said;
  }

  /** @param {Partial<Wish>} changes */
  function choose(changes) {
    keep(key, Object.assign(wish, changes));
    sound.set(wish);
  }

  function toggle() {
    // Where the browser waited for this click, it is what the click is for.
    if (sound.silence === "refused") sound.wake();
    else if (button.getAttribute("aria-disabled") !== "true") choose({ on: !wish.on });
  }

  button.addEventListener("click", toggle);
  if (volume) {
    volume.value = String(Math.round(wish.volume * 100));
    volume.addEventListener("input", () => choose({ volume: Number(volume.value) / 100 }));
    volume.addEventListener("change", () => sound.play("tick"));
  }
  // Any click or key lets a page sound. Those of the switch mean the switch.
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, (event) => {
      const own = event.target === button || (event instanceof KeyboardEvent && event.key.toLowerCase() === "m");
      if (!own && sound.silence === "refused") sound.wake();
    });
  }
  let said = -Infinity;
  const channel = beside ? new BroadcastChannel(`sound ${session}`) : null;
  if (beside === "leads") setInterval(() => sound.silence || channel?.postMessage("sounds"), SAY_MS);
  if (beside === "follows") {
    channel?.addEventListener("message", () => {
      said = performance.now();
    });
  }
  sound.set(wish);
  return {
    toggle,
    hear({ status, phase, deadline }, now) {
      if (beside === "follows") sound.hush(performance.now() - said < SAID_MS);
      const heard = status === "waiting" ? "lobby" : status === "completed" ? "ended" : phase;
      follower.see({ phase: heard, left: deadline ? Date.parse(deadline) - now : null });
    },
  };
}
