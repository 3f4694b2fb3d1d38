// The table of players: who is here, who has answered, how they stand.

import { places } from "../shared/board.js";
import { text } from "../shared/dom.js";
import { extension, isHomework } from "./closing.js";

/** Rows on show at once; the search finds the others. */
const ROWS = 200;
const NAMES = 8;
/** Self pace: who has not answered for so long may need help. */
const STUCK_MS = 90_000;
/** A name within a line of another direction. */
const isolated = (name) => `\u2068${name}\u2069`;

const teamOf = (player) => (player.team ? text("team", { number: player.team }) : "");

export class PlayerTable {
  /** @param {Object<string, (player: object) => void>} actions what the buttons of a row do. */
  constructor(body, actions) {
    this.body = body;
    this.players = new Map();
    /** Ids of those who have not answered the open question; null while that is not known by name. */
    this.open = null;
    this.find = "";
    this.onlyWaiting = false;
    /** Self pace: how far each player is, by id: `{answered, last_answered_at}`. */
    this.far = new Map();
    this.total = 0;
    this.now = 0;
    body.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      const player = button && this.players.get(button.dataset.user);
      if (player) {
        actions[button.dataset.action](player);
      }
    });
  }

  replace(participants) {
    const ranks = new Map([...this.players.values()].map((player) => [player.user_id, player.rank]));
    this.players = new Map(
      participants
        .filter((player) => player.status !== "removed")
        .map((player) => [player.user_id, { ...player, rank: ranks.get(player.user_id) }]),
    );
    this.#rank();
  }

  /** @returns whether the player was not known before. */
  presence({ user_id, username }, here) {
    const known = this.players.get(user_id);
    const player = known ?? { user_id, username, score: 0 };
    this.players.set(user_id, { ...player, status: here ? "connected" : "disconnected" });
    this.#rank();
    return !known;
  }

  renamed({ user_id, username }) {
    const known = this.players.get(user_id);
    if (known) {
      this.players.set(user_id, { ...known, username, looks_like: null });
      this.#rank();
    }
  }

  inTeam({ user_id, team }) {
    const known = this.players.get(user_id);
    if (known) this.players.set(user_id, { ...known, team });
    this.#rank();
  }

  scores(entries) {
    for (const entry of entries) {
      const known = this.players.get(entry.user_id) ?? { user_id: entry.user_id, status: "connected" };
      const team = entry.team ?? known.team;
      this.players.set(entry.user_id, { ...known, username: entry.username, score: entry.score, team });
    }
    this.#rank();
  }

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

  /** @param {object[]|null} players null: too many to be told one by one. @param {number} now on the server. */
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

  /** Here, not through, and without an answer for a while. */
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
    const names = [...this.open].map((id) => this.players.get(id)?.username).filter(Boolean);
    if (!names.length) {
      return text("all_answered");
    }
    const some = names.slice(0, NAMES).map(isolated).join(", ");
    const more = names.length - NAMES;
    return more > 0 ? text("not_yet_more", { names: some, more }) : text("not_yet", { names: some });
  }

  render(note) {
    const wanted = this.find.trim().toLocaleLowerCase();
    const all = (this.order ?? []).filter(
      (player) =>
        (!wanted || player.username.toLocaleLowerCase().includes(wanted)) &&
        (!this.onlyWaiting || (this.open?.has(player.user_id) ?? false)),
    );
    const { user, action } = document.activeElement?.dataset ?? {};
    this.body.replaceChildren(...all.slice(0, ROWS).map((player) => this.#row(player)));
    if (user && action) {
      this.focus(user, action);
    }
    const hidden = all.length - ROWS;
    note.textContent = hidden > 0 ? text("more_players", { count: hidden }) : "";
  }

  focus(user, action) {
    this.body.querySelector(`[data-user="${CSS.escape(user)}"][data-action="${action}"]`)?.focus();
  }

  #row(player) {
    const row = document.createElement("tr");
    const cell = (text) => {
      const made = document.createElement("td");
      made.textContent = text;
      return made;
    };
    const name = document.createElement("th");
    name.scope = "row";
    const written = document.createElement("bdi");
    written.textContent = player.username;
    name.append(written);
    if (player.looks_like) {
      const doubt = document.createElement("small");
      doubt.className = "qz-doubt";
      doubt.textContent = text("looks_like", { name: isolated(player.looks_like) });
      name.append(" ", doubt);
    }
    const buttons = document.createElement("td");
    if (isHomework) buttons.append(this.#button(player, "longer", "⏱"));
    buttons.append(
      this.#button(player, "rename", "✎"),
      this.#button(player, "arrange", "⚙"),
      this.#button(player, "remove", "✕"),
    );
    row.append(
      cell(player.rank ?? ""),
      name,
      cell(player.score),
      cell([teamOf(player), this.#state(player), extension(player)].filter(Boolean).join(" · ")),
      buttons,
    );
    return row;
  }

  #button(player, action, sign) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "qz-button";
    Object.assign(button.dataset, { user: player.user_id, action });
    button.textContent = sign;
    const label = text(`${action}_name`, { name: player.username });
    button.setAttribute("aria-label", label);
    button.title = label;
    return button;
  }

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
