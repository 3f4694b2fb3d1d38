"""Sessions in Redis: created, found by id or code, moved on by compare-and-set, and due at a time.

A transition is committed to the database first, so that instances that see Redis and instances that do not can never
both win; with the database down the compare-and-set in Redis decides alone, and the transition follows through the
stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from common.breaker import Breaker
from common.redis import RedisServer
from scoring.ports import ServiceUnavailable
from scoring.rules.regrading import Given, Worth
from sessions.rules.homework import near_due
from sessions.rules.state import SessionEvent, SessionSetup, SessionState, grown, is_revealed
from sessions.services.ports import Clock, Decision, SessionLog, SessionRecord
from sessions.stores.redis import layout
from sessions.stores.redis.loading import RedisState
from sessions.stores.redis.write_behind import StreamRecord

#: Seconds a transition waits for the database before it goes on without it, and for which it then is not asked again.
DATABASE_SECONDS = 2.0
#: Seconds an accepted answer waits for it: that cannot go on without, and ten thousand answers take one to grade again.
_REGRADE_SECONDS = 20.0


class RedisSessions(RedisState):
    """The part of :class:`sessions.services.ports.Store` that is about a session as a whole."""

    def __init__(
        self,
        server: RedisServer,
        *,
        server_id: str,
        sessions: SessionLog,
        keep: Callable[[StreamRecord], None],
        settle: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        """:param keep: takes what was acknowledged, to write it to the database.
        :param settle: writes what was kept; done before a session is read from the database.
        """
        super().__init__(server, sessions=sessions, settle=settle, clock=clock)
        self._server_id = server_id
        self._keep = keep
        self._database = Breaker(failures=1, seconds=DATABASE_SECONDS)

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        await self._log.create(setup, state)
        await self.merge(SessionRecord(setup, state, (), (), (), {}))

    async def resolve(self, id_or_code: str) -> str | None:
        if id_or_code in self._setups:
            return id_or_code
        code = id_or_code.upper()
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.exists(self.keys(id_or_code).session).get(layout.code_key(code))
            exists, by_code = await pipe.execute()
        if exists:
            return id_or_code
        if by_code:
            return str(by_code)
        if await self.rebuild(id_or_code):
            return id_or_code
        return await self._log.find_code(code)

    async def commit(self, session_id: str, decision: Decision) -> bool:
        setup = await self._setup_of(session_id, questions=decision.state.grown_to - len(decision.added))
        if setup is None:
            return False
        in_database = await self._commit_to_database(session_id, decision)
        if in_database is None:
            return False
        if decision.regraded and not in_database:
            # Records on their way to the database are graded again there: it must know of this first.
            raise ServiceUnavailable("Accepting an answer needs the database.")
        if decision.added and not in_database:
            # Who reads the session from there must find the questions that are answered.
            raise ServiceUnavailable("Asking again needs the database.")
        record = "" if in_database else layout.pack_decision(decision)
        longer = grown(setup, decision.added) if decision.added else None
        reply = await self._commit_here(setup, longer, decision, record)
        if reply is None or reply[0] == "stale":
            if in_database:
                await self.rebuild(session_id)
            return in_database
        if longer is not None:
            self._remember(longer)
        if reply[1]:
            self._keep(StreamRecord(session_id, reply[1], "transition", record))
        if reply[2]:
            self._keep(StreamRecord(session_id, reply[2], "finish", "{}"))
        if decision.state.status == "completed":
            await self._redis.delete(layout.code_key(setup.join_code))
        return True

    async def _commit_here(
        self, setup: SessionSetup, longer: SessionSetup | None, decision: Decision, record: str
    ) -> Any:
        """What commit.lua replies, once it knows the worth of all answers to the question that is graded again.

        :param longer: the setup after it, where the quiz grows.
        :param record: what the database is still to be told of the decision, or an empty string.
        """
        state, regraded = decision.state, decision.regraded
        keys, worths = self.keys(setup.id), dict[Given, Worth]()
        due = near_due(setup, state, self._clock.now())
        script_keys = [
            *(keys.session, keys.leaderboard, keys.withheld, keys.events, keys.stream),
            *(keys.streams, keys.timers, keys.participants, keys.names, keys.connected, keys.shown),
            *keys.answers_of_quiz(setup),
        ]
        while True:
            arguments: list[Any] = [
                setup.id,
                self._server_id,
                decision.expected_revision,
                layout.pack_state(state),
                state.revision,
                _withheld(setup, state),
                "" if due is None else due,
                layout.expires_at(setup, state, self._clock.now()),
                record,
                int(state.status == "completed"),
                regraded,
                script_keys.index(keys.answers_to(regraded)) + 1 if regraded else 0,
                layout.pack_setup(longer) if longer else "",
                len(longer.quiz.questions) if longer else 0,
                len(worths),
                *layout.pack_worths(worths),
            ]
            for event in decision.events:
                arguments += (event.seq, layout.pack_event(event))
            if due is not None:
                self.timers.note(keys.timers)
            reply = await self._call("commit", setup.id, script_keys, arguments)
            if reply is None or reply[0] != "unknown":
                return reply
            worths |= await self._worths(setup, regraded, reply[1], state.accepted_to(regraded))

    async def _commit_to_database(self, session_id: str, decision: Decision) -> bool | None:
        """Whether the database took the decision; ``None`` when it has another one, ``False`` when it is behind."""
        if not self._database.closed and not self._database.half_open:
            return False
        try:
            async with asyncio.timeout(_REGRADE_SECONDS if decision.regraded else DATABASE_SECONDS):
                taken = await self._log.commit(session_id, decision)
                stored = None if taken else await self._log.state(session_id)
        except (ServiceUnavailable, TimeoutError):
            self._database.failed()
            return False
        self._database.succeeded()
        if taken:
            return True
        if stored is not None and stored.revision < decision.expected_revision:
            return False
        await self.rebuild(session_id)
        return None

    async def events_since(self, session_id: str, seq: int) -> list[SessionEvent]:
        keys = self.keys(session_id)
        wanted = ("ZRANGEBYSCORE", keys.events, seq + 1, "+inf"), ("HGET", keys.session, "state")
        found = await self.read(session_id, *wanted)
        if found and seq + len(found[0]) < layout.unpack_state(found[1]).seq:
            # Some were lost; whoever is told what is there would take it for all.
            await self.rebuild(session_id)
            found = await self.read(session_id, *wanted)
        events = [layout.unpack_event(packed) for packed in found[0]] if found else []
        if total := max((event.total for event in events), default=0):
            await self._setup_of(session_id, questions=total)
        return events

    async def arm(self, session_id: str) -> None:
        setup, state = await self.setup(session_id), await self.state(session_id)
        due = near_due(setup, state, self._clock.now()) if setup is not None and state is not None else None
        if state is not None and due is not None:
            keys = self.keys(session_id)
            if await self.run_script("arm", [keys.session, keys.timers], [session_id, state.revision, due]):
                self.timers.note(keys.timers)

    async def keep(self, session_id: str) -> None:
        setup, state = await self.setup(session_id), await self.state(session_id)
        if setup is None or state is None:
            return
        keys, now = self.keys(session_id), self._clock.now()
        expires_at = layout.expires_at(setup, state, now)
        kept = [key for key in keys.of_session(setup) if key != keys.stream]
        await self.run_script("keep", kept, [expires_at])
        if state.status != "completed":
            await self._redis.set(layout.code_key(setup.join_code), setup.id, px=expires_at - now)

    async def claim_due(self, now: int) -> list[str]:
        return await self.timers.claim(now)

    async def next_due(self) -> int | None:
        return await self.timers.next_due(self._clock.now())


def _withheld(setup: SessionSetup, state: SessionState) -> str:
    """The question whose points are not to be told in this state, ``*`` for all of them."""
    if is_revealed(setup, state, state.question_id):
        return ""
    return "*" if setup.pace == "self" else state.question_id
