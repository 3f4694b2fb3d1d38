// One question of the quiz's page as a card: its kind chosen by a picture, options with a tick for what is right, and
// beside it what players will see. What is sent stays in the form's own fields, which the card keeps up to date.

import { h, horn, hue, shape, sure, text } from "../shared/dom.js";
import { gapRows, gapsOf, readGaps, shownPieces, writeGaps } from "./gap_rows.js";

/**
 * @typedef {{text: string, right: boolean}} Option
 * @typedef {{name: string, picture: string}} Kind
 */
/** @type {Record<string, string>} */
const PICTURES = {
  choice: "◉ ○",
  multi: "☑ ☑",
  true_false: "✓ ✕",
  typed: "Ab|",
  order: "1 2 3",
  number: "42",
  poll: "▂▅▃",
  gaps: "a __ b",
};
const TICKED = new Set(["choice", "multi"]);
const MOST = 12;

const lines = (/** @type {string} */ value) =>
  value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

export class QuestionCard {
  /** @type {Option[]} */
  options = [];
  /** @type {string[]} */
  answers = [];
  /** @type {import("./gap_rows.js").Gap[]} */
  gaps = [];

  /** @param {HTMLElement} row the form of one question. @param {import("./row.js").Fields} field its fields by name. */
  constructor(row, field) {
    this.field = field;
    this.editor = h("div.qz-card-answers");
    this.preview = h("div.qz-phone", { "aria-hidden": "true" });
    this.kinds = h("fieldset.qz-kinds", {}, h("legend.qz-label", {}, text("kind")));
    const complaints = h("div.qz-card-errors");
    this.node = h("div.qz-question-card", {}, h("div", {}, this.kinds, complaints, this.editor), this.preview);
    const [options, ...others] = ["options", "correct_answers", "gaps"].map((name) => this.#field(name));
    const kind = this.#field("kind");
    /** @type {HTMLElement} */
    let carrier = options;
    while (!others.every((other) => carrier.contains(other))) carrier = sure(carrier.parentElement);
    for (const list of carrier.querySelectorAll(".errorlist")) complaints.append(list);
    carrier.before(this.node);
    carrier.hidden = true;
    /** @type {HTMLElement} */
    const chooser = sure(kind.closest(".field-kind, .form-row, .field-row") ?? kind.parentElement);
    if (!chooser.contains(this.#field("text"))) {
      for (const list of chooser.querySelectorAll(".errorlist")) complaints.append(list);
      chooser.hidden = true;
    }
    this.#read();
    this.#drawKinds(row);
    this.draw();
    for (const name of ["listen", "sound"]) field(name)?.addEventListener("input", () => this.#drawPreview());
    this.#field("text").addEventListener("input", () => {
      if (this.kind !== "gaps") return this.#drawPreview();
      this.gaps = gapsOf(this.#field("text").value, this.gaps);
      this.draw();
      this.#write();
    });
  }

  /** One that every question has. @param {string} name */
  #field(name) {
    return sure(this.field(name));
  }

  /** @param {string} name */
  #choices(name) {
    const found = this.field(name);
    return found instanceof HTMLSelectElement ? found : null;
  }

  get kind() {
    return this.#field("kind").value;
  }

  /** The fields have other values now. */
  reread() {
    this.#read();
    for (const radio of this.kinds.querySelectorAll("input")) radio.checked = radio.value === this.kind;
    this.draw();
  }

