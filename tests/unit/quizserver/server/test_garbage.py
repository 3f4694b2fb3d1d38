"""When the garbage collector runs."""

from __future__ import annotations

import asyncio
import gc

import pytest

from quizserver.server.garbage import GarbageKeeper


class Process:
    """A process with players who may be answering."""

    def __init__(self) -> None:
        self.busy = True
        self.grown = 10
        self.keeper = GarbageKeeper(busy=lambda: self.busy, grown=lambda: self.grown)


@pytest.fixture
def process() -> Process:
    return Process()


def test_it_waits_while_players_may_be_answering(process: Process) -> None:
    assert not process.keeper.look()
    process.busy = False
    assert process.keeper.look()


def test_it_waits_while_players_come_in_by_the_thousand(process: Process) -> None:
    process.busy = False
    for process.grown in (8, 16, 24):
        assert not process.keeper.look()
    assert process.keeper.look()


def test_it_does_not_wait_for_ever(process: Process) -> None:
    looks = [process.keeper.look() for _ in range(10)]
    assert looks.count(True) == 2


def test_it_does_not_wait_when_very_much_has_come_together(process: Process) -> None:
    process.grown = 100
    assert process.keeper.look()


def test_it_leaves_a_process_alone_in_which_nothing_comes_together(process: Process) -> None:
    process.busy, process.grown = False, 4
    assert not process.keeper.look()


async def test_it_leaves_the_collector_as_it_was(process: Process) -> None:
    before = gc.get_threshold()
    task = asyncio.create_task(process.keeper.run())
    await asyncio.sleep(0)
    assert gc.get_threshold() != before
    assert gc.get_freeze_count()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert gc.get_threshold() == before
    assert not gc.get_freeze_count()
