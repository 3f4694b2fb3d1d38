// The player's page: the join form until a session let the player in, then one view for each state of the game.

import { announce, h, number, page, text } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { release } from "./fit.js";
import { Game } from "./game.js";
import * as join from "./join.js";
import { forget, gameByCode, game as gameById, keepNothing, lastGame, tidy } from "./memory.js";
import { build, viewOf } from "./views.js";

const main = document.getElementById("view");
const notice = document.getElementById("notice");
const place = document.getElementById("place");
const overlay = document.getElementById("pause");

const game = new Game(schedule, refused);
let shown = { key: "", view: null };
let scheduled = false;
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
  document.documentElement.classList.toggle("large", Boolean(game.session?.your_needs?.large_text));
  if (!game.session && game.fault === null) return;
  if (join.shown()) entered(game.session.join_code);
  const key = viewOf(game);
  if (key !== shown.key) {
    shown = { key, view: build(key, game) };
    release();
    main.replaceChildren(shown.view.node);
    main.hidden = false;
    scrollTo(0, 0);
    shown.view.update?.();
    shown.view.tick?.();
    shown.view.fit?.();
    takeFocus();
  } else {
    shown.view.update?.();
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
  if (game.covered) overlay.querySelector("h2").focus();
  else if (main.contains(interrupted)) interrupted.focus({ preventScroll: true });
  else takeFocus();
}

/** Who plays by keyboard or ear begins where the view does. */
function takeFocus() {
  if (shown.view.focus) shown.view.focus();
  else main.querySelector("h1")?.focus({ preventScroll: true });
}

function drawNotice() {
  const status = game.connection?.status;
  const off = status === "reconnecting" && game.fault === null;
  const news = game.news ? text(game.news.key, game.news.values) : "";
  const calm = news || (game.connection?.streaming ? text("streaming") : "");
  const message = off ? text(game.mine?.state === "sending" ? "reconnecting_with_answer" : "reconnecting") : calm;
  if (notice.textContent !== message) {
    notice.textContent = message;
    announce(message);
  }
  notice.hidden = !message;
  document.body.classList.toggle("offline", off);
}

function drawPlace() {
  const playing = game.session && game.status === "active" && game.fault === null;
  place.hidden = !playing;
  if (!playing) return;
  const told = (kind, value) => [
    h("span.visually-hidden", {}, text(kind)),
    h(`span.${kind}`, { title: text(kind) }, value),
  ];
  place.replaceChildren(
    ...(game.ranked ? told("rank", `#${number(game.place)}`) : []),
    ...told("points", number(game.score ?? 0)),
  );
}

function entered(code) {
  history.replaceState(null, "", `${BASE}/play/${code}`);
  document.title = game.session.title;
  document.getElementById("title").textContent = game.session.title;
  join.show(false);
}

/** Only sessions of a class have pupils; the others do without their module. */
const pupils = () => import("./pupils.js");

function refused(error) {
  const known = game.joining.session_token && gameById(game.joining.session_id);
  if (known && error.code !== "REMOVED") {
    // The token is no good here any more: begin as somebody new, under the same code.
    forget(known.session_id);
    document.getElementById("code").value = known.code;
  }
  main.hidden = true;
  shown = { key: "", view: null };
  game.session = null;
  join.show(true);
  if (error.code === "INVALID_PUPIL") pupils().then(({ showRefusal }) => showRefusal(error, game.joining.session_id));
  else join.showRefusal(error);
  drawNotice();
}

/** By which the server knows this player again if its first answer, with the token, never arrives. */
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const resuming = (known) => ({ session_id: known.session_id, session_token: known.token, leaderboard: "delta" });

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !shown.view || game.covered) return;
  const target = event.target;
  if (target.matches("input, select, textarea")) return;
  if (event.key === "Enter" && target.matches("button, a, summary")) return;
  if (shown.view.key?.(event.key)) event.preventDefault();
});

addEventListener("resize", () => shown.view?.fit?.());

// Sounds are off on phones: what makes them is fetched by whoever switches them on.
const SOUND = "sound:player";
let sound = null;

function soundWanted() {
  try {
    return JSON.parse(localStorage.getItem(SOUND) ?? "{}").on === true;
  } catch {
    return false;
  }
}

async function loadSound() {
  const { soundControl } = await import("../shared/sound_control.js");
  sound = soundControl({ key: SOUND, on: false });
}

if (soundWanted()) loadSound();
else
  document
    .getElementById("sound")
    .addEventListener("click", () => loadSound().then(() => sound.toggle()), { once: true });

/** What this player hears: of a result of one's own as of a close. */
function hear() {
  if (!sound || !game.session) return;
  const { status, question, result, paused } = game;
  const asked = question && result?.question_id !== question.question_id;
  const phase = status === "waiting" ? "lobby" : status === "completed" ? "ended" : asked ? "open" : "closed";
  const runs = asked && question.deadline && !paused;
  sound.see({ phase, left: runs ? Date.parse(question.deadline) - game.connection.clock.now() : null });
}

// The countdown, and everything else that changes without a message.
setInterval(() => {
  if (game.tick()) schedule();
  shown.view?.tick?.();
  hear();
}, 250);

join.setUp((code, username, suggested, place) => {
  const known = gameByCode(code);
  if (place) game.start({ session_id: code, place_code: place, leaderboard: "delta" });
  else if (known?.removed) game.start(resuming(known), known);
  else {
    const entry = { session_id: code, username, join_key: randomKey(), leaderboard: "delta" };
    game.start(suggested ? { ...entry, name_suggested: true } : entry);
  }
});

function enterAs(code, who) {
  // The host frees a name by removing who plays under it: that bars nobody from their own.
  const known = gameByCode(code);
  if (known) forget(known.session_id);
  game.start({ session_id: code, ...who, join_key: randomKey(), leaderboard: "delta" });
}
if (document.querySelector(".pupils")) pupils().then(({ setUp }) => setUp(enterAs));

function preview() {
  keepNothing();
  import("./preview.js").then(({ PreviewConnection }) => {
    game.Connection = PreviewConnection;
    game.start({ session_id: page.preview.id });
  });
}

tidy();
const known = page.code && gameByCode(page.code);
if (page.preview) preview();
else if (known?.token && !page.card && (!page.session || page.session.id === known.session_id)) {
  join.show(false);
  announce(text("resuming"));
  game.start(resuming(known), known);
} else {
  join.show(true);
  const last = lastGame();
  if (last?.token && !last.removed && !page.code && !page.card) join.offer(last);
}
