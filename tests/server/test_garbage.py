"""When the garbage collector runs."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from quizserver.server.garbage import GarbageKeeper


class Process:
    """A process with players who may be answering."""

    def __init__(self) -> None:
        self.busy = True
        self.sockets = 30
        self.keeper = GarbageKeeper(busy=lambda: self.busy, connected=lambda: self.sockets)


@pytest.fixture
def process() -> Iterator[Process]:
    yield Process()
    gc.unfreeze()


def test_it_waits_while_players_may_be_answering(process: Process) -> None:
    assert not process.keeper.look()
    process.busy = False
    assert process.keeper.look()


def test_it_does_not_wait_for_ever(process: Process) -> None:
    looks = [process.keeper.look() for _ in range(42)]
    assert looks.count(True) == 2


def test_with_nobody_connected_it_looks_at_everything_again(process: Process) -> None:
    process.busy = False
    process.keeper.look()
    frozen = gc.get_freeze_count()
    assert frozen > 0
    cycle: list[object] = []
    cycle.append(cycle)
    process.keeper.look()
    del cycle
    process.sockets = 0
    process.keeper.look()
    assert not any(isinstance(each, list) and each and each[0] is each for each in gc.get_objects())


async def test_it_leaves_the_collector_as_it_was(process: Process) -> None:
    before = gc.get_threshold()
    task = asyncio.create_task(process.keeper.run())
    await asyncio.sleep(0)
    assert gc.get_threshold() != before
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert gc.get_threshold() == before
