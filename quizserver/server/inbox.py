"""What came in on a WebSocket for the application, until it takes it."""

from __future__ import annotations

import asyncio
from typing import Any

Event = dict[str, Any]


class Inbox:
    """What came in for the application, in the place of uvicorn's queue, which is 2 KB per connection."""

    __slots__ = ("_events", "_waiter")

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._waiter: asyncio.Future[None] | None = None

    @property
    def awaited(self) -> bool:
        """Whether the application waits for the next event."""
        return self._waiter is not None and not self._waiter.done()

    def put_nowait(self, event: Event) -> None:
        """Hand an event to the application."""
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        """Drop the messages that the application has not taken, but never that the connection is over."""
        self._events = [event for event in self._events if event["type"] == "websocket.disconnect"]

    def empty(self) -> bool:
        """Whether nothing waits for the application."""
        return not self._events

    async def get(self) -> Event:
        """The next event. One task reads."""
        # Woken for a message that was dropped since: go on waiting.
        while not self._events:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._events.pop(0)
