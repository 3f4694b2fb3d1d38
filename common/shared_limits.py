"""Limits per user and address: counted in Redis for all instances, or in this process where there is no Redis.

What is asked in the same moment goes to Redis in one script. Nobody is kept out because Redis is away: then this
process counts alone. Keys in Redis are digests, so that no address is stored there.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal

from redis.exceptions import RedisError

from common.batching import Batcher
from common.breaker import Breaker
from common.limits import Buckets, RateLimit
from common.redis import RedisServer, describe

logger = logging.getLogger(__name__)

_SCRIPT = Path(__file__).parent / "lua" / "limit.lua"
#: Questions in one script: it holds up all others while it runs.
_MOST = 500
#: Seconds for which Redis is not asked again after it did not answer.
_PAUSE_SECONDS = 5.0
#: How long it is remembered what an address found: a session's usual length.
_FOUND_MS = 7_200_000
#: Keys known to be over the limit; those beyond are asked about.
_CLOSED_MOST = 10_000

Question = tuple[Literal["take", "peek", "enter"], str, str, int]


class LocalLimit:
    """See :class:`common.limits.RateLimit`; counts in this process."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    async def take(self, key: str, now: int) -> int:
        return self._buckets.take(key, now)

    async def peek(self, key: str, subject: str, now: int) -> int:
        return self._buckets.peek(key, subject, now)

    async def enter(self, key: str, subject: str, now: int) -> int:
        return self._buckets.enter(key, subject, now)


class RedisLimit:
    """See :class:`common.limits.RateLimit`; counts in Redis.

    The keys of a limit bear its name as hash tag, so that a script reaches all it asks about.
    """

    def __init__(
        self, name: str, rate: float, period_ms: int, *, server: RedisServer, available: Callable[[], bool], secret: str
    ) -> None:
        """:param rate: more than 0; see :class:`common.limits.TokenBucket`.
        :param available: whether this process uses Redis just now.
        :param secret: makes the digests worth nothing to who reads Redis.
        """
        self._tag = f"limit:{{{name}}}"
        self._token_ms = period_ms / rate
        self._full_ms = max(1.0, rate) * self._token_ms
        self._script = server.script(_SCRIPT.read_text())
        self._available = available
        self._secret = secret.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
        self._local = Buckets(rate, period_ms)
        #: By key, until when it is known to be over the limit.
        self._closed: OrderedDict[str, int] = OrderedDict()
        self._breaker = Breaker(failures=1, seconds=_PAUSE_SECONDS)
        self._batches: Batcher[Question, int] = Batcher(self._run, max_size=_MOST)

    async def take(self, key: str, now: int) -> int:
        return await self._ask(("take", key, "", now))

    async def peek(self, key: str, subject: str, now: int) -> int:
        if self._closed.get(key, 0) <= now or self._local.has_found(key, subject):
            return 0
        return await self._ask(("peek", key, subject, now))

    async def enter(self, key: str, subject: str, now: int) -> int:
        if self._local.has_found(key, subject):
            return 0
        wait = await self._ask(("enter", key, subject, now))
        if not wait:
            self._local.remember(key, subject)
        return wait

    def _usable(self) -> bool:
        return self._available() and (self._breaker.closed or self._breaker.half_open)

    async def _ask(self, question: Question) -> int:
        kind, key, subject, now = question
        try:
            if not self._usable():
                raise ConnectionError("Redis is away.")
            wait = await self._batches.enqueue(self._tag, question)
        except (RedisError, OSError):
            buckets = self._local
            wait = buckets.take(key, now) if kind == "take" else buckets.peek(key, subject, now)
        if wait:
            self._closed[key] = now + wait
            self._closed.move_to_end(key)
            if len(self._closed) > _CLOSED_MOST:
                self._closed.popitem(last=False)
        return wait

    async def _run(self, tag: str, questions: Sequence[Question]) -> Sequence[int]:
        # Those who waited for a batch that failed do not wait for another one.
        if not self._usable():
            raise ConnectionError("Redis is away.")
        keys: list[str] = []
        for kind, key, subject, _ in questions:
            keys.append(f"{tag}:{self._digest(key)}")
            if kind != "take":
                keys.append(f"{tag}:{self._digest(f'{key} {subject}')}:found")
        now = max(question[3] for question in questions)
        arguments = [now, self._token_ms, self._full_ms, _FOUND_MS, *(kind for kind, *_ in questions)]
        try:
            waits: list[int] = await self._script(keys, arguments)
        except (RedisError, OSError) as error:
            self._breaker.failed()
            logger.warning("limits_counted_here", extra={"error": describe(error)})
            raise
        self._breaker.succeeded()
        return waits

    def _digest(self, key: str) -> str:
        data = key.encode(errors="surrogatepass")
        return hashlib.blake2b(data, key=self._secret, digest_size=16).hexdigest()


class ThreadedLimit:
    """A limit that lives on an event loop, for the threads of views."""

    def __init__(self, limit: RateLimit, loop: asyncio.AbstractEventLoop) -> None:
        self._limit = limit
        self._loop = loop

    def take(self, key: str, now: int) -> int:
        """See :meth:`common.limits.RateLimit.take`."""
        return self._wait(self._limit.take(key, now))

    def peek(self, key: str, subject: str, now: int) -> int:
        """See :meth:`common.limits.RateLimit.peek`."""
        return self._wait(self._limit.peek(key, subject, now))

    def enter(self, key: str, subject: str, now: int) -> int:
        """See :meth:`common.limits.RateLimit.enter`."""
        return self._wait(self._limit.enter(key, subject, now))

    def _wait(self, work: Coroutine[Any, Any, int]) -> int:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
