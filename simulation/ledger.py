"""What the simulated players did and what the server told them, for the checker. Pure.

A ``user_id`` of what belongs to one attempt at a homework is that of the round (:func:`round_of`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

AnswerValue = str | list[str]
ScoreSource = Literal["score_updated", "question_closed", "history", "joined", "leaderboard", "finished", "ended"]


_SIGN = "#"


def round_of(user_id: str, attempt: int) -> str:
    """The name of one attempt of a player at a homework, under which the ledger has what belongs to it: the player's
    own id for the first.
    """
    return user_id if attempt == 1 else f"{user_id}{_SIGN}{attempt}"


def player_of(name: str) -> str:
    """Whose round it is."""
    return name.partition(_SIGN)[0]


def attempt_of(name: str) -> int:
    """Which attempt it is, from 1."""
    return int(name.partition(_SIGN)[2] or 1)


@dataclass(frozen=True, slots=True)
class SentAnswer:
    """An answer a player means. Resending it is not another one."""

    user_id: str
    question_id: str
    answer: AnswerValue
    #: Whether the player knows it to be right.
    right: bool
    #: Whether it has its speed points however long it takes: so the player was told before.
    timeless: bool = False


@dataclass(frozen=True, slots=True)
class AcceptedAnswer:
    """The server said that an answer counts. ``first`` is false when it said so by ALREADY_ANSWERED."""

    user_id: str
    question_id: str
    first: bool
    #: How many scores had been told by then, to whomever.
    scores: int = 0


@dataclass(frozen=True, slots=True)
class ToldResult:
    """The server said what an answer came to; ``is_correct`` and ``points`` are those of the wire."""

    user_id: str
    question_id: str
    is_correct: bool
    points: int


@dataclass(frozen=True, slots=True)
class ToldScore:
    """The server told a player a score.

    ``upto`` is the last question whose points are in it, or empty when the message leaves that open: then the score
    has to be the sum of the player's first answers, however many.
    """

    user_id: str
    score: int
    source: ScoreSource
    upto: str = ""


@dataclass(frozen=True, slots=True)
class Resumed:
    """A player came back: what had been acknowledged before, and what the server said was answered."""

    user_id: str
    acknowledged: frozenset[str]
    answered: frozenset[str]


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A line of a ranking."""

    rank: int
    user_id: str
    score: int


@dataclass(slots=True)
class Ledger:
    """Everything the players of one session know."""

    #: In the order of sending; a player's later answer to the same question is a second one.
    sent: list[SentAnswer] = field(default_factory=list)
    accepted: list[AcceptedAnswer] = field(default_factory=list)
    #: ``(user_id, question_id)`` of answers that were refused for good.
    refused: list[tuple[str, str]] = field(default_factory=list)
    results: list[ToldResult] = field(default_factory=list)
    scores: list[ToldScore] = field(default_factory=list)
    resumed: list[Resumed] = field(default_factory=list)
    #: Players who were told SESSION_JOINED.
    joined: set[str] = field(default_factory=set)
    #: Rounds that the server let players begin, but for their first.
    rounds: set[str] = field(default_factory=set)
    #: Each different deadline that was told for a question.
    deadlines: dict[str, set[str]] = field(default_factory=dict)
    #: Rank and score each player was told at the end.
    ended: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    #: The ranking that SESSION_ENDED told, once for each that differs.
    final_boards: set[tuple[BoardLine, ...]] = field(default_factory=set)
    #: How near all came to their goal, as SESSION_ENDED told it.
    goals: set[int] = field(default_factory=set)
    #: What should not happen to a player: refused a place, thrown out, an error that makes no sense.
    troubles: list[str] = field(default_factory=list)
