"""Python's garbage collector, kept away from the moments when players answer.

A full collection looks at every object of the process; with thousands of sockets it stops the event loop for a tenth
of a second and more, and that was most of the answers' P99. It therefore waits for a moment in which no question is
open: only for so long, and only while little has come together. What the process has loaded by its start lives as long
as it does, and is never looked at again.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

#: New objects after which the youngest are collected, which takes a millisecond or two; the older ones are left to us.
_YOUNG = 20_000
_NEVER = 1_000_000
#: Collections of the youngest after which a full one is worth it, and after which it waits no longer.
_WORTH_IT = 5
_TOO_MANY = 100
#: Collections of the youngest from one look to the next by which a rush is known: players who come in by the thousand.
_RUSH = 2
#: Seconds between two looks for a good moment, and looks after which any moment will do.
_LOOK_SECONDS = 5.0
_PATIENCE = 4


def _grown() -> int:
    return gc.get_count()[1]


class GarbageKeeper:
    """Collects what has come together when it is quiet, and after twenty seconds at the latest."""

    def __init__(self, *, busy: Callable[[], bool], grown: Callable[[], int] = _grown) -> None:
        """:param busy: whether a question is open to somebody.
        :param grown: collections of the youngest objects since the last full one.
        """
        self._busy = busy
        self._grown = grown
        self._waited = 0
        self._seen = 0

    async def run(self) -> None:
        """Until cancelled; the collector is then as it was."""
        before = gc.get_threshold()
        gc.collect()
        # Only now, while no client is there: what is frozen while sockets come and go is never freed.
        gc.freeze()
        gc.set_threshold(_YOUNG, _NEVER, _NEVER)
        try:
            while True:
                self.look()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            gc.set_threshold(*before)
            gc.unfreeze()

    def look(self) -> bool:
        """Collect if it is worth it and this is the moment. Whether it was."""
        grown = self._grown()
        rush, self._seen = grown - self._seen >= _RUSH, grown
        if grown < _WORTH_IT:
            self._waited = 0
            return False
        if (rush or self._busy()) and grown < _TOO_MANY and self._waited < _PATIENCE:
            self._waited += 1
            return False
        self._waited = self._seen = 0
        gc.collect()
        return True
