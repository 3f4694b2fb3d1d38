// How the session stands, as the server last told it. Whatever draws reads it here; only console.js changes it.

import { page } from "../shared/dom.js";

export const state = {
  /** As REST has it: with `allowed`, what may be done now. */
  session: page.session,
  /** @type {any} what is known of the answers to the open question, from HOST_PROGRESS. */
  progress: null,
  /** @type {Map<string, any>} solutions of closed questions as told, by question: a host who comes back sees the last one. */
  closed: new Map(),
  /** @type {any[]} self pace: how far the players are with each question. */
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
