"""Homeworks that are due soon get their timers, and a clock that was set is followed while nobody is held up by it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from common.clock import SharedClock, SystemClock
from scoring.ports import ServiceUnavailable
from sessions.rules.homework import NEAR_MS
from sessions.rules.options import SessionOptions
from sessions.rules.state import SessionSetup
from sessions.wiring.homework_timers import HomeworkTimers
from tests.support.store_game import QUIZ

HOUR_NS = 3_600 * 1_000_000_000


class Machine:
    """A machine whose clock is set while the monotonic one goes on."""

    def __init__(self, kind: type[SystemClock] = SystemClock) -> None:
        self.wall, self.monotonic = 1_800_000_000 * 1_000_000_000, 5_000_000_000
        self.clock = kind(wall=lambda: self.wall, monotonic=lambda: self.monotonic)

    def sleep(self) -> None:
        """An hour in which the process does not run."""
        self.wall += HOUR_NS


class Told:
    """What the store was asked for, and what the database says is due."""

    def __init__(self, *setups: SessionSetup, due: Any = ()) -> None:
        self.setups = {setup.id: setup for setup in setups}
        self.due = due
        self.asked: list[int] = []
        self.armed: list[str] = []
        self.kept: list[str] = []

    async def homeworks_due(self, before: int) -> list[str]:
        self.asked.append(before)
        if isinstance(self.due, Exception):
            raise self.due
        return list(self.due)

    async def arm(self, session_id: str) -> None:
        self.armed.append(session_id)
        if session_id == "broken":
            raise ValueError(session_id)

    async def keep(self, session_id: str) -> None:
        self.kept.append(session_id)

    async def setup(self, session_id: str) -> SessionSetup | None:
        return self.setups.get(session_id)


def timers(machine: Machine, told: Told) -> HomeworkTimers:
    hub: Any = SimpleNamespace(rooms=dict.fromkeys(told.setups))
    store: Any = told
    return HomeworkTimers(store, store, hub, machine.clock)


def played(session_id: str, *, pace: str = "self", closes_at: int = 0) -> SessionSetup:
    options = SessionOptions(closes_at=closes_at)
    return SessionSetup(session_id, QUIZ, session_id.upper(), pace=pace, options=options)  # type: ignore[arg-type]


async def test_the_near_ones_get_their_timers_and_one_that_cannot_be_read_holds_up_no_other() -> None:
    machine, told = Machine(), Told(due=["first", "broken", "last"])
    await timers(machine, told).round()
    assert told.armed == ["first", "broken", "last"]
    assert told.asked == [machine.clock.now() + NEAR_MS]


async def test_homeworks_stay_where_somebody_is_connected_even_while_the_database_is_away() -> None:
    told = Told(played("homework", closes_at=1), played("lesson"), due=ServiceUnavailable("away"))
    await timers(Machine(), told).round()
    assert told.kept == ["homework"]


@pytest.mark.parametrize(
    ("setups", "hours", "follows"),
    [
        ([], 1, True),
        ([], -1, True),
        ([played("homework", closes_at=1)], 1, True),
        # Those who are here were told newer standings.
        ([played("homework", closes_at=1)], -1, False),
        # A question would be cut short, or go on for an hour.
        ([played("lesson", pace="host")], 1, False),
    ],
)
async def test_a_clock_that_was_set_is_followed_unless_somebody_is_held_up_by_it(
    setups: list[SessionSetup], hours: int, follows: bool
) -> None:
    machine = Machine()
    before = machine.clock.now()
    machine.wall += hours * HOUR_NS
    await timers(machine, Told(*setups)).round()
    assert machine.clock.now() - before == (hours * 3_600_000 if follows else 0)


async def test_after_a_night_in_which_the_machine_slept_a_homework_is_due_in_time() -> None:
    machine, told = Machine(), Told(due=["first"])
    closes_at = machine.clock.now() + 8 * 3_600_000
    for _ in range(8):
        machine.sleep()
    await timers(machine, told).round()
    assert told.asked == [closes_at + NEAR_MS]


async def test_a_small_difference_and_the_time_that_instances_agree_on_stay() -> None:
    for machine, nanoseconds in ((Machine(), 900_000_000), (Machine(SharedClock), HOUR_NS)):
        before = machine.clock.now()
        machine.wall += nanoseconds
        await timers(machine, Told()).round()
        assert machine.clock.now() == before
