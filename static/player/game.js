// A player's game: what the server said, what the player answered, and what still has to be sent.

import { Connection } from "../shared/connection.js";
import { sure, when } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { tellPlace } from "../shared/place_of.js";
import { OwnAnswer } from "./answer.js";
import { draft, forget, game as kept, remember, rememberName } from "./memory.js";
import { Standing } from "./standing.js";

const REPLAY_MS = 400;
/** How long the page tells what the host did for this player. */
const NEWS_MS = 10_000;

/**
 * @typedef {import("../shared/connection.js").Client} Client
 * @typedef {import("../shared/connection.js").Listener} Listener
 * @typedef {import("../shared/connection.js").Message} Message
 * @typedef {import("../shared/connection.js").Refusal} Refusal
 * @typedef {import("../shared/messages.js").FromServer} FromServer
 * @typedef {import("../shared/messages.js").JoinSession} JoinSession
 * @typedef {import("../shared/messages.js").SessionJoined} SessionJoined
 * @typedef {import("./memory.js").Answer} Answer
 * @typedef {import("../shared/shown.js").Asked} Asked
 * @typedef {import("../shared/shown.js").Open} Open
 * @typedef {object} Result what an answer came to: QUESTION_CLOSED, or in self pace SCORE_UPDATED in the same form.
 * @property {string} question_id
 * @property {string[] | null} [correct_answers]
 * @property {string | null} [explanation]
 * @property {string | null} [text] of the question, where it was heard only.
 * @property {Answer | null} [your_answer]
 * @property {boolean | null} [is_correct]
 * @property {number | null} [points_earned]
 * @property {string | null} [reason]
 * @property {string | null} [rule]
 * @property {number | null} [your_score]
 * @property {import("../shared/gaps.js").Told["gaps"]} [gaps]
 * @property {import("../shared/gaps.js").Told["your_gaps"]} [your_gaps]
 */

export class Game {
  status = "waiting";
  phase = "lobby";
  /** When the closed question gives way by itself, as the server writes times; null: when the host wants. @type {string | null} */
  advanceAt = null;
  paused = false;
  count = 0;
  standing = new Standing();
  own = new OwnAnswer(this);
  /** @type {Asked | null} */
  question = null;
  /** @type {FromServer["ANSWERS_PROGRESS"] | null} */
  progress = null;
  /** @type {Result | null} */
  result = null;
  /** Ids of the questions that are answered. @type {Set<string>} */
  answered = new Set();
  finished = false;
  /** Whether the time of a homework is over for this player, by the server's clock. */
  closed = false;
  /** @type {FromServer["SUMMARY"] | null} */
  summary = null;
  /** What the host has just done for this player: a text's key and values. @type {News | null} */
  news = null;
  /** Why the game cannot go on here: a close code. @type {number | null} */
  fault = null;
  /** What it was joined with, or will be again. @type {JoinSession} */
  joining = { session_id: "" };
  /** What it talks to the server by. @type {new (join: () => JoinSession, listener: Listener) => Client} */
  Connection = Connection;
  /** @type {Client | null} */
  #connection = null;
  /** @type {SessionJoined | null} */
  #session = null;
  #replayUpTo = 0;

  /** @typedef {{key: string, values: Record<string, string | number>}} News */

  /** @param {() => void} changed called after every change. @param {(error: Refusal) => void} refused */
  constructor(changed, refused) {
    this.changed = () => (this.#connection?.lastSeq ?? Infinity) < this.#replayUpTo || changed();
    this.refused = refused;
  }

  /** @param {JoinSession} join @param {import("./memory.js").Kept | null} known what the browser remembers of the game. */
  start(join, known = null) {
    this.#connection?.close();
    this.joining = join;
    this.fault = null;
    this.#connection = new this.Connection(() => this.joining, {
      onStatus: () => this.changed(),
      onJoined: (payload, replays) => this.#joined(payload, replays),
      onMessage: (message) => this.#message(message),
      onRefused: (error) => (this.joined && error.code === "REMOVED" ? this.#stop(4003) : this.refused(error)),
      onClosed: (code) => this.#stop(code),
    });
    if (known?.anchor !== undefined) this.#connection.lastSeq = known.anchor;
    if (known?.mine) this.own.mine = known.mine;
    this.#connection.open();
  }

