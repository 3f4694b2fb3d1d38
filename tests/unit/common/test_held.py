"""The time that a coroutine holds the event loop."""

from __future__ import annotations

import asyncio
import time

import pytest

from common.held import Held


async def work_and_wait() -> str:
    until = time.thread_time() + 0.02
    while time.thread_time() < until:
        pass
    await asyncio.sleep(0.2)
    return "done"


async def test_it_counts_what_the_steps_take_and_not_what_they_wait() -> None:
    held = Held(work_and_wait())
    assert await held == "done"
    # Another coroutine that holds the loop for all of this time would make it 0.2 and more.
    assert 0.02 <= held.seconds < 0.2


async def test_an_error_comes_through() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise KeyError("no")

    with pytest.raises(KeyError):
        await Held(fail())


async def test_it_is_cancelled_like_any_other() -> None:
    ended = asyncio.Event()

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def run() -> None:
        await Held(wait())

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
