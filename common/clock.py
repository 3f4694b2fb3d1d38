"""Clocks: this process's, and one that all instances share.

The clock of a machine may be set, by a person or by its time service, in the middle of a question. So time is what the
monotonic clock says, which cannot be set, from where the machine's clock stood when the process began.
"""

from __future__ import annotations

import time
from collections.abc import Callable

#: Milliseconds from which on a difference is a step: time services correct smaller ones gently.
STEP_MS = 1_000


class SystemClock:
    """Tells the machine's time as of the start of the process, and goes on evenly whatever is done to it."""

    def __init__(
        self, *, wall: Callable[[], int] = time.time_ns, monotonic: Callable[[], int] = time.monotonic_ns
    ) -> None:
        """:param wall: the machine's clock, ``monotonic`` the one that cannot be set; nanoseconds."""
        self._wall = wall
        self._monotonic = monotonic
        self._offset = self._apart = self._measure()

    def now(self) -> int:
        """Unix time in milliseconds."""
        return self._monotonic() // 1_000_000 + self._offset

    def stepped(self) -> int:
        """How far the machine's clock was set, forward or back, since this was last asked; milliseconds."""
        before, apart = self._apart, self._measure()
        if abs(apart - before) < STEP_MS:
            return 0
        self._apart = apart
        return apart - before

    def ahead(self) -> int:
        """How far the machine's clock is ahead of this one; milliseconds.

        It was set meanwhile, or the machine slept: nothing here went on then.
        """
        return self._measure() - self._offset

    def follow(self) -> None:
        """Go on from what the machine's clock says now. Whoever calls this has made sure that no question is open."""
        self._offset = self._measure()

    def _measure(self) -> int:
        return self._wall() // 1_000_000 - self._monotonic() // 1_000_000


class SharedClock(SystemClock):
    """A clock that is set by what the instances agree on (common/shared_time.py): a deadline is one everywhere."""

    #: Milliseconds of difference that are left alone: a step would cost more than it mends.
    _TOLERANCE = 2

    #: Whether it was set yet.
    agreed = False

    def ahead(self) -> int:
        """What the machine's clock says counts only where no others agreed on a time."""
        return 0

    def set_by(self, agreed_now: int, *, asked_at: int, answered_at: int) -> None:
        """Take the time that is agreed on, which was told at about the middle of the call.

        :param agreed_now: Unix milliseconds.
        :param asked_at: this clock when the call began, ``answered_at`` when it ended.
        """
        error = agreed_now - (asked_at + answered_at) // 2
        if not self.agreed or abs(error) > max(self._TOLERANCE, (answered_at - asked_at) // 2):
            self._offset += error
        self.agreed = True
