// The player's page: the join form until a session let the player in, then one view for each state of the game.

import { announce, element, h, number, text } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { recall } from "../shared/storage.js";
import { release } from "./fit.js";
import { Game } from "./game.js";
import * as join from "./join.js";
import { page } from "./join.js";
import { forget, gameByCode, game as gameById, keepNothing, lastGame, tidy } from "./memory.js";
import { build, viewOf } from "./views.js";

/** @typedef {import("../shared/connection.js").Refusal} Refusal */
/** @typedef {import("./memory.js").Kept} Kept */

const main = element("view");
const notice = element("notice");
const place = element("place");
const overlay = element("pause");
const leadOf = (/** @type {HTMLElement} */ part) => /** @type {HTMLElement | null} */ (part.querySelector("h1, h2"));

const game = new Game(schedule, refused);
/** @type {{key: string, view: import("./parts.js").View | null}} */
let shown = { key: "", view: null };
let scheduled = false;
/** What had the focus when the pause came. @type {Element | null} */
let interrupted = null;

// Messages come in bursts; one drawing serves them all. A hidden page has no animation frames.
function schedule() {
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    draw();
  });
}

function draw() {
  drawNotice();
  document.documentElement.classList.toggle("large", game.joined && Boolean(game.session.your_needs?.large_text));
  if (!game.joined && game.fault === null) return;
  if (join.shown()) enter();
  const key = viewOf(game);
  if (key !== shown.key) {
    const view = build(key, game);
    shown = { key, view };
    release();
    main.replaceChildren(view.node);
    main.hidden = false;
    scrollTo(0, 0);
    view.update?.();
    view.tick?.();
    view.fit?.();
    takeFocus();
  } else {
    shown.view?.update?.();
  }
  drawPlace();
  hear();
  if (overlay.hidden === game.covered) cover();
}

/** A pause takes the focus, and gives it back where it was. */
function cover() {
  if (game.covered) interrupted = document.activeElement;
  overlay.hidden = !game.covered;
  main.inert = game.covered;
  if (game.covered) leadOf(overlay)?.focus();
  else if (interrupted instanceof HTMLElement && main.contains(interrupted)) interrupted.focus({ preventScroll: true });
  else takeFocus();
}

/** Who plays by keyboard or ear begins where the view does. */
function takeFocus() {
  if (shown.view?.focus) shown.view.focus();
  else leadOf(main)?.focus({ preventScroll: true });
}

function drawNotice() {
  const { status, streaming } = game.way;
  const off = status === "reconnecting" && game.fault === null;
  const news = game.news ? text(game.news.key, game.news.values) : "";
  const calm = news || (streaming ? text("streaming") : "");
  const message = off ? text(game.own.mine?.state === "sending" ? "reconnecting_with_answer" : "reconnecting") : calm;
  if (notice.textContent !== message) {
    notice.textContent = message;
    announce(message);
  }
  notice.hidden = !message;
  document.body.classList.toggle("offline", off);
}

function drawPlace() {
  const playing = game.joined && game.status === "active" && game.fault === null;
  place.hidden = !playing;
  if (!playing) return;
  const { standing } = game;
  const told = (/** @type {string} */ kind, /** @type {string} */ value) => [
    h("span.visually-hidden", {}, text(kind)),
    h(`span.${kind}`, { title: text(kind) }, value),
  ];
  place.replaceChildren(
    ...(standing.ranked ? told("rank", `#${number(standing.place ?? 0)}`) : []),
    ...told("points", number(standing.score)),
  );
}

/** The form gives way to the game, or to why there is none. */
function enter() {
  join.show(false);
  if (!game.joined) return;
  const { join_code: code, title } = game.session;
  history.replaceState(null, "", `${BASE}/play/${code}`);
  document.title = element("title").textContent = title;
}

/** Only sessions of a class have pupils; the others do without their module. */
const pupils = () => import("./pupils.js");

