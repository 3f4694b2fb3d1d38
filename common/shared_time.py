"""The time that the instances agree on: that of the machine of Redis, and how far ahead of it.

Redis tells the time of its machine, which steps as any other. What it is ahead by is kept in Redis; when the machine's
clock steps, whoever notices writes by how much, and for the instances time goes on evenly.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from common import metrics
from common.clock import STEP_MS, SharedClock, SystemClock
from common.redis import RedisServer

logger = logging.getLogger(__name__)

_AHEAD_KEY = "quizserver:ahead"
#: How old the last heartbeat of another instance may be, and how far in the future; milliseconds.
_BEAT_MS = 2_000
_EARLY_MS = 500


class SharedTime:
    """Sets the clock of an instance, and says where the clock of Redis went."""

    def __init__(self, server: RedisServer, clock: SharedClock, beats: Callable[[], Awaitable[Sequence[int]]]) -> None:
        """:param beats: when the other instances last said that they live, each on its clock; Unix milliseconds."""
        self._server = server
        self._clock = clock
        self._beats = beats

    async def agree(self) -> None:
        """To be called every few seconds.

        :raises redis.exceptions.RedisError, OSError: when Redis cannot be reached.
        """
        kept = await self._server.client.get(_AHEAD_KEY)
        asked_at = self._clock.now()
        seconds, micros = await self._server.client.time()
        answered_at = self._clock.now()
        machine, here = int(seconds) * 1_000 + int(micros) // 1_000, (asked_at + answered_at) // 2
        if kept is None:
            # Nobody has agreed on anything, or Redis forgot it: whoever has played goes on as before.
            await self._write(None, here - machine if self._clock.agreed else 0)
            kept = await self._server.client.get(_AHEAD_KEY) or "0"
        ahead = int(kept)
        apart = machine + ahead - here
        if self._clock.agreed and abs(apart) > STEP_MS + (answered_at - asked_at) // 2:
            if not await self._others_follow(machine + ahead, here):
                await self._write(kept, ahead - apart)
                self._server.ahead_ms = ahead - apart
                _tell("redis", apart)
                return
            # This process slept, while the others went on.
            _tell("instance", apart)
        self._clock.set_by(machine + ahead, asked_at=asked_at, answered_at=answered_at)
        self._server.ahead_ms = ahead

    async def _others_follow(self, told: int, here: int) -> bool:
        """Whether the others' clocks go with the time that is told, and not with that of this process."""
        beats = await self._beats()

        def follows(now: int) -> bool:
            return any(-_EARLY_MS <= now - beat <= _BEAT_MS for beat in beats)

        return follows(told) and not follows(here)

    async def _write(self, before: str | None, ahead: int) -> None:
        """Unless another instance has done so."""
        await self._server.swap(_AHEAD_KEY, before, str(ahead))


def watch(clock: SystemClock) -> None:
    """Say when the clock of this machine was set; to be called every few seconds."""
    if ms := clock.stepped():
        _tell("machine", ms)


def _tell(whose: str, ms: int) -> None:
    metrics.clock_steps.labels(whose).inc()
    logger.warning("clock_stepped", extra={"whose": whose, "ms": ms})
