// A question on the big screen: before its options, and open.

import {
  aligned,
  announce,
  countdown,
  foreign,
  h,
  hue,
  number,
  optionText,
  picture,
  secondsTo,
  settle,
  shape,
  shownText,
  sure,
  svg,
  text,
  tongue,
  words,
} from "../shared/dom.js";
import { speaker } from "../shared/listen.js";
import { placeOf } from "../shared/place_of.js";

/**
 * @typedef {import("./hall.js").Hall} Hall
 * @typedef {import("./hall.js").Asked} Asked
 * @typedef {import("./hall.js").Open} Open
 * @typedef {import("./scenes.js").Scene} Scene
 */

/** @param {string} content */
const long = (content) => (content.length > 140 ? "long" : content.length > 60 ? "medium" : "short");

/** Whether nothing of it is cut off. @param {Element} node */
export const whole = (node) => node.scrollHeight <= node.clientHeight + 1;

/** The question on show, for what is shown only with one. @param {Hall} hall */
const shownIn = (hall) => sure(hall.question);

/** The same, once its options have come. @param {Hall} hall */
export function opened(hall) {
  const asked = shownIn(hall);
  sure(asked.options);
  return /** @type {Open} */ (asked);
}

/** Which question it is, and its text. @param {Hall} hall */
export function heading(hall) {
  const asked = shownIn(hall);
  return /** @type {const} */ ([
    h("p.eyebrow", {}, placeOf(asked), asked.again_of ? ` · ${text("once_more")}` : null),
    words(
      `h1.${long(asked.text)}`,
      shownText(asked) || text("listen_title"),
      asked.text ? foreign(asked.listen_language ?? sure(hall.session).language) : {},
    ),
  ]);
}

/** The countdown, as a ring. @param {Hall} hall */
function ring(hall) {
  const [rail, hand] = ["rail", "hand"].map((look) =>
    svg("circle", { class: look, cx: 50, cy: 50, r: 45, pathLength: 1 }),
  );
  const dial = svg("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" }, rail, hand);
  const seconds = h("span.seconds");
  const node = h("div.ring", { role: "timer", "aria-label": text("time_left") }, dial, seconds);
  return {
    node,
    tick() {
      if (hall.paused) {
        seconds.textContent ||= "❙❙";
        return;
      }
      const { deadline, time_limit_ms: limit } = shownIn(hall);
      const left = Math.max(0, Date.parse(deadline ?? "") - hall.clock.now());
      const whole = Math.ceil(left / 1000);
      seconds.textContent = countdown(whole);
      node.classList.toggle("minutes", whole >= 100);
      hand.style.strokeDashoffset = String(1 - Math.min(1, left / limit));
      node.classList.toggle("hurry", whole <= 5);
    },
  };
}

let playedLast = "";
/**
 * The screen plays for the hall, by itself once: before the options come, or with them.
 * @param {Asked} shown
 * @param {ReturnType<typeof speaker>} heard
 */
function playOnce(shown, heard) {
  if (playedLast === shown.question_id) return;
  playedLast = shown.question_id;
  heard?.play();
}

/** The question, before its options and its time. @param {Hall} hall @returns {Scene} */
export function asked(hall) {
  const shown = shownIn(hall);
  const soon = h("p.write", { role: "timer" });
  const [eyebrow, title] = heading(hall);
  announce(shownText(shown) || text("listen_title"));
  const image = picture(shown);
  const heard = speaker(shown, { speed: sure(hall.session).options?.listen_speed });
  playOnce(shown, heard);
  return {
    node: h(
      `section.question${image ? ".pictured" : ""}`,
      {},
      h("div.text", {}, eyebrow, title, heard?.node),
      h("aside"),
      image,
      soon,
    ),
    tick() {
      if (!hall.paused)
        soon.textContent = text("options_in", { seconds: secondsTo(sure(shown.options_at), hall.clock.now()) });
    },
  };
}

/** What the hall is told to do where it has nothing to choose from. @type {Record<string, string>} */
const WRITE = { number: "write_number", gaps: "gaps_title" };

/** The question, open. @param {Hall} hall @returns {Scene} */
export function question(hall) {
  const asked = opened(hall);
  const session = sure(hall.session);
  const timer = ring(hall);
  const done = h("p.done");
  const bar = h("span.fill");
  announce(shownText(asked) || text("listen_title"));
  const paused = h("div.cover", { hidden: true }, h("p", {}, text("paused")));
  const [eyebrow, title] = heading(hall);
  const image = picture(asked);
  const heard = speaker(asked, { speed: session.options?.listen_speed });
  playOnce(asked, heard);
  const node = h(
    `section.question${image ? ".pictured" : ""}`,
    {},
    paused,
    h("div.text", {}, eyebrow, title, heard?.node),
    h("aside", {}, timer.node, done, h("span.track", {}, bar)),
    image,
    asked.options.length
      ? options(asked, session.language)
      : h("p.write", {}, text(WRITE[asked.kind] ?? "write_answer")),
  );
  const sizes = ["short", "medium", "long", "longer", "longest"];
  const headings = sizes.slice(sizes.indexOf(title.className));
  // The picture gives way first, then the heading, then the options; a picture too small to be seen is no use.
  const looks = ["", "dense", "least"].flatMap((room) =>
    headings.flatMap((size) => (image ? [26, 20, 15, 11] : [0]).map((rem) => ({ room, size, rem }))),
  );
  const list = node.querySelector(".options");
  const apply = (/** @type {(typeof looks)[number]} */ look) => {
    title.className = look.size;
    node.dataset.room = look.room;
    node.style.setProperty("--picture", `${look.rem}rem`);
  };
  const fit = () => settle(looks, apply, () => whole(node) && (!list || whole(list)));
  image?.addEventListener("load", fit);
  return {
    node,
    fit,
    update() {
      // As on the phones: nobody may think on while the clock stands still.
      paused.hidden = !hall.paused;
      const answered = hall.progress?.answered_count ?? 0;
      const all = Math.max(answered, hall.count);
      done.textContent = text("answered_of", { done: number(answered), all: number(all) });
      bar.style.transform = `scaleX(${all ? answered / all : 0})`;
    },
    tick: timer.tick,
  };
}

/** How many options there are, and how long. @param {Open} asked */
function density(asked) {
  if (asked.options.some((one) => one.length > 60)) return ".dense";
  if (asked.options.length > 6) return asked.options.some((one) => one.length > 20) ? ".dense" : ".dense.brief";
  return asked.options.length > 4 ? "" : ".roomy";
}

/**
 * @param {Open} asked
 * @param {string} language
 * @param {(option: string) => {state: string, extra: (Node | null)[]} | null} row what is told of an option.
 */
export function options(asked, language, row = () => null) {
  return h(
    `ol.options${density(asked)}${asked.options.length % 2 ? ".odd" : ""}`,
    {},
    asked.options.map((option, index) => {
      const { state, extra } = row(option) ?? { state: "", extra: [] };
      return h(
        `li.${hue(index)}${state}`,
        {},
        h("span.tab", {}, shape(index)),
        aligned("span.label", optionText(asked, option), tongue(asked.kind, language)),
        ...extra,
      );
    }),
  );
}
