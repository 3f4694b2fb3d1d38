"""Token buckets, and what is built of them. Pure: the time is an argument. Adapters: common/shared_limits.py."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from functools import lru_cache
from typing import Protocol

#: Keys a process keeps buckets for; beyond it those not used for longest are forgotten, which lets their owners burst
#: again. An attacker who has that many addresses is not held by a bucket per address anyway.
_KEYS = 20_000

#: Addresses whose networks are kept: a school comes from one.
_NETWORKS = 4_096

#: A whole token, but for the rounding of the additions it was made by.
_ONE = 1 - 1e-9


class TokenBucket:
    """Lets ``rate`` things through per ``period_ms``, in bursts of as many; a rate of 0 lets everything through.

    A rate below one still lets one thing through at a time, only less often.
    """

    __slots__ = ("_at", "_burst", "_period_ms", "_rate", "_tokens")

    def __init__(self, rate: float, period_ms: int = 1_000) -> None:
        self._rate = rate
        self._period_ms = period_ms
        self._burst = max(1.0, rate)
        self._tokens = self._burst
        self._at = 0

    def take(self, now: int) -> int:
        """Take a token.

        :param now: milliseconds on any clock; when it goes back, no time has passed.
        :returns: 0 when there was one, else the milliseconds until there is.
        """
        wait = self.wait(now)
        if not wait and self._rate:
            self._tokens -= 1
        return wait

    def wait(self, now: int) -> int:
        """As :meth:`take`, but takes nothing."""
        if not self._rate:
            return 0
        if self._at:
            passed = max(0, now - self._at)
            self._tokens = min(self._burst, self._tokens + passed * self._rate / self._period_ms)
        self._at = now
        if self._tokens >= _ONE:
            return 0
        return max(1, math.ceil((1 - self._tokens) * self._period_ms / self._rate))


class Buckets:
    """A token bucket per key (a user, an address), and what each key may always come back to. Threads may share it."""

    def __init__(self, rate: float, period_ms: int, *, keys: int = _KEYS) -> None:
        """:param rate: see :class:`TokenBucket`.
        :param keys: keys to remember, at most; as many things they found.
        """
        self._rate = rate
        self._period_ms = period_ms
        self._most = keys
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()
        self._found: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: str) -> TokenBucket:
        """The bucket of the key, to be kept by whoever takes from it often."""
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = TokenBucket(self._rate, self._period_ms)
                if len(self._buckets) > self._most:
                    self._buckets.popitem(last=False)
            else:
                self._buckets.move_to_end(key)
            return bucket

    def take(self, key: str, now: int) -> int:
        """See :meth:`TokenBucket.take`."""
        bucket = self.of(key)
        with self._lock:
            return bucket.take(now)

    def peek(self, key: str, subject: str, now: int) -> int:
        """0 when the key has a token or found the subject before, else the milliseconds until it has one."""
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None or (key, subject) in self._found:
                return 0
            return bucket.wait(now)

    def enter(self, key: str, subject: str, now: int) -> int:
        """As :meth:`peek`; if it is 0 the key has found the subject."""
        wait = self.peek(key, subject, now)
        if not wait:
            self.remember(key, subject)
        return wait

    def has_found(self, key: str, subject: str) -> bool:
        """Whether the key found the subject before."""
        return (key, subject) in self._found

    def remember(self, key: str, subject: str) -> None:
        """The key found the subject."""
        with self._lock:
            self._found[key, subject] = None
            self._found.move_to_end((key, subject))
            if len(self._found) > self._most:
                self._found.popitem(last=False)


class RateLimit(Protocol):
    """How often a user or an address may do something, counted over all instances that share a Redis.

    Where it makes guessing not pay, only wrong guesses take a token. A key that has none left may go on with what it
    found before, and everything else is refused, right or wrong, so that the answer tells nothing about the guess.
    Its adapters pass the contract suite in tests/unit/common/test_shared_limits.py.
    """

    async def take(self, key: str, now: int) -> int:
        """Take a token of the key.

        :param now: Unix milliseconds.
        :returns: 0 when there was one, else the milliseconds until there is.
        """
        ...

    async def peek(self, key: str, subject: str, now: int) -> int:
        """Whether to try the subject for the key at all: 0, or the milliseconds until it may be tried.

        Cheap, and so may be 0 where ``enter`` is not: it is to save the work for those known to be over the limit.
        """
        ...

    async def enter(self, key: str, subject: str, now: int) -> int:
        """The subject is there: 0 when the key may have it, which then has found it, else the milliseconds until."""
        ...


@lru_cache(_NETWORKS)
def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the 64-bit network of an IPv6 address, which one customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
