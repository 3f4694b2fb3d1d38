"""Homeworks that wait for weeks cost nothing: the database keeps their times, and a store is told of the near ones.

From then on their timers are as those of all other sessions (timers.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from common.clock import STEP_MS, SystemClock
from scoring.ports import ServiceUnavailable
from sessions.fanout.hub import Hub
from sessions.rules.homework import NEAR_MS
from sessions.services.ports import SessionLog, SessionStore

logger = logging.getLogger(__name__)

#: Seconds between two looks: many in the time before a homework is due (``NEAR_MS``).
_LOOK_SECONDS = 60.0


class HomeworkTimers:
    """The rounds of one process."""

    def __init__(self, store: SessionStore, log: SessionLog, hub: Hub, clock: SystemClock) -> None:
        self._store = store
        self._log = log
        self._hub = hub
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.round()
            except Exception:
                logger.exception("homeworks_not_looked_at")
            await asyncio.sleep(_LOOK_SECONDS)

    async def round(self) -> None:
        """Have the near timers set, and keep in the store what somebody of this process is connected to."""
        await self._follow_clock()
        try:
            near = await self._log.homeworks_due(self._clock.now() + NEAR_MS)
        except ServiceUnavailable:
            # The next look is early enough.
            near = []
        for session_id in near:
            await self._try(self._store.arm, session_id)
        for session_id in list(self._hub.rooms):
            await self._try(self._keep, session_id)

    async def _follow_clock(self) -> None:
        """Take over what the machine's clock was set to: a deadline in weeks is one of that clock.

        Not while a host plays: there a step would cut a question short. And back only while nobody is here: they were
        told newer standings.
        """
        ahead = self._clock.ahead()
        if abs(ahead) < STEP_MS:
            return
        setups = [await self._store.setup(session_id) for session_id in list(self._hub.rooms)]
        if not setups or (ahead > 0 and all(setup is None or setup.pace == "self" for setup in setups)):
            self._clock.follow()
            logger.warning("clock_followed", extra={"ahead_ms": ahead})

    async def _keep(self, session_id: str) -> None:
        setup = await self._store.setup(session_id)
        if setup is not None and setup.options.closes_at:
            await self._store.keep(session_id)

    @staticmethod
    async def _try(work: Callable[[str], Awaitable[None]], session_id: str) -> None:
        try:
            await work(session_id)
        except Exception:
            # One that cannot be read must not hold up the others.
            logger.exception("homework_not_looked_at", extra={"session_id": session_id})
