// What the editor of quizzes and word lists does better than the theme it stands in.

/**
 * What the theme has for all the world to use.
 * @typedef {Event & {from: HTMLElement}} Sorted
 * @typedef {{Alpine: {$data(row: Element): {openRow: boolean}}, sortRecords(event: Sorted): void}} Theme
 */
const unfoldPage = /** @type {typeof window & Theme} */ (window);

// Questions are shown folded. One that is still empty is there to be written: unfold it.
/** @param {Element} row */
const openQuestion = (row) => {
  // Alpine sees a new row only after this turn of the event loop.
  setTimeout(() => {
    unfoldPage.Alpine.$data(row).openRow = true;
  });
};

document.addEventListener("alpine:initialized", () => {
  document.querySelectorAll(".form-group.template:not(.empty-form)").forEach(openQuestion);
});
document.addEventListener("formset:added", (event) => openQuestion(/** @type {Element} */ (event.target)));

document.addEventListener("DOMContentLoaded", () => {
  // A mistake in a folded part would be told where nobody sees it.
  for (const part of /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll(".form-group details"))) {
    part.open ||= part.querySelector(".errorlist") !== null;
  }

  // Other pages of questions are loaded as pages, so that the browser asks before it drops what was not saved, and the
  // form knows how many questions it has. The theme would exchange the questions alone.
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll(".inline-pagination a[hx-get]")
  )) {
    link.href = link.getAttribute("hx-get") ?? "";
  }
});
document.addEventListener(
  "click",
  (event) => {
    if (event.target instanceof Element && event.target.closest(".inline-pagination a[href]")) {
      event.stopPropagation();
    }
  },
  true,
);

// The theme numbers what was dragged from 0, on every page: on the second one that is the place of the first page's.
document.addEventListener("alpine:init", () => {
  const number = unfoldPage.sortRecords;
  unfoldPage.sortRecords = (event) => {
    const own = `.form-group.original input[name$=-${event.from.dataset.orderingField}]`;
    const places = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (event.from.querySelectorAll(own))];
    const first = Math.min(...places().map((place) => Number(place.defaultValue)));
    number(event);
    for (const place of places()) place.value = String(Number(place.value) + first);
  };
});
