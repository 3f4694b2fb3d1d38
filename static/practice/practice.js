// The practice page: a deck by the token behind the # of its address, or the decks of this device.

import { release } from "../player/fit.js";
import { primary } from "../player/parts.js";
import { announce, h, text } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { call } from "./api.js";
import { home } from "./home.js";
import { keepMedia } from "./media.js";
import { tokenOf } from "./outbox.js";
import { PracticeDeck } from "./practice_deck.js";
import { next, queue, standing } from "./queue.js";
import { openStore } from "./store.js";
import { compare, message, question, result, start, waiting } from "./views.js";

/**
 * @typedef {import("./queue.js").Answer} Answer
 * @typedef {import("./queue.js").Card} Card
 * @typedef {import("./queue.js").Grade} Grade
 * @typedef {import("./views.js").View} View
 */

const main = /** @type {HTMLElement} */ (document.getElementById("view"));
const notice = /** @type {HTMLElement} */ (document.getElementById("notice"));
const heading = /** @type {HTMLElement} */ (document.getElementById("title"));

const { store, lasts } = await openStore();
/** @type {PracticeDeck | null} */
let deck = null;
/** @type {View | null} */
let view = null;
/** Which state the view is of: home is drawn again with every change, a card is not. */
let state = "";
let several = false;
let done = 0;
let ahead = false;
/** @type {string | null} */
let last = null;
/** What home told when it was drawn. */
let drawn = "";
/** @typedef {Event & {prompt(): Promise<unknown>}} Offer */
/** The browser's offer to install the page. @type {Offer | null} */
let offer = null;

/** @param {string} name @param {View} shown @param {boolean} [again] whether it was on show before. */
function show(name, shown, again = false) {
  const focused = again && main.contains(document.activeElement) ? document.activeElement?.textContent : null;
  state = name;
  view = shown;
  release();
  main.replaceChildren(shown.node);
  shown.fit?.();
  if (again) {
    const same = focused ? [...main.querySelectorAll("button, a, summary, h1")] : [];
    /** @type {HTMLElement | undefined} */ (same.find((one) => one.textContent === focused))?.focus({
      preventScroll: true,
    });
    return;
  }
  scrollTo(0, 0);
  if (shown.focus) shown.focus();
  else main.querySelector("h1")?.focus({ preventScroll: true });
}

/** What home tells, to see whether it has changed. */
const standingOf = (/** @type {PracticeDeck} */ { cards, now, away, pending, copy, otherwise, refused }) =>
  JSON.stringify([standing(cards, now), away, pending.length, away && copy?.told, otherwise.length, refused.length]);

/** Called with every change of the deck, and now and then. */
function changed() {
  if (!deck) return;
  if (state === "loading" && deck.copy) return begun();
  const told = deck.away ? text(deck.copy ? "offline" : "needs_connection") : "";
  if (notice.textContent !== told) {
    notice.textContent = told;
    announce(told);
  }
  notice.hidden = !told;
  if (deck.gone) goneView();
  else if (state === "home" && drawn !== standingOf(deck) && !busy()) goHome(true);
}

/** Whether somebody is in the middle of something that a new drawing would take away. */
const busy = () => {
  const sure = main.querySelector(".sure");
  return (sure && !(/** @type {HTMLElement} */ (sure).hidden)) || main.querySelector("details[open]") !== null;
};

function goneView() {
  if (state === "gone" || !deck) return;
  const gone = deck;
  const forget = primary(text("forget"), async () => {
    await gone.forget();
    await goStart();
  });
  show("gone", message(text("gone_title"), text("gone"), forget));
}

async function goStart() {
  deck?.stop();
  deck = null;
  notice.hidden = true;
  notice.textContent = heading.textContent = "";
  if (location.hash) history.replaceState(null, "", location.pathname);
  const copies = await store.decks();
  tidy();
  const decks = copies.map((copy) => ({
    token: copy.token,
    title: copy.deck.title,
    due: standing(copy.cards, Date.now() + copy.ahead).due,
  }));
  show(
    "start",
    start(decks, (pasted) => {
      const token = tokenOf(pasted);
      if (token) location.hash = token;
      return token !== null;
    }),
  );
}

function goHome(again = false) {
  if (!deck) return;
  const own = deck;
  const doings = {
    practise(/** @type {boolean} */ further) {
      ahead = further;
      own.otherwise = [];
      own.refused = [];
      goOn();
    },
    anki: () => download(own),
    async remove() {
      await own.delete();
      deck = null;
      history.replaceState(null, "", location.pathname);
      heading.textContent = "";
      notice.hidden = true;
      show(
        "deleted",
        message(text("deleted_title"), text("deleted"), h("a.button.wide", { href: `${BASE}/` }, text("to_start"))),
      );
      await tidy();
    },
    qr: async () => (await call(own.token, "GET", "qr")).text(),
    others: () => goStart(),
    install: offer
      ? async () => {
          await offer?.prompt();
          offer = null;
          goHome();
        }
      : null,
  };
  drawn = standingOf(own);
  show("home", home(own, { done, lasts, several }, doings), again);
}

