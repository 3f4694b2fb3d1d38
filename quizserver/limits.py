"""Token buckets. Pure: the time is an argument."""

from __future__ import annotations


class TokenBucket:
    """Lets ``rate`` things through per ``period_ms``, in bursts of as many; a rate of 0 lets everything through."""

    __slots__ = ("_at", "_period_ms", "_rate", "_tokens")

    def __init__(self, rate: float, period_ms: int = 1_000) -> None:
        self._rate = rate
        self._period_ms = period_ms
        self._tokens = rate
        self._at = 0

    def take(self, now: int) -> int:
        """Take a token.

        :param now: milliseconds on any clock that does not go back.
        :returns: 0 when there was one, else the milliseconds until there is.
        """
        if not self._rate:
            return 0
        if self._at:
            self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate / self._period_ms)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return max(1, round((1 - self._tokens) * self._period_ms / self._rate))
