// What a player answers with: one control per kind of question.
//
// It calls `submit(answer)` once the player means it. What it holds until then it keeps in `draft`, and begins with.

import { aligned, announce, focusedOf, h, hue, lookOf, optionText, shape, text, tongue } from "../shared/dom.js";
import { accentKeys } from "./accents.js";
import { gaps } from "./gaps.js";

/**
 * @typedef {Pick<import("./game.js").Open, "kind" | "text" | "options" | "shapes" | "gaps">} Question
 * @typedef {import("./memory.js").Draft} Draft
 * @typedef {import("../shared/dom.js").Attributes} Attributes
 * @typedef {(answer: import("./memory.js").Answer) => void} Submit
 * @typedef {object} Control
 * @property {HTMLElement} node
 * @property {() => void} [focus]
 * @property {string} [hint] the id of what says how to answer.
 * @property {(key: string) => boolean} key takes a pressed key, and says whether it meant something.
 */

/**
 * @param {Question} question
 * @param {string} language of the quiz.
 * @param {Draft} draft
 * @param {Submit} submit
 * @param {{letters?: boolean}} wishes whether a typed answer has keys for the letters of its language.
 * @returns {Control}
 */
export function control(question, language, draft, submit, { letters = true } = {}) {
  switch (question.kind) {
    case "multi":
      return multi(question, language, draft, submit);
    case "order":
      return order(question, language, draft, submit);
    case "gaps":
      return gaps(question, language, draft, submit, { letters });
    case "typed":
      return written(draft, submit, { lang: language, dir: "auto", maxlength: 300 }, letters ? language : null);
    case "number":
      return written(draft, submit, { inputmode: "decimal", dir: "ltr", maxlength: 40 });
    default:
      return choice(question, language, submit);
  }
}

/** @param {Question} question @param {number} index @param {string} language @param {Attributes} attributes */
function option(question, index, language, attributes) {
  const look = lookOf(question, index);
  return h(
    `button.option.${hue(look)}`,
    { type: "button", ...attributes },
    h("span.tab", {}, shape(look), h("kbd.digit", { "aria-hidden": "true" }, String(index + 1))),
    aligned("span.label", optionText(question, question.options[index]), tongue(question.kind, language)),
  );
}

const rtl = document.documentElement.dir === "rtl";
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1, ArrowRight: rtl ? -1 : 1, ArrowLeft: rtl ? 1 : -1 };

/** Arrow keys walk through the options; Tab does so as well. @param {HTMLElement[]} buttons @param {string} key */
function walk(buttons, key) {
  const step = STEPS[key];
  if (!step || !buttons.length) return false;
  const at = focusedOf(buttons);
  const start = step > 0 ? -1 : 0;
  buttons.at(((at < 0 ? start : at) + step) % buttons.length)?.focus();
  return true;
}

/** The options as tiles; the style sheet lets them grow by how many there are. @param {HTMLElement[]} buttons */
function tiles(buttons) {
  const node = h("div.options", { role: "group", "aria-labelledby": "question" }, buttons);
  node.style.setProperty("--tiles", String(buttons.length));
  return node;
}

/** @param {string} key */
const digitOf = (key) => (/^[1-9]$/.test(key) ? Number(key) - 1 : -1);
/** @param {Attributes} attributes */
const lockIn = (attributes) => h("button.primary.wide", { type: "button", ...attributes }, text("lock_in"));

/** @param {Question} question @param {string} language @param {Submit} submit @returns {Control} */
function choice(question, language, submit) {
  const buttons = question.options.map((value, index) =>
    option(question, index, language, { onclick: () => submit(value) }),
  );
  return {
    node: tiles(buttons),
    key(key) {
      const button = buttons[digitOf(key)];
      if (!button) return walk(buttons, key);
      button.click();
      return true;
    },
  };
}

/** The options that a draft holds, without any that a question does not have. @param {Question} question @param {Draft} draft */
const drafted = (question, draft) => [draft.value ?? []].flat().filter((value) => question.options.includes(value));

