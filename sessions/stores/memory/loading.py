"""Reaching a session in this process, and reading it from the logs when it is first asked for.

So a restart finds everything that was acknowledged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scoring.ports import ServiceUnavailable
from sessions.rules.homework import near_due
from sessions.rules.state import SessionSetup, SessionState, due_at
from sessions.services.ports import Clock, SessionLog
from sessions.stores.memory.live_session import LiveSession, hydrate


class MemoryState:
    """The sessions this process holds, and when their timers are due."""

    def __init__(self, *, sessions: SessionLog, clock: Clock) -> None:
        self._log = sessions
        self._clock = clock
        self._live: dict[str, LiveSession] = {}
        self._loading: dict[str, asyncio.Future[LiveSession | None]] = {}
        self._due: dict[str, int] = {}
        #: Sessions of which something may have been written without this process having learnt so.
        self._doubtful: set[str] = set()

    async def start(self) -> None:
        """Take up the timers of the sessions that were live when the process before this one ended."""
        for session_id, due in await self._log.live():
            if due is not None:
                self._due[session_id] = due

    async def setup(self, session_id: str) -> SessionSetup | None:
        """What was arranged for the session."""
        live = await self._get(session_id)
        return live.setup if live else None

    async def state(self, session_id: str) -> SessionState | None:
        """Where the session stands."""
        live = await self._get(session_id)
        return live.state if live else None

    def _set_due(self, session_id: str, state: SessionState) -> None:
        live = self._live.get(session_id)
        due = near_due(live.setup, state, self._clock.now()) if live is not None else due_at(state)
        if due is None:
            self._due.pop(session_id, None)
        else:
            self._due[session_id] = due

    @asynccontextmanager
    async def _locked(self, session_id: str) -> AsyncIterator[LiveSession | None]:
        """The session, while nobody else changes it; ``None`` for an unknown one."""
        while (live := await self._get(session_id)) is not None:
            async with live.lock:
                # Whoever held the lock before may have put another state in this one's place.
                if self._live.get(session_id) is not live:
                    continue
                if session_id in self._doubtful:
                    await self._reload(live)
                    self._doubtful.discard(session_id)
                    continue
                try:
                    yield live
                except ServiceUnavailable:
                    # A commit whose acknowledgement was lost counts all the same.
                    self._doubtful.add(session_id)
                    raise
                return
        yield None

    async def _reload(self, stale: LiveSession) -> LiveSession:
        """Put what the logs say in the place of what was held here, and keep what only this process knows."""
        session_id = stale.setup.id
        record = await self._log.load(session_id)
        if record is None:
            del self._live[session_id]
            self._due.pop(session_id, None)
            raise ServiceUnavailable("The session is gone.")
        live = hydrate(record, version=max(self._clock.now(), stale.version + 1))
        live.elsewhere = stale.elsewhere
        for user_id, connection in stale.connections.items():
            participant = live.participants.get(user_id)
            if participant is not None and participant.status != "removed":
                live.connections[user_id] = connection
                live.set_status(user_id, "connected")
        for user_id, shown in stale.shown.items():
            live.shown[user_id] = live.shown.get(user_id, {}) | shown
        self._live[session_id] = live
        self._set_due(session_id, live.state)
        return live

    async def _get(self, session_id: str) -> LiveSession | None:
        live = self._live.get(session_id)
        if live is not None:
            live.touched = True
            return live
        loading = self._loading.get(session_id)
        if loading is None:
            # One load, however many players come back at once after a restart.
            loading = self._loading[session_id] = asyncio.ensure_future(self._load(session_id))
            loading.add_done_callback(lambda _: self._loading.pop(session_id, None))
        return await asyncio.shield(loading)

    async def _load(self, session_id: str) -> LiveSession | None:
        record = await self._log.load(session_id)
        if record is None:
            self._due.pop(session_id, None)
            return None
        live = self._live[session_id] = hydrate(record, version=self._clock.now())
        self._set_due(session_id, live.state)
        return live