/** @param {Refusal} error */
function refused(error) {
  const known = game.joining.session_token && gameById(game.joining.session_id);
  if (known && error.code !== "REMOVED") {
    // The token is no good here any more: begin as somebody new, under the same code.
    forget(known.session_id);
    join.code.value = known.code;
  }
  main.hidden = true;
  shown = { key: "", view: null };
  game.drop();
  join.show(true);
  if (error.code === "INVALID_PUPIL") pupils().then(({ showRefusal }) => showRefusal(error, game.joining.session_id));
  else join.showRefusal(error);
  drawNotice();
}

/** By which the server knows this player again if its first answer, with the token, never arrives. */
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** How one comes back into a game, or comes into one. @param {import("./game.js").JoinSession} entry */
const play = (entry, /** @type {Kept | null} */ known = null) => game.start({ ...entry, leaderboard: "delta" }, known);
const resume = (/** @type {Kept} */ known) => play({ session_id: known.session_id, session_token: known.token }, known);

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !shown.view || game.covered) return;
  const target = /** @type {Element} */ (event.target);
  if (target.matches("input, select, textarea")) return;
  if (event.key === "Enter" && target.matches("button, a, summary")) return;
  if (shown.view.key?.(event.key)) event.preventDefault();
});

addEventListener("resize", () => shown.view?.fit?.());

// Sounds are off on phones: what makes them is fetched by whoever switches them on.
const SOUND = "sound:player";
/** @type {import("../shared/sound_control.js").SoundControl | null} */
let sound = null;
const soundWanted = () => /** @type {{on?: boolean} | null} */ (recall(SOUND))?.on === true;

async function loadSound() {
  const { soundControl } = await import("../shared/sound_control.js");
  sound = soundControl({ key: SOUND, on: false });
  return sound;
}

if (soundWanted()) loadSound();
else element("sound").addEventListener("click", () => loadSound().then((made) => made.toggle()), { once: true });

/** What this player hears: of a result of one's own as of a close. */
function hear() {
  if (!sound || !game.joined) return;
  const { status, question, result, paused } = game;
  const asked = question && result?.question_id !== question.question_id;
  const deadline = asked && !paused ? question.deadline : null;
  sound.hear({ status, phase: asked ? "open" : "closed", deadline }, game.connection.clock.now());
}

// The countdown, and everything else that changes without a message.
setInterval(() => {
  if (game.tick()) schedule();
  shown.view?.tick?.();
  hear();
}, 250);

join.setUp((code, username, suggested, place) => {
  const known = gameByCode(code);
  if (place) play({ session_id: code, place_code: place });
  else if (known?.removed) resume(known);
  else {
    const entry = { session_id: code, username, join_key: randomKey() };
    play(suggested ? { ...entry, name_suggested: true } : entry);
  }
});

/** @param {string} code @param {import("./pupils.js").Who} who */
function enterAs(code, who) {
  // The host frees a name by removing who plays under it: that bars nobody from their own.
  const known = gameByCode(code);
  if (known) forget(known.session_id);
  play({ session_id: code, ...who, join_key: randomKey() });
}
if (document.querySelector(".pupils")) pupils().then(({ setUp }) => setUp(enterAs));

/** A host plays a quiz to see how it is: no session stands behind it. @param {string} id */
function preview(id) {
  keepNothing();
  import("./preview.js").then(({ PreviewConnection }) => {
    game.Connection = PreviewConnection;
    game.start({ session_id: id });
  });
}

tidy();
const known = page.code ? gameByCode(page.code) : null;
if (page.preview) preview(page.preview.id);
else if (known?.token && !page.card && (!page.session || page.session.id === known.session_id)) {
  join.show(false);
  announce(text("resuming"));
  resume(known);
} else {
  join.show(true);
  const last = lastGame();
  if (last?.token && !last.removed && !page.code && !page.card) join.offer(last);
}
