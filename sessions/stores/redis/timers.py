"""Timers in Redis: a sorted set for each shard, of which each instance looks most at those it set timers in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from common.batching import chunks
from common.redis import RedisServer

#: How long a claimed session is not given out again.
CLAIM_MS = 1_000
#: Sessions that one instance takes on at once, of each shard.
CLAIM_MOST = 100
#: How late a timer of an instance that died is noticed. Those of this process are looked at each time.
_OTHERS_MS = 2_000
#: Shards that are claimed from at a time.
_AT_ONCE = 4

RunScript = Callable[[str, Sequence[str], Sequence[Any]], Awaitable[Any]]


class ShardTimers:
    """Which sessions are due, over all shards."""

    def __init__(self, server: RedisServer, keys: Sequence[str], run_script: RunScript) -> None:
        """:param keys: the sorted set of each shard."""
        self._server = server
        self._keys = keys
        self._run_script = run_script
        #: By key: when its first session is due, as far as is known.
        self._heads: dict[str, int] = {}
        #: Those with timers of this process.
        self._own: set[str] = set()
        self._looked_at = 0

    def note(self, key: str) -> None:
        """This process has set a timer here."""
        self._own.add(key)

    async def next_due(self, now: int) -> int | None:
        """When the next timer is due; Unix milliseconds."""
        await self._look(now)
        return min(self._heads.values(), default=None)

    async def claim(self, now: int) -> list[str]:
        """Sessions that are due, each for one caller."""
        await self._look(now)
        due = [key for key, head in self._heads.items() if head <= now]
        claimed: list[str] = []
        for some in chunks(due, _AT_ONCE):
            found = await asyncio.gather(
                *(self._run_script("claim", [key], [now, CLAIM_MS, CLAIM_MOST]) for key in some)
            )
            for key, sessions in zip(some, found, strict=True):
                claimed += sessions
                # Whoever claims a session sets its next timer, or gets it again.
                self._own.add(key)
        return claimed

    async def _look(self, now: int) -> None:
        """Ask the shards with timers of this process, and once in a while the others too."""
        keys: Sequence[str] = list(self._own)
        if len(self._keys) == 1 or not 0 <= now - self._looked_at < _OTHERS_MS:
            keys, self._looked_at = self._keys, now
        if not keys:
            return
        asked = (self._server.trips.run(("ZRANGE", key, 0, 0, "WITHSCORES")) for key in keys)
        for key, [first] in zip(keys, await asyncio.gather(*asked), strict=True):
            if first:
                self._heads[key] = int(float(first[1]))
            else:
                self._heads.pop(key, None)
                self._own.discard(key)
