// The deck at a glance: what is due, and what can be done with it besides.

import { primary } from "../player/parts.js";
import { h, number, text, words } from "../shared/dom.js";
import { drawing } from "../shared/drawing.js";
import { standing } from "./queue.js";
import { corrections, moment } from "./views.js";

/**
 * @typedef {import("./practice_deck.js").PracticeDeck} PracticeDeck
 * @typedef {import("./views.js").View} View
 * @typedef {object} Doings
 * @property {(ahead: boolean) => void} practise
 * @property {() => Promise<void>} anki
 * @property {() => Promise<void>} remove
 * @property {() => Promise<string>} qr the address of this deck as a QR code.
 * @property {() => void} others to the other decks of this device.
 * @property {(() => void) | null} install
 */

/** @param {string} label @param {string | number} value */
const figure = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));

/**
 * @param {PracticeDeck} deck
 * @param {{done: number, lasts: boolean, several: boolean}} state `done`: answers of this round.
 * @param {Doings} doings
 * @returns {View}
 */
export function home(deck, { done, lasts, several }, doings) {
  const now = deck.now;
  const { due, fresh, all, next } = standing(deck.cards, now);
  const go = due
    ? primary(text("practise"), () => doings.practise(false))
    : h("button.button.wide", { type: "button", onclick: () => doings.practise(true) }, text("practise_on"));
  const lead = due ? text("due_lead") : next === null ? text("no_cards") : text("comes_next", { time: moment(next) });
  const details = [another(doings), anki(deck, doings), kept(deck, lasts, doings)];
  return {
    node: h(
      "section.end.home",
      {},
      words("h1", due || !done ? (deck.copy?.deck.title ?? "") : text("done_title"), { tabindex: -1 }),
      h("p.lead", { role: "status" }, lead),
      h(
        "dl.figures",
        {},
        figure(text("due_now"), number(due)),
        figure(text("fresh"), number(fresh)),
        figure(text("words"), number(all)),
        done ? figure(text("done"), number(done)) : null,
      ),
      all ? go : null,
      deck.pending.length ? h("p.small.waits", {}, text("waits", { count: number(deck.pending.length) })) : null,
      deck.away && deck.copy ? h("p.small", {}, text("copy_of", { time: moment(deck.copy.told) })) : null,
      ...corrections(deck),
      ...details,
      doings.install
        ? h("button.button.wide", { type: "button", onclick: doings.install }, text("install"))
        : h("p.small", {}, isSecureContext ? text("install_hint") : text("not_secure")),
      several ? h("button.quiet", { type: "button", onclick: doings.others }, text("others")) : null,
    ),
    key(key) {
      if (key !== "Enter" || !due) return false;
      go.click();
      return true;
    },
  };
}

/** The same deck on another device. @param {Doings} doings */
function another(doings) {
  const code = h("div.code");
  const told = h("p.small", { role: "status" });
  const address = h("input.address", {
    type: "text",
    readonly: true,
    dir: "ltr",
    value: location.href,
    "aria-label": text("link"),
  });
  let asked = false;
  const node = h(
    "details",
    {
      async ontoggle() {
        if (asked || !node.open) return;
        asked = true;
        try {
          code.replaceChildren(drawing(await doings.qr()));
        } catch {
          asked = false;
        }
      },
    },
    h("summary", {}, text("other_device")),
    h("p", {}, text("other_lead")),
    code,
    h("div.field", {}, address),
    h(
      "button.button.wide",
      {
        type: "button",
        async onclick() {
          address.select();
          try {
            await navigator.clipboard.writeText(location.href);
            told.textContent = text("copied");
          } catch {
            told.textContent = text("copy_by_hand");
          }
        },
      },
      text("copy_link"),
    ),
    told,
  );
  return node;
}

/** @param {PracticeDeck} deck @param {Doings} doings */
function anki(deck, doings) {
  if (!deck.cards.some((card) => card.missed)) return null;
  const told = h("p.error", { role: "alert" });
  return h(
    "details",
    {},
    h("summary", {}, text("anki")),
    h("p", {}, text("anki_lead")),
    h("button.button.wide", { type: "button", onclick: () => trying(doings.anki, told) }, text("anki_get")),
    told,
  );
}

/** What is kept, until when, and the end of it. @param {PracticeDeck} deck @param {boolean} lasts @param {Doings} doings */
function kept(deck, lasts, doings) {
  const { kept_until: until = null, counts_for_class: counts = false, class_name: name = null } = deck.copy?.deck ?? {};
  const told = h("p.error", { role: "alert" });
  const sure = h(
    "div.sure",
    { hidden: true },
    h("p", {}, text("delete_sure")),
    h("button.primary.wide", { type: "button", onclick: () => trying(doings.remove, told) }, text("delete_now")),
    h("button.quiet", { type: "button", onclick: () => ask(false) }, text("keep_it")),
  );
  const button = h("button.button.wide", { type: "button", onclick: () => ask(true) }, text("delete_all"));
  const ask = (/** @type {boolean} */ asked) => {
    sure.hidden = !asked;
    button.hidden = asked;
    told.textContent = "";
    (asked ? sure.querySelector("button") : button)?.focus();
  };
  return h(
    "details",
    {},
    h("summary", {}, text("kept")),
    h(
      "ul.kept",
      {},
      h("li", {}, text("kept_server")),
      h("li", {}, lasts ? text("kept_device") : text("kept_nothing")),
      h("li", {}, until === null ? text("kept_with_session") : text("kept_until", { time: moment(until) })),
      h("li", {}, counts ? text("counts_for_class", { name: `\u2068${name ?? ""}\u2069` }) : text("counts_for_none")),
    ),
    button,
    sure,
    told,
  );
}

/** @param {() => Promise<void>} what @param {HTMLElement} told */
async function trying(what, told) {
  told.textContent = "";
  try {
    await what();
  } catch {
    told.textContent = text("needs_connection");
  }
}
