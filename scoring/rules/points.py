"""How many points an answer earns. Pure: no clock, no I/O.

A right answer earns the question's points plus, where the session scores speed, up to 5 more. One of these goes for
each speed step that has passed: ``max(0, 5 - floor(t / step))``. By the rule ``speed``, the contract's ("Rules" in
docs/protocol.md), a step is 2 s; by ``scaled`` it is a fifth of the question's time. An almost right answer earns a
share of the question's points and no speed points, a wrong one nothing. A question worth 0 points is a warm-up: it
earns nothing however fast.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from quizzes.rules.content import QuestionContent

Verdict = Literal["correct", "almost", "wrong"]
Scoring = Literal["speed", "scaled", "flat"]
#: What gave an answer its points, or none; see :func:`points_rule`.
PointsRule = Literal["right", "right_fast", "right_slow", "almost", "wrong", "unanswered", "warm_up", "poll"]
POINTS_RULES: tuple[PointsRule, ...] = get_args(PointsRule)

SPEED_STEP_MS = 2_000
SPEED_POINTS = 5


class Schedule(NamedTuple):
    """Points by elapsed speed step: index ``min(t // step_ms, len - 1)``.

    The store measures ``t`` and indexes this, so that the formula stands here alone and a store needs no arithmetic.
    """

    points: tuple[int, ...]
    step_ms: int = SPEED_STEP_MS


def speed_step_ms(scoring: Scoring, limit_ms: int) -> int:
    """Milliseconds that each speed point lasts; 0 where speed does not count.

    :param limit_ms: the question's time.
    """
    if scoring == "speed":
        return SPEED_STEP_MS
    return -(-limit_ms // SPEED_POINTS) if scoring == "scaled" else 0


def points_schedule(question: QuestionContent, *, credit: float, full: bool, speed_ms: int) -> Schedule:
    """What an answer earns, by time.

    :param credit: share of the question's points, 0 to 1; 1 for a right answer.
    :param full: whether the answer is fully right; only such an answer earns speed points.
    :param speed_ms: see :func:`speed_step_ms`.
    """
    base = round_half_up(question.points * credit)
    if not full or not speed_ms or question.points == 0 or question.kind == "poll":
        return Schedule((base,))
    return Schedule(tuple(base + bonus for bonus in range(SPEED_POINTS, -1, -1)), speed_ms)


def points_at(schedule: Schedule, elapsed_ms: int) -> int:
    """Points of a schedule for an answer given ``elapsed_ms`` after the question was shown."""
    points, step_ms = schedule
    return points[min(max(elapsed_ms, 0) // step_ms, len(points) - 1)]


def points_rule(question: QuestionContent, scoring: Scoring, verdict: Verdict | None, points: int) -> PointsRule:
    """Why an answer earned these points, for people who ask why it is so few.

    :param verdict: ``None`` when there is no answer.
    """
    if question.kind == "poll":
        return "poll"
    if verdict is None:
        return "unanswered"
    if question.points == 0:
        return "warm_up"
    if verdict != "correct":
        return verdict
    if scoring == "flat":
        return "right"
    return "right_fast" if points > question.points else "right_slow"


def elapsed_ms(*, measured_ms: int, claimed_ms: int | None, allowance_ms: int) -> int:
    """The time an answer took. The client's figure may lower the server's by at most the network allowance.

    :param measured_ms: from showing the question to receiving the answer, by the server's clock.
    :param claimed_ms: the client's ``time_taken_ms``, or ``None``.
    :param allowance_ms: how much of the difference is put down to the network.
    """
    measured = max(0, measured_ms)
    if claimed_ms is None:
        return measured
    return max(min(measured, max(0, claimed_ms)), measured - allowance_ms)


def unseen_elapsed_ms(*, claimed_ms: int | None, limit_ms: int, speed_ms: int) -> int:
    """The time an answer counts as to a self-paced question that was never shown: the client's figure, 0 to the limit.

    Without a figure it counts as the whole limit. Nobody measured it, so where speed scores it is never so short that
    it earns speed points: who does not ask for a question, or is told its answer by a friend, must not be faster.
    """
    said = limit_ms if claimed_ms is None else min(max(0, claimed_ms), limit_ms)
    return max(said, SPEED_POINTS * speed_ms)


def round_half_up(value: float) -> int:
    """Round to the nearest integer, halves up (``round`` would take 2.5 to 2)."""
    return int(value + 0.5)
