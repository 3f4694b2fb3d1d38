"""The Redis store: live state shared by all instances. One script is one step that nothing else can come between.

What a script acknowledges is in the session's stream and in this process's writer until it is in the database
(sessions/stores/redis/write_behind.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from common.batching import chunks
from common.redis import RedisServer
from leaderboards.ranking import Standings
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted, Answer, Outdated, Refused, StoredAnswer
from sessions.rules.attempts import MAX_ATTEMPTS, attempt_id
from sessions.rules.people import AlreadyMoved, Arrangement, Needs, pack_needs
from sessions.rules.player_names import username_key
from sessions.rules.state import SessionSetup, SessionState, is_outgrown
from sessions.services.ports import (
    Clock,
    Join,
    Joined,
    JoinRefused,
    NameTaken,
    ParticipantState,
    ParticipantStatus,
    SessionLog,
    SessionRecord,
)
from sessions.stores.deferred_writes import DeferredWrites
from sessions.stores.redis import layout
from sessions.stores.redis.sessions import DATABASE_SECONDS, RedisSessions
from sessions.stores.redis.standings import StandingsReader
from sessions.stores.redis.timers import CLAIM_MOST
from sessions.stores.redis.write_behind import StreamRecord

#: Answers that are read from a reply before the event loop has a turn.
_ANSWERS_AT_ONCE = 1_000
#: An answer counts by its arrival at an instance if that was at most this long before its batch runs.
_LAG_MS = 10_000


class _JoinReply(NamedTuple):
    """What join.lua says of a join."""

    refusal: Any
    packed: str
    resumed: str
    before: str
    connected: int
    shown_at: str
    rank: int
    score: int
    shown: str
    answered: Sequence[int]
    place: int


class RedisStore(RedisSessions):
    """See :class:`sessions.services.ports.Store` for what each method promises. Each raises what redis-py raises."""

    def __init__(
        self,
        server: RedisServer,
        *,
        server_id: str,
        sessions: SessionLog,
        keep: Callable[[StreamRecord], None],
        settle: Callable[[], Awaitable[None]],
        clock: Clock,
        allowance_ms: int,
    ) -> None:
        """:param keep: takes what was acknowledged, to write it to the database.
        :param settle: writes what was kept; done before a session is read from the database.
        :param allowance_ms: how much of an answer's time is put down to the network, in milliseconds.
        """
        super().__init__(server, server_id=server_id, sessions=sessions, keep=keep, settle=settle, clock=clock)
        self._allowance_ms = allowance_ms
        self._standings = StandingsReader(self)
        self._statuses: DeferredWrites[ParticipantStatus] = DeferredWrites(self._write_statuses)
        self._showings: DeferredWrites[tuple[str, int]] = DeferredWrites(self._log.set_shown)

    async def flush(self) -> None:
        """Write what may wait: who is connected, and what is on show to self-paced players.

        What cannot be written now stays for the next time.
        """
        await self._statuses.flush()
        await self._showings.flush()

    async def _write_statuses(self, changes: Mapping[str, Mapping[str, ParticipantStatus]]) -> None:
        await self._log.set_status(changes, self._clock.now())

    # -- participants ---------------------------------------------------------------------------------------------

    async def join(self, session_id: str, joins: Sequence[Join], *, again: bool = False) -> list[Joined | JoinRefused]:
        """:param again: whether this batch was sent before and its answer was lost."""
        keys = self.keys(session_id)
        setup = await self.setup(session_id)
        if setup is None:
            return [JoinRefused("SESSION_COMPLETED")] * len(joins)
        arguments: list[Any] = [session_id, self._server_id, "1" if again else "", setup.options.teams_of]
        for join in joins:
            arguments += (
                join.user_id,
                join.username,
                join.name_key,
                join.moves if join.proven else "",
                join.connection,
            )
        # A newcomer has answered nothing.
        answers = keys.answers_of_quiz(setup) if any(join.proven for join in joins) or again else []
        reply = await self._call(
            "join",
            session_id,
            [
                *(keys.session, keys.participants, keys.names, keys.connected, keys.leaderboard, keys.stream),
                *(keys.streams, keys.of_server(self._server_id), keys.shown, *answers),
            ],
            arguments,
        )
        if reply is None:
            return [JoinRefused("SESSION_COMPLETED")] * len(joins)
        _, entry_id, record, packed_state, *outcomes = reply
        if entry_id:
            self._keep(StreamRecord(session_id, entry_id, "joins", record, rows=len(joins)))
        state = self._noted(session_id, layout.unpack_state(packed_state))
        told = [_JoinReply(*outcome) for outcome in outcomes]
        results = [self._joined(setup, state, join, reply) for join, reply in zip(joins, told, strict=True)]
        if is_outgrown(setup, state):
            return [await self._with_answers(session_id, result) for result in results]
        return results

    async def _with_answers(self, session_id: str, result: Joined | JoinRefused) -> Joined | JoinRefused:
        """What a join came to, with the answers to questions that were asked again since the setup was read."""
        if isinstance(result, JoinRefused) or not result.resumed:
            return result
        answers = await self.answers_of(session_id, result.participant.user_id)
        return replace(result, answered=tuple(answer.question_id for answer in answers))

    def _joined(self, setup: SessionSetup, state: SessionState, join: Join, reply: _JoinReply) -> Joined | JoinRefused:
        """What join.lua says of a join."""
        if reply.refusal:
            return JoinRefused(reply.refusal)
        if reply.resumed:
            self._note_status(setup.id, join.user_id, "connected")
        if reply.shown_at:
            self._showings.note(setup.id, join.user_id, (state.question_id, int(reply.shown_at)))
        return Joined(
            layout.unpack_participant(join.user_id, reply.packed),
            resumed=bool(reply.resumed),
            present=bool(reply.before),
            superseded=reply.before if reply.before != join.connection else "",
            participant_count=reply.connected,
            rank=reply.rank or None,
            place=reply.place or None,
            score=reply.score,
            state=state,
            answered=tuple(setup.quiz.questions[place - 1].id for place in reply.answered),
            shown=layout.unpack_shown(reply.shown),
        )

    async def detach(self, session_id: str, connections: Mapping[str, str]) -> list[ParticipantState]:
        keys = self.keys(session_id)
        pairs = [value for pair in connections.items() for value in pair]
        reply = await self._call("detach", session_id, [keys.session, keys.participants, keys.connected], pairs)
        users, packed = (reply[1::2], reply[2::2]) if reply else ((), ())
        gone = [layout.unpack_participant(user_id, text) for user_id, text in zip(users, packed, strict=True)]
        for player in gone:
            self._note_status(session_id, player.user_id, "disconnected")
        return gone

    async def leave(self, session_id: str, user_id: str) -> bool:
        return await self._depart(session_id, user_id, "left") is not None

    async def begin_attempt(self, session_id: str, user_id: str, attempt: int) -> bool:
        keys = self.keys(session_id)
        before, row = attempt_id(user_id, attempt - 1), attempt_id(user_id, attempt)
        reply = await self._call(
            "attempt",
            session_id,
            [keys.session, keys.participants, keys.leaderboard, keys.stream, keys.streams],
            [session_id, self._server_id, user_id, before, row],
        )
        if reply is None or reply[0] == "none":
            return False
        if reply[1]:
            self._keep(StreamRecord(session_id, reply[1], "joins", reply[2]))
        return True

    async def attempts_begun(self, session_id: str, user_id: str) -> int:
        rows = [attempt_id(user_id, attempt) for attempt in range(2, MAX_ATTEMPTS + 1)]
        found = await self.read(session_id, ("HMGET", self.keys(session_id).participants, *rows))
        return 1 + sum(packed is not None for packed in found[0]) if found else 1

    async def remove(self, session_id: str, user_id: str, *, actor: str) -> ParticipantState | None:
        participant = await self.participant(session_id, user_id)
        if participant is None or participant.status == "removed":
            return participant
        removed = layout.pack_participant(replace(participant, status="removed"))
        # With the player's data: the record of the join may reach the database after this one.
        record = json.dumps({"user_id": user_id, "participant": removed, "at": self._clock.now(), "actor": actor})
        name = username_key(participant.username)
        removed_player = await self._depart(session_id, user_id, "removed", name=name, record=record)
        await self._settle_soon()
        return removed_player

    async def rename(self, session_id: str, user_id: str, username: str, *, actor: str) -> ParticipantState | None:
        keys = self.keys(session_id)
        reply = await self._call(
            "rename",
            session_id,
            [keys.session, keys.participants, keys.names, keys.stream, keys.streams],
            [session_id, self._server_id, user_id, username, username_key(username), actor],
        )
        if reply is None or reply[0] == "none":
            return None
        if reply[0] == "taken":
            raise NameTaken(username)
        if reply[2]:
            self._keep(StreamRecord(session_id, reply[2], "renaming", reply[3]))
            await self._settle_soon()
        return layout.unpack_participant(user_id, reply[1])

    async def arrange(
        self, session_id: str, user_id: str, arrangement: Arrangement, *, actor: str
    ) -> ParticipantState | None:
        keys, value = self.keys(session_id), arrangement.value
        reply = await self._call(
            "arrange",
            session_id,
            [keys.session, keys.participants, keys.stream, keys.streams],
            [
                *(session_id, self._server_id, user_id, arrangement.what),
                *(pack_needs(value) if isinstance(value, Needs) else value, actor),
            ],
        )
        if reply is None or reply[0] == "none":
            return None
        if reply[0] == "moved":
            raise AlreadyMoved
        if reply[2]:
            self._keep(StreamRecord(session_id, reply[2], "arranging", reply[3]))
            await self._settle_soon()
        return layout.unpack_participant(user_id, reply[1])

    async def _settle_soon(self) -> None:
        """Let the database have what the host did, if it answers."""
        with contextlib.suppress(ServiceUnavailable, TimeoutError):
            async with asyncio.timeout(DATABASE_SECONDS):
                await self._settle()

    async def _depart(
        self,
        session_id: str,
        user_id: str,
        status: ParticipantStatus,
        *,
        name: str = "",
        record: str = "",
    ) -> ParticipantState | None:
        keys = self.keys(session_id)
        reply = await self._call(
            "depart",
            session_id,
            [
                *(keys.session, keys.participants, keys.names, keys.connected, keys.leaderboard, keys.stream),
                keys.streams,
            ],
            [session_id, self._server_id, user_id, status, name, record],
        )
        if reply is None or reply[0] == "none":
            return None
        participant = layout.unpack_participant(user_id, reply[1])
        if reply[2]:
            self._keep(StreamRecord(session_id, reply[2], "removal", record))
        if status != "removed" and participant.status != "removed":
            self._note_status(session_id, user_id, status)
            return participant
        return await self.participant(session_id, user_id)

    async def forget_players(self, session_id: str, user_ids: Sequence[str]) -> None:
        setup = await self.setup(session_id)
        if setup is None:
            return
        keys = self.keys(session_id)
        held = (keys.participants, keys.names, keys.connected, keys.leaderboard, keys.withheld, keys.shown)
        arguments: list[str] = []
        for user_id in user_ids:
            known = await self.participant(session_id, user_id)
            arguments += (user_id, username_key(known.username) if known is not None else "")
        await self._call("forget", session_id, [keys.session, *held, *keys.answers_of_quiz(setup)], arguments)

    async def slow_players(self, session_id: str) -> list[ParticipantState]:
        # Most sessions have none: then nobody is read.
        found = await self.read(session_id, ("HGET", self.keys(session_id).session, "needs"))
        if not found or not found[0]:
            return []
        return [player for player in await self.participants(session_id) if player.arranged.needs.slow]

    async def participant(self, session_id: str, user_id: str) -> ParticipantState | None:
        found = await self.read(session_id, ("HGET", self.keys(session_id).participants, user_id))
        return layout.unpack_participant(user_id, found[0]) if found and found[0] else None

    async def participants(self, session_id: str) -> list[ParticipantState]:
        found = await self.read(session_id, ("HGETALL", self.keys(session_id).participants))
        packed = found[0] if found else {}
        players = [layout.unpack_participant(user_id, text) for user_id, text in packed.items()]
        return sorted(players, key=lambda player: (player.position, player.user_id))

    async def participant_count(self, session_id: str) -> int:
        found = await self.read(session_id, ("HLEN", self.keys(session_id).connected))
        return found[0] if found else 0

    async def show(self, session_id: str, user_id: str, question_id: str) -> None:
        keys = self.keys(session_id)
        at = await self.run_script("show", [keys.session, keys.shown], [user_id, question_id])
        if at >= 0:
            self._showings.note(session_id, user_id, (question_id, at))

    async def shown(self, session_id: str, user_id: str) -> Mapping[str, int]:
        found = await self.read(session_id, ("HGET", self.keys(session_id).shown, user_id))
        return layout.unpack_shown(found[0]) if found else {}

    # -- answers --------------------------------------------------------------------------------------------------

    async def record(self, session_id: str, answers: Sequence[Answer]) -> list[Accepted | Refused | Outdated]:
        keys = self.keys(session_id)
        questions = dict.fromkeys(answer.question_id for answer in answers)
        index = {question_id: number for number, question_id in enumerate(questions, start=1)}
        fields = [
            (
                index[answer.question_id],
                answer.user_id,
                answer.question_id,
                answer.answer,
                answer.verdict,
                layout.pack_schedule(answer.schedule),
                answer.received_at,
                answer.claimed_ms,
                answer.unseen_ms,
                answer.accepts,
                answer.lenient,
            )
            for answer in answers
        ]
        arguments: list[Any] = [
            *(session_id, self._server_id, self._allowance_ms, _LAG_MS),
            *(self._clock.now() - self._server.ahead_ms, self._server.patience_ms),
            # One argument: redis-py takes a microsecond and more for each.
            msgspec.json.encode(fields),
        ]
        reply = await self._call(
            "record",
            session_id,
            [
                *(keys.session, keys.participants, keys.leaderboard, keys.withheld, keys.shown, keys.stream),
                keys.streams,
                *map(keys.answers_to, index),
            ],
            arguments,
        )
        if reply is None:
            return [Refused("NOT_JOINED")] * len(answers)
        if reply[0] == "expired":
            # Nobody reads this reply whose sender has given up: it is the clock there that stepped.
            if self._server.agree_on_time is not None:
                await self._server.agree_on_time()
            raise TimeoutError("The answers reached Redis too late.")
        _, entry_id, record, *outcomes = reply
        if entry_id:
            self._keep(StreamRecord(session_id, entry_id, "answers", record, rows=len(answers)))
        return [_outcome(answer, *outcome) for answer, outcome in zip(answers, outcomes, strict=True)]

    async def answers_of(self, session_id: str, user_id: str) -> list[StoredAnswer]:
        keys, questions = self.keys(session_id), 0
        while (setup := await self._setup_of(session_id, questions=questions)) is not None:
            ids = [question.id for question in setup.quiz.questions]
            found = await self.read(
                session_id,
                ("HGET", keys.session, "questions"),
                *(("HGET", keys.answers_to(question_id), user_id) for question_id in ids),
            )
            if found is None:
                break
            questions, *packed_answers = int(found[0] or 0), *found[1:]
            if questions <= len(ids):
                return [
                    layout.unpack_answer(user_id, question_id, packed)
                    for question_id, packed in zip(ids, packed_answers, strict=True)
                    if packed is not None
                ]
        return []

    async def answers_to(self, session_id: str, question_id: str) -> Mapping[str, StoredAnswer]:
        found = await self.read(session_id, ("HGETALL", self.keys(session_id).answers_to(question_id)))
        packed = list(found[0].items()) if found else []
        answers: dict[str, StoredAnswer] = {}
        for some in chunks(packed, _ANSWERS_AT_ONCE):
            for user_id, text in some:
                answers[user_id] = layout.unpack_answer(user_id, question_id, text)
            # Thousands take tens of milliseconds, in which somebody may answer.
            await asyncio.sleep(0)
        return answers

    async def standings(self, session_id: str) -> Standings:
        return await self._standings.read(session_id)

    async def score(self, session_id: str, user_id: str) -> int:
        found = await self.read(session_id, ("ZSCORE", self.keys(session_id).leaderboard, user_id))
        return layout.score_of(found[0]) if found and found[0] is not None else 0

    # -- instances ------------------------------------------------------------------------------------------------

    async def beat(self) -> None:
        """This server is alive.

        :raises common.redis.Restarted: when Redis is not what it was.
        """
        await self._server.beat(self._server_id)
        await self._redis.zadd(layout.SERVERS, {self._server_id: self._clock.now()})

    async def beats(self) -> list[int]:
        """When the other servers last said that they are alive."""
        found = await self._redis.zrange(layout.SERVERS, 0, -1, withscores=True)
        return [int(at) for server_id, at in found if server_id != self._server_id]

    async def claim_dead(self, *, silent_ms: int) -> list[str]:
        """Servers that have been silent for so long, each for one caller, for as long again."""
        silent_since = self._clock.now() - silent_ms
        return list(await self.run_script("claim", [layout.SERVERS], [silent_since, silent_ms, CLAIM_MOST]))

    async def sweep(self, server: str) -> dict[str, list[str]]:
        """Disconnect all players of a server; by session, who they were."""
        gone: dict[str, list[str]] = {}
        async with self._redis.pipeline(transaction=False) as pipe:
            for key in self.keys.of_server(server):
                pipe.smembers(key)
            found = await pipe.execute()
        for session_id in itertools.chain.from_iterable(found):
            keys = self.keys(session_id)
            users = await self.run_script("sweep", [keys.session, keys.participants, keys.connected], [server])
            if users:
                gone[session_id] = users
                for user_id in users:
                    self._note_status(session_id, user_id, "disconnected")
        async with self._redis.pipeline(transaction=False) as pipe:
            for key, sessions in zip(self.keys.of_server(server), found, strict=True):
                if sessions:
                    pipe.delete(key)
            await pipe.execute()
        await self._redis.zrem(layout.SERVERS, server)
        return gone

    async def session_ids(self) -> list[str]:
        """All sessions that are here, ended ones too."""
        return [key.partition("}:")[2] async for key in self._redis.scan_iter(match=layout.ALL_SESSIONS, count=1_000)]

    async def snapshot(self, session_id: str) -> SessionRecord | None:
        """Everything that is known here of a session, but for what is on show to its players."""
        state, setup = await self.state(session_id), await self.setup(session_id)
        if setup is None or state is None:
            return None
        answers = [
            answer
            for question in setup.quiz.questions
            for answer in (await self.answers_to(session_id, question.id)).values()
        ]
        events, players = await self.events_since(session_id, 0), await self.participants(session_id)
        return SessionRecord(setup, state, tuple(events), tuple(players), tuple(answers), {})

    async def verify(self, session_id: str) -> None:
        """Make sure that a session has what it had.

        :raises common.redis.Restarted: when it has not; all instances are then to bring in what they hold.
        """
        setup = await self.setup(session_id)
        if setup is not None:
            keys = self.keys(session_id)
            held = (keys.participants, keys.leaderboard, keys.withheld, *keys.answers_of_quiz(setup))
            await self._call("verify", session_id, [keys.session, *held], [])

    async def sweep_own(self) -> None:
        """Forget the players of this server, before it says anew who they are."""
        await self.sweep(self._server_id)

    async def attach(self, session_id: str, connections: Mapping[str, str]) -> int:
        """Tell a Redis that does not know it who is connected here. How many it did not know."""
        keys = self.keys(session_id)
        pairs = [value for pair in connections.items() for value in pair]
        added = await self.run_script(
            "attach",
            [keys.session, keys.participants, keys.connected, keys.of_server(self._server_id)],
            [session_id, *pairs],
        )
        return int(added)

    async def revisions(self, session_ids: Sequence[str]) -> dict[str, int]:
        """By session, as far as it is here: the revision; in one trip."""
        of_shard: dict[int, list[str]] = {}
        for session_id in session_ids:
            of_shard.setdefault(self.keys.shards.of(session_id), []).append(session_id)

        async def read(some: Sequence[str]) -> list[Any]:
            commands = (("HGET", self.keys(each).session, "revision") for each in some)
            replies: list[Any] = await self._server.trips.run(*commands)
            return replies

        found = await asyncio.gather(*map(read, of_shard.values()))
        return {
            session_id: int(revision)
            for some, revisions in zip(of_shard.values(), found, strict=True)
            for session_id, revision in zip(some, revisions, strict=True)
            if revision is not None
        }

    async def merged_in(self, session_id: str) -> str | None:
        """The run of Redis that the session was last checked against the database in."""
        run: str | None = await self._redis.hget(self.keys(session_id).session, "run")
        return run

    # -- inside ---------------------------------------------------------------------------------------------------

    def _note_status(self, session_id: str, user_id: str, status: ParticipantStatus) -> None:
        self._statuses.note(session_id, user_id, status)


def _outcome(answer: Answer, code: str, packed: str, score: int, count: int) -> Accepted | Refused | Outdated:
    if code == "OUTDATED":
        accepted, lenient = json.loads(packed)
        return Outdated(tuple(accepted), lenient)
    if code and code != "ALREADY_ANSWERED":
        return Refused(code)  # type: ignore[arg-type]  # one of those in record.lua
    stored = layout.unpack_answer(answer.user_id, answer.question_id, packed)
    if code:
        return Refused("ALREADY_ANSWERED", stored, score)
    return Accepted(stored, score, count)
