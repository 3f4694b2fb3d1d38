"""When leaderboards are sent: changes are gathered in a window per session, and the windows widen under load.

One clockwork serves all sessions of a process: what is due at about the same time is flushed together, so that it may
be read in one trip, and together the flushes take no more than their share of the process, so that answers keep their
latency. Only the newest board is ever sent: changes that fall into a wide window come out as one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from common.held import Held

logger = logging.getLogger(__name__)

#: What is due within this part of a window is flushed with what is due now.
_TOGETHER = 0.25


class Windows:
    """Runs ``flush(keys)`` for keys that changed, a window after the first change of each."""

    def __init__(
        self, flush: Callable[[Sequence[str]], Coroutine[Any, Any, float | None]], *, window_ms: int, share: float
    ) -> None:
        """:param flush: tells the processor time, in seconds, that other tasks spent for it, if any did.
        :param window_ms: the time from a change to its flush, in which other changes are gathered.
        :param share: share of the process's time, 0 to 1, that all flushes may take; 0 lets them take any.
        """
        self._flush = flush
        self._window = window_ms / 1_000
        self._share = share
        #: By key, when it is due; the first one first.
        self._waiting: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None

    def touch(self, key: str) -> None:
        """Something of this key changed."""
        if key in self._waiting:
            return
        self._waiting[key] = time.perf_counter() + self._window
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="windows")

    def due_within(self, key: str, seconds: float) -> bool:
        """Whether this key waits, and is due by then."""
        due = self._waiting.get(key)
        return due is not None and due - time.perf_counter() <= seconds

    async def _run(self) -> None:
        while self._waiting:
            first = next(iter(self._waiting.values()))
            await asyncio.sleep(max(0, first - time.perf_counter()))
            started = time.perf_counter()
            flush, others = Held(self._flush(self._take_due(started + self._window * _TOGETHER))), None
            try:
                others = await flush
            except Exception:
                logger.exception("window_flush_failed")
            if self._share:
                spent = flush.seconds + (others or 0)
                await asyncio.sleep(max(0, started + spent / self._share - time.perf_counter()))

    def _take_due(self, until: float) -> list[str]:
        due = []
        for key, at in self._waiting.items():
            if at > until:
                break
            due.append(key)
        for key in due:
            del self._waiting[key]
        return due

    async def close(self) -> None:
        """Stop; changes that were not sent yet are not."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
