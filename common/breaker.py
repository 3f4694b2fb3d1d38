"""A circuit breaker: after several failures in a row, a server is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable


class Breaker:
    """Closed while all is well; open after ``failures`` in a row; half-open, for one probe, ``seconds`` after that."""

    def __init__(self, *, failures: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """:param failures: failures in a row that open it.
        :param seconds: how long it stays open before a probe is let through.
        """
        self._limit = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None

    @property
    def closed(self) -> bool:
        """Whether calls go through."""
        return self._opened_at is None

    @property
    def half_open(self) -> bool:
        """Whether it has been open long enough for a probe."""
        return self._opened_at is not None and self._clock() - self._opened_at >= self._seconds

    def failed(self) -> None:
        """A call failed. A failed probe opens it for another period."""
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._limit:
            self._opened_at = self._clock()

    def succeeded(self) -> None:
        """A call, or the probe, went through."""
        self._failures = 0
        self._opened_at = None
