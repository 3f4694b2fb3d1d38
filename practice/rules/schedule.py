"""When a card comes again: FSRS, by the algorithm's own package, without the chance that it may add to its intervals.

Times are Unix milliseconds. A card's memory follows from its log alone, so that it is the same whichever device sent
which part of it first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from fsrs import Card, Rating, Scheduler, State

Verdict = Literal["correct", "almost", "wrong"]
#: What an answer says of how well the card was remembered.
RATINGS: Final = {"wrong": Rating.Again, "almost": Rating.Hard, "correct": Rating.Good}
#: The same by the words that the page has for it.
_AFTER: Final = {"again": Rating.Again, "hard": Rating.Hard, "good": Rating.Good}
_SCHEDULER: Final = Scheduler(enable_fuzzing=False)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


class Memory(NamedTuple):
    """What FSRS knows of a card that was answered."""

    state: int
    step: int | None
    stability: float
    difficulty: float
    due: int
    last: int


def remembered(memory: Memory | None, verdict: str, at: int) -> Memory:
    """The memory after one answer more.

    :param memory: ``None`` for a card that was never answered.
    :param verdict: one of :data:`RATINGS`.
    :param at: not before the last answer.
    """
    return _rated(memory, RATINGS[verdict], at)


def replayed(log: Iterable[tuple[int, str]]) -> Memory | None:
    """The memory after these answers, each with its time and verdict, the oldest first."""
    memory: Memory | None = None
    for at, verdict in log:
        memory = remembered(memory, verdict, at)
    return memory


def due_after(memory: Memory | None, now: int) -> dict[str, int]:
    """When the card would come again after each answer, were it given now."""
    at = max(now, memory.last) if memory else now
    return {name: _rated(memory, rating, at).due for name, rating in _AFTER.items()}


def _rated(memory: Memory | None, rating: Rating, at: int) -> Memory:
    when = _EPOCH + at * _MS
    if memory is None:
        card = Card(card_id=0, due=when)
    else:
        card = Card(
            card_id=0,
            state=State(memory.state),
            step=memory.step,
            stability=memory.stability,
            difficulty=memory.difficulty,
            due=_EPOCH + memory.due * _MS,
            last_review=_EPOCH + memory.last * _MS,
        )
    card, _log = _SCHEDULER.review_card(card, rating, when)
    assert card.stability is not None
    assert card.difficulty is not None
    return Memory(card.state.value, card.step, card.stability, card.difficulty, (card.due - _EPOCH) // _MS, at)
