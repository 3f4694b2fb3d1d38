"""Token buckets. Pure: the time is an argument."""

from __future__ import annotations

import math


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
        if not self._rate:
            return 0
        if self._at:
            passed = max(0, now - self._at)
            self._tokens = min(self._burst, self._tokens + passed * self._rate / self._period_ms)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, math.ceil((1 - self._tokens) * self._period_ms / self._rate))
