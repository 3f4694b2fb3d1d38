"""An answer on its way to the store, as it counts, and what the store says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from scoring.rules.points import Schedule, Verdict

AnswerRefusal = Literal["NOT_JOINED", "QUESTION_NOT_OPEN", "SESSION_COMPLETED", "ALREADY_ANSWERED"]


# What is made for each answer is a named tuple: a frozen dataclass takes more than twice as long to make.
class Answer(NamedTuple):
    """A graded answer on its way to the store, which measures its time and gives the points of ``schedule``."""

    user_id: str
    question_id: str
    #: What is stored and counted in distributions (see scoring.rules.grading.canonical).
    answer: str
    verdict: Verdict
    #: Points by elapsed speed step.
    schedule: Schedule
    #: When the answer reached this process; Unix milliseconds.
    received_at: int
    #: The client's ``time_taken_ms``, or ``None``.
    claimed_ms: int | None
    #: The time it counts as where the question was never shown, see scoring.rules.points.unseen_elapsed_ms.
    unseen_ms: int
    #: How many answers accepted by the host the grading knew of, see :class:`Outdated`.
    accepts: int = 0
    #: Whether it was graded for a player whose accents do not matter, see :class:`Outdated`.
    lenient: bool = False


class StoredAnswer(NamedTuple):
    """An answer as it counts. It never changes, except that a regrade gives it another verdict and other points."""

    user_id: str
    question_id: str
    answer: str
    verdict: Verdict
    points: int
    elapsed_ms: int
    submitted_at: int


class Accepted(NamedTuple):
    """The answer is in a durable place. ``score`` is the player's score as far as it may be told."""

    stored: StoredAnswer
    score: int
    answered_count: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer changes nothing. ``stored`` and ``score`` tell what a second answer was refused for."""

    code: AnswerRefusal
    stored: StoredAnswer | None = None
    score: int = 0


@dataclass(frozen=True, slots=True)
class Outdated:
    """The answer was graded without what the host accepted, or arranged for the player; grade it again with this and
    send it again.
    """

    accepted: tuple[str, ...]
    #: Whether accents do not matter for this player.
    lenient: bool = False
