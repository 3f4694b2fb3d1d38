"""When leaderboards are sent: changes are gathered in a window per session, and the window widens under load.

Sending a board to thousands costs many milliseconds. The next one therefore waits at least ``cost / share``, so that
leaderboards take no more than their share of the process and answers keep their latency. Only the newest board is ever
sent: changes that fall into a wide window come out as one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)


class Windows:
    """Runs ``flush(key)`` after the first change of a key, once per window."""

    def __init__(self, flush: Callable[[str], Awaitable[None]], *, window_ms: int, share: float) -> None:
        """:param window_ms: the shortest time from a change to its flush, and between two flushes of a key.
        :param share: share of the time, 0 to 1, that the flushes of one key may take; 0 lets them take any.
        """
        self._flush = flush
        self._window = window_ms / 1_000
        self._share = share
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed: set[str] = set()

    def touch(self, key: str) -> None:
        """Something of this key changed."""
        self._changed.add(key)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._run(key))

    async def _run(self, key: str) -> None:
        try:
            wait = self._window
            while True:
                await asyncio.sleep(wait)
                if key not in self._changed:
                    return
                self._changed.discard(key)
                started = time.perf_counter()
                await self._flush(key)
                cost = time.perf_counter() - started
                wait = max(self._window, cost / self._share - cost if self._share else 0)
        except Exception:
            logger.exception("window_flush_failed", extra={"session_id": key})
        finally:
            del self._tasks[key]
            if key in self._changed and not asyncio.current_task().cancelling():  # type: ignore[union-attr]  # is one
                self.touch(key)

    async def close(self) -> None:
        """Stop; changes that were not sent yet are not."""
        self._changed.clear()
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
