// What stands in for a WebSocket where a network cuts them: server-sent events one way, POST requests the other
// (docs/protocol.md, "Without WebSockets"). It has the face of a WebSocket.

const RETRY_MS = 700;
const TRIES = 8;
/** The server has the message, or it may be sent again under the same number. */
const ACCEPTED = 202;
const AGAIN = new Set([429, 502, 503, 504]);

/** Takes a text/event-stream apart, however it is cut (HTML standard, 9.2.6). */
export class EventReader {
  #rest = "";

  /**
   * @param {string} text what came in.
   * @returns {{name: string, data: string}[]} the events that are whole now.
   */
  feed(text) {
    const blocks = (this.#rest + text).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    const events = [];
    for (const block of blocks) {
      let name = "message";
      let data = "";
      for (const line of block.split("\n")) {
        if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith("data: ")) data += line.slice(6);
      }
      if (data) events.push({ name, data });
    }
    return events;
  }
}

export class EventSocket {
  readyState = 0;
  /** @type {(() => void) | null} */
  onopen = null;
  /** @type {((event: {data: string}) => void) | null} */
  onmessage = null;
  /** @type {((event: {code: number}) => void) | null} */
  onclose = null;
  #abort = new AbortController();
  #connection = "";
  /** @type {string[]} */
  #queue = [];
  #sent = 0;
  #sending = false;

  /** @param {string} url of the stream. */
  constructor(url) {
    this.url = url;
    this.#read();
  }

  /** @param {string} text */
  send(text) {
    this.#queue.push(text);
    if (!this.#sending) this.#flush();
  }

  close() {
    this.readyState = 3;
    this.#abort.abort();
  }

  /** @param {string} url @param {string} [body] */
  #request(url, body) {
    const { signal } = this.#abort;
    return fetch(url, { method: "POST", body, signal, cache: "no-store", credentials: "same-origin" });
  }

  async #read() {
    try {
      const response = await this.#request(this.url);
      if (!response.ok || !response.body) return this.#end(response.status === 503 ? 1013 : 1006);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const events = new EventReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        for (const event of events.feed(value)) this.#take(event);
      }
    } catch {
      // Cut off, as a WebSocket is: the end says so.
    }
    this.#end(1006);
  }

  /** @param {{name: string, data: string}} event */
  #take({ name, data }) {
    if (this.readyState === 3) return;
    if (name === "open") {
      this.#connection = JSON.parse(data).connection;
      this.readyState = 1;
      this.onopen?.();
    } else if (name === "close") {
      this.#end(JSON.parse(data).code);
    } else {
      this.onmessage?.({ data });
    }
  }

  /** One after the other: a message keeps its number until the server has it. */
  async #flush() {
    this.#sending = true;
    while (this.#queue.length && this.readyState === 1) {
      const text = this.#queue.shift() ?? "";
      this.#sent += 1;
      if (!(await this.#deliver(this.#sent, text))) this.#end(1006);
    }
    this.#sending = false;
  }

  /** @param {number} number @param {string} text @returns {Promise<boolean>} */
  async #deliver(number, text) {
    for (let attempt = 0; attempt < TRIES && this.readyState === 1; attempt++) {
      if (attempt) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      try {
        const { status } = await this.#request(`${this.url}/${this.#connection}?n=${number}`, text);
        if (status === ACCEPTED) return true;
        if (!AGAIN.has(status)) return false;
      } catch {
        // Its reply was lost, or it never arrived: under the same number it counts once.
      }
    }
    return false;
  }

  /** @param {number} code */
  #end(code) {
    if (this.readyState === 3) return;
    this.close();
    this.onclose?.({ code });
  }
}
