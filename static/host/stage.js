// What the console shows of the question, and what its buttons do now.

import {
  countdown as clockFace,
  element,
  foreign,
  inOrder,
  optionText,
  secondsTo,
  shownText,
  text,
} from "../shared/dom.js";
import { speaker } from "../shared/listen.js";
import { answerRows, isTyped, progressRows } from "./answers.js";
import { allowed, hostPaced, page, state, waits } from "./state.js";

/** @typedef {import("./state.js").Question} Question */

const questions = page.questions;

/** The question on show in host pace. */
export const current = () =>
  hostPaced && state.session.question_index !== null ? (questions[state.session.question_index] ?? null) : null;

/** @param {import("./answers.js").TypedAnswers} typed */
export function renderQuestion(typed) {
  const shown = current();
  const { session } = state;
  const place = { number: (session.question_index ?? -1) + 1, total: session.question_count };
  const more = shown?.again_of ? ` · ${text("once_more")}` : "";
  element("question-number").textContent = shown ? text("question_of", place) + more : "";
  element("question-text").textContent = shown ? shownText(shown) : standing();
  for (const [name, value] of Object.entries(foreign(page.language))) {
    if (shown && value) element("question-text").setAttribute(name, String(value));
    else element("question-text").removeAttribute(name);
  }
  element("question-answer").textContent = shown ? solution(shown) : "";
  renderSound(shown);
  element("answered").textContent = "";
  element("lobby-code").hidden = session.status !== "waiting";
  element("console").dataset.status = session.status;
  const list = element("distribution");
  const focused = document.activeElement;
  const held = focused instanceof HTMLElement && list.contains(focused) ? focused.dataset.question : undefined;
  list.replaceChildren();
  if (hostPaced) {
    if (shown) renderAnswers(list, shown, typed);
    else typed.show(null);
    return;
  }
  if (session.status !== "waiting") {
    list.append(...progressRows(questions, state.questions, session.participant_count, state.looked));
  }
  typed.show(questions.find((one) => one.id === state.looked) ?? null);
  if (held === undefined) return;
  /** @type {HTMLElement | null} */
  const again = list.querySelector(`[data-question="${CSS.escape(held)}"]`);
  again?.focus();
}

/** What was made audible last: the console is drawn many times while a question is open. */
let audible = "";
/** @param {Question | null} shown */
function renderSound(shown) {
  const id = shown?.listen ? shown.id : "";
  if (id === audible) return;
  audible = id;
  // Where there is no recording this device speaks: it has the text, which players do not have yet.
  const made = shown?.listen
    ? speaker(
        { listen_language: page.language, ...shown, question_id: id },
        { speed: state.session.options.listen_speed },
      )
    : null;
  element("question-sound").replaceChildren(...(made ? [made.node] : []));
}

/** @param {HTMLElement} list @param {Question} shown @param {import("./answers.js").TypedAnswers} typed */
function renderAnswers(list, shown, typed) {
  const { phase, participant_count: count } = state.session;
  const over = phase === "closed" || phase === "ended";
  const typedShown = typed.show(isTyped(shown) && over ? shown : null);
  const told = phase === "open" ? state.progress : state.closed.get(shown.id);
  const known = told?.question_id === shown.id ? told : null;
  // Of a text with gaps those that are chosen stay beside what was typed.
  if (!typedShown || shown.kind === "gaps") list.append(...answerRows(shown, known?.distribution ?? {}, typedShown));
  const answered = known?.answered_count ?? 0;
  // Who answered and left is counted among the answers only.
  element("answered").textContent = text("answered_of", { answered, players: Math.max(count, answered) });
}

function standing() {
  const { status } = state.session;
  if (status === "waiting") return text("lobby_open");
  if (status === "completed") return text("session_over");
  return hostPaced ? text("all_ready") : text("on_their_own");
}

/** @param {Question} question */
function solution(question) {
  if (!question.correct_answers.length) return "";
  const right = question.correct_answers.map((answer) => optionText(question, answer));
  return `✓ ${question.kind === "order" ? inOrder(right) : right.join(" · ")}`;
}

export function renderNext() {
  const { question_index: index, status } = state.session;
  const next = hostPaced && status !== "completed" ? questions[index === null ? 0 : index + 1] : null;
  element("up-next").hidden = !next;
  element("up-next-text").textContent = next ? shownText(next) : "";
  element("up-next-answer").textContent = next ? solution(next) : "";
}

/** What the large button does: the step that a lesson most likely takes now, and never one that cannot be taken back. */
export function primary() {
  const { session } = state;
  const last = session.question_index !== null && session.question_index + 1 >= session.question_count;
  if (session.status === "waiting") return ["start", text("start_session")];
  if (session.status === "completed") return ["results", text("see_results")];
  if (session.paused) return ["resume", text("go_on")];
  if (!hostPaced) return ["pause", text("pause_all")];
  if (session.phase === "asked") return ["next", text("show_options")];
  if (session.phase === "open") return ["close-question", text("close_question")];
  if (session.phase === "ready") return ["next", text("first_question")];
  return ["next", last ? text("finish") : text("next_question")];
}

/** Buttons that stand in each other's place: the one of a pair that can be pressed is there. @type {Record<string, string>} */
const TWINS = { pause: "resume", resume: "pause", lock: "unlock", unlock: "lock" };

export function renderControls() {
  const [name, label] = primary();
  const button = element("primary");
  button.textContent = label;
  button.dataset.command = name;
  button.setAttribute("aria-disabled", String(waits(name) || (name !== "results" && !allowed(name))));
  const { paused, locked } = state.session;
  const absent = new Set([paused ? "pause" : "resume", locked ? "lock" : "unlock"]);
  if (!hostPaced) absent.add("close-question").add("extend");
  const { close_when_all_answered: closes, advance_after_ms: advances } = state.session.options;
  if (!closes && !advances) absent.add("hold");
  for (const other of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".qz-stage [data-key]"))) {
    const command = other.dataset.command ?? "";
    const hidden = absent.has(command);
    if (hidden && document.activeElement === other) {
      const twin = document.querySelector(`.qz-stage [data-command="${TWINS[command]}"][data-key]`);
      /** @type {HTMLElement | null} */ (twin)?.removeAttribute("hidden");
      /** @type {HTMLElement | null} */ (twin)?.focus();
    }
    other.hidden = hidden;
    other.setAttribute("aria-disabled", String(waits(command) || !allowed(command)));
    other.setAttribute("aria-keyshortcuts", other.dataset.key ?? "");
  }
}

/** @param {number} now Unix milliseconds on the server. */
export function tick(now) {
  const { session } = state;
  const deadline = session.phase === "open" ? session.deadline : null;
  const face = element("countdown");
  face.hidden = !deadline && !session.advance_at && !session.options_at;
  if (session.advance_at) face.textContent = text("goes_on", { seconds: secondsTo(session.advance_at, now) });
  if (session.options_at) face.textContent = text("options_in", { seconds: secondsTo(session.options_at, now) });
  if (!deadline) face.removeAttribute("data-low");
  element("time-bar", SVGElement).toggleAttribute("hidden", !deadline);
  if (!deadline || session.paused) return;
  const left = Math.max(0, Date.parse(deadline) - now);
  const seconds = Math.ceil(left / 1_000);
  face.textContent = seconds < 100 ? text("seconds", { seconds }) : clockFace(seconds);
  face.toggleAttribute("data-low", seconds <= 5);
  const limit = current()?.time_limit_ms ?? left;
  element("time-left", SVGElement).setAttribute("width", String(Math.min(100, (100 * left) / limit)));
}
