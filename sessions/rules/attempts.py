"""Attempts of one player at a homework. Pure.

Each attempt after the first plays under an id of its own, ``USER~2``, ``USER~3``: a row beside the player's, which has
answers and a score but nobody who is connected. So an answer is one of a player, question and attempt without anything
that stores answers knowing of attempts. No client can have such an id: the sign is none that a user id may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from leaderboards.ranking import Standing, rank

#: Which of several attempts is a player's result.
Counts = Literal["best", "last"]
#: Attempts that a homework may allow.
MAX_ATTEMPTS = 20
#: The most that an attempt adds to a user id.
ATTEMPT_LENGTH = 3
_SIGN = "~"


def attempt_id(user_id: str, attempt: int) -> str:
    """The id under which an attempt of a player is kept; the player's own for the first.

    :param user_id: the player's own.
    """
    return user_id if attempt == 1 else f"{user_id}{_SIGN}{attempt}"


def person_of(user_id: str) -> str:
    """Whose attempt it is: the player's own id."""
    return user_id.partition(_SIGN)[0]


def attempt_of(user_id: str) -> int:
    """Which attempt it is, from 1."""
    return int(user_id.partition(_SIGN)[2] or 1)


def is_attempt(user_id: str) -> bool:
    """Whether it is the id of another attempt than the first: a row, and no player."""
    return _SIGN in user_id


def counting(scores: Sequence[int], counts: Counts) -> int:
    """Which attempt is the result, from 1. Of equal ones the first is the best.

    :param scores: of each attempt, in order.
    """
    return len(scores) if counts == "last" else scores.index(max(scores)) + 1


def counting_ids(scored: Iterable[tuple[str, int]], counts: Counts) -> dict[str, str]:
    """By player: the id of the attempt that is the result.

    :param scored: the id and the score of every attempt.
    """
    attempts: dict[str, dict[int, int]] = {}
    for user_id, score in scored:
        attempts.setdefault(person_of(user_id), {})[attempt_of(user_id)] = score
    chosen = {}
    for person, scores in attempts.items():
        order = sorted(scores)
        chosen[person] = attempt_id(person, order[counting([scores[each] for each in order], counts) - 1])
    return chosen


def results(order: Iterable[Standing], counts: Counts) -> list[Standing]:
    """One standing for each player of an order that has one for each attempt.

    Whoever is not ranked (removed) has no result, however many attempts there are.
    """
    every = {standing.user_id: standing for standing in order}
    counted = counting_ids(((each.user_id, each.score) for each in every.values()), counts)
    return rank(
        replace(every[person], score=every[chosen].score) for person, chosen in counted.items() if person in every
    )
