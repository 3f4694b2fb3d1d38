"""A WebSocket consumer without the parts of Channels' own that cost most per message.

Those are a task per dispatch, a thread hop to close old database connections, and a channel per socket: the hub
receives for all sockets of the process, and nothing here touches the ORM.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class BaseConsumer(AsyncConsumer):
    """A WebSocket consumer with a plain receive loop. Subclasses implement the four hooks."""

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self.scope = scope
        await receive()  # websocket.connect
        if not await self.opened(send):
            return
        try:
            while True:
                event = await receive()
                if event["type"] == "websocket.disconnect":
                    break
                text = event.get("text")
                if text is not None:
                    await self.received(text)
                else:
                    await self.received_binary(event.get("bytes") or b"")
        except StopConsumer:
            pass
        finally:
            await self.gone()

    async def opened(self, send: Send) -> bool:
        """A client wants to connect. Accepts it, or refuses and returns ``False``."""
        raise NotImplementedError

    async def received(self, text: str) -> None:
        """A text message came in."""
        raise NotImplementedError

    async def received_binary(self, data: bytes) -> None:
        """A binary message came in."""
        raise NotImplementedError

    async def gone(self) -> None:
        """The connection is over."""
        raise NotImplementedError
