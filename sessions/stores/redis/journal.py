"""The streams: what is acknowledged and not yet in the database, for whoever has to write it when its instance died."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from redis.exceptions import RedisError

from common.batching import chunks
from common.redis import REDIS_DOWN, RedisServer, describe
from scoring.ports import ServiceUnavailable
from sessions.stores.redis.layout import POISON, Keyspace
from sessions.stores.redis.loading import load_script
from sessions.stores.redis.write_behind import StreamRecord

logger = logging.getLogger(__name__)

#: Records of one stream that are taken over at once.
_TAKE_OVER = 500
#: Records that were set aside are read this many at once.
_ASIDE = 200
#: Streams that are asked about in one trip.
_STREAMS_AT_ONCE = 200


class RedisJournal:
    """See :class:`sessions.stores.redis.write_behind.Journal`."""

    def __init__(self, server: RedisServer) -> None:
        self._redis: Any = server.client
        self._keys = Keyspace(server.shards)
        #: By session: when this process looked (milliseconds), and the newest record that was there then.
        self._seen: dict[str, deque[tuple[int, str]]] = {}
        self._ack = server.script(load_script("ack"))

    async def acknowledge(self, entries: Sequence[StreamRecord]) -> None:
        by_session: dict[str, list[str]] = defaultdict(list)
        for entry in entries:
            by_session[entry.session_id].append(entry.entry_id)
        try:
            await asyncio.gather(*(self._take_out(session_id, ids) for session_id, ids in by_session.items()))
        except (RedisError, OSError) as error:
            # They stay in the stream; whoever takes them over finds them stored.
            logger.warning("records_not_acknowledged", extra={"records": len(entries), "error": describe(error)})

    async def _take_out(self, session_id: str, ids: Sequence[str]) -> None:
        keys = self._keys(session_id)
        await self._ack([keys.stream, keys.streams], [session_id, *ids, "", 0])

    async def set_aside(self, entry: StreamRecord, reason: str) -> None:
        fields = {
            "session": entry.session_id,
            "entry": entry.entry_id,
            "kind": entry.kind,
            "data": entry.data,
            "reason": reason,
        }
        try:
            await self._redis.xadd(POISON, fields)
        except REDIS_DOWN as error:
            raise ServiceUnavailable("The record could not be set aside.") from error
        await self.acknowledge([entry])

    async def aside(self, after: str) -> list[tuple[str, StreamRecord]]:
        try:
            records = await self._redis.xrange(POISON, f"({after}" if after else "-", "+", count=_ASIDE)
        except REDIS_DOWN as error:
            raise ServiceUnavailable("Redis cannot be reached.") from error
        return [
            (name, StreamRecord(*(fields.get(field, "") for field in ("session", "entry", "kind", "data"))))
            for name, fields in records
        ]

    async def bring_back(self, names: Sequence[str]) -> None:
        try:
            await self._redis.xdel(POISON, *names)
        except REDIS_DOWN as error:
            raise ServiceUnavailable("Redis cannot be reached.") from error

    async def waiting(self, session_id: str) -> int:
        """Records of the session that are not in the database yet, of all instances."""
        return int(await self._redis.xlen(self._keys(session_id).stream))

    async def total(self) -> int:
        """Records of all sessions that are not in the database yet."""
        return sum(await self._of_each(await self._sessions(), lambda pipe, key, _: pipe.xlen(key)))

    async def orphans(self, *, older_than_ms: int, held: Callable[[str, str], bool]) -> list[StreamRecord]:
        """Records whose instance had its time to write them. To be called every second.

        How old a record is tells for how long this process has seen it there: the ids in a stream are times of a clock
        that may step.

        :param held: whether this process holds the record itself.
        """
        now, sessions = time.monotonic_ns() // 1_000_000, await self._sessions()
        newest = await self._of_each(sessions, lambda pipe, key, _: pipe.xrevrange(key, count=1))
        self._seen = {session_id: self._seen.get(session_id, deque()) for session_id in sessions}
        due: dict[str, str] = {}
        for session_id, records in zip(sessions, newest, strict=True):
            seen = self._seen[session_id]
            seen.extend((now, entry_id) for entry_id, _ in records)
            while seen and now - seen[0][0] >= older_than_ms:
                due[session_id] = seen.popleft()[1]
        sessions = list(due)
        streams = await self._of_each(
            sessions,
            lambda pipe, key, session_id: pipe.xrange(key, "-", due[session_id], count=_TAKE_OVER),
        )
        return [
            StreamRecord(session_id, entry_id, fields.get("kind", ""), fields.get("data", ""))
            for session_id, records in zip(sessions, streams, strict=True)
            for entry_id, fields in records
            if not held(session_id, entry_id)
        ]

    async def _sessions(self) -> list[str]:
        """Sessions whose streams hold records."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in self._keys.streams:
                pipe.smembers(key)
            return list(itertools.chain.from_iterable(await pipe.execute()))

    async def _of_each(self, sessions: Sequence[str], ask: Callable[[Any, str, str], object]) -> list[Any]:
        """What is asked of the stream of each session; ``ask`` gets a pipeline, the stream and the session."""
        found: list[Any] = []
        for some in chunks(sessions, _STREAMS_AT_ONCE):
            async with self._redis.pipeline(transaction=False) as pipe:
                for session_id in some:
                    ask(pipe, self._keys(session_id).stream, session_id)
                found += await pipe.execute()
        return found
