// The page of a word list: each word with its picture and its recording.

import { Attachments } from "./attachments.js";
import { fieldsOf } from "./row.js";

/** @type {Set<Element>} */
const known = new Set();

/** @param {HTMLElement} row the form of one word. */
function enhance(row) {
  const field = fieldsOf(row, "term");
  if (!field || known.has(row)) return;
  const place = field("example")?.closest(".field-example, .form-row, .field-row") ?? field("example")?.parentElement;
  if (!place || !field("image") || !field("sound")) return;
  known.add(row);
  new Attachments(row, field, { image: "image", place });
}

for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#words-data .form-group"))) {
  enhance(row);
}
document.addEventListener("formset:added", (event) => enhance(/** @type {HTMLElement} */ (event.target)));
