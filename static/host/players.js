// The table of players: who is here, who has answered, how they stand.

import { places } from "../shared/board.js";
import { h, text } from "../shared/dom.js";
import { extension, isHomework } from "./closing.js";

/** Rows on show at once; the search finds the others. */
const ROWS = 200;
const NAMES = 8;
/** Self pace: who has not answered for so long may need help. */
const STUCK_MS = 90_000;
/**
 * @typedef {object} Player as REST lists the players; one who is only known from an event has less.
 * @property {string} user_id
 * @property {string} username
 * @property {string} status
 * @property {number} score
 * @property {string} [joined_at]
 * @property {number | null} [team]
 * @property {Partial<import("../shared/messages.js").YourNeeds>} [needs]
 * @property {string | null} [looks_like] whose name this one might be taken for.
 * @property {number} [rank] the place, as it is told here.
 *
 * @typedef {"remove" | "arrange" | "rename" | "longer"} Action
 * @typedef {{user_id: string, answered: number, last_answered_at: string}} Far how far a player is, in self pace.
 * @typedef {Pick<Player, "user_id" | "username">} Named
 */

/** A name within a line of another direction. @param {string} name */
const isolated = (name) => `\u2068${name}\u2069`;

/** @param {Player} player */
const teamOf = (player) => (player.team ? text("team", { number: player.team }) : "");

export class PlayerTable {
  /** By id, in the order of joining. @type {Map<string, Player>} */
  players = new Map();
  /** The best first. @type {Player[]} */
  order = [];
  /** Ids of those who have not answered the open question; null while that is not known by name. @type {Set<string> | null} */
  open = null;
  find = "";
  onlyWaiting = false;
  /** Self pace: how far each player is, by id. @type {Map<string, Far>} */
  far = new Map();
  total = 0;
  now = 0;

  /**
   * @param {HTMLElement} body of the table.
   * @param {Record<Action, (player: Player) => void>} actions what the buttons of a row do.
   */
  constructor(body, actions) {
    this.body = body;
    body.addEventListener("click", (event) => {
      const button = /** @type {Element} */ (event.target).closest("button");
      const player = button && this.players.get(button.dataset.user ?? "");
      if (player) actions[/** @type {Action} */ (button.dataset.action)](player);
    });
  }

  /** @param {Player[]} participants */
  replace(participants) {
    const ranks = new Map([...this.players.values()].map((player) => [player.user_id, player.rank]));
    this.players = new Map(
      participants
        .filter((player) => player.status !== "removed")
        .map((player) => [player.user_id, { ...player, rank: ranks.get(player.user_id) }]),
    );
    this.#rank();
  }

  /** @param {Named} player @param {boolean} here @returns {boolean} whether the player was not known before. */
  presence({ user_id, username }, here) {
    const known = this.players.get(user_id);
    const player = known ?? { user_id, username, score: 0 };
    this.players.set(user_id, { ...player, status: here ? "connected" : "disconnected" });
    this.#rank();
    return !known;
  }

  /** @param {Named} player */
  renamed({ user_id, username }) {
    const known = this.players.get(user_id);
    if (known) {
      this.players.set(user_id, { ...known, username, looks_like: null });
      this.#rank();
    }
  }

  /** @param {{user_id: string, team: number}} player */
  inTeam({ user_id, team }) {
    const known = this.players.get(user_id);
    if (known) this.players.set(user_id, { ...known, team });
    this.#rank();
  }

  /** @param {import("../shared/board.js").Entry[]} entries */
  scores(entries) {
    for (const entry of entries) {
      const { user_id: id, username, score } = entry;
      const known = this.players.get(id);
      const team = entry.team ?? known?.team;
      this.players.set(id, { status: "connected", ...known, user_id: id, username, score, team });
    }
    this.#rank();
  }

  /** @param {{user_id: string}[] | null} names null: not known by name. */
  waiting(names) {
    this.open = names ? new Set(names.map((player) => player.user_id)) : null;
  }

  /** A question has just been opened. */
  everybodyWaits() {
    this.waiting([...this.players.values()].filter((player) => player.status === "connected"));
  }

