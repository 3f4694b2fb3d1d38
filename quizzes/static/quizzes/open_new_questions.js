// The quiz editor shows its questions folded. One that is still empty is there to be written: unfold it.
"use strict";

const openQuestion = (row) => {
  // Alpine sees a new row only after this turn of the event loop.
  setTimeout(() => {
    Alpine.$data(row).openRow = true;
  });
};

document.addEventListener("alpine:initialized", () => {
  document.querySelectorAll(".form-group.template:not(.empty-form)").forEach(openQuestion);
});
document.addEventListener("formset:added", (event) => openQuestion(event.target));
