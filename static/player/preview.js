// In place of a connection: the page of somebody who plays a quiz of their own to see how it is. No session stands
// behind it, so each message brings along what a session would know, and nothing is kept, not even here.

import { sure } from "../shared/dom.js";
import { page } from "./join.js";

/**
 * @typedef {import("../shared/connection.js").FromClient} FromClient
 * @typedef {import("../shared/connection.js").FromServer} FromServer
 */
const { id, url } = sure(page.preview);
/** @type {HTMLInputElement | null} */
const secret = document.querySelector("input[name=csrfmiddlewaretoken]");
const csrf = sure(secret).value;

export class PreviewConnection {
  clock = { now: () => Date.now() };
  status = "idle";
  lastSeq = 0;
  streaming = false;
  #shown = "";
  #name = "";
  #score = 0;
  /** @type {object[]} */
  #answers = [];

  /**
   * @param {() => import("../shared/messages.js").JoinSession} join
   * @param {import("../shared/connection.js").Listener} listener
   */
  constructor(join, listener) {
    this.join = join;
    this.listener = listener;
  }

  get online() {
    return this.status === "online";
  }

  async open() {
    try {
      const { payload } = await this.ask("JOIN_SESSION", this.join());
      this.#name = payload.username;
      this.#is("online");
      this.listener.onJoined(payload, false);
    } catch {
      // The server is away, or the host has signed out.
      this.listener.onClosed(1006);
    }
  }

  close() {
    this.#is("closed");
  }

  /** @param {string} status */
  #is(status) {
    this.status = status;
    this.listener.onStatus(status);
  }

  /**
   * @template {keyof FromClient} Asked
   * @param {Asked} type
   * @param {FromClient[Asked]} payload
   * @returns {Promise<import("../shared/connection.js").Reply<Asked>>}
   */
  async ask(type, payload) {
    const body = { preview_id: id, type, payload, shown: this.#shown, answers: this.#answers };
    const sent = performance.now();
    const response = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": csrf, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
    });
    if (!response.ok) throw { code: "OFFLINE" };
    const answer = await response.json();
    if (answer.type === "ERROR") throw answer.payload;
    if (answer.type === "QUESTION_OPENED") this.#shown = answer.payload.question_id;
    if (answer.type === "SCORE_UPDATED") {
      this.#answers.push(payload);
      this.#score = answer.payload.new_score;
    }
    // Whoever plays alone is done when the game is.
    if (answer.type === "FINISHED")
      queueMicrotask(() => this.listener.onMessage({ type: "SESSION_ENDED", payload: this.#end() }));
    return { type: answer.type, payload: answer.payload, rtt: performance.now() - sent };
  }

  #end() {
    const score = this.#score;
    const own = { rank: 1, place: 1, user_id: "preview", username: this.#name, score };
    return {
      session_id: id,
      leaderboard: [own],
      total_participants: 1,
      your_rank: 1,
      your_place: 1,
      your_score: score,
    };
  }
}
