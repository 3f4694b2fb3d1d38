// What several views are made of, in a game and in practice.

import { answerText, h, optionText, text, words } from "../shared/dom.js";

/**
 * @typedef {import("./game.js").Game} Game
 * @typedef {import("../shared/dom.js").Attributes} Attributes
 * @typedef {{node: HTMLElement, focus?: () => void, key?: (key: string) => boolean, update?: () => void,
 *   tick?: () => void, fit?: () => void}} View built once when its state begins, then only brought up to date.
 */

/** The heading, which takes the focus. @param {string} content @param {Attributes} attributes */
export const title = (content, attributes = {}) => words("h1", content, { tabindex: -1, ...attributes });

/** @param {string} label @param {() => void} onclick */
export const primary = (label, onclick) => h("button.primary.wide", { type: "button", onclick }, label);

/** @param {string} sign */
export const mark = (sign, kind = "") => h(`p.mark${kind}`, { "aria-hidden": "true" }, sign);

/** The right answers as one line. @param {{kind: string}} asked @param {string[]} answers */
export const solution = (asked, answers) =>
  asked.kind === "order" || asked.kind === "multi"
    ? answerText(asked, answers)
    : answers.map((answer) => optionText(asked, answer)).join(" / ");

/**
 * A word with what differs marked, for the ear too.
 * @param {string} selector
 * @param {import("../shared/diff.js").Part[]} parts
 * @param {"ins" | "del"} tag
 * @param {import("../shared/dom.js").Attributes} attributes
 */
export function marked(selector, parts, tag, attributes) {
  const label = text(tag === "ins" ? "letters_missing" : "letters_extra", {
    letters: parts
      .filter((part) => !part.same)
      .map((part) => part.text)
      .join(", "),
  });
  const spoken = parts.every((part) => part.same) ? null : h("span.visually-hidden", {}, ` (${label})`);
  return h(
    selector,
    {},
    h(
      "bdi",
      attributes,
      parts.map((part) => (part.same ? part.text : h(tag, {}, part.text))),
    ),
    spoken,
  );
}