/** @param {PracticeDeck} own */
async function download(own) {
  const blob = await (await call(own.token, "GET", "anki")).blob();
  const link = h("a", { href: URL.createObjectURL(blob), download: `${own.copy?.deck.title ?? "practice"}.apkg` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The next card, or home where none is due. */
function goOn() {
  if (!deck) return;
  const own = deck;
  const card = next(own.cards, own.now, { last, ahead });
  if (!card) return goHome();
  last = card.id;
  const left = Math.max(1, queue(own.cards, own.now).length);
  const shownAt = performance.now();
  show(
    "card",
    question(
      card,
      left,
      (answer) => take(own, card, answer, performance.now() - shownAt),
      () => goHome(),
    ),
  );
}

/** @param {PracticeDeck} own @param {Card} card @param {Answer | null} answer @param {number} tookMs */
async function take(own, card, answer, tookMs) {
  if (state !== "card") return;
  state = "sending";
  // A moment's wait needs no words.
  const wait = setTimeout(() => show("sending", waiting()), 400);
  const { review, result: judged } = await own.answer(card, answer, tookMs);
  clearTimeout(wait);
  if (own !== deck || own.gone) return;
  done++;
  const current = () => own.cards.find((one) => one.id === card.id) ?? card;
  if (judged?.verdict) return show("result", result(current(), answer, judged.verdict, false, goOn));
  const settle = async (/** @type {Grade} */ grade) => {
    await own.tell(review, grade);
    show("result", result(current(), answer, grade === "good" ? "correct" : "wrong", true, goOn));
  };
  if (review.grade !== null || answer === null) return settle(review.grade ?? "again");
  show("compare", compare(card, answer, settle));
}

/** The deck that the address names; without one those of this device. */
async function open() {
  const token = tokenOf(location.hash);
  const copies = await store.decks();
  // An app that was installed begins without a token.
  const only = !token && copies.length === 1 ? copies[0].token : null;
  if (only) history.replaceState(null, "", `${location.pathname}#${only}`);
  if (!token && !only) return goStart();
  done = 0;
  last = null;
  deck?.stop();
  const own = new PracticeDeck(/** @type {string} */ (token ?? only), store, () => own === deck && changed());
  deck = own;
  const had = await own.recall();
  several = copies.some((copy) => copy.token !== own.token);
  if (had) begun();
  else show("loading", message(text("loading"), text("loading_lead")));
  await own.refresh();
  if (own === deck && !own.gone && !own.copy) {
    show("loading", message(text("practice"), text("needs_connection"), primary(text("try_again"), open)));
  }
  await tidy(own.token);
}

/** Keep what the decks of this device need, and send what waits of the others. @param {string} [shown] */
async function tidy(shown) {
  const copies = await store.decks();
  keepMedia(copies);
  for (const { token } of copies.filter((copy) => copy.token !== shown)) {
    if (!(await store.pending(token)).length) continue;
    const other = new PracticeDeck(token, store, () => {});
    await other.recall();
    await other.sync();
    other.stop();
  }
}

function begun() {
  if (!deck?.copy) return;
  state = "begun";
  const { title } = deck.copy.deck;
  heading.textContent = title;
  document.title = title;
  changed();
  goHome();
}

addEventListener("hashchange", open);
addEventListener("online", () => deck?.refresh());
addEventListener("offline", () => {
  if (!deck) return;
  deck.away = true;
  changed();
});
// Words become due while the page lies open.
setInterval(changed, 30_000);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && deck?.refresh());
addEventListener("resize", () => view?.fit?.());
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = /** @type {Offer} */ (event);
  if (state === "home" && !busy()) goHome(true);
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !view) return;
  const target = /** @type {Element} */ (event.target);
  if (target.matches("input, select, textarea")) return;
  if (event.key === "Enter" && target.matches("button, a, summary")) return;
  if (view.key?.(event.key)) event.preventDefault();
});

if ("serviceWorker" in navigator) navigator.serviceWorker.register(`${BASE}/practice/worker.js`).catch(() => null);
// An app that somebody installed is not to lose what waits in it.
if (matchMedia("(display-mode: standalone)").matches) navigator.storage?.persist?.().catch(() => false);
await open();
