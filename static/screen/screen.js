// The big screen: shows the session to a hall, and asks nothing of anybody.

import { Board, hasTeams } from "../shared/board.js";
import { Connection } from "../shared/connection.js";
import { h, number, page, secondsTo, text } from "../shared/dom.js";
import { tellPlace } from "../shared/place_of.js";
import { soundControl } from "../shared/sound_control.js";
import { sceneOf, stage } from "./scenes.js";

const ASK_MS = 1_000;
const KEY = `quiz:screen:${page.code}`;

const kept = recall();
const hall = {
  session: null,
  status: "waiting",
  phase: "lobby",
  /** When the closed question gives way by itself; null: when the host wants. */
  advanceAt: null,
  paused: false,
  locked: false,
  count: 0,
  names: new Map(),
  /** By player: the team, where there are teams. */
  teams: new Map(),
  board: new Board(),
  question: null,
  result: null,
  progress: null,
  /** How many questions come back, told until the next one opens. */
  again: 0,
  clock: null,
};
let scene = { key: "" };
let replayUpTo = 0;
let asked = -Infinity;
let waiting = 0;

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function keep(changes) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(Object.assign(kept, changes)));
  } catch {
    // Without storage a reload between two questions shows less; nothing else.
  }
}

const id = page.session?.id ?? kept.id;
const connection = new Connection(() => ({ session_id: id, role: "screen", leaderboard: "delta" }), {
  onStatus: drawNotice,
  onJoined: joined,
  onMessage: received,
  onRefused: () => fail("no_such_code"),
  onClosed: () => fail("cut_off"),
});
hall.clock = connection.clock;

function fail(reason) {
  hall.fault = reason;
  draw();
}

function joined(payload, replays) {
  hall.session = payload;
  Object.assign(hall, { status: payload.status, phase: payload.phase, paused: payload.paused, locked: payload.locked });
  hall.count = payload.participant_count;
  hall.advanceAt = payload.advance_at ?? null;
  hall.board = new Board();
  document.getElementById("title").textContent = document.title = payload.title;
  if (payload.asked) ask(payload.asked);
  else if (payload.question) open(payload.question);
  else if (hall.phase !== "closed") hall.question = hall.result = null;
  replayUpTo = replays ? payload.seq : 0;
  keep({ id: payload.session_id });
  askForBoard();
  draw();
}

/** The whole board: in the lobby it is the list of names. */
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
      hall.names = new Map(payload.leaderboard.map((entry) => [entry.user_id, entry.username]));
      hall.teams = new Map(payload.leaderboard.map((entry) => [entry.user_id, entry.team]));
      received("LEADERBOARD_UPDATED", payload);
    },
    () => {},
  );
}

/** A question whose options are still to come. */
function ask(question) {
  hall.phase = "asked";
  hall.advanceAt = null;
  hall.question = question;
  hall.result = hall.progress = null;
}

function open(question) {
  if (hall.question?.question_id !== question.question_id) hall.progress = null;
  hall.question = question;
  hall.result = null;
}

