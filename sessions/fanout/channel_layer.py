"""A channel layer that may be away: this process's own messages then still reach its own members.

What other instances miss meanwhile they find by the sequence numbers and in the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from redis.exceptions import RedisError

from common.redis import describe

logger = logging.getLogger(__name__)

#: The layer has connections of its own, which do not tell a Redis that refuses from a wrong command.
_LAYER_DOWN = (RedisError, OSError)
_TIMEOUT_SECONDS = 1.0
_RETRY_SECONDS = 1.0


def _tells_news(record: logging.LogRecord) -> bool:
    """channels_redis logs a traceback a second while Redis is away; that it is away is logged elsewhere, once."""
    return not (record.exc_info and isinstance(record.exc_info[1], _LAYER_DOWN))


class LocalLayer:
    """The same for a process that is the only one: what it sends comes back to itself."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._groups: set[str] = set()

    async def new_channel(self, prefix: str) -> str:
        """The only channel."""
        return prefix

    async def receive(self, channel: str) -> Mapping[str, Any]:
        """The next message."""
        return await self._queue.get()

    async def group_add(self, group: str, channel: str) -> None:
        """Get what is sent to this group from now on."""
        self._groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        """Get nothing more of this group."""
        self._groups.discard(group)

    async def group_send(self, group: str, message: Mapping[str, Any]) -> None:
        """Tell our own members, who are all there are."""
        if group in self._groups:
            self._queue.put_nowait(message)


class FailsafeLayer:
    """The part of a Channels layer that the hub and the broadcaster use, for one channel of this process."""

    def __init__(self, inner: Any, usable: Callable[[], bool]) -> None:
        """:param inner: the channel layer.
        :param usable: whether it is worth trying.
        """
        self._inner = inner
        self._usable = usable
        self._queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._channel = ""
        self._groups: set[str] = set()
        self._joined: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        logging.getLogger("channels_redis.pubsub").addFilter(_tells_news)

    async def new_channel(self, prefix: str) -> str:
        """A channel of our own; it works before the layer does."""
        self._tasks = [
            asyncio.create_task(self._receive(prefix), name="layer-receive"),
            asyncio.create_task(self._join_missing(), name="layer-join"),
        ]
        return prefix

    async def receive(self, channel: str) -> Mapping[str, Any]:
        """The next message."""
        return await self._queue.get()

    async def group_add(self, group: str, channel: str) -> None:
        """Get what is sent to this group from now on; tried again until it works."""
        self._groups.add(group)
        await self._join(group)

    async def group_discard(self, group: str, channel: str) -> None:
        """Get nothing more of this group."""
        self._groups.discard(group)
        if group in self._joined:
            self._joined.discard(group)
            await self._try(lambda: self._inner.group_discard(group, self._channel))

    async def group_send(self, group: str, message: Mapping[str, Any]) -> None:
        """Tell all instances, or at least our own members."""
        sent = self._usable() and await self._try(lambda: self._inner.group_send(group, message))
        # Sent, it comes back to us from the layer, unless we are a member that it does not know yet.
        if group in self._groups and not (sent and group in self._joined):
            self._queue.put_nowait(message)

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _receive(self, prefix: str) -> None:
        while True:
            try:
                if not self._channel:
                    self._channel = await self._inner.new_channel(prefix)
                self._queue.put_nowait(await self._inner.receive(self._channel))
            except _LAYER_DOWN as error:
                logger.warning("layer_unreachable", extra={"error": describe(error)})
                await asyncio.sleep(_RETRY_SECONDS)

    async def _join_missing(self) -> None:
        while True:
            await asyncio.sleep(_RETRY_SECONDS)
            for group in self._groups - self._joined:
                await self._join(group)

    async def _join(self, group: str) -> None:
        if self._channel and self._usable() and await self._try(lambda: self._inner.group_add(group, self._channel)):
            self._joined.add(group)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> bool:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                await work()
        except _LAYER_DOWN as error:
            logger.warning("layer_failed", extra={"error": describe(error)})
            return False
        return True
