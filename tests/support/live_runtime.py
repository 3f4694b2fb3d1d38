"""A runtime on a thread of its own, for tests of what runs in views: import its fixture into a conftest."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from sessions.wiring.runtime import Runtime, runtime, stop_runtime


async def _stop() -> None:
    """Stop the runtime, and let what it has begun to announce end."""
    await stop_runtime()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=10)


@pytest.fixture
def live(transactional_db: None) -> Iterator[Runtime]:
    """A runtime on a loop of its own thread, as views outside a server start it."""
    started = runtime()
    loop = started.loop
    assert loop is not None
    yield started
    asyncio.run_coroutine_threadsafe(_stop(), loop).result(20)
    thread = next(thread for thread in threading.enumerate() if thread.name == "quiz-runtime")
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()