/** @param {Question} question @param {string} language @param {Draft} draft @param {Submit} submit @returns {Control} */
function multi(question, language, draft, submit) {
  const chosen = new Set(drafted(question, draft));
  const answer = () => question.options.filter((value) => chosen.has(value));
  const button = lockIn({ disabled: chosen.size === 0, onclick: () => submit(answer()) });
  const buttons = question.options.map((value, index) =>
    option(question, index, language, {
      "aria-pressed": String(chosen.has(value)),
      onclick() {
        if (!chosen.delete(value)) chosen.add(value);
        buttons[index].setAttribute("aria-pressed", String(chosen.has(value)));
        button.disabled = chosen.size === 0;
        draft.keep(answer());
      },
    }),
  );
  return {
    node: h(
      "div.answer",
      {},
      h("p.hint", { id: "hint" }, text("hint_multi")),
      tiles(buttons),
      h("div.foot", {}, button),
    ),
    hint: "hint",
    key(key) {
      if (key === "Enter" && chosen.size) button.click();
      else if (buttons[digitOf(key)]) buttons[digitOf(key)].click();
      else return walk(buttons, key);
      return true;
    },
  };
}

/** @param {Question} question @param {string} language @param {Draft} draft @param {Submit} submit @returns {Control} */
function order(question, language, draft, submit) {
  const placed = drafted(question, draft).map((value) => question.options.indexOf(value));
  const answer = () => placed.map((index) => question.options[index]);
  const total = question.options.length;
  const slots = h("ol.slots", { "aria-label": text("your_order") });
  const pool = h("div.options.pool", { role: "group", "aria-labelledby": "question" });
  const button = lockIn({ disabled: true, onclick: () => submit(answer()) });
  const buttons = question.options.map((_, index) =>
    option(question, index, language, { onclick: () => toggle(index) }),
  );
  const free = () => buttons.filter((_, index) => !placed.includes(index));
  const label = (/** @type {number} */ index) => optionText(question, question.options[index]);

  function draw() {
    // Of the free places only the next is shown, so that a phone has room for what is still to be placed.
    const next = placed.length < total ? h("li.empty") : null;
    slots.replaceChildren(...placed.map((index) => h("li", {}, buttons[index])), ...(next ? [next] : []));
    pool.replaceChildren(...free());
    button.disabled = placed.length < total;
  }
  /** @param {number} index */
  function toggle(index) {
    const focused = document.activeElement === buttons[index];
    const at = placed.indexOf(index);
    if (at < 0) {
      placed.push(index);
      announce(text("placed", { option: label(index), place: placed.length, total }));
    } else {
      placed.splice(at, 1);
      announce(text("taken_back", { option: label(index) }));
    }
    draw();
    draft.keep(answer());
    // The button went elsewhere: go on with the next one that is left, or with locking in.
    if (focused) (at < 0 ? (free()[0] ?? button) : buttons[index]).focus();
  }
  /** @param {number} index @param {number} step */
  function move(index, step) {
    const at = placed.indexOf(index);
    const to = at + step;
    if (at < 0 || to < 0 || to >= placed.length) return at >= 0;
    placed.splice(at, 1);
    placed.splice(to, 0, index);
    draw();
    draft.keep(answer());
    buttons[index].focus();
    announce(text("placed", { option: label(index), place: to + 1, total }));
    return true;
  }

  draw();
  return {
    node: h("div.answer", {}, h("p.hint", { id: "hint" }, text("hint_order")), slots, pool, h("div.foot", {}, button)),
    hint: "hint",
    key(key) {
      if (key === "Enter" && placed.length === total) button.click();
      else if (key === "Backspace" && placed.length) toggle(placed[placed.length - 1]);
      else if (buttons[digitOf(key)]) toggle(digitOf(key));
      else {
        const step = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : 0;
        const index = focusedOf(buttons);
        if (step && index >= 0 && move(index, step)) return true;
        return walk(free(), key);
      }
      return true;
    },
  };
}

/**
 * @param {Draft} draft
 * @param {Submit} submit
 * @param {Attributes} attributes of the field.
 * @param {string | null} keysOf the language whose letters have keys.
 * @returns {Control}
 */
function written(draft, submit, attributes, keysOf = null) {
  const button = h("button.primary", { type: "submit", disabled: !draft.value }, text("lock_in"));
  const input = h("input.written", {
    type: "text",
    "aria-labelledby": "question",
    autocomplete: "off",
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: "false",
    enterkeyhint: "send",
    value: [draft.value ?? ""].flat().join(" "),
    ...attributes,
    oninput() {
      button.disabled = !input.value.trim();
      draft.keep(input.value.trim() || null);
    },
  });
  const letters = keysOf ? accentKeys(() => input, keysOf) : null;
  const form = h("form.answer.writing", {}, input, button, letters);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value.trim()) submit(input.value.trim());
  });
  return {
    node: form,
    // A phone's keyboard would hide the question: there the player taps the field.
    focus: matchMedia("(pointer: fine)").matches ? () => input.focus() : undefined,
    key: () => false,
  };
}
