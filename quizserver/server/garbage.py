"""Python's garbage collector, kept away from the moments when players answer.

A full collection looks at every object of the process; with thousands of sockets it stops the event loop for a tenth
of a second and more, and that was most of the answers' P99. Nearly everything here is freed by its reference count, so
that a full collection can wait for a moment in which no question is open. What it has looked at is then frozen: the
next one looks only at what is new. With nobody connected everything is looked at again.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

#: Objects after which the youngest are collected, which takes a millisecond or two; the older ones are left to us.
_YOUNG = 20_000
_NEVER = 1_000_000
#: Seconds between two looks for a good moment, and looks after which any moment will do.
_LOOK_SECONDS = 30.0
_PATIENCE = 20


class GarbageKeeper:
    """Collects when it is quiet, and after ten minutes at the latest."""

    def __init__(self, *, busy: Callable[[], bool], connected: Callable[[], int]) -> None:
        """:param busy: whether a question is open to somebody.
        :param connected: how many sockets there are.
        """
        self._busy = busy
        self._connected = connected
        self._waited = 0

    async def run(self) -> None:
        """Until cancelled; the collector is then as it was."""
        before = gc.get_threshold()
        gc.set_threshold(_YOUNG, _NEVER, _NEVER)
        try:
            while True:
                self.look()
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            gc.unfreeze()
            gc.set_threshold(*before)

    def look(self) -> bool:
        """Collect if this is the moment. Whether it was."""
        if not self._connected():
            gc.unfreeze()
        elif self._busy() and self._waited < _PATIENCE:
            self._waited += 1
            return False
        self._waited = 0
        gc.collect()
        gc.freeze()
        return True