function received(type, payload, seq) {
  switch (type) {
    case "SESSION_STARTED":
      hall.status = "active";
      hall.session.closes_at = payload.closes_at ?? null;
      hall.phase = hall.session.pace === "self" ? "playing" : "ready";
      break;
    case "SESSION_PAUSED":
    case "SESSION_RESUMED":
      hall.paused = type === "SESSION_PAUSED";
      hall.advanceAt = payload.advance_at ?? null;
      if (hall.question && payload.deadline) hall.question.deadline = payload.deadline;
      if (hall.question && payload.options_at) hall.question.options_at = payload.options_at;
      break;
    case "CLOSING_CHANGED":
      hall.session.closes_at = payload.closes_at;
      break;
    case "SESSION_HELD":
      hall.advanceAt = null;
      break;
    case "DEADLINE_CHANGED":
      if (hall.question) hall.question.deadline = payload.deadline;
      break;
    case "SESSION_LOCK_CHANGED":
      hall.locked = payload.locked;
      break;
    case "QUESTION_ASKED":
      ask(payload);
      break;
    case "QUESTION_OPENED":
      keep({ anchor: seq - 1 });
      hall.phase = "open";
      hall.advanceAt = null;
      hall.again = 0;
      open(payload);
      break;
    case "QUESTION_CLOSED":
      hall.phase = "closed";
      hall.advanceAt = payload.advance_at ?? null;
      hall.result = payload;
      if (payload.text && hall.question?.question_id === payload.question_id) hall.question.text = payload.text;
      break;
    case "ANSWERS_REGRADED":
      if (hall.result?.question_id === payload.question_id && payload.correct_answers) {
        const { correct_answers, correct_count } = payload;
        hall.result = { ...hall.result, correct_answers, correct_count };
      }
      break;
    case "QUESTIONS_ADDED":
      hall.again = payload.added;
      if (hall.question) tellPlace(Object.assign(hall.question, { total: payload.total }));
      break;
    case "ANSWERS_PROGRESS":
      hall.progress = payload;
      hall.count = payload.participant_count;
      break;
    case "LEADERBOARD_UPDATED":
      if (!hall.board.apply(payload)) askForBoard();
      break;
    case "USER_JOINED":
      hall.names.set(payload.user_id, payload.username);
      hall.count = payload.participant_count;
      if (hasTeams(hall.session.options)) askForBoard();
      break;
    case "TEAM_CHANGED":
      hall.teams.set(payload.user_id, payload.team);
      break;
    case "USER_RENAMED":
      if (hall.names.has(payload.user_id)) hall.names.set(payload.user_id, payload.username);
      break;
    case "USER_LEFT":
      hall.names.delete(payload.user_id);
      hall.count = payload.participant_count;
      break;
    case "PARTICIPANTS_CHANGED":
      hall.count = payload.participant_count;
      askForBoard();
      break;
    case "SESSION_ENDED":
      hall.status = "completed";
      hall.paused = false;
      hall.advanceAt = null;
      hall.board.entries = payload.leaderboard;
      hall.board.total = payload.total_participants;
      hall.board.together(payload);
      break;
    default:
      return;
  }
  draw();
}

function draw() {
  if (connection.lastSeq < replayUpTo) return;
  if (!hall.session && !hall.fault) return;
  const key = sceneOf(hall);
  if (key !== scene.key) {
    scene = { key, ...stage(key, hall) };
    document.getElementById("stage").replaceChildren(scene.node);
    document.body.dataset.scene = key.split(" ")[0];
    scene.update?.();
    scene.fit?.();
    scene.tick?.();
  } else {
    scene.update?.();
  }
  document.getElementById("count").textContent = text("players_here", { count: number(hall.count) });
  const badge = (on, label) => (on ? h("span.badge", {}, text(label)) : "");
  const again = hall.again && hall.status === "active" ? text("asked_again", { count: number(hall.again) }) : "";
  document
    .getElementById("state")
    .replaceChildren(again && h("span.badge", {}, again), badge(hall.locked, "locked"), badge(hall.paused, "paused"));
  hear();
}

function drawGoesOn() {
  const place = document.getElementById("goes-on");
  place.hidden = !hall.advanceAt;
  if (hall.advanceAt) place.textContent = text("goes_on", { seconds: secondsTo(hall.advanceAt, hall.clock.now()) });
}

function drawNotice() {
  const notice = document.getElementById("notice");
  const away = connection.status === "reconnecting";
  notice.textContent = away ? text("reconnecting") : connection.streaming ? text("streaming") : "";
  notice.hidden = !notice.textContent;
}

const sound = soundControl({ key: "sound:hall", on: true, beside: "leads", session: id });

/** What the hall hears of how the session stands. */
function hear() {
  if (!hall.session || connection.lastSeq < replayUpTo) return;
  const phase = hall.status === "waiting" ? "lobby" : hall.status === "completed" ? "ended" : hall.phase;
  const runs = hall.question?.deadline && !hall.paused;
  sound.see({ phase, left: runs ? Date.parse(hall.question.deadline) - hall.clock.now() : null });
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
document.getElementById("theme").addEventListener("click", toggleTheme);
document.getElementById("full").addEventListener("click", toggleFull);
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
  hall.fault = "no_such_code";
  draw();
}
