// A question that was deleted comes back: one that was never saved at once, one that was saved on the page after it.

import { h, text } from "../shared/dom.js";

/** What belongs to the row of a form and not to what is written in it. */
const LEFT_OUT = /-(id|quiz|question_id|DELETE|position)$/;
const KEY = "host-deleted:";

/** @typedef {Record<string, string | boolean>} Values by the name of a field within its row. */
/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

const rows = () =>
  /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#questions-data > .form-group:not(.empty-form)")]);

/** @param {HTMLElement} row */
const fieldsOf = (row) =>
  /** @type {Field[]} */ ([...row.querySelectorAll("[name^='questions-']")]).filter(
    (field) => field.type !== "file" && !LEFT_OUT.test(field.name),
  );

/** @param {Field} field @returns {field is HTMLInputElement} */
const isTicked = (field) => field.type === "checkbox";

/** @param {Field} field */
const nameOf = (field) => field.name.replace(/^questions-\d+-/, "");

/** @param {HTMLElement} row @returns {Values} */
const valuesOf = (row) =>
  Object.fromEntries(fieldsOf(row).map((field) => [nameOf(field), isTicked(field) ? field.checked : field.value]));

/** @param {HTMLElement} row @param {Values} values */
function fill(row, values) {
  for (const field of fieldsOf(row)) {
    const value = values[nameOf(field)];
    if (value === undefined) continue;
    if (isTicked(field)) field.checked = value === true;
    else field.value = String(value);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {boolean} options.stored whether the page says that the form was stored.
 * @param {() => void} options.addRow adds an empty row.
 * @param {(row: HTMLElement) => void} options.filled the fields of a row have other values now.
 */
export function undoable(form, { stored, addRow, filled }) {
  const key = KEY + location.pathname;
  /** @param {HTMLElement[]} into @param {Values[]} values */
  const write = (into, values) => {
    for (const [index, row] of into.entries()) {
      fill(row, values[index]);
      filled(row);
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  /** @param {Values[]} lost @param {number} [at] in which row the first was; at the end where it is left out. */
  const bringBack = (lost, at) => {
    const first = at ?? rows().length;
    const values = [...lost, ...rows().slice(first).map(valuesOf)];
    for (const _ of lost) addRow();
    write(rows().slice(first), values);
    rows()[first]?.querySelector("textarea")?.focus();
  };
  /** @param {Values[]} lost @param {number} [at] */
  const offer = (lost, at) => {
    document.querySelector(".qz-undo")?.remove();
    const undo = () => {
      bar.remove();
      sessionStorage.removeItem(key);
      bringBack(lost, at);
    };
    const bar = h(
      "div.qz-note.qz-undo",
      { role: "status" },
      text("deleted", { count: lost.length }),
      " ",
      h("button.qz-button.qz-small", { type: "button", onclick: undo }, text("undo")),
    );
    document.querySelector("#questions-group")?.before(bar);
  };

  let ours = false;
  // The theme would write the rows below anew from their markup, and lose whatever stands in their fields. So they move
  // up by one, and it is the last row that goes.
  document.addEventListener(
    "click",
    (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest?.(".delete-template");
      const row = /** @type {HTMLElement | null | undefined} */ (button?.closest("#questions-data > .form-group"));
      if (!row || ours) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const all = rows();
      const at = all.indexOf(row);
      const [lost, ...after] = all.slice(at).map(valuesOf);
      write(all.slice(at, -1), after);
      ours = true;
      /** @type {HTMLElement | null | undefined} */ (all.at(-1)?.querySelector(".delete-template"))?.click();
      ours = false;
      offer([lost], at);
    },
    true,
  );

  form.addEventListener("submit", () => {
    const lost = rows().filter((row) => row.querySelector("input.delete:checked, [name$='-DELETE']:checked"));
    if (lost.length) sessionStorage.setItem(key, JSON.stringify(lost.map(valuesOf)));
  });
  const kept = sessionStorage.getItem(key);
  if (kept && stored) offer(JSON.parse(kept));
  if (stored) sessionStorage.removeItem(key);
}