  /** @param {number} code */
  #stop(code) {
    this.fault = code;
    // Remembered, so that the same browser does not come in again under another name.
    if (code === 4003 && this.joined) remember(this.session.session_id, { removed: true });
    this.changed();
  }

  /** Whether a session has let this player in. */
  get joined() {
    return this.#session !== null;
  }

  get session() {
    return sure(this.#session);
  }

  get connection() {
    return sure(this.#connection);
  }

  /** How the way to the server is. */
  get way() {
    return { status: this.#connection?.status ?? "idle", streaming: this.#connection?.streaming ?? false };
  }

  /** The question on show, for what is shown only with one. */
  get asked() {
    return sure(this.question);
  }

  /** The same, for what is shown once its options have come. */
  get open() {
    sure(this.asked.options);
    return /** @type {Open} */ (this.asked);
  }

  get selfPaced() {
    return this.session.pace === "self";
  }

  /** Whether a pause has to cover the page: a host may well pause to talk about a result. */
  get covered() {
    return this.paused && this.status === "active" && this.fault === null && (this.selfPaced || !this.result);
  }

  /** Homework: how often it may be done; 1 in all other sessions. */
  get attempts() {
    return this.session.options?.attempts ?? 1;
  }

  /** The time went on. @returns {boolean} whether that changed what is to be seen. */
  tick() {
    if (!this.joined) return false;
    const closesAt = this.session.options?.closes_at ? this.session.closes_at : null;
    const closed = Boolean(closesAt) && this.connection.clock.now() > Date.parse(closesAt ?? "");
    if (closed === this.closed) return false;
    this.closed = closed;
    return true;
  }

  get left() {
    return this.session.question_count - this.answered.size;
  }

  /** The session is none of this player's any more. */
  drop() {
    this.#session = null;
  }

  /** @param {SessionJoined} payload @param {boolean} replays */
  #joined(payload, replays) {
    const id = payload.session_id;
    this.#session = payload;
    Object.assign(this, { status: payload.status, phase: payload.phase, paused: payload.paused });
    this.count = payload.participant_count;
    this.standing.begin(payload);
    this.advanceAt = payload.advance_at ?? null;
    this.answered = new Set(payload.answered);
    const { join_code: code, title, session_token: token, username } = payload;
    const { username: before, attempt = 1 } = kept(id) ?? {};
    // Another device may have begun another attempt.
    if (payload.attempt && attempt !== payload.attempt) this.own.mine = null;
    const until = Date.parse(payload.closes_at ?? "") || 0;
    remember(id, { code, title, token, username, attempt: payload.attempt, until });
    this.tick();
    rememberName(username);
    if (payload.resumed && before && before !== username) this.#tell("renamed", { name: username });
    this.joining = { session_id: id, session_token: token, leaderboard: "delta" };
    this.#replayUpTo = replays ? payload.seq : 0;
    if (replays) setTimeout(() => this.#replayed(), REPLAY_MS);
    if (payload.asked) this.#ask(payload.asked);
    else if (payload.question) this.#open(payload.question);
    else if (this.selfPaced ? !this.#dealtWith(this.question) : this.phase !== "closed") {
      this.question = this.result = null;
    }
    this.own.sendAgain();
    this.#proceed();
    if (this.status === "completed") this.#summarise();
    this.changed();
  }

  /** Whether a question is on show that the player has answered, so that a break must not take it away. @param {Asked | null} question */
  #dealtWith(question) {
    return question && [this.own.mine?.question_id, this.result?.question_id].includes(question.question_id);
  }

  #replayed() {
    this.#replayUpTo = 0;
    this.changed();
  }

  /** @param {Message} message */
  #message({ type, payload, seq }) {
    const { session } = this;
    switch (type) {
      case "SESSION_STARTED":
        this.status = "active";
        session.closes_at = payload.closes_at ?? session.closes_at;
        this.phase = this.selfPaced ? "playing" : "ready";
        this.#proceed();
        break;
      case "CLOSING_CHANGED":
        this.#closesAt(payload.your_closes_at ?? payload.closes_at);
        break;
      case "SESSION_HELD":
        this.advanceAt = null;
        break;
      case "SESSION_PAUSED":
        this.paused = true;
        this.advanceAt = null;
        break;
      case "SESSION_RESUMED":
        this.paused = false;
        this.advanceAt = payload.advance_at ?? null;
        if (this.question && payload.deadline !== undefined) this.question.deadline = payload.deadline;
        if (this.question && payload.options_at) this.question.options_at = payload.options_at;
        this.own.sendAgain();
        this.#proceed();
        break;
      case "DEADLINE_CHANGED":
        if (this.question) this.question.deadline = payload.deadline;
        break;
      case "QUESTION_ASKED":
        this.#ask(payload);
        break;
      case "QUESTION_OPENED":
        if (seq !== undefined) remember(session.session_id, { anchor: seq - 1 });
        this.phase = "open";
        this.#open(payload);
        break;
      case "QUESTION_CLOSED":
        this.phase = "closed";
        this.advanceAt = payload.advance_at ?? null;
        this.#close(payload);
        break;
      case "ANSWERS_REGRADED":
        this.#regraded(payload);
        break;
      case "QUESTIONS_ADDED":
        session.question_count = payload.total;
        if (this.question) tellPlace(Object.assign(this.question, { total: payload.total }));
        this.#tell("asked_again", { count: payload.added });
        break;
      case "ANSWERS_PROGRESS":
        this.count = payload.participant_count;
        this.progress = payload;
        break;
      case "LEADERBOARD_UPDATED":
        this.#board(payload);
        break;
      case "NEEDS_CHANGED":
        this.#needs(payload.needs);
        break;
      case "TEAM_CHANGED":
        if (payload.user_id !== session.user_id) return;
        if (payload.team !== session.your_team) this.#tell("team_changed", { number: payload.team });
        session.your_team = payload.team;
        break;
      case "USER_RENAMED":
        if (payload.user_id !== session.user_id) return;
        session.username = payload.username;
        remember(session.session_id, { username: payload.username });
        this.#tell("renamed", { name: payload.username });
        break;
      case "SESSION_ENDED":
        this.status = "completed";
        this.paused = false;
        this.standing.end(payload);
        this.#summarise();
        break;
      default:
        if (!("participant_count" in payload)) return;
        this.count = payload.participant_count;
    }
    this.changed();
  }

  /** @param {string} time */
  #closesAt(time) {
    if (this.session.closes_at === time) return;
    this.session.closes_at = time;
    remember(this.session.session_id, { until: Date.parse(time) });
    this.tick();
    this.#tell("closing_moved", { time: when(time) });
    this.#proceed();
  }

  /** Shown for a while, whatever else is on the page. @param {string} key @param {News["values"]} values */
  #tell(key, values) {
    const news = { key, values };
    this.news = news;
    setTimeout(() => {
      if (this.news !== news) return;
      this.news = null;
      this.changed();
    }, NEWS_MS);
  }

  /** A question whose options are still to come: it is on show, and its time does not run. @param {Asked} question */
  #ask(question) {
    this.phase = "asked";
    this.advanceAt = null;
    this.question = question;
    this.result = this.progress = this.own.mine = null;
  }

  /** @param {Asked} question */
  #open(question) {
    if (this.question?.question_id !== question.question_id || !this.question.options) {
      this.own.begin();
      this.progress = null;
    }
    this.question = question;
    this.result = null;
    this.finished = false;
    this.own.turnTo(question.question_id);
  }

  /** @param {FromServer["QUESTION_CLOSED"]} payload */
  #close(payload) {
    this.draft(payload.question_id).keep(null);
    if (this.question?.question_id !== payload.question_id) this.question = null;
    this.show(payload);
    if (payload.your_score !== undefined) this.standing.score = payload.your_score;
    this.own.keep(null);
  }

  /**
   * What the answer to the question on show came to.
   * @param {Result} result
   * @param {boolean} anew whether it is another one than before a break.
   */
  show(result, anew = true) {
    if (anew) this.standing.keep();
    this.result = result;
    if (this.question && result.text) this.question.text = result.text;
  }

  /** The host accepted one more answer. What is not told is null: not answered, or not to be known yet. @param {FromServer["ANSWERS_REGRADED"]} payload */
  #regraded(payload) {
    const { question_id: id, correct_answers: right, gaps, new_score: score = null, ...verdict } = payload;
    if (this.result?.question_id === id) {
      const own = (verdict.your_answer ?? null) === null ? {} : { ...verdict, your_score: score };
      const solution = { correct_answers: right ?? this.result.correct_answers, gaps: gaps ?? this.result.gaps };
      this.result = { ...this.result, ...own, ...solution };
    }
    if (score === null) return;
    const { standing } = this;
    if (score > standing.score) {
      this.#tell("counts_now", {
        answer: [verdict.your_answer ?? ""].flat().join(" · "),
        points: score - standing.score,
      });
    }
    standing.score = score;
    if (this.summary) this.#summarise();
  }

  /** @param {FromServer["LEADERBOARD_UPDATED"]} payload */
  #board(payload) {
    // Of several attempts the ranking tells the one that counts, and the page the one under way.
    this.standing.told(payload, this.attempts === 1);
    if (this.standing.board.apply(payload)) return;
    const ask = { session_id: this.session.session_id, limit: 100 };
    this.connection.ask("GET_LEADERBOARD", ask).then(
      (answer) => this.#board(answer.payload),
      () => {},
    );
  }

  /** The players around this one, from beyond the broadcast board too. */
  async lookAround() {
    const { standing } = this;
    if (standing.look() || (this.session.options?.board ?? "full") !== "full") return;
    const ask = { session_id: this.session.session_id, limit: 5, offset: Math.max(0, (standing.rank ?? 0) - 3) };
    try {
      standing.neighbours = (await this.connection.ask("GET_LEADERBOARD", ask)).payload.leaderboard;
      this.changed();
    } catch {
      // Nothing lost: the rank itself is known.
    }
  }

  /** The host arranged something for this player. The deadline of an open question follows at once. @param {import("../shared/messages.js").YourNeeds} needs */
  #needs(needs) {
    const before = this.session.your_needs?.time ?? 100;
    this.session.your_needs = needs;
    const asked = this.question;
    if (!asked?.deadline || before === needs.time) return;
    const opened = Date.parse(sure(asked.opened_at));
    const ownMs = ((Date.parse(asked.deadline) - opened) * needs.time) / before;
    asked.deadline = needs.time ? new Date(opened + ownMs).toISOString() : null;
    asked.time_limit_ms = (asked.time_limit_ms * needs.time) / before;
  }

  /** @param {number} team which the player chooses, until the start. */
  async chooseTeam(team) {
    try {
      await this.connection.ask("CHOOSE_TEAM", { session_id: this.session.session_id, team });
      this.session.your_team = team;
    } catch {
      // The session has started, or the connection broke: it stays as it is.
    }
    this.changed();
  }

  /** What the player has begun to answer to a question, and has not sent. @param {string} questionId */
  draft(questionId) {
    return draft(this.session.session_id, questionId);
  }

  // -- self pace ------------------------------------------------------------------------------------------------------

  #proceed() {
    if (this.status === "active" && this.selfPaced && !this.paused && !this.question && !this.finished) this.next();
  }

  /** Self pace: show me another question. */
  async next() {
    try {
      const reply = await this.connection.ask("NEXT_QUESTION", { session_id: this.session.session_id });
      this.own.mine = null;
      if (reply.type === "FINISHED") {
        this.finished = true;
        this.question = this.result = null;
        this.standing.score = reply.payload.your_score;
        this.#summarise();
      } else {
        this.#open(reply.payload);
      }
      this.changed();
    } catch {
      // Without a connection, before the start or in a pause: it is asked again when that changes.
    }
  }

  /** Homework: do it again, from the first question. */
  async again() {
    const attempt = this.session.attempt + 1;
    try {
      await this.connection.ask("START_ATTEMPT", { session_id: this.session.session_id, attempt });
    } catch {
      // Without a connection, or after the end: the page says so.
      return;
    }
    this.session.attempt = attempt;
    this.question = this.result = this.summary = this.own.mine = null;
    this.standing.score = 0;
    this.finished = false;
    this.answered.clear();
    remember(this.session.session_id, { attempt, mine: null });
    await this.next();
  }

  // -- the end --------------------------------------------------------------------------------------------------------

  async fetchSummary() {
    try {
      return (await this.connection.ask("GET_SUMMARY", { session_id: this.session.session_id })).payload;
    } catch {
      return null; // Asked again with the next join.
    }
  }

  #summarise() {
    // A hall that ends together does not ask together: 2 ms of spread for each player.
    const wait = Math.random() * Math.min(3_000, 2 * this.count);
    setTimeout(async () => {
      this.summary = (await this.fetchSummary()) ?? this.summary;
      if (this.summary) this.standing.rank = this.summary.your_rank;
      if (this.summary && (this.attempts === 1 || this.status === "completed"))
        this.standing.score = this.summary.your_score;
      this.changed();
    }, wait);
  }

  /** Go for good; the browser forgets who the player was. */
  async leave() {
    const id = this.session.session_id;
    try {
      await this.connection.ask("LEAVE_SESSION", { session_id: id });
    } catch {
      // Gone all the same.
    }
    forget(id);
    location.assign(`${BASE}/`);
  }

  /** The game is on another tab: take it back to this one. */
  takeOver() {
    this.start(this.joining, kept(this.joining.session_id));
  }
}
