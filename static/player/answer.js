// The player's answer to the question on show: given once, and sent until the server has it.

import { backoff, TRY_AGAIN } from "../shared/connection.js";
import { sure } from "../shared/dom.js";
import { remember } from "./memory.js";

/**
 * @typedef {import("./memory.js").Answer} Answer
 * @typedef {{reason?: string | null}} Verdict
 * @typedef {object} Mine
 * @property {string} question_id
 * @property {Answer} [answer] unknown where another device gave it.
 * @property {number} [time_taken_ms]
 * @property {"sending" | "accepted" | "late"} state
 * @property {Verdict | null} [verdict] where the server told it at once.
 */

export class OwnAnswer {
  /** @type {Mine | null} */
  mine = null;
  /** Why the server could not take what was written. @type {string | null} */
  complaint = null;
  #shownAt = 0;
  #retries = 0;

  /** @param {import("./game.js").Game} game */
  constructor(game) {
    this.game = game;
  }

  /** From now on the player thinks. */
  begin() {
    this.#shownAt = performance.now();
  }

  /** @param {string} questionId which is on show now. */
  turnTo(questionId) {
    if (this.mine?.question_id !== questionId) this.mine = null;
    if (!this.mine && this.game.answered.has(questionId)) this.mine = { question_id: questionId, state: "accepted" };
  }

  /** @param {Answer} answer */
  submit(answer) {
    const { question, paused } = this.game;
    if (this.mine || paused || !question) return;
    this.mine = {
      question_id: question.question_id,
      answer,
      time_taken_ms: Math.round(performance.now() - this.#shownAt),
      state: "sending",
    };
    this.keep(this.mine);
    this.#send(this.mine);
    this.game.changed();
  }

  /** @param {Mine | null} mine */
  keep(mine) {
    remember(this.game.session.session_id, { mine });
    // A refused answer is corrected, so until it has arrived the draft stays.
    if (mine && mine.state !== "sending") this.game.draft(mine.question_id).keep(null);
  }

  /** After a break: an answer that was given and has not been taken goes out again, the same one. */
  sendAgain() {
    const { mine, game } = this;
    if (mine?.state !== "sending") return;
    if (game.answered.has(mine.question_id)) {
      if (game.selfPaced) this.#recall(mine);
      else this.#accepted(mine);
    } else if (game.selfPaced || game.question?.question_id === mine.question_id) this.#send(mine);
  }

  /** @param {Mine} mine */
  async #send(mine) {
    const { game } = this;
    const { question_id, time_taken_ms } = mine;
    const message = { session_id: game.session.session_id, question_id, answer: sure(mine.answer), time_taken_ms };
    const attempt = game.attempts > 1 ? { attempt: game.session.attempt } : {};
    try {
      const reply = await game.connection.ask("SUBMIT_ANSWER", { ...message, ...attempt });
      if (mine !== this.mine) return;
      game.answered.add(question_id);
      if (reply.type === "SCORE_UPDATED") this.#scored(mine, reply.payload);
      else this.#accepted(mine);
    } catch (error) {
      if (mine === this.mine) this.#unsent(mine, /** @type {import("../shared/connection.js").Refusal} */ (error));
    }
    game.changed();
  }

  /** @param {Mine} mine @param {import("../shared/messages.js").ScoreUpdated} payload */
  #scored(mine, payload) {
    this.game.standing.score = payload.new_score;
    this.#accepted(mine, payload);
    if (!payload.correct_answers) return;
    this.game.show({ ...payload, your_answer: mine.answer, your_score: payload.new_score });
    this.keep(null);
  }

  /** @param {Mine} mine @param {Verdict | null} verdict */
  #accepted(mine, verdict = null) {
    this.#retries = 0;
    this.mine = { ...mine, state: "accepted", verdict };
    this.keep(this.mine);
    if (this.game.selfPaced && !verdict) this.game.next();
  }

  /** @param {Mine} mine @param {import("../shared/connection.js").Refusal} error */
  #unsent(mine, error) {
    const { game } = this;
    if (error.code === "ALREADY_ANSWERED") {
      const result = sure(error.result);
      game.answered.add(mine.question_id);
      this.mine = { ...mine, answer: result.answer };
      if (game.selfPaced) this.#recall(this.mine);
      else this.#accepted(this.mine, result.is_correct === undefined ? null : result);
    } else if (error.code === "INVALID_ANSWER" || error.code === "INVALID_QUESTION") {
      this.mine = null;
      this.keep(null);
      this.complaint = error.message ?? "";
    } else if (error.code === "QUESTION_NOT_OPEN" && error.reason === "late") {
      this.mine = { ...mine, state: "late" };
      this.keep(this.mine);
    } else if (TRY_AGAIN.has(error.code)) {
      const wait = error.retry_after_ms ?? backoff(this.#retries++);
      setTimeout(() => mine === this.mine && game.connection.online && this.#send(mine), wait);
    }
    // Offline, or in a pause: it goes out when that is over.
  }

  /** Self pace: the answer had arrived, and its acknowledgement had not. Show what it came to, or go on. @param {Mine} mine */
  async #recall(mine) {
    const { game } = this;
    const id = mine.question_id;
    game.draft(id).keep(null);
    this.keep(null);
    this.mine = { ...mine, state: "accepted" };
    if (game.question?.question_id !== id) return;
    const summary = await game.fetchSummary();
    const line = summary?.questions.find((one) => one.question_id === id);
    if (game.question?.question_id !== id) return;
    if (line) game.show({ ...line, your_score: game.standing.score }, false);
    else game.next();
    game.changed();
  }
}
