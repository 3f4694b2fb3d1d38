// A player's game: what the server said, what the player answered, and what still has to be sent.

import { Board, places } from "../shared/board.js";
import { backoff, Connection } from "../shared/connection.js";
import { when } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { tellPlace } from "../shared/place_of.js";
import { draft, forget, game as kept, remember, rememberName } from "./memory.js";

const REPLAY_MS = 400;
/** How long the page tells what the host did for this player. */
const NEWS_MS = 10_000;
const RETRIED = new Set(["SERVICE_UNAVAILABLE", "INTERNAL_ERROR", "RATE_LIMITED"]);

export class Game {
  connection = null;
  session = null;
  status = "waiting";
  phase = "lobby";
  /** When the closed question gives way by itself, as the server writes times; null: when the host wants. */
  advanceAt = null;
  paused = false;
  count = 0;
  score = 0;
  rank = null;
  /** The rank before the result on show, as far as anybody had points then. */
  rankBefore = null;
  board = new Board();
  neighbours = [];
  question = null;
  /** What an answer came to: QUESTION_CLOSED, or in self pace SCORE_UPDATED in the same form. */
  result = null;
  /** The answer to the question on show: `{question_id, answer, time_taken_ms, state}`. */
  mine = null;
  answered = new Set();
  finished = false;
  /** Whether the time of a homework is over for this player, by the server's clock. */
  closed = false;
  summary = null;
  /** What the host has just done for this player: a text's key and values. */
  news = null;
  /** Why the game cannot go on here: a close code or an error code. */
  fault = null;
  #place = null;
  #shownAt = 0;
  #replayUpTo = 0;
  #retries = 0;

  /** @param {() => void} changed called after every change. @param {(error: object) => void} refused */
  constructor(changed, refused) {
    this.Connection = Connection;
    this.changed = () => (this.connection && this.connection.lastSeq < this.#replayUpTo) || changed();
    this.refused = refused;
  }

  /** @param {object} join payload of JOIN_SESSION. @param {object|null} known what the browser remembers of the game. */
  start(join, known = null) {
    this.connection?.close();
    this.joining = join;
    this.fault = null;
    this.connection = new this.Connection(() => this.joining, {
      onStatus: () => this.changed(),
      onJoined: (payload, replays) => this.#joined(payload, replays),
      onMessage: (type, payload, seq) => this.#message(type, payload, seq),
      onRefused: (error) => (this.session && error.code === "REMOVED" ? this.#stop(4003) : this.refused(error)),
      onClosed: (code) => this.#stop(code),
    });
    if (known?.anchor !== undefined) this.connection.lastSeq = known.anchor;
    if (known?.mine) this.mine = known.mine;
    this.connection.open();
  }

  #stop(code) {
    this.fault = code;
    // Remembered, so that the same browser does not come in again under another name.
    if (code === 4003) remember(this.session.session_id, { removed: true });
    this.changed();
  }

  get selfPaced() {
    return this.session.pace === "self";
  }

  /** Whether a pause has to cover the page: a host may well pause to talk about a result. */
  get covered() {
    return this.paused && this.status === "active" && this.fault === null && (this.selfPaced || !this.result);
  }

  /** The place people are told: equal scores share one. Off the board that is shown here, as the server said it last. */
  get place() {
    return places(this.board.entries).get(this.session.user_id) ?? this.#place ?? this.rank;
  }

  /** Whether a rank says anything: before anybody has points it is the order of joining. */
  get ranked() {
    return Boolean(this.rank && (this.board.entries[0]?.score ?? this.score));
  }

  /** Homework: how often it may be done; 1 in all other sessions. */
  get attempts() {
    return this.session.options?.attempts ?? 1;
  }

  /** The time went on. @returns {boolean} whether that changed what is to be seen. */
  tick() {
    const closesAt = this.session?.options?.closes_at && this.session.closes_at;
    const closed = Boolean(closesAt) && this.connection.clock.now() > Date.parse(closesAt);
    if (closed === this.closed) return false;
    this.closed = closed;
    return true;
  }

  get left() {
    return this.session.question_count - this.answered.size;
  }

  #joined(payload, replays) {
    const id = payload.session_id;
    this.session = payload;
    Object.assign(this, { status: payload.status, phase: payload.phase, paused: payload.paused });
    Object.assign(this, { count: payload.participant_count, score: payload.your_score, rank: payload.your_rank });
    this.advanceAt = payload.advance_at ?? null;
    this.answered = new Set(payload.answered);
    const { join_code: code, title, session_token: token, username } = payload;
    const { username: before, attempt = 1 } = kept(id) ?? {};
    // Another device may have begun another attempt.
    if (payload.attempt && attempt !== payload.attempt) this.mine = null;
    remember(id, { code, title, token, username, attempt: payload.attempt, until: Date.parse(payload.closes_at) || 0 });
    this.tick();
    rememberName(username);
    if (payload.resumed && before && before !== username) this.#tell("renamed", { name: this.session.username });
    this.joining = { session_id: id, session_token: token, leaderboard: "delta" };
    this.board = new Board();
    this.#replayUpTo = replays ? payload.seq : 0;
    if (replays) setTimeout(() => this.#replayed(), REPLAY_MS);
    if (payload.asked) this.#ask(payload.asked);
    else if (payload.question) this.#open(payload.question);
    else if (this.selfPaced ? !this.#dealtWith(this.question) : this.phase !== "closed") {
      this.question = this.result = null;
    }
    this.#sendAgain();
    this.#proceed();
    if (this.status === "completed") this.#summarise();
    this.changed();
  }

  /** Whether a question is on show that the player has answered, so that a break must not take it away. */
  #dealtWith(question) {
    return question && [this.mine?.question_id, this.result?.question_id].includes(question.question_id);
  }

