// One client of the protocol: joins, comes back after every break, and misses no event.
//
// It reconnects with full jitter, so that a hall that lost its Wi-Fi does not come back in one blow. A gap in the
// sequence of events, or a heartbeat that is ahead of us, makes it join again with the last one it has.

import { Clock } from "./clock.js";
import { BASE } from "./paths.js";
import { EventSocket } from "./stream.js";
import { Ways } from "./ways.js";

/** Closes after which the same client is welcome again; after all others a person has to act. */
export const RETRIED = new Set([1001, 1006, 1011, 1012, 1013, 4008]);
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;
const QUIET_MS = 15_000;
const DEAD_MS = 25_000;
const PROBE_MS = 3_000;
const RESYNC_MS = 2_000;
/** A network may swallow a handshake without a word; browsers would wait for minutes. */
const OPEN_MS = 8_000;
/** How often a page that plays over the stream looks whether WebSockets get through again. */
const LOOK_MS = 60_000;
/** Refusals after which the same message may be sent again, after a while. */
export const TRY_AGAIN = new Set(["SERVICE_UNAVAILABLE", "INTERNAL_ERROR", "RATE_LIMITED"]);

/**
 * Milliseconds until the next attempt, with full jitter.
 * @param {number} attempt how many have failed, from 0.
 */
export function backoff(attempt, random = Math.random) {
  const most = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (attempt + 2));
  return RETRY_MIN_MS + random() * (most - RETRY_MIN_MS);
}

/**
 * @typedef {import("./messages.js").FromClient} FromClient
 * @typedef {import("./messages.js").FromServer} FromServer
 * @typedef {import("./messages.js").SessionJoined} SessionJoined
 * @typedef {Omit<Partial<import("./messages.js").Error>, "code"> & {code: import("./messages.js").Error["code"] | "OFFLINE"}} Refusal
 * @typedef {{[Type in keyof FromServer]: {type: Type, payload: FromServer[Type], seq?: number, reply_to?: string}}[
 *   keyof FromServer]} Message
 * @typedef {{JOIN_SESSION: "SESSION_JOINED", SUBMIT_ANSWER: "SCORE_UPDATED" | "ANSWER_ACCEPTED",
 *   NEXT_QUESTION: "QUESTION_OPENED" | "FINISHED", START_ATTEMPT: "ATTEMPT_STARTED", LEAVE_SESSION: "SESSION_LEFT",
 *   GET_LEADERBOARD: "LEADERBOARD_UPDATED", GET_SUMMARY: "SUMMARY", CHOOSE_TEAM: "TEAM_CHANGED",
 *   PING: "PONG"}} AnswerTo by what was asked.
 * @typedef {{onStatus: (status: string) => void, onJoined: (payload: SessionJoined, replays: boolean) => void,
 *   onMessage: (message: Message) => void, onRefused: (error: Refusal) => void,
 *   onClosed: (code: number) => void}} Listener `onRefused` and `onClosed` are final.
 */
/**
 * What a page needs of a connection, or of what stands in its place.
 * @typedef {Pick<Connection, "ask" | "open" | "close" | "online" | "status" | "streaming" | "lastSeq"> &
 *   {clock: Pick<Clock, "now">}} Client
 */
/**
 * @template {keyof FromClient} Asked
 * @typedef {{[Type in AnswerTo[Asked]]: {type: Type, payload: FromServer[Type], rtt: number}}[AnswerTo[Asked]]} Reply
 */

