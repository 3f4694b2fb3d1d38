// Elements, texts and announcements. Whatever people wrote goes in as text, never as markup.

import { BASE } from "./paths.js";
import { filled } from "./plurals.js";

/**
 * What the server gives a page along with its markup; each page knows its own keys.
 * @type {{texts: Record<string, import("./plurals.js").Text>}}
 */
const page = JSON.parse(document.querySelector('script[type="application/json"]')?.textContent ?? "{}");
export { page };

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {{[Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: HTMLElementEventMap[Name]) => void} &
 *   {[name: string]: string | number | boolean | null | undefined | ((event: never) => void)}} Attributes
 * @typedef {{kind: string, media?: string | null, shapes?: number[] | null}} Question
 */
/** @template {string} Name @typedef {Name extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Name] : HTMLElement} Tagged */
/** @template {string} Selector @typedef {Selector extends `${infer Name}.${string}` ? Tagged<Name> : Tagged<Selector>} Made */

/**
 * The page's own element of this id.
 * @template {Element} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind] what it is, if more than just any element of HTML.
 * @returns {Kind}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`no ${kind?.name ?? "element"} ${id}`);
  return /** @type {Kind & typeof found} */ (found);
}

/**
 * A translated text; `%(name)s` is replaced by `values.name`.
 * @param {string} key
 * @param {Record<string, string | number>} values
 */
export function text(key, values = {}) {
  const found = page.texts[key];
  if (found === undefined) throw new Error(`no text ${key}`);
  return filled(found, values, document.documentElement.lang);
}

/**
 * An element: `h("p.lead", {dir: "auto"}, "text", child)`. Keys that begin with "on" are listeners.
 * @template {string} Selector
 * @param {Selector} selector
 * @param {Attributes} attributes
 * @param {(Child | Child[])[]} children
 * @returns {Made<Selector>}
 */
export function h(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(
    ...children
      .flat()
      .filter(there)
      .map((child) => (child instanceof Node ? child : String(child))),
  );
  return /** @type {Made<Selector>} */ (node);
}

/**
 * What has to be there by now; whoever asks for it too early is told so.
 * @template T
 * @param {T | null | undefined} value
 * @returns {T}
 */
export function sure(value) {
  if (value === null || value === undefined) throw new Error("not there yet");
  return value;
}

/** @param {Child} child @returns {child is Node | string | number} */
const there = (child) => child !== null && child !== undefined && child !== false;

/**
 * What somebody wrote, in the direction it is written in.
 * @template {string} Selector
 * @param {Selector} selector
 * @param {string | number} content
 * @param {Attributes} attributes
 */
export const words = (selector, content, attributes = {}) =>
  h(selector, { dir: "auto", ...attributes }, String(content));

/** @param {number} value */
export const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

/**
 * A moment in the time zone of this device, which it names.
 * @param {string} time as the server writes times.
 */
