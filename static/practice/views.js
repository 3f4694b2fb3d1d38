// What the practice page shows, one function for each state of it. A view is `{node, focus?, key?, fit?}`, as on the
// player's page.

import { fitter } from "../player/fit.js";
import { control } from "../player/kinds.js";
import { marked, primary, solution, title } from "../player/parts.js";
import { nearest } from "../shared/diff.js";
import { aligned, answerText, foreign, h, number, picture, text, tongue, when } from "../shared/dom.js";
import { speaker } from "../shared/listen.js";

/**
 * @typedef {import("./queue.js").Answer} Answer
 * @typedef {import("./queue.js").Card} Card
 * @typedef {import("./queue.js").Grade} Grade
 * @typedef {import("./practice_deck.js").Verdict} Verdict
 * @typedef {import("./store.js").Copy} Copy
 * @typedef {import("../player/parts.js").View} View
 */

const DAY_MS = 86_400_000;

/** A moment on the server, for people; of what is days away, the day alone. @param {number} ms */
export function moment(ms) {
  if (Math.abs(ms - Date.now()) < DAY_MS) return when(new Date(ms).toISOString());
  return new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full" }).format(ms);
}

/** @param {string} heading @param {string} lead @param {(Node | null)[]} more */
export function message(heading, lead, ...more) {
  return { node: h("section.end", {}, title(heading), h("p.lead", {}, lead), ...more) };
}

/**
 * The decks of this device, and a field for the link of another.
 * @param {{token: string, title: string, due: number}[]} decks
 * @param {(pasted: string) => boolean} open whether it was a link.
 * @returns {View}
 */
export function start(decks, open) {
  const wrong = h("p.error", { id: "link-error", role: "alert" });
  const field = h("input", {
    id: "link",
    type: "text",
    dir: "ltr",
    autocomplete: "off",
    "aria-describedby": "link-error",
  });
  const form = h(
    "form.field",
    {
      novalidate: true,
      onsubmit(/** @type {Event} */ event) {
        event.preventDefault();
        wrong.textContent = open(/** @type {HTMLInputElement} */ (field).value) ? "" : text("bad_link");
      },
    },
    h("label", { for: "link" }, text("link")),
    field,
    wrong,
    h("button.primary.wide", { type: "submit" }, text("open")),
  );
  const list = decks.map(({ token, title: name, due }) =>
    h(
      "li",
      {},
      h(
        "a.button.wide",
        { href: `#${token}` },
        h("bdi", {}, name),
        h("span.due", {}, text("due", { count: number(due) })),
      ),
    ),
  );
  return {
    node: h(
      "section.end",
      {},
      title(text("practice")),
      list.length ? h("ul.decks", {}, list) : null,
      h("p.lead", {}, text("paste_link")),
      form,
    ),
  };
}

/** Nobody is to learn where an answer stands. @param {string[]} options */
const shuffled = (options) =>
  options
    .map((option) => ({ option, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ option }) => option);

/**
 * A card, before it is answered.
 * @param {Card} card
 * @param {number} left how many there are now, with this one.
 * @param {(answer: Answer | null) => void} submit null for "I do not know".
 * @param {() => void} stop
 * @returns {View}
 */
export function question(card, left, submit, stop) {
  const asked = { ...card, options: card.kind === "true_false" ? card.options : shuffled(card.options) };
  const answer = control(asked, card.language, { value: null, keep() {} }, submit);
  const sound = speaker(card);
  // What is heard only is not to be read before it is answered.
  const shown = card.listen === "instead" ? "" : card.text;
  const node = h(
    "section.question",
    {},
    h(
      "div.ask",
      {},
      h(
        "p.eyebrow",
        {},
        h("span", {}, text("left", { count: number(left) })),
        card.missed && !card.reviews ? h("span.again", {}, text("missed")) : null,
      ),
      title(shown || text("listen_title"), {
        id: "question",
        class: shown.length > 120 ? "long" : "",
        ...(shown ? foreign(card.listen_language ?? undefined) : {}),
        ...(answer.hint ? { "aria-describedby": answer.hint } : {}),
      }),
      sound ? h("div.listen-place", {}, sound.node) : null,
    ),
    picture(card),
    answer.node,
    h(
      "div.pair.skip",
      {},
      h("button.quiet", { type: "button", onclick: () => submit(null) }, text("dont_know")),
      h("button.quiet", { type: "button", onclick: stop }, text("stop")),
    ),
  );
  return { node, fit: fitter(node), focus: answer.focus, key: answer.key };
}

/** While the server has not answered. @returns {View} */
export function waiting() {
  return { node: h("section.message", {}, title(text("sending_title"))) };
}

