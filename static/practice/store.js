// What this device keeps: a copy of each deck, and answers that wait to be sent. Without storage (private mode) it
// keeps them as long as the page is open.

/**
 * @typedef {import("./queue.js").Card} Card
 * @typedef {import("./queue.js").Review} Review
 * @typedef {{title: string, language: string, created_at: number, used_at: number, kept_until: number | null,
 *   kept_days: number, counts_for_class: boolean, class_name: string | null}} Deck
 * @typedef {{token: string, deck: Deck, cards: Card[], told: number, ahead: number}} Copy `told`: when the server told
 *   it; `ahead`: milliseconds by which the server's clock is ahead of this device's.
 */

const NAME = "practice";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const settled = (request) =>
  new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

/** @returns {Promise<IDBDatabase>} */
function database() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("decks", { keyPath: "token" });
    request.result.createObjectStore("outbox", { keyPath: "id" }).createIndex("deck", "deck");
  };
  return settled(request);
}

class Kept {
  /** @param {IDBDatabase} base */
  constructor(base) {
    this.base = base;
    // A page of a later release waits for this one to let go.
    base.onversionchange = () => base.close();
  }

  /**
   * @param {"decks" | "outbox"} name
   * @param {(store: IDBObjectStore) => void} change
   * @returns {Promise<void>} once it is on the disk.
   */
  #write(name, change) {
    const transaction = this.base.transaction(name, "readwrite");
    change(transaction.objectStore(name));
    return new Promise((done, failed) => {
      transaction.oncomplete = () => done();
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  }

  /** @returns {Promise<Copy[]>} */
  decks() {
    return settled(this.base.transaction("decks").objectStore("decks").getAll());
  }

  /** @param {string} token @returns {Promise<Review[]>} */
  pending(token) {
    return settled(this.base.transaction("outbox").objectStore("outbox").index("deck").getAll(token));
  }

  /** @param {Copy} copy */
  keepDeck(copy) {
    return this.#write("decks", (store) => store.put(copy));
  }

  /** @param {Review} review */
  keepReview(review) {
    return this.#write("outbox", (store) => store.put(review));
  }

  /** @param {string[]} ids of reviews. */
  drop(ids) {
    return this.#write("outbox", (store) => {
      for (const id of ids) store.delete(id);
    });
  }

  /** @param {string} token */
  async forget(token) {
    await this.drop((await this.pending(token)).map((review) => review.id));
    await this.#write("decks", (store) => store.delete(token));
  }
}

class Fleeting {
  /** @type {Map<string, Copy>} */
  #decks = new Map();
  /** @type {Map<string, Review>} */
  #outbox = new Map();

  async decks() {
    return [...this.#decks.values()];
  }

  /** @param {string} token */
  async pending(token) {
    return [...this.#outbox.values()].filter((review) => review.deck === token);
  }

  /** @param {Copy} copy */
  async keepDeck(copy) {
    this.#decks.set(copy.token, copy);
  }

  /** @param {Review} review */
  async keepReview(review) {
    this.#outbox.set(review.id, review);
  }

  /** @param {string[]} ids */
  async drop(ids) {
    for (const id of ids) this.#outbox.delete(id);
  }

  /** @param {string} token */
  async forget(token) {
    this.#decks.delete(token);
    await this.drop((await this.pending(token)).map((review) => review.id));
  }
}

/** @typedef {Kept | Fleeting} Store */

/** @returns {Promise<{store: Store, lasts: boolean}>} */
export async function openStore() {
  try {
    return { store: new Kept(await database()), lasts: true };
  } catch {
    return { store: new Fleeting(), lasts: false };
  }
}
