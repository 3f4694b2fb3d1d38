// What a hall sees of a session: how it stands, as the server told it.

import { Board, hasTeams } from "../shared/board.js";

/**
 * @typedef {import("../shared/connection.js").Message} Message
 * @typedef {import("../shared/messages.js").FromServer} FromServer
 * @typedef {import("../shared/messages.js").SessionJoined} SessionJoined
 * @typedef {import("../shared/shown.js").Asked} Asked
 * @typedef {import("../shared/shown.js").Open} Open
 * @typedef {FromServer["QUESTION_CLOSED"]} Result
 */

export class Hall {
  /** @type {SessionJoined | null} */
  session = null;
  status = "waiting";
  phase = "lobby";
  /** When the closed question gives way by itself; null: when the host wants. @type {string | null} */
  advanceAt = null;
  paused = false;
  locked = false;
  count = 0;
  /** By player. @type {Map<string, string>} */
  names = new Map();
  /** By player: the team, where there are teams. @type {Map<string, number | undefined>} */
  teams = new Map();
  board = new Board();
  /** @type {Asked | null} */
  question = null;
  /** @type {Result | null} */
  result = null;
  /** @type {FromServer["ANSWERS_PROGRESS"] | null} */
  progress = null;
  /** How many questions come back, told until the next one opens. */
  again = 0;
  /** Why nothing can be shown: the key of a text. @type {string | null} */
  fault = null;

  /**
   * @param {import("../shared/clock.js").Clock} clock
   * @param {() => void} askForBoard what is needed is a whole board: in the lobby it is the list of names.
   */
  constructor(clock, askForBoard) {
    this.clock = clock;
    this.askForBoard = askForBoard;
  }

  /** @param {SessionJoined} payload */
  join(payload) {
    this.session = payload;
    Object.assign(this, { status: payload.status, phase: payload.phase, paused: payload.paused });
    this.locked = payload.locked;
    this.count = payload.participant_count;
    this.advanceAt = payload.advance_at ?? null;
    this.board = new Board();
    if (payload.asked) this.#ask(payload.asked);
    else if (payload.question) this.#open(payload.question);
    else if (this.phase !== "closed") this.question = this.result = null;
    this.askForBoard();
  }

  /** The whole board, which was asked for. @param {FromServer["LEADERBOARD_UPDATED"]} payload */
  take(payload) {
    this.names = new Map(payload.leaderboard.map((entry) => [entry.user_id, entry.username]));
    this.teams = new Map(payload.leaderboard.map((entry) => [entry.user_id, entry.team]));
    if (!this.board.apply(payload)) this.askForBoard();
  }

  /** @param {Message} message @returns {boolean} whether there is anything else to be seen. */
  receive({ type, payload }) {
    switch (type) {
      case "SESSION_STARTED":
        this.status = "active";
        if (this.session) this.session.closes_at = payload.closes_at ?? null;
        this.phase = this.session?.pace === "self" ? "playing" : "ready";
        break;
      case "SESSION_PAUSED":
        this.paused = true;
        this.advanceAt = null;
        break;
      case "SESSION_RESUMED":
        this.paused = false;
        this.advanceAt = payload.advance_at ?? null;
        if (this.question && payload.deadline) this.question.deadline = payload.deadline;
        if (this.question && payload.options_at) this.question.options_at = payload.options_at;
        break;
      case "CLOSING_CHANGED":
        if (this.session) this.session.closes_at = payload.closes_at;
        break;
      case "SESSION_HELD":
        this.advanceAt = null;
        break;
      case "DEADLINE_CHANGED":
        if (this.question) this.question.deadline = payload.deadline;
        break;
      case "SESSION_LOCK_CHANGED":
        this.locked = payload.locked;
        break;
      case "QUESTION_ASKED":
        this.#ask(payload);
        break;
      case "QUESTION_OPENED":
        this.phase = "open";
        this.advanceAt = null;
        this.again = 0;
        this.#open(payload);
        break;
      case "QUESTION_CLOSED":
        this.phase = "closed";
        this.advanceAt = payload.advance_at ?? null;
        this.result = payload;
        if (payload.text && this.question?.question_id === payload.question_id) this.question.text = payload.text;
        break;
      case "ANSWERS_REGRADED":
        if (this.result?.question_id === payload.question_id && payload.correct_answers) {
          const { correct_answers, correct_count } = payload;
          this.result = { ...this.result, correct_answers, correct_count: correct_count ?? this.result.correct_count };
        }
        break;
      case "QUESTIONS_ADDED":
        this.again = payload.added;
        if (this.question) this.question.total = payload.total;
        break;
      case "ANSWERS_PROGRESS":
        this.progress = payload;
        this.count = payload.participant_count;
        break;
      case "LEADERBOARD_UPDATED":
        if (!this.board.apply(payload)) this.askForBoard();
        break;
      case "USER_JOINED":
        this.names.set(payload.user_id, payload.username);
        this.count = payload.participant_count;
        if (hasTeams(this.session?.options)) this.askForBoard();
        break;
      case "TEAM_CHANGED":
        this.teams.set(payload.user_id, payload.team);
        break;
      case "USER_RENAMED":
        if (this.names.has(payload.user_id)) this.names.set(payload.user_id, payload.username);
        break;
      case "USER_LEFT":
        this.names.delete(payload.user_id);
        this.count = payload.participant_count;
        break;
      case "PARTICIPANTS_CHANGED":
        this.count = payload.participant_count;
        this.askForBoard();
        break;
      case "SESSION_ENDED":
        this.status = "completed";
        this.paused = false;
        this.advanceAt = null;
        this.board.entries = payload.leaderboard;
        this.board.total = payload.total_participants;
        this.board.together(payload);
        break;
      default:
        return false;
    }
    return true;
  }

  /** A question whose options are still to come. @param {Asked} question */
  #ask(question) {
    this.phase = "asked";
    this.advanceAt = null;
    this.question = question;
    this.result = this.progress = null;
  }

  /** @param {Asked} question */
  #open(question) {
    if (this.question?.question_id !== question.question_id) this.progress = null;
    this.question = question;
    this.result = null;
  }
}
