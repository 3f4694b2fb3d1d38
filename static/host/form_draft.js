// What was written into a form and not yet stored, kept by the browser: a lost session, a closed tab or a refused save
// costs nothing.

import { h, text } from "../shared/dom.js";
import { keep, recall } from "../shared/storage.js";

const PREFIX = "host-draft:";
const KEPT_MS = 7 * 24 * 3_600_000;
const LEFT_OUT = new Set(["csrfmiddlewaretoken"]);

/** @typedef {{at: number, sent: boolean, fields: [string, string][]}} Draft */
/** @param {string} key */
const read = (key) => /** @type {Draft | null} */ (recall(PREFIX + key));
/** @param {string} key @param {Draft | null} draft */
const write = (key, draft) => keep(PREFIX + key, draft);

/** Fields and what is in them; files stay where they are. @param {HTMLFormElement} form */
const contents = (form) =>
  [...new FormData(form)].flatMap(([name, value]) =>
    typeof value === "string" && !LEFT_OUT.has(name) ? [/** @type {Draft["fields"][number]} */ ([name, value])] : [],
  );

/**
 * Keep a draft of the form, and offer the one that is there.
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {boolean} options.stored whether the page says that the form was stored.
 * @param {() => void} options.addRow adds an empty row, until the draft's rows have room.
 * @param {() => void} options.restored the fields have other values now.
 */
export function keepDraft(form, { stored, addRow, restored }) {
  const key = location.pathname;
  if (stored) {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(PREFIX) && read(name.slice(PREFIX.length))?.sent) write(name.slice(PREFIX.length), null);
    }
  }
  const kept = read(key);
  const before = JSON.stringify(contents(form));
  if (kept && Date.now() - kept.at < KEPT_MS && JSON.stringify(kept.fields) !== before)
    offer(form, kept, addRow, restored);
  else write(key, null);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const keep = (sent = false) => {
    const fields = contents(form);
    if (JSON.stringify(fields) !== before) write(key, { at: Date.now(), sent, fields });
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  });
  form.addEventListener("submit", () => keep(true));
}

/**
 * @param {HTMLFormElement} form
 * @param {{at: number, fields: [string, string][]}} kept
 * @param {() => void} addRow
 * @param {() => void} restored
 */
function offer(form, kept, addRow, restored) {
  const at = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });
  const bar = h(
    "div.qz-note.qz-draft",
    { role: "status" },
    h("p", {}, text("draft_found", { time: at.format(kept.at) })),
  );
  const button = (/** @type {string} */ label, /** @type {() => void} */ run) => {
    const onclick = () => {
      run();
      bar.remove();
    };
    return h("button.qz-button", { type: "button", onclick }, text(label));
  };
  bar.append(
    h(
      "p.qz-actions",
      {},
      button("draft_take", () => {
        restore(form, kept.fields, addRow);
        restored();
      }),
      button("draft_drop", () => write(location.pathname, null)),
    ),
  );
  form.prepend(bar);
}

/** @param {HTMLFormElement} form @param {[string, string][]} fields @param {() => void} addRow */
function restore(form, fields, addRow) {
  const wanted = new Map(fields);
  for (const [name, value] of wanted) {
    if (!name.endsWith("-TOTAL_FORMS")) continue;
    const total = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
    for (let tries = 0; total && Number(total.value) < Number(value) && tries < 60; tries++) addRow();
  }
  for (const field of /** @type {Iterable<HTMLInputElement>} */ (form.elements)) {
    if (!field.name || field.type === "file" || LEFT_OUT.has(field.name) || /_FORMS$/.test(field.name)) continue;
    if (field.type === "checkbox") field.checked = wanted.has(field.name);
    else if (field.type === "radio") field.checked = wanted.get(field.name) === field.value;
    else field.value = wanted.get(field.name) ?? field.value;
  }
}
