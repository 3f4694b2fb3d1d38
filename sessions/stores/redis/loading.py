"""Reaching a session in Redis, and bringing it there from the database.

A session that is not in Redis (it expired, or Redis lost its data) is read from the database when it is first asked
for. Merging only adds: it may run twice, on two instances, and beside the live session.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from common.redis import RedisServer
from common.trips import Script
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import StoredAnswer
from scoring.rules.regrading import Given, Worth, worth_of
from sessions.rules.homework import near_due
from sessions.rules.player_names import username_key
from sessions.rules.state import SessionSetup, SessionState, is_outgrown
from sessions.services.ports import Clock, Decision, ParticipantState, SessionLog, SessionRecord
from sessions.stores.redis import layout
from sessions.stores.redis.layout import Keyspace
from sessions.stores.redis.timers import ShardTimers

_LUA = Path(__file__).parent / "lua"
_SETUPS_CACHED = 1_000
#: Rows of one call of merge.lua: a script holds up all others while it runs.
_MERGE_CHUNK = 1_000
_LOCK_MS = 10_000
#: What rebuild.lua says where the session's quiz is longer than the one it is given.
_LONGER_HERE = -1
_LOCK_POLL = 0.02
#: Seconds between two looks whether others have written a session's records, and how often to look: less than the lock
#: is held, and longer than an instance that lives takes.
_WRITTEN_LOOK = 0.1
_WRITTEN_LOOKS = 60
#: Records of a session that are looked at for one that is more than its end.
_RECORDS_LOOKED_AT = 100
#: Records of a stream that are read in one go.
_RECORDS_READ = 1_000


def _as_it_is(reply: Any) -> Any:
    return reply


def _pairs(reply: Sequence[Any]) -> dict[Any, Any]:
    return dict(zip(reply[::2], reply[1::2], strict=True))


def _scored(reply: Sequence[Any]) -> list[tuple[str, float]]:
    return [(member, float(score)) for member, score in zip(reply[::2], reply[1::2], strict=True)]


def _number(reply: Any) -> float | None:
    return None if reply is None else float(reply)


#: What the replies of some commands are made into.
_CONVERT: dict[str, Callable[[Any], Any]] = {"HGETALL": _pairs, "ZREVRANGE": _scored, "ZSCORE": _number}


def with_transitions(record: SessionRecord, decisions: Sequence[Decision]) -> SessionRecord:
    """The record after those of the decisions that it does not know of; in their order."""
    newer = [each for each in decisions if each.state.revision > record.state.revision]
    if not newer:
        return record
    events = (*record.events, *(event for each in newer for event in each.events))
    return replace(record, state=newer[-1].state, events=events)


def load_script(name: str) -> str:
    """A script with what all scripts share put before it."""
    return (_LUA / "prelude.lua").read_text() + (_LUA / f"{name}.lua").read_text()


class RedisState:
    """Scripts and reads that find the session first."""

    def __init__(
        self, server: RedisServer, *, sessions: SessionLog, settle: Callable[[], Awaitable[None]], clock: Clock
    ) -> None:
        """:param settle: writes what this process holds for the database; done before a session is read from there."""
        self._redis: Any = server.client
        self.keys = Keyspace(server.shards)
        self.timers = ShardTimers(server, self.keys.timers, self.run_script)
        self._log = sessions
        self._settle = settle
        self._clock = clock
        self._server = server
        self._scripts: dict[str, Script] = {}
        self._setups: OrderedDict[str, SessionSetup] = OrderedDict()

    async def setup(self, session_id: str) -> SessionSetup | None:
        """What was arranged for the session. It is asked for once, and again when a state shows that it has grown."""
        known = self._setups.get(session_id)
        if known is not None:
            self._setups.move_to_end(session_id)
            return known
        found = await self.read(session_id, ("HGET", self.keys(session_id).session, "setup"))
        if found is None:
            return None
        return self._remember(layout.unpack_setup(found[0]))

    async def state(self, session_id: str) -> SessionState | None:
        """Where the session stands."""
        found = await self.read(session_id, ("HGET", self.keys(session_id).session, "state"))
        return self._noted(session_id, layout.unpack_state(found[0])) if found else None

    def _noted(self, session_id: str, state: SessionState) -> SessionState:
        """The state that was read; a setup from before questions were asked again is read anew after it."""
        known = self._setups.get(session_id)
        if known is not None and is_outgrown(known, state):
            del self._setups[session_id]
        return state

    async def _setup_of(self, session_id: str, *, questions: int) -> SessionSetup | None:
        """What was arranged for the session, with as many questions at least; ``None`` too when there are fewer."""
        known = self._setups.get(session_id)
        if known is not None and len(known.quiz.questions) < questions:
            del self._setups[session_id]
        setup = await self.setup(session_id)
        return setup if setup is not None and len(setup.quiz.questions) >= questions else None

    def _remember(self, setup: SessionSetup) -> SessionSetup:
        known = self._setups.get(setup.id)
        if known is not None and len(known.quiz.questions) > len(setup.quiz.questions):
            # What was read from a database that is behind.
            return known
        self._setups[setup.id] = setup
        if len(self._setups) > _SETUPS_CACHED:
            self._setups.popitem(last=False)
        return setup

    async def erase(self, session_id: str) -> None:
        """Drop all that is held of a session that is no longer in the database."""
        self._setups.pop(session_id, None)
        packed = await self._redis.hget(self.keys(session_id).session, "setup")
        if packed is None:
            return
        setup = layout.unpack_setup(packed)
        code = layout.code_key(setup.join_code)
        if await self._redis.get(code) == session_id:
            await self._redis.delete(code)
        keys = self.keys(session_id)
        await self._redis.zrem(keys.timers, session_id)
        await self._redis.srem(keys.streams, session_id)
        await self._redis.unlink(*keys.of_session(setup))

    async def read(self, session_id: str, *commands: tuple[Any, ...]) -> list[Any] | None:
        """The results of these commands at one moment, or ``None`` for an unknown session."""
        run_of = ("HGET", self.keys(session_id).session, "run")
        for _ in range(2):
            if len(commands) == 1:
                run, *results = await self._server.trips.run(run_of, *commands)
            else:
                *_, (run, *results) = await self._server.trips.run(("MULTI",), run_of, *commands, ("EXEC",))
            if run == self._server.run_id:
                named = zip(commands, results, strict=True)
                return [_CONVERT.get(name, _as_it_is)(result) for (name, *_), result in named]
            if not await self.rebuild(session_id):
                return None
        return None

    async def run_script(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What the script lua/NAME.lua returns."""
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = self._server.script(load_script(name))
        return await script(keys, [*arguments, self._server.run_id, self._clock.now()])

    async def _call(self, name: str, session_id: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """A script's reply, or ``None`` for an unknown session."""
        for _ in range(2):
            reply = await self.run_script(name, keys, arguments)
            if reply[0] == "lost":
                await self._server.disown("redis_lost_keys")
            if reply[0] != "missing":
                return reply
            if not await self.rebuild(session_id):
                return None
        return None

    # -- from the database ----------------------------------------------------------------------------------------

    async def rebuild(self, session_id: str) -> bool:
        """Add to Redis what the database knows of a session. Whether there is such a session.

        :raises ServiceUnavailable: when the database cannot be reached.
        :raises common.redis.Restarted: when it is not for itself that the session is missing.
        """
        await self._server.check(self.keys(session_id).tag)
        async with self._locked(session_id):
            await self._settle()
            await self._written_elsewhere(session_id)
            record = await self._log.load(session_id)
            if record is None:
                return False
            await self.merge(with_transitions(record, await self._transitions_waiting(session_id)))
            return True

    async def _transitions_waiting(self, session_id: str) -> list[Decision]:
        """Of a session whose own key was lost, the transitions that only its stream has: the database took none of them
        yet, and from a state before them they would be taken again, by others."""
        keys, found, after = self.keys(session_id), list[Decision](), "-"
        if await self._redis.exists(keys.session):
            return found
        while records := await self._redis.xrange(keys.stream, min=after, count=_RECORDS_READ):
            found += (layout.unpack_decision(each["data"]) for _, each in records if each["kind"] == "transition")
            after = f"({records[-1][0]}"
        return found

    async def _written_elsewhere(self, session_id: str) -> None:
        """Wait until the database has what other instances acknowledged in a session whose keys have expired.

        Its stream has not, and without those records a second answer would be taken for the first.

        :raises ServiceUnavailable: when that takes too long.
        """
        keys = self.keys(session_id)
        for _ in range(_WRITTEN_LOOKS):
            # Keys expire together: a session without its own key but with players was lost, and all bring in theirs.
            there = ("EXISTS", keys.session, keys.participants)
            here, waiting = await self._server.trips.run(there, ("XLEN", keys.stream))
            if here or not waiting:
                return
            # The end of a session waits in there for its standings, which may be asked for from here.
            records = await self._server.client.xrange(keys.stream, count=_RECORDS_LOOKED_AT)
            if all(fields["kind"] == "finish" for _, fields in records):
                return
            await asyncio.sleep(_WRITTEN_LOOK)
        raise ServiceUnavailable("Answers of this session are still being written.")

    async def merge(self, record: SessionRecord) -> None:
        """Add what a record knows; its state only where that is newer, and its quiz where that is not shorter."""
        setup, keys = record.setup, self.keys(record.setup.id)
        while not await self._merge_as(setup, record):
            # Questions were asked again since the record was made. Their answers count too.
            if packed := await self._redis.hget(keys.session, "setup"):
                setup = layout.unpack_setup(packed)
        self._remember(setup)
        await self._regrade(setup)
        if record.state.status != "completed":
            now = self._clock.now()
            lifetime = layout.expires_at(setup, record.state, now) - now
            await self._redis.set(layout.code_key(setup.join_code), setup.id, px=lifetime)

    async def _merge_as(self, setup: SessionSetup, record: SessionRecord) -> bool:
        """Add what a record knows of a session that was arranged like this. Whether it is not longer here."""
        state, keys = record.state, self.keys(setup.id)
        await self.add(setup, record.participants, record.answers, record.shown)
        now = self._clock.now()
        due = near_due(setup, state, now)
        if due is not None:
            self.timers.note(keys.timers)
        arguments: list[Any] = [
            setup.id,
            layout.pack_state(state),
            state.revision,
            layout.pack_setup(setup),
            setup.pace,
            setup.reveal,
            setup.max_participants,
            layout.expires_at(setup, state, now),
            "" if due is None else due,
            len(record.events),
        ]
        for event in record.events:
            arguments += (event.seq, layout.pack_event(event))
        arguments += [question.id for question in setup.quiz.questions]
        taken = await self.run_script(
            "rebuild",
            [
                *(keys.session, keys.participants, keys.names, keys.connected, keys.leaderboard, keys.withheld),
                *(keys.events, keys.shown, keys.timers, keys.stream, keys.streams),
                *keys.answers_of_quiz(setup),
            ],
            arguments,
        )
        return bool(taken != _LONGER_HERE)

    async def _regrade(self, setup: SessionSetup) -> None:
        """Grade again what came in from elsewhere, as far as the host has accepted answers."""
        keys = self.keys(setup.id)
        packed = await self._redis.hget(keys.session, "state")
        accepted = layout.unpack_state(packed).accepted_by_question() if packed else {}
        for question_id, answers in accepted.items():
            worths: dict[Given, Worth] = {}
            answered = keys.answers_to(question_id)
            script_keys = [keys.session, keys.leaderboard, keys.withheld, answered, keys.participants]
            while unknown := await self.run_script("regrade", script_keys, [question_id, *layout.pack_worths(worths)]):
                worths |= await self._worths(setup, question_id, unknown, answers)

    @staticmethod
    async def _worths(
        setup: SessionSetup, question_id: str, given: Sequence[str], accepted: Sequence[str]
    ) -> dict[Given, Worth]:
        """What answers to a question are worth; on a thread, for there may be thousands.

        :param given: as the scripts tell it.
        """
        question = setup.quiz.question(question_id)
        assert question is not None
        return await asyncio.to_thread(
            worth_of,
            question,
            list(map(layout.unpack_given, given)),
            accepted=accepted,
            language=setup.quiz.language,
            speed_ms=setup.speed_ms(question),
        )

    async def add(
        self,
        setup: SessionSetup,
        participants: Iterable[ParticipantState],
        answers: Iterable[StoredAnswer],
        shown: Mapping[str, Mapping[str, int]],
    ) -> int:
        """Add participants and answers, without counting them. How many of the answers were not there before."""
        keys = self.keys(setup.id)
        index = {question.id: number for number, question in enumerate(setup.quiz.questions, start=1)}
        people: list[list[Any]] = [
            [
                player.user_id,
                layout.pack_participant(player),
                username_key(player.username),
                layout.pack_shown(shown.get(player.user_id, {})),
            ]
            for player in participants
        ]
        given: list[list[Any]] = [
            [index[answer.question_id], answer.user_id, layout.pack_answer(answer)]
            for answer in answers
            if answer.question_id in index
        ]
        added = 0
        script_keys = [keys.participants, keys.names, keys.shown, *keys.answers_of_quiz(setup)]
        while people or given:
            now_people, people = people[:_MERGE_CHUNK], people[_MERGE_CHUNK:]
            now_given, given = given[:_MERGE_CHUNK], given[_MERGE_CHUNK:]
            flat = [value for row in (*now_people, *now_given) for value in row]
            added += await self.run_script("merge", script_keys, [len(now_people), *flat])
        return added

    @contextlib.asynccontextmanager
    async def _locked(self, session_id: str) -> AsyncIterator[None]:
        """One instance at a time brings a session in; a lock of one that died runs out."""
        key, token = self.keys(session_id).lock, secrets.token_hex(8)
        while not await self._redis.set(key, token, nx=True, px=_LOCK_MS):  # noqa: ASYNC110 - held elsewhere
            await asyncio.sleep(_LOCK_POLL)
        try:
            yield
        finally:
            if await self._redis.get(key) == token:
                await self._redis.delete(key)