  #rank() {
    // A Map keeps the order of joining, and the sort is stable: ties stand as the server ranks them.
    const order = [...this.players.values()].sort((one, other) => other.score - one.score);
    const shared = places(order);
    for (const player of order) player.rank = shared.get(player.user_id);
    this.order = order;
  }

  /** @param {Far[] | null} players null: too many to be told one by one. @param {number} total @param {number} now on the server. */
  progress(players, total, now) {
    this.far = new Map((players ?? []).map((player) => [player.user_id, player]));
    this.total = total;
    this.now = now;
  }

  /** Self pace: how many are through, and who has stopped. */
  progressText() {
    if (!this.total || !this.far.size) return "";
    const done = [...this.far.values()].filter((one) => one.answered >= this.total).length;
    const stuck = [...this.players.values()].filter((player) => this.#stuck(player)).map((player) => player.username);
    const parts = [text("finished_of", { done, all: this.players.size })];
    if (stuck.length) parts.push(text("stuck", { names: stuck.slice(0, NAMES).map(isolated).join(", ") }));
    return parts.join(" · ");
  }

  /** Here, not through, and without an answer for a while. @param {Player} player */
  #stuck(player) {
    const far = this.far.get(player.user_id);
    if (!this.total || player.status !== "connected" || (far?.answered ?? 0) >= this.total) return false;
    const since = Date.parse(far?.last_answered_at ?? player.joined_at ?? "");
    return this.now - since > STUCK_MS;
  }

  waitingText() {
    if (!this.open) {
      return "";
    }
    const names = [...this.open].flatMap((id) => this.players.get(id)?.username ?? []);
    if (!names.length) {
      return text("all_answered");
    }
    const some = names.slice(0, NAMES).map(isolated).join(", ");
    const more = names.length - NAMES;
    return more > 0 ? text("not_yet_more", { names: some, more }) : text("not_yet", { names: some });
  }

  /** @param {HTMLElement} note says how many are not on show. */
  render(note) {
    const wanted = this.find.trim().toLocaleLowerCase();
    const all = this.order.filter(
      (player) =>
        (!wanted || player.username.toLocaleLowerCase().includes(wanted)) &&
        (!this.onlyWaiting || (this.open?.has(player.user_id) ?? false)),
    );
    const focused = document.activeElement;
    const { user, action } = focused instanceof HTMLElement ? focused.dataset : {};
    this.body.replaceChildren(...all.slice(0, ROWS).map((player) => this.#row(player)));
    if (user && action) {
      this.focus(user, action);
    }
    const hidden = all.length - ROWS;
    note.textContent = hidden > 0 ? text("more_players", { count: hidden }) : "";
  }

  /** @param {string} user @param {string} action */
  focus(user, action) {
    /** @type {HTMLElement | null} */
    const button = this.body.querySelector(`[data-user="${CSS.escape(user)}"][data-action="${action}"]`);
    button?.focus();
  }

  /** @param {Player} player */
  #row(player) {
    const doubt = player.looks_like
      ? [" ", h("small.qz-doubt", {}, text("looks_like", { name: isolated(player.looks_like) }))]
      : [];
    const buttons = [
      isHomework ? this.#button(player, "longer", "⏱") : null,
      this.#button(player, "rename", "✎"),
      this.#button(player, "arrange", "⚙"),
      this.#button(player, "remove", "✕"),
    ];
    return h(
      "tr",
      {},
      h("td", {}, player.rank),
      h("th", { scope: "row" }, h("bdi", {}, player.username), ...doubt),
      h("td", {}, player.score),
      h("td", {}, [teamOf(player), this.#state(player), extension(player)].filter(Boolean).join(" · ")),
      h("td", {}, buttons),
    );
  }

  /** @param {Player} player @param {Action} action @param {string} sign */
  #button(player, action, sign) {
    const label = text(`${action}_name`, { name: player.username });
    const named = { "aria-label": label, title: label };
    return h(
      "button.qz-button",
      { type: "button", "data-user": player.user_id, "data-action": action, ...named },
      sign,
    );
  }

  /** @param {Player} player */
  #state(player) {
    if (player.status !== "connected") {
      return player.status === "left" ? text("left") : text("away");
    }
    if (this.open) {
      return this.open.has(player.user_id) ? text("thinking") : text("answered");
    }
    if (this.total) {
      const answered = this.far.get(player.user_id)?.answered ?? 0;
      if (answered >= this.total) return `✓ ${text("finished")}`;
      const far = text("far", { answered, total: this.total });
      return this.#stuck(player) ? `${far} · ${text("waiting_long")}` : far;
    }
    return text("here");
  }
}
