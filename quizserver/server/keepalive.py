"""Pings for all connections of a process from one clock: two timers and a frame for each are a third of what thousands
of players cost who only wait.

A ping is answered by the time of the next one, or the connection is taken for dead.
"""

from __future__ import annotations

import asyncio
import os
from typing import Protocol
from weakref import WeakKeyDictionary

#: Seconds between two looks for whose ping is due: what is due in between goes out together.
_LOOK_SECONDS = 0.25
_PAYLOAD_BYTES = 4
#: A ping that is not masked, of so many bytes (RFC 6455, section 5.2).
_HEADER = bytes((0x89, _PAYLOAD_BYTES))


class Pinged(Protocol):
    """What a connection does for its keep-alive."""

    def ping(self, frame: bytes, payload: bytes) -> bool:
        """Send this frame; ``False`` where the last one was not answered and the connection is over."""
        ...


class Keepalive:
    """The clock of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        #: When each is to be pinged next; the first one first, as long as all wait equally long.
        self._due: dict[Pinged, float] = {}
        self._seconds = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, connection: Pinged, seconds: float) -> None:
        """Ping this one every so many seconds."""
        self._seconds = seconds
        self._due[connection] = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_later(seconds, self._look)

    def remove(self, connection: Pinged) -> None:
        """Ping this one no more."""
        self._due.pop(connection, None)

    def _look(self) -> None:
        now = self._loop.time()
        payload = os.urandom(_PAYLOAD_BYTES)
        frame = _HEADER + payload
        due = []
        for connection, at in self._due.items():
            if at > now:
                break
            due.append(connection)
        try:
            for connection in due:
                # Gone from here first: one that fails must not keep the others from being pinged.
                del self._due[connection]
                if connection.ping(frame, payload):
                    self._due[connection] = now + self._seconds
        finally:
            first = next(iter(self._due.values()), None)
            self._timer = None
            if first is not None:
                self._timer = self._loop.call_later(max(first - now, _LOOK_SECONDS), self._look)


_clocks: WeakKeyDictionary[asyncio.AbstractEventLoop, Keepalive] = WeakKeyDictionary()


def keepalive_of(loop: asyncio.AbstractEventLoop) -> Keepalive:
    """The clock of this loop."""
    clock = _clocks.get(loop)
    if clock is None:
        clock = _clocks[loop] = Keepalive(loop)
    return clock
