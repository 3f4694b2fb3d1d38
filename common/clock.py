"""Clocks: the system's, and one that all instances share."""

from __future__ import annotations

import time


class SystemClock:
    """Tells the machine's time."""

    def now(self) -> int:
        """Unix time in milliseconds."""
        return time.time_ns() // 1_000_000


class SharedClock(SystemClock):
    """The machine's time, set right by that of a server all instances ask: deadlines then mean the same everywhere."""

    #: Milliseconds of difference that are left alone: a step would cost more than it mends.
    _TOLERANCE = 2

    def __init__(self) -> None:
        self._offset = 0

    def now(self) -> int:
        """Unix time in milliseconds, on the server's clock."""
        return super().now() + self._offset

    def set_by(self, server_now: int, *, asked_at: int, answered_at: int) -> None:
        """Take the server's time, which it told at about the middle of the call.

        :param server_now: the server's time; Unix milliseconds.
        :param asked_at: this clock when the call began, ``answered_at`` when it ended.
        """
        error = server_now - (asked_at + answered_at) // 2
        if abs(error) > max(self._TOLERANCE, (answered_at - asked_at) // 2):
            self._offset += error
