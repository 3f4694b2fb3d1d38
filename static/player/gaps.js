// Filling the gaps of a text: fields stand in the text itself, where each gap is.

import { h, text } from "../shared/dom.js";
import { gapped } from "../shared/gaps.js";
import { accentKeys } from "./accents.js";

const LONGEST = 150;

/**
 * @param {import("./kinds.js").Question} question
 * @param {string | undefined} language
 * @param {import("./memory.js").Draft} draft
 * @param {(answer: string[]) => void} submit
 * @param {{letters: boolean}} wishes
 * @returns {import("./kinds.js").Control}
 */
export function gaps(question, language, draft, submit, { letters }) {
  const asked = question.gaps ?? [];
  const total = asked.length;
  const kept = Array.isArray(draft.value) && draft.value.length === total ? draft.value : [];
  /** @type {(HTMLInputElement | HTMLSelectElement)[]} */
  const fields = asked.map((gap, index) => {
    const label = { "aria-label": text("gap_of", { number: index + 1, total }) };
    return gap.options.length
      ? chosen(gap.options, kept[index], label)
      : typed(kept[index], label, index + 1 === total);
  });
  const writable = /** @type {HTMLInputElement[]} */ (fields.filter((field) => field.matches("input")));
  let last = writable[0];
  const answer = () => fields.map((field) => field.value.trim());
  const button = h("button.primary.wide", { type: "submit" }, text("lock_in"));
  const changed = () => {
    button.disabled = !answer().some(Boolean);
  };
  const form = h(
    "form.answer.filling",
    {
      oninput() {
        changed();
        draft.keep(button.disabled ? null : answer());
      },
      onfocusin(/** @type {Event} */ event) {
        const field = /** @type {HTMLInputElement} */ (event.target);
        if (writable.includes(field)) last = field;
      },
      onkeydown(/** @type {KeyboardEvent} */ event) {
        const field = /** @type {HTMLInputElement} */ (event.target);
        if (event.key !== "Enter" || event.isComposing || !fields.includes(field)) return;
        event.preventDefault();
        // On with the next gap that is open; when none is left, or nothing was written here, the answer is meant.
        const at = fields.indexOf(field);
        const next = [...fields.slice(at + 1), ...fields.slice(0, at)].find((other) => !other.value.trim());
        if (next) next.focus();
        else form.requestSubmit(button);
      },
      onsubmit(/** @type {Event} */ event) {
        event.preventDefault();
        if (!button.disabled) submit(answer());
      },
    },
    gapped("p.gap-text", question.text, fields, language),
    h("p.hint", { id: "hint" }, text("hint_gaps")),
    letters && writable.length ? accentKeys(() => last, language) : null,
    h("div.foot", {}, button),
  );
  changed();
  return {
    node: form,
    hint: "hint",
    // As with a typed answer: a phone's keyboard would hide the text.
    focus: matchMedia("(pointer: fine)").matches ? () => fields[0].focus() : undefined,
    key: () => false,
  };
}

/** @param {string | undefined} value @param {Record<string, string>} label @param {boolean} isLast */
function typed(value, label, isLast) {
  return h("input.gap-field", {
    type: "text",
    dir: "auto",
    size: 10,
    maxlength: LONGEST,
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: isLast ? "send" : "next",
    value,
    ...label,
  });
}

/** @param {string[]} options @param {string | undefined} value @param {Record<string, string>} label */
function chosen(options, value, label) {
  const entries = ["", ...options].map((option) =>
    h("option", { value: option, selected: option !== "" && option === value }, option || "…"),
  );
  return h("select.gap-field", { dir: "auto", ...label }, entries);
}
