"""What an answer earns: the contract's formula, and the time it is measured by."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.content import QuestionContent
from scoring.rules.points import (
    SPEED_POINTS,
    SPEED_STEP_MS,
    Scoring,
    Verdict,
    elapsed_ms,
    points_at,
    points_rule,
    points_schedule,
    round_half_up,
    speed_step_ms,
    unseen_elapsed_ms,
)

times = st.integers(0, 10**9)


def question(points: int = 10, kind: str = "choice") -> QuestionContent:
    return QuestionContent(id="q", kind=kind, text="?", points=points)  # type: ignore[arg-type]


@given(points=st.integers(1, 1_000), t=times)
def test_a_right_answer_earns_the_formula(points: int, t: int) -> None:
    schedule = points_schedule(question(points), credit=1, full=True, speed_ms=SPEED_STEP_MS)
    assert points_at(schedule, t) == points + max(0, 5 - math.floor(t / 2_000))


@given(points=st.integers(1, 1_000), limit=st.integers(1_000, 600_000), t=times)
def test_scaled_speed_points_last_as_long_as_the_question(points: int, limit: int, t: int) -> None:
    step = speed_step_ms("scaled", limit)
    schedule = points_schedule(question(points), credit=1, full=True, speed_ms=step)
    earned = points_at(schedule, t)
    assert earned == points + max(0, SPEED_POINTS - t // step)
    # At once all of them, in the last moment none or the last one; of a question of 10 s exactly those of the default.
    assert points_at(schedule, 0) == points + SPEED_POINTS
    assert points_at(schedule, limit) <= points + 1
    assert limit <= SPEED_POINTS * step < limit + SPEED_POINTS
    assert speed_step_ms("scaled", 10_000) == speed_step_ms("speed", limit) == SPEED_STEP_MS
    assert speed_step_ms("flat", limit) == 0


@given(
    points=st.integers(0, 100),
    kind=st.sampled_from(["choice", "typed", "poll"]),
    scoring=st.sampled_from(["speed", "scaled", "flat"]),
    verdict=st.sampled_from(["correct", "almost", "wrong"]),
    credit=st.floats(0, 1),
    t=times,
)
def test_every_number_of_points_has_a_rule_that_gave_it(
    points: int, kind: str, scoring: Scoring, verdict: Verdict, credit: float, t: int
) -> None:
    asked = question(points, kind)
    worth = {"correct": 1.0, "almost": credit, "wrong": 0.0}[verdict]
    if kind == "poll":
        worth = 0.0
    step = speed_step_ms(scoring, asked.time_limit_ms)
    earned = points_at(points_schedule(asked, credit=worth, full=verdict == "correct", speed_ms=step), t)
    rule = points_rule(asked, scoring, verdict, earned)
    assert (rule == "poll") == (kind == "poll")
    assert rule != "unanswered"
    if rule == "right_fast":
        assert earned > points
    if rule in {"right", "right_slow"}:
        assert earned == points > 0
    if rule in {"poll", "wrong", "warm_up"}:
        assert earned == 0
    assert points_rule(asked, scoring, None, 0) == ("poll" if kind == "poll" else "unanswered")


@given(points=st.integers(0, 1_000), t=times)
def test_without_speed_a_right_answer_earns_the_questions_points(points: int, t: int) -> None:
    assert points_at(points_schedule(question(points), credit=1, full=True, speed_ms=0), t) == points


@given(points=st.integers(0, 1_000), t=times, speed_ms=st.sampled_from([0, 1, SPEED_STEP_MS, 120_000]))
def test_a_wrong_answer_earns_nothing(points: int, t: int, speed_ms: int) -> None:
    assert points_at(points_schedule(question(points), credit=0, full=False, speed_ms=speed_ms), t) == 0


@given(points=st.integers(0, 1_000), credit=st.floats(0, 1), t=times)
def test_an_almost_right_answer_earns_its_share_and_no_speed_points(points: int, credit: float, t: int) -> None:
    earned = points_at(points_schedule(question(points), credit=credit, full=False, speed_ms=SPEED_STEP_MS), t)
    assert earned == round_half_up(points * credit)
    assert 0 <= earned <= points


@given(t=times)
def test_polls_and_warm_ups_earn_nothing_however_fast(t: int) -> None:
    assert points_at(points_schedule(question(0), credit=1, full=True, speed_ms=SPEED_STEP_MS), t) == 0
    assert points_at(points_schedule(question(10, "poll"), credit=0, full=True, speed_ms=SPEED_STEP_MS), t) == 0


@given(points=st.integers(0, 1_000), first=times, second=times)
def test_who_is_slower_never_earns_more(points: int, first: int, second: int) -> None:
    schedule = points_schedule(question(points), credit=1, full=True, speed_ms=SPEED_STEP_MS)
    fast, slow = sorted((first, second))
    assert points_at(schedule, fast) >= points_at(schedule, slow)


@given(measured=st.integers(-(10**6), 10**9), claimed=st.none() | st.integers(-(10**9), 10**9), allowance=times)
def test_the_clients_time_lowers_the_servers_by_at_most_the_allowance(
    measured: int, claimed: int | None, allowance: int
) -> None:
    elapsed = elapsed_ms(measured_ms=measured, claimed_ms=claimed, allowance_ms=allowance)
    real = max(0, measured)
    assert max(0, real - allowance) <= elapsed <= real
    if claimed is None or claimed >= real:
        assert elapsed == real
    elif real - allowance <= claimed:
        assert elapsed == max(0, claimed)


@given(claimed=st.none() | st.integers(-(10**9), 10**9), limit=st.integers(1, 10**6))
def test_the_time_of_an_unseen_question_lies_within_its_limit(claimed: int | None, limit: int) -> None:
    elapsed = unseen_elapsed_ms(claimed_ms=claimed, limit_ms=limit, speed_ms=0)
    assert 0 <= elapsed <= limit
    assert elapsed == limit or claimed is not None


@given(claimed=st.none() | st.integers(-(10**9), 10**9), limit=st.integers(1, 10**6))
def test_an_unseen_question_earns_no_speed_points_however_short_its_limit(claimed: int | None, limit: int) -> None:
    elapsed = unseen_elapsed_ms(claimed_ms=claimed, limit_ms=limit, speed_ms=SPEED_STEP_MS)
    question = QuestionContent("q", "choice", "?", options=("a", "b"), correct_answers=("a",), points=10)
    assert points_at(points_schedule(question, credit=1, full=True, speed_ms=SPEED_STEP_MS), elapsed) == 10


@pytest.mark.parametrize(("value", "rounded"), [(0, 0), (2.5, 3), (3.5, 4), (2.4999, 2), (7.0, 7)])
def test_halves_are_rounded_up(value: float, rounded: int) -> None:
    assert round_half_up(value) == rounded
