// The server's clock, as far as round trips tell. Phones' own clocks are minutes off.

const STALE_MS = 60_000;

export class Clock {
  /** @type {number | null} */
  #base = null;
  #rtt = Infinity;
  #at = 0;

  /** @param {string} serverTime as the wire has it. @param {number} rtt milliseconds the exchange took. */
  sample(serverTime, rtt) {
    const now = performance.now();
    if (this.#base !== null && rtt > this.#rtt && now - this.#at < STALE_MS) return;
    this.#base = Date.parse(serverTime) + rtt / 2 - now;
    this.#rtt = rtt;
    this.#at = now;
  }

  /** Timers stand still while a phone sleeps: take the next sample, whatever it is. */
  distrust() {
    this.#rtt = Infinity;
  }

  /** Unix milliseconds on the server. */
  now() {
    return this.#base === null ? Date.now() : performance.now() + this.#base;
  }
}
