"""Windows: what changes is gathered, what is due is flushed together, and all of it within a share of the process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from leaderboards.windows import Windows


class Flushes:
    """Keeps what was flushed together; may hold the event loop meanwhile."""

    def __init__(self, *, seconds: float = 0, fails: bool = False) -> None:
        self.seconds = seconds
        self.fails = fails
        self.done: list[list[str]] = []
        self.at: list[float] = []

    async def __call__(self, keys: Sequence[str]) -> None:
        self.done.append(list(keys))
        self.at.append(time.perf_counter())
        until = time.thread_time() + self.seconds
        while time.thread_time() < until:
            pass
        if self.fails:
            raise ValueError("no")

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.done) < count:
                await asyncio.sleep(0.001)


async def test_many_changes_of_a_window_are_one_flush_and_many_keys_one_turn() -> None:
    flushes = Flushes()
    windows = Windows(flushes, window_ms=20, share=0)
    for key in ("a", "b", "a", "c", "b"):
        windows.touch(key)
    await flushes.until(1)
    await windows.close()
    assert flushes.done == [["a", "b", "c"]]


async def test_a_change_during_a_flush_is_flushed_after_it() -> None:
    flushes = Flushes()
    windows = Windows(flushes, window_ms=0, share=0)
    windows.touch("a")
    await flushes.until(1)
    windows.touch("a")
    await flushes.until(2)
    await windows.close()
    assert flushes.done == [["a"], ["a"]]


async def test_all_keys_together_take_no_more_than_the_share() -> None:
    flushes = Flushes(seconds=0.01)
    windows = Windows(flushes, window_ms=0, share=0.25)
    for number in range(6):
        windows.touch(str(number))
        await flushes.until(number + 1)
    await windows.close()
    # Each took 10 ms, so that the next one may begin 40 ms later, though it is another key's.
    assert all(later - earlier >= 0.039 for earlier, later in zip(flushes.at, flushes.at[1:], strict=False))


async def test_what_other_tasks_spent_for_a_flush_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    async def left_to_others(keys: Sequence[str]) -> float:
        return 100

    monkeypatch.setattr(asyncio, "sleep", noted)
    windows = Windows(left_to_others, window_ms=0, share=0.25)
    windows.touch("a")
    assert windows._task is not None
    await asyncio.wait([windows._task])
    # Less the time that has passed since it began; a difference of clock readings is not exact.
    assert 200 < max(slept) < 401


async def test_a_flush_that_fails_does_not_end_the_others() -> None:
    flushes = Flushes(fails=True)
    windows = Windows(flushes, window_ms=0, share=0)
    windows.touch("a")
    await flushes.until(1)
    flushes.fails = False
    windows.touch("b")
    await flushes.until(2)
    await windows.close()


async def test_what_nobody_touches_costs_nothing() -> None:
    flushes = Flushes()
    windows = Windows(flushes, window_ms=0, share=0)
    windows.touch("a")
    await flushes.until(1)
    await asyncio.sleep(0)
    assert windows._task is not None
    await asyncio.wait([windows._task])
    await windows.close()
    assert flushes.done == [["a"]]
