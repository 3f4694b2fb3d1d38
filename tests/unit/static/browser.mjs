// What the pages' modules find around them in a browser, as far as their pure parts need it. Import it first.

import { mock } from "node:test";

/** A browser's storage, whose own keys are what was stored. */
export class Storage {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }
  setItem(key, value) {
    this[key] = String(value);
  }
  removeItem(key) {
    delete this[key];
  }
}

/** Every socket that was opened, the first one first. */
export const sockets = [];

export class FakeSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  readyState = 1;
  sent = [];
  constructor() {
    sockets.push(this);
  }
  send(frame) {
    this.sent.push(JSON.parse(frame));
  }
  close() {
    this.readyState = 3;
  }
  /** What the server says. */
  tell(type, payload, more = {}) {
    this.onmessage({ data: JSON.stringify({ type, payload, ...more }) });
  }
  /** What the server answers to the last message of this type. */
  answer(asked, type, payload) {
    this.tell(type, payload, { reply_to: this.sent.findLast((message) => message.type === asked).message_id });
  }
  /** Let the client in, as of event `seq`. */
  letIn(seq, more = {}) {
    this.onopen();
    this.answer("JOIN_SESSION", "SESSION_JOINED", { seq, server_time: "2026-11-16T10:30:00Z", ...more });
  }
}

/** A page without anything on it, and nothing remembered. */
export function openPage() {
  sockets.length = 0;
  globalThis.localStorage = new Storage();
  globalThis.sessionStorage = new Storage();
  globalThis.window = { localStorage, sessionStorage };
}

export const settled = () => new Promise((resolve) => setImmediate(resolve));

globalThis.WebSocket = FakeSocket;
globalThis.location = { protocol: "http:", host: "quiz.test", assign: mock.fn() };
globalThis.addEventListener = () => {};
globalThis.document = {
  hidden: false,
  documentElement: { lang: "en" },
  addEventListener() {},
  querySelector: () => null,
  querySelectorAll: () => [],
  getElementById: () => null,
  createElement: () => ({ getContext: () => null }),
};
openPage();
