"""The in-process store of an instance among others, while Redis is away.

It serves the players of this process alone. What other instances write it learns from the database.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from scoring.ports import AnswerLog, ServiceUnavailable
from sessions.rules.state import SessionEvent
from sessions.services.ports import Clock, Join, Joined, JoinRefused, LogProgress, SessionLog, SessionRecord
from sessions.stores.memory.live_session import LiveSession
from sessions.stores.memory.store import MemoryStore

logger = logging.getLogger(__name__)

#: By session: the players connected to this process, with their connections.
Connections = Callable[[], Mapping[str, Mapping[str, str]]]


class FallbackStore(MemoryStore):
    """See :class:`sessions.stores.memory.store.MemoryStore`."""

    shared = True
    #: Writes what this process holds for the database.
    settle: Callable[[], Awaitable[None]]
    connections: Connections
    #: Sessions that were deleted while Redis was away, and may still be there.
    erased: set[str]
    #: Sessions that were read again, of which the players here have not been told what is new.
    _read_again: set[str]

    def __init__(self, *, sessions: SessionLog, answers: AnswerLog, clock: Clock, allowance_ms: int) -> None:
        super().__init__(sessions=sessions, answers=answers, clock=clock, allowance_ms=allowance_ms)
        self.erased = set()
        self._read_again = set()

    async def erase(self, session_id: str) -> None:
        await super().erase(session_id)
        self.erased.add(session_id)

    def forget(self) -> None:
        """Drop all state; it is read again when it is next asked for."""
        self._live.clear()
        self._codes.clear()
        self._due.clear()

    def held(self) -> list[str]:
        """Sessions that were served from here."""
        return list(self._live)

    def snapshot(self, session_id: str) -> SessionRecord:
        """What is known here of a session."""
        live = self._live[session_id]
        return SessionRecord(
            live.setup,
            live.state,
            tuple(live.events),
            tuple(live.participants.values()),
            tuple(answer for answers in live.answers.values() for answer in answers.values()),
            live.shown,
        )

    def moved(self) -> list[str]:
        """Sessions that were read again since this was last asked for."""
        moved, self._read_again = sorted(self._read_again), set()
        return moved

    async def refresh(self, session_ids: Iterable[str]) -> None:
        """Read again the sessions that another instance moved on."""
        ids = [session_id for session_id in session_ids if session_id in self._live]
        if not ids:
            return
        # Then the database knows of our own players who is connected.
        await self._statuses.flush()
        for session_id, seen in (await self._log.progress(ids)).items():
            async with self._locked(session_id) as held:
                live = held
                if live is not None and _is_behind(seen, live):
                    # All that is here was committed there. It was lost, and must not be lost here too.
                    await self._log.restore(self.snapshot(session_id))
                elif live is not None and not _is_up_to_date(live, seen):
                    live = await self._reload(live)
                if live is not None:
                    live.elsewhere = max(0, seen.connected - len(live.connections))

    async def join(self, session_id: str, joins: Sequence[Join]) -> list[Joined | JoinRefused]:
        # Who comes from another instance has answered there, and must find it here.
        await self.refresh([session_id])
        return await super().join(session_id, joins)

    async def events_since(self, session_id: str, seq: int) -> list[SessionEvent]:
        # Whoever asks has heard of more than was known here, or comes from another instance.
        await self.refresh([session_id])
        return await super().events_since(session_id, seq)

    async def _complete(self, live: LiveSession) -> LiveSession:
        # The database has what the other instances took since they were last looked for.
        try:
            return await self._reload(live)
        except ServiceUnavailable:
            # The transition stands and must be published.
            logger.warning("answers_elsewhere_not_read", extra={"session_id": live.setup.id})
            return live

    async def _reload(self, stale: LiveSession) -> LiveSession:
        await self.settle()
        self._read_again.add(stale.setup.id)
        return await super()._reload(stale)

    async def _load(self, session_id: str) -> LiveSession | None:
        await self.settle()
        live = await super()._load(session_id)
        if live is not None:
            for user_id, connection in self.connections().get(session_id, {}).items():
                if user_id in live.participants:
                    live.connections[user_id] = connection
            [seen] = (await self._log.progress([session_id])).values()
            live.elsewhere = max(0, seen.connected - len(live.connections))
        return live


def _is_up_to_date(live: LiveSession, seen: LogProgress) -> bool:
    answers = sum(map(len, live.answers.values()))
    return (live.state.revision, len(live.participants), answers) == (seen.revision, seen.participants, seen.answers)


def _is_behind(seen: LogProgress, live: LiveSession) -> bool:
    """Whether the database has less of a session than was committed from here."""
    answers = sum(map(len, live.answers.values()))
    return live.state.revision > seen.revision or len(live.participants) > seen.participants or answers > seen.answers
