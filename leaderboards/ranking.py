"""Order, ranks, places and deltas of a leaderboard. Pure.

The order is score down, then who joined first; ranks are positions in it (1, 2, 3, no ties). People are shown places:
equal scores share one (1, 1, 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter


def shared_places(scores: Sequence[int]) -> list[int]:
    """The place of each score, the highest first: equal scores share one (1, 1, 3). People are shown these."""
    places: list[int] = []
    for index, score in enumerate(scores):
        places.append(places[-1] if index and scores[index - 1] == score else index + 1)
    return places


@dataclass(frozen=True, slots=True)
class Standing:
    """One player's place in the order. ``position`` is the order of joining, lower is earlier."""

    user_id: str
    username: str
    score: int
    position: int
    #: From 1 on; 0 for none.
    team: int = 0
    #: Sorting by it gives the order: score down, then who joined first, then the id, so that the order is total.
    order: tuple[int, int, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", (-self.score, self.position, self.user_id))


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of a board."""

    rank: int
    user_id: str
    username: str
    score: int
    place: int
    team: int = 0


@dataclass(frozen=True, slots=True)
class Board:
    """The top of a leaderboard at a version. Versions grow; two boards of one version are equal."""

    version: int
    entries: tuple[BoardLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class BoardDelta:
    """What turns the board of ``base_version`` into the one of ``version``."""

    base_version: int
    version: int
    changed: tuple[BoardLine, ...]
    removed: tuple[str, ...]
    total: int


@dataclass(slots=True)
class Standings:
    """The whole order at a version, with every player's rank and score."""

    version: int
    order: Sequence[Standing]
    _ranks: dict[str, int] = field(default_factory=dict)
    _places: dict[int, int] = field(default_factory=dict)

    def board(self, size: int) -> Board:
        """The top ``size`` as a board."""
        return Board(self.version, self.page(0, size), len(self.order))

    def page(self, offset: int, limit: int) -> tuple[BoardLine, ...]:
        """Entries ``offset`` to ``offset + limit`` of the order."""
        places = self.places()
        return tuple(
            BoardLine(rank, standing.user_id, standing.username, standing.score, places[standing.score], standing.team)
            for rank, standing in enumerate(self.order[offset : offset + limit], start=offset + 1)
        )

    def ranks(self) -> Mapping[str, int]:
        """Every player's rank; made once per standings, not once per player."""
        if not self._ranks:
            self._ranks = {standing.user_id: rank for rank, standing in enumerate(self.order, start=1)}
        return self._ranks

    def places(self) -> Mapping[int, int]:
        """The place of every score that somebody has; made once per standings."""
        if not self._places and self.order:
            # From the last to the first: the first with a score says its place.
            count = len(self.order)
            self._places = {one.score: count - back for back, one in enumerate(reversed(self.order))}
        return self._places

    def own(self, user_id: str) -> tuple[int, int] | None:
        """Rank and score of a player, or ``None`` when the player is not ranked."""
        rank = self.ranks().get(user_id)
        return None if rank is None else (rank, self.order[rank - 1].score)


_order = attrgetter("order")


def rank(standings: Iterable[Standing]) -> list[Standing]:
    """Put standings in order."""
    return sorted(standings, key=_order)


def rerank(before: Standings, moved: Mapping[str, Standing | None]) -> list[Standing]:
    """The order after some players' standings changed, came in, or went (``None``).

    The order before is nearly the order after, which makes the sort cheap: it finds long runs that are in order.
    """
    ranks = before.ranks()
    order: list[Standing | None] = list(before.order)
    for user_id, standing in moved.items():
        if user_id in ranks:
            order[ranks[user_id] - 1] = standing
        else:
            order.append(standing)
    return rank(standing for standing in order if standing is not None)


def board_delta(old: Board, new: Board) -> BoardDelta:
    """What changed between two boards of one session."""
    before = {entry.user_id: entry for entry in old.entries}
    after = {entry.user_id for entry in new.entries}
    return BoardDelta(
        base_version=old.version,
        version=new.version,
        changed=tuple(entry for entry in new.entries if before.get(entry.user_id) != entry),
        removed=tuple(entry.user_id for entry in old.entries if entry.user_id not in after),
        total=new.total,
    )
