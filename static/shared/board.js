// The leaderboard as LEADERBOARD_UPDATED tells it: a whole one, then only what changed.

export class Board {
  version = -1;
  total = 0;
  entries = [];

  /** Take a message. `false`: it is for another version than ours, so ask for a whole board. */
  apply(message) {
    if (message.delta) {
      if (message.version <= this.version) return true;
      if (message.base_version !== this.version) return false;
      const gone = new Set([...message.removed, ...message.leaderboard.map((entry) => entry.user_id)]);
      const kept = this.entries.filter((entry) => !gone.has(entry.user_id));
      this.entries = [...kept, ...message.leaderboard].sort((a, b) => a.rank - b.rank);
    } else {
      if (message.version < this.version) return true;
      this.entries = message.leaderboard;
    }
    this.version = message.version;
    this.total = message.total_participants;
    return true;
  }

  /** The player, two before and two after, or more where one side has fewer; empty when the player is not listed. */
  around(userId) {
    const at = this.entries.findIndex((entry) => entry.user_id === userId);
    const first = Math.max(0, Math.min(at - 2, this.entries.length - 5));
    return at < 0 ? [] : this.entries.slice(first, first + 5);
  }
}
