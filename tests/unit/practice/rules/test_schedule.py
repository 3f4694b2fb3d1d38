"""Due dates: those of the reference, and the same whichever way the log came together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Card, Rating, Scheduler
from hypothesis import given
from hypothesis import strategies as st

from practice.rules.schedule import RATINGS, Memory, due_after, remembered, replayed

DAY_MS = 86_400_000
START = round(datetime(2022, 11, 29, 12, 30, tzinfo=UTC).timestamp() * 1_000)
GOOD, AGAIN = "correct", "wrong"


def days_until_due(verdicts: list[str]) -> list[int]:
    """The whole days to the next showing, each answer being given when the card is due."""
    memory: Memory | None = None
    at, days = START, []
    for verdict in verdicts:
        memory = remembered(memory, verdict, at)
        days.append((memory.due - memory.last) // DAY_MS)
        at = memory.due
    return days


def test_the_intervals_are_those_that_the_reference_publishes() -> None:
    # py-fsrs 6, tests/test_basic.py, test_review_card.
    verdicts = [GOOD] * 6 + [AGAIN] * 2 + [GOOD] * 5
    assert days_until_due(verdicts) == [0, 2, 11, 46, 163, 498, 0, 0, 2, 4, 7, 12, 21]


def test_the_memory_is_the_one_that_the_reference_publishes() -> None:
    # py-fsrs 6, tests/test_basic.py, test_memo_state.
    memory: Memory | None = None
    at = START
    for verdict, days in zip([AGAIN, *[GOOD] * 5], [0, 0, 1, 3, 8, 21], strict=True):
        at += days * DAY_MS
        memory = remembered(memory, verdict, at)
    assert memory is not None
    assert memory.stability == pytest.approx(53.62691, abs=1e-4)
    assert memory.difficulty == pytest.approx(6.3574867, abs=1e-4)


LOGS = st.lists(st.tuples(st.integers(0, 400 * DAY_MS), st.sampled_from(sorted(RATINGS))), min_size=1, max_size=30).map(
    lambda log: sorted((START + at, verdict) for at, verdict in log)
)


@given(LOGS)
def test_a_log_is_due_when_the_reference_has_it_due(log: list[tuple[int, str]]) -> None:
    scheduler, card = Scheduler(enable_fuzzing=False), Card(card_id=1)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for at, verdict in log:
        rating = {"wrong": Rating.Again, "almost": Rating.Hard, "correct": Rating.Good}[verdict]
        card, _ = scheduler.review_card(card, rating, epoch + timedelta(milliseconds=at))
    memory = replayed(log)
    assert memory is not None
    assert epoch + timedelta(milliseconds=memory.due) == card.due
    assert (memory.stability, memory.difficulty) == (card.stability, card.difficulty)


@given(LOGS, st.integers(0, 30))
def test_going_on_from_a_memory_is_the_same_as_the_whole_log(log: list[tuple[int, str]], cut: int) -> None:
    memory = replayed(log[:cut])
    for at, verdict in log[cut:]:
        # As a row keeps it.
        memory = remembered(Memory(*memory) if memory else None, verdict, at)
    assert memory == replayed(log)


@given(LOGS, st.integers(0, 400 * DAY_MS))
def test_what_is_told_of_the_next_answer_is_what_it_comes_to(log: list[tuple[int, str]], after: int) -> None:
    memory = replayed(log)
    assert memory is not None
    now = memory.last + after
    told = due_after(memory, now)
    assert told["good"] == remembered(memory, "correct", now).due
    assert told["hard"] == remembered(memory, "almost", now).due
    assert told["again"] == remembered(memory, "wrong", now).due
    assert now < told["again"] <= told["good"]


def test_nothing_is_remembered_of_a_card_without_answers() -> None:
    assert replayed([]) is None
    assert due_after(None, START) == {"again": START + 60_000, "hard": START + 330_000, "good": START + 600_000}
