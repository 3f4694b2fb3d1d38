// The big screen: shows the session to a hall, and asks nothing of anybody.

import { Connection } from "../shared/connection.js";
import { element, h, number, page as own, secondsTo, text } from "../shared/dom.js";
import { tellPlace } from "../shared/place_of.js";
import { soundControl } from "../shared/sound_control.js";
import { recall, keep as store } from "../shared/storage.js";
import { Hall } from "./hall.js";
import { sceneOf, stage } from "./scenes.js";

/** @typedef {{id?: string, anchor?: number, theme?: string}} Kept `anchor`: the event before the question on show. */
const page = /** @type {typeof own & {code: string, session: {id: string} | null}} */ (own);

const ASK_MS = 1_000;
const KEY = `quiz:screen:${page.code}`;

const kept = /** @type {Kept} */ (recall(KEY, "sessionStorage") ?? {});
/** Without storage a reload between two questions shows less; nothing else. @param {Kept} changes */
const keep = (changes) => store(KEY, Object.assign(kept, changes), "sessionStorage");

/** @type {{key: string} & Partial<import("./scenes.js").Scene>} */
let scene = { key: "" };
let replayUpTo = 0;
let asked = -Infinity;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

const id = page.session?.id ?? kept.id ?? "";
const connection = new Connection(() => ({ session_id: id, role: "screen", leaderboard: "delta" }), {
  onStatus: drawNotice,
  onJoined: joined,
  onMessage: received,
  onRefused: () => fail("no_such_code"),
  onClosed: () => fail("cut_off"),
});
const hall = new Hall(connection.clock, askForBoard);

/** @param {string} reason */
function fail(reason) {
  hall.fault = reason;
  draw();
}

/** @param {import("../shared/messages.js").SessionJoined} payload @param {boolean} replays */
function joined(payload, replays) {
  hall.join(payload);
  element("title").textContent = document.title = payload.title;
  replayUpTo = replays ? payload.seq : 0;
  keep({ id: payload.session_id });
  draw();
}

/** Asked at most once a second. */
function askForBoard() {
  clearTimeout(waiting);
  const wait = asked + ASK_MS - performance.now();
  if (wait > 0) {
    waiting = setTimeout(askForBoard, wait);
    return;
  }
  asked = performance.now();
  connection.ask("GET_LEADERBOARD", { session_id: id, limit: 100 }).then(
    ({ payload }) => {
      hall.take(payload);
      draw();
    },
    () => {},
  );
}

/** @param {import("../shared/connection.js").Message} message */
function received(message) {
  const { type, seq } = message;
  if (type === "QUESTION_OPENED" && seq !== undefined) keep({ anchor: seq - 1 });
  if (!hall.receive(message)) return;
  if (type === "QUESTIONS_ADDED" && hall.question) tellPlace(hall.question);
  draw();
}

/** Events from before the page came back are taken, and not drawn one by one. */
const replaying = () => (connection.lastSeq ?? Infinity) < replayUpTo;

function draw() {
  if (replaying()) return;
  if (!hall.session && !hall.fault) return;
  const key = sceneOf(hall);
  if (key !== scene.key) {
    const built = stage(key, hall);
    scene = { key, ...built };
    element("stage").replaceChildren(built.node);
    document.body.dataset.scene = key.split(" ")[0];
    built.update?.();
    built.fit?.();
    built.tick?.();
  } else {
    scene.update?.();
  }
  element("count").textContent = text("players_here", { count: number(hall.count) });
  const badge = (/** @type {string | null} */ told) => (told ? h("span.badge", {}, told) : "");
  element("state").replaceChildren(
    badge(hall.again && hall.status === "active" ? text("asked_again", { count: number(hall.again) }) : null),
    badge(hall.locked ? text("locked") : null),
    badge(hall.paused ? text("paused") : null),
  );
  hear();
}

function drawGoesOn() {
  const place = element("goes-on");
  place.hidden = !hall.advanceAt;
  if (hall.advanceAt) place.textContent = text("goes_on", { seconds: secondsTo(hall.advanceAt, hall.clock.now()) });
}

function drawNotice() {
  const notice = element("notice");
  const away = connection.status === "reconnecting";
  notice.textContent = away ? text("reconnecting") : connection.streaming ? text("streaming") : "";
  notice.hidden = !notice.textContent;
}

const sound = soundControl({ key: "sound:hall", on: true, beside: "leads", session: id });

/** What the hall hears of how the session stands. */
function hear() {
  if (!hall.session || replaying()) return;
  const { status, phase, paused, question } = hall;
  sound.hear({ status, phase, deadline: paused ? null : question?.deadline }, hall.clock.now());
}

setInterval(() => {
  scene.tick?.();
  drawGoesOn();
  hear();
}, 250);
addEventListener("resize", () => scene.fit?.());

// -- what the person at the screen may do -----------------------------------------------------------------------------

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");

function toggleTheme() {
  const now = root.dataset.theme ?? (dark.matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
  keep({ theme: root.dataset.theme });
}

function toggleFull() {
  if (document.fullscreenElement) document.exitFullscreen();
  else root.requestFullscreen?.();
}

if (kept.theme) root.dataset.theme = kept.theme;
element("theme").addEventListener("click", toggleTheme);
element("full").addEventListener("click", toggleFull);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "t" || event.key === "T") toggleTheme();
  if (event.key === "f" || event.key === "F") toggleFull();
  if (event.key === "m" || event.key === "M") sound.toggle();
});

if (id) {
  if (kept.id === id && kept.anchor !== undefined) connection.lastSeq = kept.anchor;
  connection.open();
} else {
  fail("no_such_code");
}