/** What was answered beside what is right. @param {Card} card @param {Answer | null} given */
function answers(card, given) {
  const list = h("dl.answers", { id: "answers" });
  const { accepted } = card.answer;
  const differs = card.kind === "typed" && typeof given === "string" ? nearest(given, accepted) : null;
  if (given !== null) {
    const own = aligned("dd", answerText(card, given), tongue(card.kind, card.language));
    list.append(
      h("dt", {}, text("your_answer")),
      differs ? marked("dd", differs.typed, "del", tongue(card.kind, card.language)) : own,
    );
  }
  if (differs)
    list.append(
      h("dt", {}, text("compared")),
      marked("dd.right", differs.right, "ins", tongue(card.kind, card.language)),
    );
  const right = solution(card, accepted);
  list.append(h("dt", {}, text("right_answer")), aligned("dd.right", right, tongue(card.kind, card.language)));
  return list;
}

/** The card again, with what there is to know of it. @param {Card} card */
const told = (card) => [
  aligned("p.asked", card.text, foreign(card.listen_language ?? card.language)),
  speaker(card)?.node,
  picture(card),
];

/**
 * The player compares: there is no server to judge, and the answer is not simply the right one.
 * @param {Card} card
 * @param {Answer} given
 * @param {(grade: Grade) => void} tell
 * @returns {View}
 */
export function compare(card, given, tell) {
  return {
    node: h(
      "section.result",
      {},
      title(text("compare_title"), { "aria-describedby": "answers" }),
      h("p.lead", {}, text("compare_lead")),
      ...told(card),
      answers(card, given),
      h(
        "div.foot.pair",
        {},
        h("button.primary", { type: "button", onclick: () => tell("good") }, text("had_right")),
        h("button.button", { type: "button", onclick: () => tell("again") }, text("had_wrong")),
      ),
    ),
  };
}

/** @type {Record<Verdict, string>} */
const SIGNS = { correct: "✓", almost: "≈", wrong: "✕" };
/** @type {Record<Verdict, () => string>} */
const TITLES = {
  correct: () => text("correct_title"),
  almost: () => text("almost_title"),
  wrong: () => text("wrong_title"),
};
/** @type {Record<Verdict, () => string>} */
const COUNTS_AS = {
  correct: () => text("now_right"),
  almost: () => text("now_almost"),
  wrong: () => text("now_wrong"),
};

/**
 * @param {Card} card as it stands after the answer.
 * @param {Answer | null} given
 * @param {Verdict} verdict
 * @param {boolean} provisional whether the server has still to judge it.
 * @param {() => void} goOn
 * @returns {View}
 */
export function result(card, given, verdict, provisional, goOn) {
  const button = primary(text("go_on"), goOn);
  return {
    node: h(
      `section.result.${verdict}`,
      {},
      h(
        "header.verdict",
        {},
        h("span.sign", { "aria-hidden": "true" }, SIGNS[verdict]),
        h(
          "div",
          {},
          title(TITLES[verdict](), { "aria-describedby": "again answers" }),
          h("p.earned", { id: "again" }, text("comes_again", { time: moment(card.due) })),
        ),
      ),
      provisional ? h("p.small", {}, text("provisional")) : null,
      ...told(card),
      answers(card, verdict === "correct" && card.kind !== "typed" ? null : given),
      card.explanation ? aligned("p.explanation", card.explanation) : null,
      h("div.foot", {}, button),
    ),
    key(key) {
      if (key !== "Enter") return false;
      button.click();
      return true;
    },
  };
}

/**
 * What the server said of answers that the player had been told of otherwise.
 * @param {import("./practice_deck.js").PracticeDeck} deck
 */
export function corrections(deck) {
  const name = (/** @type {string} */ id) => deck.cards.find((card) => card.id === id)?.text || text("listen_title");
  const parts = [];
  if (deck.otherwise.length) {
    parts.push(
      h("h2", {}, text("judged_again")),
      h(
        "ul.review",
        {},
        deck.otherwise.map(({ review, verdict }) =>
          h(`li.${verdict}`, {}, aligned("p.asked", name(review.card)), h("p.own", {}, COUNTS_AS[verdict]())),
        ),
      ),
    );
  }
  if (deck.refused.length) {
    parts.push(
      h("h2", {}, text("not_taken")),
      h(
        "ul.review",
        {},
        deck.refused.map(({ review, detail }) =>
          h("li", {}, aligned("p.asked", name(review.card)), h("p.own", {}, detail ?? text("no_such_card"))),
        ),
      ),
    );
  }
  return parts;
}
