"""Trips to Redis: what a process has for it at one moment goes there and back together.

A call of its own costs a round trip, and 150 to 250 us of Python for its connection; in a trip it costs a tenth of
that. What comes up while a trip is under way waits for it and makes up the next one (natural batching), so that an
idle process waits for nothing. A trip that takes long, because somebody reads thousands of rows, is not waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
from collections.abc import Sequence
from typing import Any

import hiredis
from redis.exceptions import ConnectionError, NoScriptError, RedisError, ResponseError

Command = tuple[Any, ...]
#: Commands as they are sent, how many they are, and who waits for the replies.
Unit = tuple[bytes, int, "asyncio.Future[list[Any]]"]

#: Trips that may be under way at a time, and seconds after which the next one no longer waits for them.
_MOST = 4
_SLOW_SECONDS = 0.005
#: Commands of one trip; what is over it makes up the next one.
_COMMANDS_MOST = 2_000


class Script:
    """A Lua script, run along with whatever else a process has for Redis at the moment."""

    def __init__(self, trips: Any, source: str) -> None:
        """:param trips: :class:`Trips`, or what has its ``run``."""
        self._trips = trips
        self._source = source
        self._sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[Any], arguments: Sequence[Any]) -> Any:
        """What the script returns; raises as :meth:`Trips.run` does."""
        command = ("EVALSHA", self._sha, len(keys), *keys, *arguments)
        try:
            [reply] = await self._trips.run(command)
        except NoScriptError:
            *_, reply = await self._trips.run(("SCRIPT", "LOAD", self._source), command)
        return reply


class Trips:
    """Takes commands of all callers of a process to one server."""

    def __init__(self, pool: Any, *, timeout: float) -> None:
        """:param pool: a connection pool of redis-py.
        :param timeout: seconds a trip may take.
        """
        self._pool = pool
        self._timeout = timeout
        self._waiting: list[Unit] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._departure: asyncio.TimerHandle | asyncio.Handle | None = None

    async def run(self, *commands: Command) -> list[Any]:
        """What the server replies to these commands, which it gets one right after the other.

        Replies are as they come over RESP2: maps are flat lists, scores are text.

        :raises redis.exceptions.ResponseError: the first one that is among the replies.
        :raises redis.exceptions.RedisError, OSError: when the server cannot be reached. All that were under way then
            get the very same error: it is one failure.
        """
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        # Here, so that what cannot be sent is nobody else's trouble.
        self._waiting.append((b"".join(map(hiredis.pack_command, commands)), len(commands), future))
        self._plan()
        replies = await future
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise reply
        return replies

    def _plan(self) -> None:
        if self._departure is not None or not self._waiting:
            return
        loop = asyncio.get_running_loop()
        if not self._under_way:
            # In the next turn of the loop: what comes up in this one goes with it.
            self._departure = loop.call_soon(self._depart)
        elif len(self._under_way) < _MOST:
            self._departure = loop.call_later(_SLOW_SECONDS, self._depart)

    def _depart(self) -> None:
        if self._departure is not None:
            self._departure.cancel()
            self._departure = None
        units: list[Unit] = []
        size = 0
        for unit in self._waiting:
            if units and size + unit[1] > _COMMANDS_MOST:
                break
            units.append(unit)
            size += unit[1]
        del self._waiting[: len(units)]
        # Whoever went away meanwhile (a socket that closed) still has its command done: it may have been sent before.
        task = asyncio.get_running_loop().create_task(self._travel(units), name="redis-trip")
        self._under_way.add(task)
        task.add_done_callback(self._returned)
        self._plan()

    def _returned(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if self._waiting and not self._under_way:
            self._depart()

    async def _travel(self, units: Sequence[Unit]) -> None:
        try:
            replies = await self._exchange(b"".join(sent for sent, *_ in units), sum(count for _, count, _ in units))
        except (RedisError, OSError) as error:
            # Those who wait would find the same; they need not wait for it once more.
            waiting, self._waiting = self._waiting, []
            for *_, future in (*units, *waiting):
                if not future.done():
                    future.set_exception(error)
            return
        except BaseException as error:
            for *_, future in units:
                if not future.done():
                    future.set_exception(ConnectionError(f"The trip was broken off: {error!r}"))
            raise
        first = 0
        for _, count, future in units:
            last = first + count
            if not future.done():
                future.set_result(replies[first:last])
            first = last

    async def _exchange(self, packed: bytes, count: int) -> list[Any]:
        connection = await self._pool.get_connection()
        try:
            try:
                async with asyncio.timeout(self._timeout):
                    await connection.send_packed_command(packed, check_health=False)
                    return [await self._reply(connection) for _ in range(count)]
            except BaseException:
                # Replies that were not read must not be taken for those to other commands.
                await connection.disconnect(nowait=True)
                raise
        finally:
            with contextlib.suppress(RedisError, OSError):
                await self._pool.release(connection)

    @staticmethod
    async def _reply(connection: Any) -> Any:
        try:
            # The time of the whole trip is bounded; a bound for each reply would cost more than the reply.
            return await connection.read_response(timeout=math.inf)
        except ResponseError as error:
            return error