export const when = (time) =>
  new Intl.DateTimeFormat(document.documentElement.lang, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(Date.parse(time));

/**
 * What somebody wrote, as part of a row: in its own direction, and where the page's direction has it.
 * @template {string} Selector
 * @param {Selector} selector
 * @param {string | number} content
 * @param {Attributes} attributes of the words.
 */
export const aligned = (selector, content, attributes = {}) => h(selector, {}, h("bdi", attributes, String(content)));

/**
 * For words of the quiz: their language, for whoever reads them aloud, and no translation, which would give answers away.
 * @param {string | undefined} language
 * @returns {Attributes}
 */
export const foreign = (language) => ({ lang: language, translate: "no" });

/** In which language an answer is written: true and false are in the reader's. @param {string} kind @param {string} language */
export const tongue = (kind, language) => (kind === "true_false" ? {} : foreign(language));

const twoDigits = new Intl.NumberFormat(document.documentElement.lang, { minimumIntegerDigits: 2 });
/**
 * Seconds as a countdown shows them: with minutes where there would be three digits.
 * @param {number} seconds
 */
export const countdown = (seconds) =>
  seconds < 100 ? number(seconds) : `${number(Math.floor(seconds / 60))}:${twoDigits.format(seconds % 60)}`;

// Eight outlines that stay apart without colour, small and from afar.
const SHAPES = [
  "M12 2a10 10 0 1 0 0 20a10 10 0 1 0 0-20z",
  "M12 2.5 23 21.5H1z",
  "M3 3h18v18H3z",
  "M12 .8 23.2 12 12 23.2.8 12z",
  "M12 1.2l3.2 7.2 7.8.8-5.9 5.2 1.7 7.7L12 18.1l-6.8 4 1.7-7.7L1 9.2l7.8-.8z",
  "M6.5 2.5h11L23 12l-5.5 9.5h-11L1 12z",
  "M8.5 2h7v6.5H22v7h-6.5V22h-7v-6.5H2v-7h6.5z",
  "M2 7a10 10 0 0 0 20 0zM2 17h20v4H2z",
];

/**
 * An element of SVG.
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string | number>} attributes
 * @param {SVGElement[]} children
 */
export function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

/**
 * A drawing that says nothing to who does not see it.
 * @param {string} viewBox
 * @param {string} look its class.
 * @param {string} path
 */
export const outline = (viewBox, look, path) =>
  svg("svg", { viewBox, class: look, "aria-hidden": "true" }, svg("path", { d: path }));

/** A loudspeaker. */
export const horn = () =>
  outline("0 0 24 24", "horn", "M3 9h4l6-5v16l-6-5H3zM16 8.5a5 5 0 0 1 0 7M18.5 6a8.5 8.5 0 0 1 0 12");

/** @param {number} index */
export const shape = (index) => outline("0 0 24 24", "shape", SHAPES[index % SHAPES.length]);

/** The first shapes in a row, while everybody waits. */
export const dance = () =>
  h(
    "div.dance",
    { "aria-hidden": "true" },
    [0, 1, 2, 3].map((index) => h(`span.${hue(index)}`, {}, shape(index))),
  );

/**
 * The class of an option's colour; six colours, so that with the eight shapes the first 24 differ.
 * @param {number} index
 */
export const hue = (index) => `hue${index % 6}`;

/**
 * By which shape and colour an option is drawn: those it has in the session's order, wherever it stands here.
 * @param {Question} question
 * @param {number} index
 */
export const lookOf = (question, index) => question.shapes?.[index] ?? index;

/** Which of these has the focus; -1: none. @param {Element[]} nodes */
export const focusedOf = (nodes) => (document.activeElement ? nodes.indexOf(document.activeElement) : -1);

const live = document.getElementById("announce");
/**
 * Tell screen readers, politely. The same words twice in a row are told once.
 * @param {string} message
 */
export function announce(message) {
  if (live && live.textContent !== message) live.textContent = message;
}

/**
 * Whole seconds that are left, in the reader's digits.
 * @param {string} at a time as the server writes it.
 * @param {number} now Unix milliseconds on the server.
 */
export const secondsTo = (at, now) => number(Math.max(0, Math.ceil((Date.parse(at) - now) / 1_000)));

/**
 * `true` and `false` are kept in English and shown in the reader's language.
 * @param {Question} question
 * @param {string} option
 */
export function optionText(question, option) {
  if (question.kind === "true_false" && option === "True") return text("true");
  if (question.kind === "true_false" && option === "False") return text("false");
  return option;
}

/**
 * An answer as one line.
 * @param {Question} question
 * @param {string | string[]} answer
 */
export function answerText(question, answer) {
  /** @param {string} part */
  const one = (part) => optionText(question, part);
  if (!Array.isArray(answer)) return one(answer);
  if (question.kind === "gaps") return answer.map((part) => part || BLANK).join(" · ");
  return question.kind === "order" ? inOrder(answer.map(one)) : answer.map(one).join(", ");
}

/** What stands for a gap where nothing is written in. */
const BLANK = "____";

/**
 * The text before, between and after the gaps, which stand in it as [[1]], [[2]] and so on.
 * @param {string} written
 */
export const pieces = (written) => written.split(/\[\[\d{1,3}\]\]/);

/**
 * A question's text for people to read, with a line for each gap.
 * @param {{kind: string, text: string}} question
 */
export const shownText = (question) => (question.kind === "gaps" ? pieces(question.text).join(BLANK) : question.text);

/**
 * Parts in their order, as one line. Unlike an arrow, the sign is mirrored where the line runs from right to left.
 * @param {string[]} parts
 */
export const inOrder = (parts) => parts.join(" › ");

/**
 * A question's picture, if it is one of ours: no request leaves the server.
 * @param {Question} question
 */
export function picture(question) {
  if (!question.media) return null;
  const address = new URL(question.media.startsWith("/") ? BASE + question.media : question.media, location.href);
  return address.origin === location.origin ? h("img.picture", { src: address.href, alt: "" }) : null;
}

/**
 * Put on the first of the looks in which everything fits, or the last one. Whether it does fit.
 * @template Look
 * @param {Look[]} looks
 * @param {(look: Look) => void} apply
 * @param {() => boolean} fits
 */
export function settle(looks, apply, fits) {
  return looks.some((look) => {
    apply(look);
    return fits();
  });
}
