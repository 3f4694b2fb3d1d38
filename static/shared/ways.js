// Which way to the server to take: a WebSocket, or the stream where a network cuts WebSockets.

/** Attempts in a row after which WebSockets seem to be cut: soon where none ever worked, later where one did. */
const NEVER = 2;
const BEFORE = 4;

export class Ways {
  /** Whether the stream is in use, because WebSockets do not get through. */
  streaming = false;
  #failed = 0;
  #worked = false;

  /** @returns {"socket" | "stream"} the way to try next. */
  next() {
    return this.streaming || this.#failed >= (this.#worked ? BEFORE : NEVER) ? "stream" : "socket";
  }

  /** The server answered on this way. @param {"socket" | "stream"} way */
  worked(way) {
    this.streaming = way === "stream";
    if (way === "socket") this.#worked = true;
    this.#failed = 0;
  }

  /** A connection ended on which the server never answered. @param {"socket" | "stream"} way */
  failed(way) {
    // Where the stream fails too, it is the server that is away: try a WebSocket first when it is back.
    if (way === "stream") {
      this.streaming = false;
      this.#failed = 0;
    } else {
      this.#failed += 1;
    }
  }
}
