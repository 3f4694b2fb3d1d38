"""What a client does with the leaderboards it is told."""

from __future__ import annotations

from leaderboards.ranking import Board, BoardDelta


def apply_delta(board: Board, delta: BoardDelta) -> Board:
    """The board after a delta.

    :raises ValueError: when the delta is for another version; the client then asks for a snapshot.
    """
    if delta.base_version != board.version:
        raise ValueError(f"A delta from version {delta.base_version} does not fit version {board.version}.")
    gone = {*delta.removed, *(entry.user_id for entry in delta.changed)}
    entries = [entry for entry in board.entries if entry.user_id not in gone]
    entries += delta.changed
    return Board(delta.version, tuple(sorted(entries, key=lambda entry: entry.rank)), delta.total)
