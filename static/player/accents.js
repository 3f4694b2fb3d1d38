// Letters that an answer may need and a keyboard may lack: those of the answer's language, always all of them, so that
// they tell nothing of the answer.

import { focusedOf, h, sure, text } from "../shared/dom.js";

/** @type {Record<string, string>} */
const LETTERS = {
  ca: "àçéèíïóòúü",
  cs: "áčďéěíňóřšťúůýž",
  da: "æøå",
  de: "äöüß",
  eo: "ĉĝĥĵŝŭ",
  es: "áéíñóúü¿¡",
  fi: "äöå",
  fr: "àâæçéèêëîïôœùûü",
  hu: "áéíóöőúüű",
  it: "àèéìòù",
  nb: "æøå",
  nl: "éëïóöü",
  no: "æøå",
  pl: "ąćęłńóśźż",
  pt: "ãáâàçéêíóôõú",
  ro: "ăâîșț",
  sk: "áäčďéíľňóôŕšťúýž",
  sv: "åäö",
  tr: "çğıöşü",
  vi: "ăâđêôơư\u0300\u0301\u0309\u0303\u0323",
};

/** @param {string | undefined} language a BCP 47 tag. */
export const lettersOf = (language) => Array.from(LETTERS[(language ?? "").toLowerCase().split("-")[0]] ?? "");

/**
 * A row of keys that write into a field. One of them is reached by Tab, the others by the arrows.
 * @param {() => HTMLInputElement} field the one that is written into now.
 * @param {string | undefined} language
 */
export function accentKeys(field, language) {
  const letters = lettersOf(language);
  if (!letters.length) return null;
  const keys = letters.map((letter, index) =>
    h(
      "button.letter",
      {
        type: "button",
        tabindex: index ? -1 : 0,
        // The field keeps the focus, and a phone its keyboard.
        onpointerdown: (event) => event.preventDefault(),
        onclick: () => write(field(), letter),
      },
      /\p{M}/u.test(letter) ? `◌${letter}` : letter,
    ),
  );
  return h(
    "div.letters",
    {
      role: "toolbar",
      "aria-label": text("letters"),
      onkeydown(event) {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        const at = focusedOf(keys);
        for (const key of keys) key.tabIndex = -1;
        const next = sure(keys.at((at + step) % keys.length));
        next.tabIndex = 0;
        next.focus();
      },
    },
    keys,
  );
}

/** @param {HTMLInputElement} input @param {string} letter */
function write(input, letter) {
  const [from, to] = [input.selectionStart ?? input.value.length, input.selectionEnd ?? input.value.length];
  if (input.value.length - (to - from) + letter.length > input.maxLength) return;
  input.setRangeText(letter, from, to, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
}
