// Which of how many questions one is. There may be more of them than when it opened.

import { h, number, text } from "./dom.js";

/** @typedef {{index: number, total: number}} Asked */

/** @param {Asked} asked */
const told = (asked) => text("question_of", { index: number(asked.index + 1), total: number(asked.total) });

/** @param {Asked} asked */
export const placeOf = (asked) => h("span.place-of", {}, told(asked));

/** There are more questions than when it opened: tell it anew where it is on show. @param {Asked} asked */
export function tellPlace(asked) {
  for (const node of document.querySelectorAll(".place-of")) node.textContent = told(asked);
  for (const bar of document.querySelectorAll("progress.way")) bar.setAttribute("max", String(asked.total));
}
