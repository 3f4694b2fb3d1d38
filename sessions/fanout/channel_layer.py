"""A channel layer that may be away: this process's own messages then still reach its own members.

What other instances miss meanwhile they find by the sequence numbers and in the database.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from redis.exceptions import RedisError

from common.redis import describe

logger = logging.getLogger(__name__)

#: The layer has connections of its own, which do not tell a Redis that refuses from a wrong command.
_LAYER_DOWN = (RedisError, OSError)
_TIMEOUT_SECONDS = 1.0
_RETRY_SECONDS = 1.0
#: Messages that others may miss: a heartbeat or the next one of their kind makes up for them.
_MAY_BE_LOST = ("board", "volatile")
#: Sent by a process that comes into a group.
_HELLO = "hello"
_ALONE_SECONDS = 1.0


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


#: Tells all members of a group; how many processes that were.
Publish = Callable[[str, Mapping[str, Any]], Awaitable[int]]


class FailsafeLayer:
    """The part of a Channels layer that the hub and the broadcaster use, for one channel of this process.

    Our own members are told at once, others by the layer. What may be lost is not published while nobody else is there
    to take it: most classes play on one instance.
    """

    def __init__(self, inner: Any, usable: Callable[[], bool], publish: Publish) -> None:
        """:param inner: the channel layer.
        :param usable: whether it is worth trying.
        :param publish: sends to a group of the layer.
        """
        self._inner = inner
        self._usable = usable
        self._publish = publish
        self._name = uuid.uuid4().hex
        self._queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._channel = ""
        self._groups: set[str] = set()
        self._joined: set[str] = set()
        self._company = Company()
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
        self._company.forget(group)
        if group in self._joined:
            self._joined.discard(group)
            await self._try(lambda: self._inner.group_discard(group, self._channel))

    async def group_send(self, group: str, message: Mapping[str, Any]) -> None:
        """Tell all instances, or at least our own members; a message with ``own`` is for these alone."""
        if group in self._groups:
            self._queue.put_nowait(message)
        if message.get("own") or (message["type"] in _MAY_BE_LOST and self._company.alone(group)):
            return
        await self._tell_others(group, message)

    async def _tell_others(self, group: str, message: Mapping[str, Any]) -> None:
        if not self._usable():
            return
        number = self._company.number()

        async def publish() -> None:
            sent = {**message, "by": self._name, "number": number, "group": group}
            self._company.published(group, number, await self._publish(group, sent))

        await self._try(publish)

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
                self._take(await self._inner.receive(self._channel))
            except _LAYER_DOWN as error:
                logger.warning("layer_unreachable", extra={"error": describe(error)})
                await asyncio.sleep(_RETRY_SECONDS)

    def _take(self, message: Mapping[str, Any]) -> None:
        group = message.get("group", "")
        if message.get("by") == self._name:
            # Our own members have it.
            self._company.echoed(group, message["number"])
            return
        self._company.met(group)
        if message["type"] != _HELLO:
            self._queue.put_nowait(message)

    async def _join_missing(self) -> None:
        while True:
            await asyncio.sleep(_RETRY_SECONDS)
            for group in self._groups - self._joined:
                await self._join(group)

    async def _join(self, group: str) -> None:
        if self._channel and self._usable() and await self._try(lambda: self._inner.group_add(group, self._channel)):
            self._joined.add(group)
            # Whoever was alone in it is so no longer.
            await self._tell_others(group, {"type": _HELLO})

    async def _try(self, work: Callable[[], Awaitable[None]]) -> bool:
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                await work()
        except _LAYER_DOWN as error:
            logger.warning("layer_failed", extra={"error": describe(error)})
            return False
        return True


class Company:
    """Whether other processes are in a group: not when a message of ours reached one process, and that was this one.

    What is known holds for a second, so that whoever comes in unheard is told within that time.
    """

    def __init__(self) -> None:
        self._numbers = itertools.count()
        #: By group: the number of the last message of ours that reached one process, and of the last that came back.
        self._reached_one: dict[str, int] = {}
        self._came_back: dict[str, int] = {}
        self._alone_until: dict[str, float] = {}

    def number(self) -> int:
        """The number of our next message."""
        return next(self._numbers)

    def alone(self, group: str) -> bool:
        """Whether nobody else is there."""
        return self._alone_until.get(group, 0) > time.monotonic()

    def published(self, group: str, number: int, reached: int) -> None:
        """A message of ours reached so many processes."""
        if reached == 1:
            self._reached_one[group] = number
            self._compare(group)
        elif reached > 1:
            self.met(group)

    def echoed(self, group: str, number: int) -> None:
        """A message of ours came back."""
        self._came_back[group] = number
        self._compare(group)

    def met(self, group: str) -> None:
        """Somebody else is there."""
        self._alone_until.pop(group, None)
        self._reached_one.pop(group, None)

    def forget(self, group: str) -> None:
        """We are not in it any more."""
        for known in (self._reached_one, self._came_back, self._alone_until):
            known.pop(group, None)

    def _compare(self, group: str) -> None:
        if self._reached_one.get(group, -1) == self._came_back.get(group, -2):
            self._alone_until[group] = time.monotonic() + _ALONE_SECONDS
