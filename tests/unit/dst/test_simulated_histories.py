"""The short form of ``make dst``: histories, that a seed is one of them, and that planted mistakes are found."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest

import common.redis
import sessions.stores.redis.loading
from common.clock import SharedClock, SystemClock
from common.redis import RedisServer
from scoring.answer_log import DatabaseAnswerLog
from sessions.fanout.rooms import Room
from sessions.stores.failover import switch
from sessions.stores.failover.instances import Instances
from sessions.stores.failover.restoring import Restorer
from sessions.stores.redis import database_sink
from sessions.stores.redis.loading import RedisState
from tests.dst.database import SimulatedRegister
from tests.dst.plan import FAULTS, draw
from tests.dst.shrink import shrink
from tests.dst.world import run

#: Histories in which a planted mistake has to be found.
_PATIENCE = 60


def test_histories_break_no_rule() -> None:
    for seed in range(25):
        outcome = run(draw(seed))
        assert outcome.findings == [], f"`make dst SEED={seed}` tells all of it: {outcome.findings[0]}"


def test_one_seed_is_one_history() -> None:
    plan = next(plan for plan in map(draw, range(100)) if len(plan.faults) > 2)
    first, second = run(plan), run(plan)
    assert len(first.told) > 50
    assert first.digest == second.digest


def _patched(place: Any, name: str, stand_in: Any) -> Callable[[], AbstractContextManager[Any]]:
    return lambda: mock.patch.object(place, name, stand_in)


def _script(name: str, before: str, after: str) -> Callable[[], AbstractContextManager[Any]]:
    original = sessions.stores.redis.loading.load_script

    def load(script: str) -> str:
        text = original(script)
        return text.replace(before, after) if script == name else text

    assert before in original(name)
    return _patched(sessions.stores.redis.loading, "load_script", load)


async def _acknowledge_unwritten(self: DatabaseAnswerLog, session_id: str, answers: Any) -> Any:
    return {(answer.user_id, answer.question_id) for answer in answers}


async def _skip(*arguments: Any, **options: Any) -> None:
    return None


@contextlib.contextmanager
def _refusals_are_mistakes() -> Iterator[None]:
    down = tuple(each for each in common.redis.REDIS_DOWN if each.__name__ not in ("ReadOnlyError", "OutOfMemoryError"))
    with mock.patch.object(switch, "REDIS_DOWN", down):
        yield


@contextlib.contextmanager
def _known_by_its_process_alone() -> Iterator[None]:
    """FLUSHALL leaves the process as it is."""

    async def process_alone(self: RedisServer) -> str:
        return f"{await self._process()}:1-same"

    async def nothing(self: RedisServer, *_arguments: Any) -> None:
        return None

    async def connected(self: RedisServer, connection: Any) -> None:
        await connection.on_connect()

    stand_ins = {"current_run": process_alone, "check": nothing, "beat": nothing, "_connected": connected}
    with contextlib.ExitStack() as stack:
        for name, stand_in in stand_ins.items():
            stack.enter_context(mock.patch.object(RedisServer, name, stand_in))
        yield


def _set_by_nobody(self: SharedClock, *_arguments: Any, **_options: Any) -> None:
    return None


@contextlib.contextmanager
def _by_the_clock_on_the_wall() -> Iterator[None]:
    with (
        mock.patch.object(SystemClock, "now", lambda self: self._wall() // 1_000_000),
        mock.patch.object(SharedClock, "set_by", _set_by_nobody),
    ):
        yield


#: Mistakes, with the faults that are to bring them out.
PLANTED: dict[str, tuple[Callable[[], AbstractContextManager[Any]], tuple[str, ...]]] = {
    "a second answer counts too": (
        _script("record", "elseif stored then\n    code = 'ALREADY_ANSWERED'", "elseif false then"),
        ("redis_slow",),
    ),
    "answers are acknowledged before they are committed": (
        _patched(DatabaseAnswerLog, "append", _acknowledge_unwritten),
        ("redis_cut_off_all",),
    ),
    "points are counted that the answer does not have": (
        _script("record", "points * PLACE, user", "(points + 1) * PLACE, user"),
        (),
    ),
    "a gap in the events is not filled": (_patched(Room, "_fill_gap", _skip), ("layer_lossy",)),
    "a database that refuses condemns records": (
        _patched(database_sink, "condemns", lambda error: True),
        ("database_read_only",),
    ),
    "a Redis that refuses is a mistake of ours": (_refusals_are_mistakes, ("redis_full", "redis_read_only")),
    "an instance does not learn that questions were asked again": (
        _patched(RedisState, "_noted", lambda self, session_id, state: state),
        ("clients_cut",),
    ),
    "Redis is known by its run id alone": (_known_by_its_process_alone, ("redis_flushed",)),
    "time is what the clock of the machine says": (_by_the_clock_on_the_wall, ("clock_stepped",)),
    "nobody looks whether the database went back": (_patched(Restorer, "round", _skip), ("database_rolled_back",)),
    "a database is trusted that another server answers for": (
        lambda: mock.patch.object(
            SimulatedRegister, "changed", property(lambda self: False, lambda self, value: None), create=True
        ),
        ("database_rolled_back",),
    ),
    "two stores acknowledge at once": (_patched(Instances, "wait", _skip), ("redis_cut_off_one",)),
}


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_planted_mistake_is_found(mistake: str) -> None:
    plant, kinds = PLANTED[mistake]
    plans = [draw(seed, {kind: FAULTS[kind] for kind in kinds}) for seed in range(_PATIENCE)]
    with plant():
        found = next((plan for plan in plans if run(plan).findings), None)
    assert found is not None, f"{_PATIENCE} histories did not find it"
    assert run(found).findings == [], "the mistake is not what was found"


def test_a_failing_history_is_made_smaller() -> None:
    plant, kinds = PLANTED["answers are acknowledged before they are committed"]
    with plant():
        plans = (draw(seed, {kind: FAULTS[kind] for kind in (*kinds, "clients_cut")}) for seed in range(_PATIENCE))
        plan = next(plan for plan in plans if len(plan.faults) > 2 and run(plan).findings)
        small = shrink(plan)
        assert run(small).findings
    assert len(small.faults) < len(plan.faults)
