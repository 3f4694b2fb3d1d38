// How the session stands, as the server last told it. Whatever draws reads it here; only console.js changes it.

import { page as own } from "../shared/dom.js";

/**
 * @typedef {import("../shared/messages.js").FromServer} FromServer
 * @typedef {object} Session as REST has it.
 * @property {string} session_id
 * @property {"waiting" | "active" | "completed"} status
 * @property {string} phase
 * @property {string | null} opens_at when a homework that waits opens.
 * @property {string | null} closes_at when it ends by itself.
 * @property {{user_id: string, closes_at: string}[]} extensions players of a homework who have longer.
 * @property {"host" | "self"} pace
 * @property {import("../shared/messages.js").SessionOptions} options
 * @property {number} participant_count
 * @property {number | null} question_index
 * @property {number} question_count
 * @property {string | null} deadline
 * @property {string | null} options_at
 * @property {string | null} advance_at
 * @property {boolean} paused
 * @property {boolean} locked
 * @property {string[]} allowed what may be done now.
 * @property {number} revision
 *
 * @typedef {object} Question as REST has it.
 * @property {string} id
 * @property {string} kind
 * @property {string} text
 * @property {string[]} options
 * @property {string[]} correct_answers
 * @property {{options: string[], correct_answers: string[]}[]} [gaps]
 * @property {number} time_limit_ms
 * @property {string | null} [again_of]
 * @property {string | null} [listen]
 * @property {string | null} [sound]
 *
 * @typedef {{question_id: string, answered: number, correct: number}} Far self pace: how far the players are with a question.
 * @typedef {typeof own & {language: string, join: string, session: Session, questions: Question[], results: string}} Page
 */

/** What the server gives the console. */
export const page = /** @type {Page} */ (own);

export const state = {
  session: page.session,
  /** @type {FromServer["HOST_PROGRESS"] | null} what is known of the answers to the open question. */
  progress: null,
  /** @type {Map<string, FromServer["QUESTION_CLOSED"]>} closed questions as told, by id: a host who comes back sees the last one. */
  closed: new Map(),
  /** @type {Far[]} */
  questions: [],
  /** @type {string | null} self pace: the question whose typed answers are on show. */
  looked: null,
};

export const hostPaced = state.session.pace === "host";
/** What must not happen twice goes with the revision this page has seen, so that two clicks or two hosts are one step. */
export const STEPS = new Set(["start", "next", "close-question", "extend", "ask-again"]);
/** @type {Set<string>} commands on their way. */
export const busy = new Set();

/** Whether a command has to wait for one that is on its way. */
export function waits(/** @type {string} */ name) {
  return busy.has(name) || (STEPS.has(name) && [...busy].some((other) => STEPS.has(other)));
}

export const allowed = (/** @type {string} */ name) => state.session.allowed.includes(name);
