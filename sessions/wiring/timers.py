"""Timers: sessions whose question is past its deadline, or whose time is over, get their Timeout command.

Due times live in the store, where any instance may claim them; the command is compare-and-set, so that claiming one
twice does no harm.
"""

from __future__ import annotations

import asyncio
import logging

from sessions.rules.commands import Timeout
from sessions.services.hosting import SessionService
from sessions.services.ports import Clock, SessionStore

logger = logging.getLogger(__name__)

#: The longest sleep between two looks, in seconds: how late another instance's timers are noticed.
_LOOK_SECONDS = 0.25
#: A question closes this long after its deadline, in milliseconds: an answer that came in time is stored first.
_SLACK_MS = 30


class Timers:
    """Claims what is due and applies it."""

    def __init__(self, store: SessionStore, sessions: SessionService, clock: Clock) -> None:
        self._store = store
        self._sessions = sessions
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                due = await self._store.next_due()
                wait = _LOOK_SECONDS if due is None else (due + _SLACK_MS - self._clock.now()) / 1_000
                await asyncio.sleep(min(max(wait, 0), _LOOK_SECONDS))
                await self.tick()
            except Exception:
                logger.exception("timers_failed")
                await asyncio.sleep(_LOOK_SECONDS)

    async def tick(self) -> None:
        """Apply what is due now."""
        for session_id in await self._store.claim_due(self._clock.now() - _SLACK_MS):
            try:
                await self._sessions.command(session_id, Timeout(), actor="timer")
            except Exception:
                # One session that cannot be written must not hold up the others' timers; its claim runs out.
                logger.exception("timer_failed", extra={"session_id": session_id})
