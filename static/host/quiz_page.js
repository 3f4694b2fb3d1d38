// The page of a quiz: its questions as cards, a draft that outlives the session, and a word about the language.

import { h, text } from "../shared/dom.js";
import { Attachments, page } from "./attachments.js";
import { keepDraft } from "./form_draft.js";
import { languageCheck } from "./language_check.js";
import { QuestionCard } from "./question_card.js";
import { undoable } from "./question_undo.js";
import { fieldsOf } from "./row.js";

/** After which somebody who writes has paused. */
const PAUSE_MS = 700;
/** @type {HTMLFormElement | null} */
const form = document.querySelector("#quiz_form");
/** @type {Map<Element, QuestionCard>} */
const cards = new Map();

/** @type {Map<Element, Attachments>} */
const attached = new Map();

/** @param {HTMLElement} row the form of one question. */
function enhance(row) {
  const field = fieldsOf(row, "text");
  if (!field || cards.has(row)) return;
  if (!["kind", "options", "correct_answers", "gaps"].every(field)) return;
  const card = new QuestionCard(row, field);
  cards.set(row, card);
  if (field("media") && field("sound")) {
    attached.set(row, new Attachments(row, field, { image: "media", place: card.editor }));
  }
}

function enhanceAll() {
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#questions-data .form-group"))) {
    enhance(row);
  }
}

/** @param {HTMLInputElement | HTMLSelectElement} language the field. */
function watchLanguage(language) {
  const doubt = h("p.qz-note", { role: "status", hidden: true });
  language.after(doubt);
  const csrf = /** @type {HTMLInputElement} */ (document.querySelector("#quiz_form [name=csrfmiddlewaretoken]")).value;
  const other = languageCheck(page.language, csrf);
  let asked = 0;
  const check = async () => {
    // Whatever is chosen may be in the reader's language; what is typed is graded.
    const typed = [...document.querySelectorAll("#questions-data [name$='-kind']")].filter(
      (kind) => /** @type {HTMLSelectElement} */ (kind).value === "typed",
    );
    const words = typed.flatMap((kind) => {
      const name = /** @type {HTMLSelectElement} */ (kind).name.replace(/kind$/, "correct_answers");
      const answers = form?.elements.namedItem(name);
      return answers instanceof HTMLTextAreaElement ? answers.value.split("\n") : [];
    });
    asked += 1;
    const mine = asked;
    const found = await other(words, language.value || "en");
    if (mine !== asked) return;
    doubt.hidden = !found;
    if (!found) return;
    const name = new Intl.DisplayNames([document.documentElement.lang], { type: "language" }).of(found) ?? found;
    const change = h(
      "button.qz-button.qz-small",
      {
        type: "button",
        onclick: () => {
          language.value = found;
          language.dispatchEvent(new Event("input", { bubbles: true }));
          check();
        },
      },
      text("take_language", { language: name }),
    );
    doubt.replaceChildren(text("looks_like", { language: name }), " ", change);
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  const soon = () => {
    clearTimeout(pause);
    pause = setTimeout(check, PAUSE_MS);
  };
  form?.addEventListener("input", soon);
  form?.addEventListener("change", soon);
  check();
}

if (form) {
  enhanceAll();
  document.addEventListener("formset:added", (event) => enhance(/** @type {HTMLElement} */ (event.target)));
  const language = form.elements.namedItem("language");
  if (language instanceof HTMLInputElement || language instanceof HTMLSelectElement) {
    if (page.adding && !page.refused) {
      const guess = navigator.language.split("-")[0];
      if (language instanceof HTMLSelectElement && [...language.options].some((option) => option.value === guess))
        language.value = guess;
    }
    watchLanguage(language);
  }
  const addRow = () =>
    /** @type {HTMLElement | null} */ (
      document.querySelector("#questions-group .add-row a, #questions-group a.add-row")
    )?.click();
  undoable(form, {
    stored: Boolean(page.stored),
    addRow,
    filled: (row) => {
      enhance(row);
      cards.get(row)?.reread();
      attached.get(row)?.draw();
    },
  });
  keepDraft(form, {
    stored: Boolean(page.stored),
    addRow,
    restored: () => {
      for (const card of cards.values()) card.reread();
      for (const one of attached.values()) one.draw();
      enhanceAll();
      form.dispatchEvent(new Event("input", { bubbles: true }));
    },
  });
}
