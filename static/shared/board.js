// The leaderboard as LEADERBOARD_UPDATED tells it: a whole one, then only what changed.

/**
 * @typedef {import("./messages.js").BoardEntry} Entry
 * @typedef {import("./messages.js").LeaderboardUpdated} BoardMessage
 */

/**
 * The place of each entry, by user id: equal scores share one, 1, 1, 3. `entries` begin with the first of all.
 * @param {Pick<Entry, "user_id" | "score">[]} entries
 * @returns {Map<string, number>}
 */
export function places(entries) {
  /** @type {Map<string, number>} */
  const found = new Map();
  let place = 0;
  entries.forEach((entry, index) => {
    if (entries[index - 1]?.score !== entry.score) place = index + 1;
    found.set(entry.user_id, place);
  });
  return found;
}

export class Board {
  version = -1;
  total = 0;
  /** @type {Entry[]} */
  entries = [];
  /** The best first; null without teams. @type {import("./together.js").TeamLine[] | null} */
  teams = null;
  /** @type {import("./together.js").Goal | null} */
  goal = null;

  /**
   * What stands beside a ranking, or in place of one.
   * @param {Pick<BoardMessage, "teams" | "goal">} message
   */
  together(message) {
    this.teams = message.teams ?? null;
    this.goal = message.goal ?? null;
  }

  /**
   * Take a message. `false`: it is for another version than ours, so ask for a whole board.
   * @param {BoardMessage} message
   */
  apply(message) {
    if (message.delta) {
      if (message.version <= this.version) return true;
      if (message.base_version !== this.version) return false;
      const gone = new Set([...(message.removed ?? []), ...message.leaderboard.map((entry) => entry.user_id)]);
      const kept = this.entries.filter((entry) => !gone.has(entry.user_id));
      this.entries = [...kept, ...message.leaderboard].sort((a, b) => a.rank - b.rank);
    } else {
      if (message.version < this.version) return true;
      this.entries = message.leaderboard;
    }
    this.version = message.version;
    this.total = message.total_participants;
    this.together(message);
    return true;
  }

  /**
   * The player, two before and two after, or more where one side has fewer; empty when the player is not listed.
   * @param {string} userId
   */
  around(userId) {
    const at = this.entries.findIndex((entry) => entry.user_id === userId);
    const first = Math.max(0, Math.min(at - 2, this.entries.length - 5));
    return at < 0 ? [] : this.entries.slice(first, first + 5);
  }
}

/** @param {import("./together.js").Options | undefined} options */
export const hasTeams = (options) => (options?.teams ?? "none") !== "none";
/** @param {import("./together.js").Options | undefined} options */
export const hasGoal = (options) => (options?.goal ?? "none") !== "none";
