"""How many points an answer earns. Pure: no clock, no I/O.

The formula is the contract's ("Rules" in docs/protocol.md): the question's points plus, where the session scores
speed, ``max(0, 5 - floor(t / 2 s))``; nothing for a wrong answer. An almost right answer earns a share of the
question's points and no speed points. A question worth 0 points is a warm-up: it earns nothing however fast.
"""

from __future__ import annotations

from typing import Literal

from quizzes.rules.content import QuestionContent

Verdict = Literal["correct", "almost", "wrong"]

SPEED_STEP_MS = 2_000
SPEED_POINTS = 5


def points_schedule(question: QuestionContent, *, credit: float, full: bool, speed: bool) -> tuple[int, ...]:
    """Points by elapsed speed step: index ``min(t // SPEED_STEP_MS, len - 1)``.

    The store measures ``t`` and indexes this, so that the formula stands here alone and a store needs no arithmetic.

    :param credit: share of the question's points, 0 to 1; 1 for a right answer.
    :param full: whether the answer is fully right; only such an answer earns speed points.
    :param speed: whether the session scores speed.
    """
    base = round_half_up(question.points * credit)
    if not full or not speed or question.points == 0 or question.kind == "poll":
        return (base,)
    return tuple(base + bonus for bonus in range(SPEED_POINTS, -1, -1))


def points_at(schedule: tuple[int, ...], elapsed_ms: int) -> int:
    """Points of a schedule for an answer given ``elapsed_ms`` after the question was shown."""
    return schedule[min(max(elapsed_ms, 0) // SPEED_STEP_MS, len(schedule) - 1)]


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


def unseen_elapsed_ms(*, claimed_ms: int | None, limit_ms: int, speed: bool) -> int:
    """The time an answer counts as to a self-paced question that was never shown: the client's figure, 0 to the limit.

    Without a figure it counts as the whole limit. Nobody measured it, so where speed scores it is never so short that
    it earns speed points: who does not ask for a question, or is told its answer by a friend, must not be faster.
    """
    said = limit_ms if claimed_ms is None else min(max(0, claimed_ms), limit_ms)
    return max(said, SPEED_POINTS * SPEED_STEP_MS) if speed else said


def round_half_up(value: float) -> int:
    """Round to the nearest integer, halves up (``round`` would take 2.5 to 2)."""
    return int(value + 0.5)
