"""Token buckets, and what is built of them. Pure: the time is an argument."""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict

#: Keys a process keeps buckets for; beyond it those not used for longest are forgotten, which lets their owners burst
#: again. An attacker who has that many addresses is not held by a bucket per address anyway.
_KEYS = 50_000

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
    """A token bucket per key: a user, an address."""

    def __init__(self, rate: float, period_ms: int, *, keys: int = _KEYS) -> None:
        """:param rate: see :class:`TokenBucket`.
        :param keys: keys to remember, at most.
        """
        self._rate = rate
        self._period_ms = period_ms
        self._most = keys
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def take(self, key: str, now: int) -> int:
        """See :meth:`TokenBucket.take`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self._rate, self._period_ms)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket.take(now)

    def peek(self, key: str, now: int) -> int:
        """As :meth:`take`, but takes nothing."""
        bucket = self._buckets.get(key)
        return bucket.wait(now) if bucket is not None else 0


class GuessLimit:
    """Makes guessing join codes or keys not pay, and lets a class behind one address in.

    Only wrong guesses count against an address. Once it has used them up, it may go on with what it found before, and
    everything else is refused without a look: the answer tells nothing about the guess.
    """

    def __init__(self, rate: float, period_ms: int, *, keys: int = _KEYS) -> None:
        """:param rate: wrong guesses per address and period, in bursts of as many; 0 for no bound."""
        self._wrong = Buckets(rate, period_ms, keys=keys)
        self._most = keys
        self._found: OrderedDict[tuple[str, str], None] = OrderedDict()

    def refused(self, address: str, subject: str, now: int) -> int:
        """0 when the address may try the subject, else the milliseconds until it may."""
        if (address, subject) in self._found:
            return 0
        return self._wrong.peek(address, now)

    def wrong(self, address: str, now: int) -> None:
        """The address tried something that does not exist."""
        self._wrong.take(address, now)

    def right(self, address: str, subject: str) -> None:
        """The address found something: it may always come back to it."""
        self._found[address, subject] = None
        self._found.move_to_end((address, subject))
        if len(self._found) > self._most:
            self._found.popitem(last=False)


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