function socketUrl() {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${BASE}/ws`;
}

export class Connection {
  clock = new Clock();
  /**
   * Sequence number of the last event we have; undefined: none, and none are wanted back.
   * @type {number | undefined}
   */
  lastSeq;
  status = "idle";
  /** @type {WebSocket | EventSocket | null} */
  #socket = null;
  #ways = new Ways();
  #answered = false;
  #attempt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #heard = 0;
  /** @type {Map<string, {resolve: (reply: Reply<keyof FromClient>) => void, reject: (error: Refusal) => void, at: number}>} */
  #asked = new Map();
  #snapshotSeq = 0;
  #resyncAt = -Infinity;
  #leaving = false;

  /**
   * @param {() => import("./messages.js").JoinSession} join the payload of JOIN_SESSION, without `last_seq`.
   * @param {Listener} listener
   */
  constructor(join, listener) {
    this.join = join;
    this.listener = listener;
    this.watchdog = setInterval(() => this.#watch(), 5_000);
    addEventListener("online", () => this.#wake());
    addEventListener("offline", () => this.#cut());
    addEventListener("pageshow", () => this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  open() {
    clearTimeout(this.#timer);
    this.#leaving = false;
    this.#setStatus(this.#attempt ? "reconnecting" : "connecting");
    const way = this.#ways.next();
    const socket = way === "stream" ? new EventSocket(`${BASE}/ws/stream`) : new WebSocket(socketUrl());
    this.#socket = socket;
    this.#answered = false;
    this.#heard = performance.now();
    socket.onopen = () => this.#join();
    socket.onmessage = (/** @type {{data: string}} */ event) => {
      if (socket !== this.#socket) return;
      if (!this.#answered) this.#works(way);
      this.#receive(JSON.parse(event.data));
    };
    socket.onclose = (/** @type {{code: number}} */ event) => socket === this.#socket && this.#closed(event.code);
    setTimeout(() => socket === this.#socket && socket.readyState === WebSocket.CONNECTING && this.#lost(), OPEN_MS);
  }

  /** Whether it plays over the stream, because this network lets no WebSockets through. */
  get streaming() {
    return this.#ways.streaming;
  }

  /** @param {"socket" | "stream"} way */
  #works(way) {
    this.#answered = true;
    this.#ways.worked(way);
    if (way === "stream") setTimeout(() => this.#look(), LOOK_MS);
  }

  /** See whether WebSockets get through again, and take that way if they do. */
  #look() {
    if (this.#leaving || !this.streaming) return;
    const again = () => setTimeout(() => this.#look(), LOOK_MS);
    if (!this.online || document.hidden) {
      again();
      return;
    }
    const probe = new WebSocket(socketUrl());
    const over = setTimeout(() => probe.close(), OPEN_MS);
    let works = false;
    probe.onopen = () => probe.send(JSON.stringify({ type: "PING" }));
    probe.onmessage = () => {
      works = true;
      probe.close();
    };
    probe.onclose = () => {
      clearTimeout(over);
      if (!works || !this.online) {
        again();
        return;
      }
      this.#ways.worked("socket");
      this.#drop();
      this.#setStatus("reconnecting");
      this.open();
    };
  }

  /** Stop for good. */
  close() {
    this.#leaving = true;
    clearTimeout(this.#timer);
    this.#drop();
    this.#setStatus("closed");
  }

  get online() {
    return this.status === "online";
  }

  /**
   * Send and get the answer's payload; an ERROR, or the end of the connection, rejects with a `Refusal`.
   * @template {keyof FromClient} Asked
   * @param {Asked} type
   * @param {FromClient[Asked]} payload
   * @returns {Promise<Reply<Asked>>}
   */
  ask(type, payload) {
    if (!this.online) return Promise.reject({ code: "OFFLINE" });
    return this.#ask(type, payload);
  }

  /**
   * @template {keyof FromClient} Asked
   * @param {Asked} type
   * @param {FromClient[Asked]} payload
   * @returns {Promise<Reply<Asked>>}
   */
  #ask(type, payload) {
    return new Promise((resolve, reject) => {
      const answered = /** @type {(reply: Reply<keyof FromClient>) => void} */ (resolve);
      this.#asked.set(this.#post(type, payload), { resolve: answered, reject, at: performance.now() });
    });
  }

  /** @param {string} type @param {object} payload */
  #post(type, payload) {
    const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    this.#socket?.send(JSON.stringify({ type, payload, message_id: id }));
    return id;
  }

  #join() {
    const payload = { ...this.join() };
    const since = this.lastSeq;
    if (since !== undefined) payload.last_seq = since;
    const socket = this.#socket;
    this.#ask("JOIN_SESSION", payload).then(
      ({ payload: joined, rtt }) => {
        this.#attempt = 0;
        this.clock.sample(joined.server_time, rtt);
        this.#snapshotSeq = joined.seq;
        const replays = since !== undefined && since < joined.seq;
        if (!replays) this.lastSeq = joined.seq;
        this.#setStatus("online");
        this.listener.onJoined(joined, replays);
        this.ping();
      },
      (error) => {
        if (socket !== this.#socket || error.code === "OFFLINE") return;
        if (!TRY_AGAIN.has(error.code)) {
          this.close();
          this.listener.onRefused(error);
        } else {
          this.#timer = setTimeout(() => this.#join(), error.retry_after_ms ?? backoff(this.#attempt++));
        }
      },
    );
  }

  ping() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#ask("PING", {}).then(
      ({ payload, rtt }) => this.clock.sample(payload.server_time, rtt),
      () => {},
    );
  }

  /** @param {Message} message */
  #receive(message) {
    this.#heard = performance.now();
    const { type, payload, seq, reply_to: replyTo } = message;
    const asked = replyTo && this.#asked.get(replyTo);
    if (asked) {
      this.#asked.delete(replyTo);
      const rtt = performance.now() - asked.at;
      if (type === "ERROR") asked.reject(payload);
      else asked.resolve(/** @type {Reply<keyof FromClient>} */ ({ type, payload, rtt }));
      return;
    }
    if (type === "RECONNECT") {
      // The server goes down for a moment: leave at the time it gave us, before it has to throw us out.
      this.#timer = setTimeout(() => this.#lost(), payload.after_ms);
    } else if (type === "HEARTBEAT") {
      if (payload.latest_seq > Math.max(this.lastSeq ?? 0, this.#snapshotSeq)) this.#resync();
    } else if (seq === undefined) {
      this.listener.onMessage(message);
    } else if (this.lastSeq === undefined || seq > this.lastSeq) {
      if (seq > Math.max(this.lastSeq ?? 0, this.#snapshotSeq) + 1) return this.#resync();
      this.lastSeq = seq;
      this.listener.onMessage(message);
    }
  }

  #resync() {
    if (performance.now() - this.#resyncAt < RESYNC_MS) return;
    this.#resyncAt = performance.now();
    this.#join();
  }

  /** @param {number} code */
  #closed(code) {
    if (RETRIED.has(code)) {
      this.#lost();
    } else {
      this.close();
      this.listener.onClosed(code);
    }
  }

  /** The connection is gone; another one after a while. */
  #lost() {
    if (this.#socket && !this.#answered) this.#ways.failed(this.#socket instanceof EventSocket ? "stream" : "socket");
    this.#drop();
    this.#setStatus("reconnecting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), backoff(this.#attempt++));
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const { reject } of this.#asked.values()) reject({ code: "OFFLINE" });
    this.#asked.clear();
  }

  #cut() {
    if (!this.#leaving && this.status !== "idle") this.#lost();
  }

  /** The page is looked at again, or the network is back: do not wait for a timer to notice. */
  #wake() {
    if (this.#leaving || this.status === "idle") return;
    this.clock.distrust();
    if (this.#socket === null) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.open(), Math.random() * RETRY_MIN_MS);
    } else {
      this.#probe();
    }
  }

  #watch() {
    const quiet = performance.now() - this.#heard;
    if (this.#socket === null || this.status === "closed") return;
    if (quiet > DEAD_MS) this.#lost();
    else if (quiet > QUIET_MS) this.ping();
  }

  #probe() {
    const before = performance.now();
    const socket = this.#socket;
    this.ping();
    setTimeout(() => socket && socket === this.#socket && this.#heard < before && this.#lost(), PROBE_MS);
  }

  /** @param {string} status */
  #setStatus(status) {
    if (this.status === status) return;
    this.status = status;
    this.listener.onStatus(status);
  }
}