  #read() {
    const right = lines(this.#field("correct_answers").value);
    const options = lines(this.#field("options").value);
    this.answers = [...right];
    this.gaps = gapsOf(this.#field("text").value, readGaps(this.#field("gaps").value));
    this.options = options.map((option) => ({ text: option, right: right.includes(option) }));
  }

  /** What the card holds, as the form sends it. */
  #write() {
    const kind = this.kind;
    const filled = this.options.filter((option) => option.text.trim());
    const answers = this.answers.filter((answer) => answer.trim());
    const picked = TICKED.has(kind) || kind === "poll";
    const right = TICKED.has(kind) ? filled.filter((option) => option.right).map((option) => option.text) : answers;
    this.#field("options").value = picked ? filled.map((option) => option.text).join("\n") : "";
    this.#field("correct_answers").value = kind === "poll" || kind === "gaps" ? "" : right.join("\n");
    this.#field("gaps").value = kind === "gaps" ? writeGaps(this.gaps) : "";
    this.#field("options").dispatchEvent(new Event("input", { bubbles: true }));
    this.#drawPreview();
  }

  /** @param {HTMLElement} row */
  #drawKinds(row) {
    const group = `kind-of-${this.#field("text").name}`;
    for (const { value, textContent } of this.#choices("kind")?.options ?? []) {
      if (!value) continue;
      const radio = h("input", { type: "radio", name: group, value, checked: value === this.kind });
      radio.addEventListener("change", () => {
        this.#field("kind").value = value;
        this.gaps = gapsOf(this.#field("text").value, this.gaps);
        this.draw();
        this.#write();
        row.dispatchEvent(new Event("change", { bubbles: true }));
      });
      const picture = h("span.qz-kind-picture", { "aria-hidden": "true" }, PICTURES[value] ?? "?");
      this.kinds.append(h("label.qz-kind", {}, radio, picture, h("span", {}, textContent)));
    }
    // These radios are the page's own: the form sends the field they set.
    for (const radio of this.kinds.querySelectorAll("input")) radio.setAttribute("form", "");
  }

  draw() {
    const kind = this.kind;
    if (kind === "true_false") this.#drawTruth();
    else if (TICKED.has(kind) || kind === "poll") this.#drawOptions(kind);
    else if (kind === "order") this.#drawSequence();
    else if (kind === "gaps") this.#drawGaps();
    else this.#drawAnswers(kind);
    this.#drawPreview();
  }

  /** @param {string} kind */
  #drawOptions(kind) {
    while (this.options.length < 2) this.options.push({ text: "", right: false });
    // A choice may have several right answers, of which a player gives one.
    const single = kind === "choice" && this.options.filter((option) => option.right).length < 2;
    const heading = { choice: "tick_one", multi: "tick_all" }[kind];
    const rows = this.options.map((option, index) => {
      const tick = h("input", {
        type: single ? "radio" : "checkbox",
        name: `right-of-${this.#field("text").name}`,
        form: "",
        checked: option.right,
        "aria-label": text("is_right", { number: index + 1 }),
        onchange: () => {
          if (single) for (const other of this.options) other.right = false;
          option.right = tick.checked;
          this.#write();
        },
      });
      const input = this.#line(option.text, text("option_number", { number: index + 1 }), (value) => {
        option.text = value;
      });
      input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter") {
          event.preventDefault();
          if (index === this.options.length - 1) this.#add();
          else this.#focus(index + 1);
        } else if (event.key === "Backspace" && !input.value && this.options.length > 2) {
          event.preventDefault();
          this.#remove(index);
        }
      });
      const sign = h(`span.qz-shape.${hue(index)}`, {}, shape(index));
      const away = h(
        "button.qz-button.qz-small",
        {
          type: "button",
          "aria-label": text("remove_option", { number: index + 1 }),
          disabled: this.options.length <= 2,
          onclick: () => this.#remove(index),
        },
        "✕",
      );
      return h("li", {}, sign, input, kind === "poll" ? null : tick, away);
    });
    const add = h(
      "button.qz-button.qz-small",
      { type: "button", disabled: this.options.length >= MOST, onclick: () => this.#add() },
      text("add_option"),
    );
    this.editor.replaceChildren(
      heading ? h("p.qz-help", {}, text(heading)) : "",
      h("ol.qz-option-rows", {}, rows),
      add,
    );
  }

  #add() {
    if (this.options.length >= MOST) return;
    this.options.push({ text: "", right: false });
    this.draw();
    this.#focus(this.options.length - 1);
  }

  /** @param {number} index */
  #remove(index) {
    this.options.splice(index, 1);
    this.draw();
    this.#write();
    this.#focus(Math.max(0, index - 1));
  }

  /** @param {number} index */
  #focus(index) {
    const lines = /** @type {NodeListOf<HTMLInputElement>} */ (this.editor.querySelectorAll("input[type=text]"));
    lines[index]?.focus();
  }

  /** @param {string} value @param {string} label @param {(value: string) => void} take */
  #line(value, label, take) {
    const input = h("input.qz-line", {
      type: "text",
      value,
      form: "",
      dir: "auto",
      "aria-label": label,
      autocomplete: "off",
    });
    input.addEventListener("input", () => {
      take(input.value);
      this.#write();
    });
    return input;
  }

  #drawTruth() {
    const known = ["True", "False"];
    this.answers = this.answers.filter((answer) => known.includes(answer)).slice(0, 1);
    const buttons = known.map((value, index) =>
      h(
        `button.qz-button.qz-truth.${hue(index)}`,
        {
          type: "button",
          "aria-pressed": String(this.answers[0] === value),
          onclick: () => {
            this.answers = [value];
            this.draw();
            this.#write();
            /** @type {HTMLElement | null} */ (this.editor.querySelector("[aria-pressed=true]"))?.focus();
          },
        },
        text(value.toLowerCase()),
      ),
    );
    this.editor.replaceChildren(h("p.qz-help", {}, text("which_is_right")), h("div.qz-actions", {}, buttons));
  }

  /** @param {string} kind */
  #drawAnswers(kind) {
    const chips = this.answers.map((answer, index) =>
      h(
        "li.qz-chip",
        {},
        h("bdi", {}, answer),
        h(
          "button",
          {
            type: "button",
            "aria-label": text("remove_answer", { answer }),
            onclick: () => {
              this.answers.splice(index, 1);
              this.draw();
              this.#write();
              this.#focus(0);
            },
          },
          "✕",
        ),
      ),
    );
    const input = h("input.qz-line", {
      type: "text",
      form: "",
      dir: "auto",
      autocomplete: "off",
      "aria-label": text("right_answer"),
      placeholder: text(this.answers.length ? "another_answer" : "right_answer"),
    });
    const take = () => {
      const value = input.value.trim();
      if (!value || this.answers.includes(value)) return false;
      this.answers.push(value);
      this.draw();
      this.#write();
      return true;
    };
    input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        if (take()) this.#focus(0);
      } else if (event.key === "Backspace" && !input.value && this.answers.length) {
        this.answers.pop();
        this.draw();
        this.#write();
        this.#focus(0);
      }
    });
    // Whoever goes on without Enter meant it, too.
    input.addEventListener("change", take);
    this.editor.replaceChildren(
      h("p.qz-help", {}, text(kind === "number" ? "number_hint" : "typed_hint")),
      h("ul.qz-chips", {}, chips),
      input,
    );
  }

  #drawSequence() {
    while (this.answers.length < 2) this.answers.push("");
    const rows = this.answers.map((answer, index) => {
      const input = this.#line(answer, text("entry_number", { number: index + 1 }), (value) => {
        this.answers[index] = value;
      });
      input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        if (index === this.answers.length - 1) this.#extend();
        else this.#focus(index + 1);
      });
      const move = (/** @type {number} */ step, /** @type {string} */ sign, /** @type {string} */ label) =>
        h(
          "button.qz-button.qz-small",
          {
            type: "button",
            "aria-label": text(label, { number: index + 1 }),
            disabled: index + step < 0 || index + step >= this.answers.length,
            onclick: () => {
              [this.answers[index], this.answers[index + step]] = [this.answers[index + step], this.answers[index]];
              this.draw();
              this.#write();
              this.#focus(index + step);
            },
          },
          sign,
        );
      const away = h(
        "button.qz-button.qz-small",
        {
          type: "button",
          "aria-label": text("remove_entry", { number: index + 1 }),
          disabled: this.answers.length <= 2,
          onclick: () => {
            this.answers.splice(index, 1);
            this.draw();
            this.#write();
          },
        },
        "✕",
      );
      return h(
        "li",
        {},
        h("span.qz-place", {}, String(index + 1)),
        input,
        move(-1, "↑", "move_up"),
        move(1, "↓", "move_down"),
        away,
      );
    });
    const add = h("button.qz-button.qz-small", { type: "button", onclick: () => this.#extend() }, text("add_entry"));
    this.editor.replaceChildren(
      h("p.qz-help", {}, text("order_hint")),
      h("ol.qz-option-rows.qz-sequence", {}, rows),
      add,
    );
  }

  #extend() {
    this.answers.push("");
    this.draw();
    this.#focus(this.answers.length - 1);
  }

  #drawGaps() {
    const text = this.#field("text");
    const rule = (/** @type {string} */ name) => this.#choices(name);
    if (text instanceof HTMLTextAreaElement) {
      this.editor.replaceChildren(...gapRows(text, this.gaps, rule, () => this.#write()));
    }
  }

  /** As a phone shows it. */
  #drawPreview() {
    const kind = this.kind;
    if (kind === "gaps") {
      const pieces = shownPieces(this.#field("text").value).map((piece) => piece ?? h("span.qz-phone-gap"));
      this.preview.replaceChildren(h("p.qz-phone-text", { dir: "auto" }, pieces));
      return;
    }
    const shown =
      kind === "true_false"
        ? [text("true"), text("false")]
        : kind === "order"
          ? this.answers.filter(Boolean).sort((one, other) => one.localeCompare(other))
          : TICKED.has(kind) || kind === "poll"
            ? this.options.map((option) => option.text).filter(Boolean)
            : [];
    const tiles = shown.map((label, index) =>
      h("li", {}, h(`span.qz-shape.${hue(index)}`, {}, shape(index)), h("bdi", {}, label)),
    );
    const listen = this.field("listen")?.value;
    const asked = listen === "instead" ? text("listen_title") : this.#field("text").value || "…";
    this.preview.replaceChildren(
      h("p.qz-phone-text", { dir: "auto" }, asked),
      listen ? h("p.listen.qz-phone-listen", {}, horn(), text("listen")) : "",
      shown.length ? h("ol", {}, tiles) : h("p.qz-phone-field", {}, text(kind === "number" ? "a_number" : "an_answer")),
    );
  }
}