  #replayed() {
    this.#replayUpTo = 0;
    this.changed();
  }

  #message(type, payload, seq) {
    switch (type) {
      case "SESSION_STARTED":
        this.status = "active";
        this.session.closes_at = payload.closes_at ?? this.session.closes_at;
        this.phase = this.selfPaced ? "playing" : "ready";
        this.#proceed();
        break;
      case "CLOSING_CHANGED":
        this.#closesAt(payload.your_closes_at);
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
        this.#sendAgain();
        this.#proceed();
        break;
      case "DEADLINE_CHANGED":
        if (this.question) this.question.deadline = payload.deadline;
        break;
      case "QUESTION_ASKED":
        this.#ask(payload);
        break;
      case "QUESTION_OPENED":
        remember(this.session.session_id, { anchor: seq - 1 });
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
        this.session.question_count = payload.total;
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
        if (payload.user_id !== this.session.user_id) return;
        if (payload.team !== this.session.your_team) this.#tell("team_changed", { number: payload.team });
        this.session.your_team = payload.team;
        break;
      case "USER_RENAMED":
        if (payload.user_id !== this.session.user_id) return;
        this.session.username = payload.username;
        remember(this.session.session_id, { username: payload.username });
        this.#tell("renamed", { name: this.session.username });
        break;
      case "SESSION_ENDED":
        this.status = "completed";
        this.paused = false;
        Object.assign(this, { rank: payload.your_rank, score: payload.your_score });
        this.#place = payload.your_place ?? null;
        this.board.entries = payload.leaderboard;
        this.board.total = payload.total_participants;
        this.board.together(payload);
        this.#summarise();
        break;
      default:
        if (payload.participant_count === undefined) return;
        this.count = payload.participant_count;
    }
    this.changed();
  }

  #closesAt(time) {
    if (this.session.closes_at === time) return;
    this.session.closes_at = time;
    remember(this.session.session_id, { until: Date.parse(time) });
    this.tick();
    this.#tell("closing_moved", { time: when(time) });
    this.#proceed();
  }

  /** Shown for a while, whatever else is on the page. */
  #tell(key, values) {
    const news = { key, values };
    this.news = news;
    setTimeout(() => {
      if (this.news !== news) return;
      this.news = null;
      this.changed();
    }, NEWS_MS);
  }

  /** A question whose options are still to come: it is on show, and its time does not run. */
  #ask(question) {
    this.phase = "asked";
    this.advanceAt = null;
    this.question = question;
    this.result = this.progress = this.mine = null;
  }

  #open(question) {
    if (this.question?.question_id !== question.question_id || !this.question.options) {
      this.#shownAt = performance.now();
      this.progress = null;
    }
    this.question = question;
    this.result = null;
    this.finished = false;
    if (this.mine?.question_id !== question.question_id) this.mine = null;
    if (!this.mine && this.answered.has(question.question_id)) {
      this.mine = { question_id: question.question_id, state: "accepted" };
    }
  }

  #close(payload) {
    this.draft(payload.question_id).keep(null);
    this.#keepRank();
    this.result = payload;
    if (this.question?.question_id !== payload.question_id) this.question = null;
    else if (payload.text) this.question.text = payload.text;
    if (payload.your_score !== undefined) this.score = payload.your_score;
    this.#keep(null);
  }

  #keepRank() {
    this.rankBefore = this.ranked ? this.place : null;
  }

  /** The host accepted one more answer. What is not told is null: not answered, or not to be known yet. */
  #regraded(payload) {
    const { question_id: id, correct_answers: right, gaps, new_score: score, ...verdict } = payload;
    if (this.result?.question_id === id) {
      const own = verdict.your_answer === null ? {} : { ...verdict, your_score: score };
      const solution = { correct_answers: right ?? this.result.correct_answers, gaps: gaps ?? this.result.gaps };
      this.result = { ...this.result, ...own, ...solution };
    }
    if (score === null) return;
    if (score > this.score) {
      this.#tell("counts_now", { answer: [verdict.your_answer].flat().join(" · "), points: score - this.score });
    }
    this.score = score;
    if (this.summary) this.#summarise();
  }

  #board(payload) {
    if (payload.your_rank !== undefined) {
      this.rank = payload.your_rank;
      this.#place = payload.your_place ?? null;
      // Of several attempts the ranking tells the one that counts, and the page the one under way.
      if (this.attempts === 1) this.score = payload.your_score;
    }
    if (this.board.apply(payload)) return;
    const ask = { session_id: this.session.session_id, limit: 100 };
    this.connection.ask("GET_LEADERBOARD", ask).then(
      (answer) => this.#board(answer.payload),
      () => {},
    );
  }

  /** The players around this one, from beyond the broadcast board too. */
  async lookAround() {
    this.neighbours = this.board.around(this.session.user_id);
    if (this.neighbours.length || !this.rank || (this.session.options?.board ?? "full") !== "full") return;
    const ask = { session_id: this.session.session_id, limit: 5, offset: Math.max(0, this.rank - 3) };
    try {
      this.neighbours = (await this.connection.ask("GET_LEADERBOARD", ask)).payload.leaderboard;
      this.changed();
    } catch {
      // Nothing lost: the rank itself is known.
    }
  }

  /** The host arranged something for this player. The deadline of an open question follows at once. */
  #needs(needs) {
    const before = this.session.your_needs?.time ?? 100;
    this.session.your_needs = needs;
    const asked = this.question;
    if (!asked?.deadline || before === needs.time) return;
    const opened = Date.parse(asked.opened_at);
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

  // -- self pace ------------------------------------------------------------------------------------------------------

  #proceed() {
    if (this.status === "active" && this.selfPaced && !this.paused && !this.question && !this.finished) this.next();
  }

  /** Self pace: show me another question. */
  async next() {
    try {
      const { type, payload } = await this.connection.ask("NEXT_QUESTION", { session_id: this.session.session_id });
      this.mine = null;
      if (type === "FINISHED") {
        Object.assign(this, { finished: true, question: null, result: null, score: payload.your_score });
        this.#summarise();
      } else {
        this.#open(payload);
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
    this.mine = this.question = this.result = this.summary = null;
    this.score = 0;
    this.finished = false;
    this.answered.clear();
    remember(this.session.session_id, { attempt, mine: null });
    await this.next();
  }

  // -- answers --------------------------------------------------------------------------------------------------------

  submit(answer) {
    if (this.mine || this.paused || !this.question) return;
    this.mine = {
      question_id: this.question.question_id,
      answer,
      time_taken_ms: Math.round(performance.now() - this.#shownAt),
      state: "sending",
    };
    this.#keep(this.mine);
    this.#send();
    this.changed();
  }

  #keep(mine) {
    remember(this.session.session_id, { mine });
    // A refused answer is corrected, so until it has arrived the draft stays.
    if (mine && mine.state !== "sending") this.draft(mine.question_id).keep(null);
  }

  /** What the player has begun to answer to a question, and has not sent. */
  draft(questionId) {
    return draft(this.session.session_id, questionId);
  }

  /** After a break: an answer that was given and has not been taken goes out again, the same one. */
  #sendAgain() {
    const mine = this.mine;
    if (mine?.state !== "sending") return;
    if (this.answered.has(mine.question_id)) {
      if (this.selfPaced) this.#recall(mine.question_id);
      else this.#accepted();
    } else if (this.selfPaced || this.question?.question_id === mine.question_id) this.#send();
  }

  async #send() {
    const mine = this.mine;
    const { question_id, answer, time_taken_ms } = mine;
    const message = { session_id: this.session.session_id, question_id, answer, time_taken_ms };
    if (this.attempts > 1) message.attempt = this.session.attempt;
    try {
      const { type, payload } = await this.connection.ask("SUBMIT_ANSWER", message);
      if (mine !== this.mine) return;
      this.answered.add(question_id);
      if (type === "SCORE_UPDATED") this.#scored(payload);
      else this.#accepted();
    } catch (error) {
      if (mine === this.mine) this.#unsent(error);
    }
    this.changed();
  }

  #scored(payload) {
    this.score = payload.new_score;
    this.#accepted(payload);
    if (!payload.correct_answers) return;
    this.#keepRank();
    this.result = { ...payload, your_answer: this.mine.answer, your_score: payload.new_score };
    if (payload.text) this.question.text = payload.text;
    this.#keep(null);
  }

  #accepted(verdict = null) {
    this.#retries = 0;
    this.mine = { ...this.mine, state: "accepted", verdict };
    this.#keep(this.mine);
    if (this.selfPaced && !verdict) this.next();
  }

  #unsent(error) {
    const mine = this.mine;
    if (error.code === "ALREADY_ANSWERED") {
      this.answered.add(mine.question_id);
      const verdict = error.result.is_correct === undefined ? null : error.result;
      this.mine = { ...mine, answer: error.result.answer };
      if (this.selfPaced) this.#recall(mine.question_id);
      else this.#accepted(verdict);
    } else if (error.code === "INVALID_ANSWER" || error.code === "INVALID_QUESTION") {
      this.mine = null;
      this.#keep(null);
      this.complaint = error.message;
    } else if (error.code === "QUESTION_NOT_OPEN" && error.reason === "late") {
      this.mine = { ...mine, state: "late" };
      this.#keep(this.mine);
    } else if (RETRIED.has(error.code)) {
      const wait = error.retry_after_ms ?? backoff(this.#retries++);
      setTimeout(() => mine === this.mine && this.connection.online && this.#send(), wait);
    }
    // Offline, or in a pause: it goes out when that is over.
  }

  /** Self pace: the answer had arrived, and its acknowledgement had not. Show what it came to, or go on. */
  async #recall(questionId) {
    this.draft(questionId).keep(null);
    this.#keep(null);
    this.mine = { ...this.mine, state: "accepted" };
    if (this.question?.question_id !== questionId) return;
    const summary = await this.#fetchSummary();
    const line = summary?.questions.find((one) => one.question_id === questionId);
    if (this.question?.question_id !== questionId) return;
    if (line) {
      this.result = { ...line, your_score: this.score };
      this.question.text = line.text;
    } else this.next();
    this.changed();
  }

  // -- the end --------------------------------------------------------------------------------------------------------

  async #fetchSummary() {
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
      this.summary = (await this.#fetchSummary()) ?? this.summary;
      if (this.summary) this.rank = this.summary.your_rank;
      if (this.summary && (this.attempts === 1 || this.status === "completed")) this.score = this.summary.your_score;
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
    const known = kept(this.joining.session_id);
    this.start(this.joining, known);
  }
}
