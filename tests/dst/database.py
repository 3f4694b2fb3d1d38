"""A database of dictionaries behind the ports that PostgreSQL stands behind, and what a PostgreSQL may do wrong.

A unit of work happens at one moment, as a transaction does; its acknowledgement may be lost.
"""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from django.db import InternalError, OperationalError

from common.database import UNREACHABLE, DatabaseThread
from leaderboards.ranking import Standing, Standings, rank
from scoring.answer_log import Batch, Inserted
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import StoredAnswer
from scoring.rules.regrading import regrade
from sessions.rules.state import SessionSetup, SessionState, due_at, grown
from sessions.services.ports import CodeTaken, Decision, LogProgress, ParticipantState, SessionRecord

T = TypeVar("T")


class ReadOnlyTransaction(Exception):
    """What psycopg raises on a standby."""

    sqlstate = "25006"


@dataclass(slots=True)
class SessionRows:
    """What the database has of a session."""

    setup: SessionSetup
    state: SessionState
    events: dict[int, Any] = field(default_factory=dict)
    participants: dict[str, ParticipantState] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)
    answers: dict[tuple[str, str], StoredAnswer] = field(default_factory=dict)
    shown: dict[str, dict[str, int]] = field(default_factory=dict)
    standings: list[Standing] | None = None


class SimulatedDatabase:
    """One server."""

    def __init__(self, chance: random.Random) -> None:
        self.up = True
        #: Told from another server, or from itself before a restart.
        self.process = 0
        self.read_only = False
        #: Share of the transactions whose acknowledgement is lost.
        self.loss = 0.0
        self.slow = 0.0
        self.chance = chance
        self.sessions: dict[str, SessionRows] = {}
        self.instances: dict[str, Any] = {}
        self.marks: dict[str, Any] = {}
        #: Answers that were ever inserted twice: its constraint forbids it, and the model looks.
        self.doubled: list[tuple[str, str]] = []

    def snapshot(self) -> Any:
        """What a replica has that is a little behind."""
        return copy.deepcopy((self.sessions, self.instances, self.marks))

    def restore(self, rows: Any) -> None:
        """The replica takes its place."""
        self.sessions, self.instances, self.marks = copy.deepcopy(rows)
        self.process += 1

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Around whatever writes."""
        if self.read_only:
            raise InternalError("cannot execute INSERT in a read-only transaction") from ReadOnlyTransaction()
        yield

    # -- what units of work are made of ---------------------------------------------------------------------------

    def add_answers(self, batches: Sequence[Batch]) -> list[Inserted | None]:
        """See :func:`sessions.database.rows.add_answers`."""
        return [
            self.insert(batch.session_id, batch.answers)
            if batch.revision is None or self.sessions[batch.session_id].state.revision <= batch.revision
            else None
            for batch in batches
        ]

    def insert(self, session_id: str, answers: Sequence[StoredAnswer]) -> set[tuple[str, str]]:
        """The same for one session."""
        with self.writing():
            rows = self.sessions[session_id]
            if rows.state.accepted:
                accepted = rows.state.accepted_by_question()
                answers = regrade(rows.setup.quiz, answers, accepted=accepted, speed_ms=rows.setup.speed_ms)
            inserted = set()
            for answer in answers:
                key = (answer.user_id, answer.question_id)
                if key not in rows.answers:
                    rows.answers[key] = answer
                    inserted.add(key)
            self.sum_scores(rows)
            if rows.state.status == "completed":
                self.write_standings(rows, ())
        return inserted

    def regrade(self, rows: SessionRows, state: SessionState, question_id: str) -> None:
        """See :func:`sessions.database.rows.regrade_question`."""
        accepted = {question_id: state.accepted_to(question_id)}
        stored = [each for each in rows.answers.values() if each.question_id == question_id]
        for answer in regrade(rows.setup.quiz, stored, accepted=accepted, speed_ms=rows.setup.speed_ms):
            rows.answers[answer.user_id, answer.question_id] = answer
        self.sum_scores(rows)

    @staticmethod
    def sum_scores(rows: SessionRows) -> None:
        rows.scores = {}
        for (user_id, _), answer in rows.answers.items():
            rows.scores[user_id] = rows.scores.get(user_id, 0) + answer.points

    def write_batches(self, batches: Mapping[str, Any]) -> None:
        """See :func:`sessions.stores.redis.database_sink._write`."""
        with self.writing():
            for session_id, batch in sorted(batches.items()):
                self._write_batch(session_id, batch)

    def _write_batch(self, session_id: str, batch: Any) -> None:
        rows = self.sessions[session_id]
        before = [
            replace(player, status="disconnected", renamed_at=0, arranged=replace(player.arranged, at=0))
            for player in batch.changed()
        ]
        for player in (*batch.participants, *before):
            rows.participants.setdefault(player.user_id, player)
        if batch.answers:
            self.insert(session_id, batch.answers)
        for removal in batch.removals:
            self._status(rows, removal["user_id"], "removed")
        for decision in batch.decisions:
            ends = decision.state.status == "completed" != rows.state.status
            if rows.state.revision < decision.state.revision + ends:
                accepted = dict.fromkeys((*rows.state.accepted, *decision.state.accepted))
                rows.state = replace(decision.state, accepted=tuple(accepted))
            for event in decision.events:
                rows.events.setdefault(event.seq, event)

    @staticmethod
    def _status(rows: SessionRows, user_id: str, status: Any) -> None:
        player = rows.participants.get(user_id)
        if player is not None and player.status != "removed":
            rows.participants[user_id] = replace(player, status=status)

    @staticmethod
    def write_standings(rows: SessionRows, told: Sequence[Standing]) -> None:
        """See :func:`sessions.database.rows.write_standings`."""
        known = {standing.user_id: standing for standing in rows.standings or ()}
        for each in told:
            before = known.get(each.user_id)
            known[each.user_id] = each if before is None else replace(each, score=max(each.score, before.score))
        if not known:
            return
        for user_id, player in rows.participants.items():
            before = known.pop(user_id, None)
            if player.status != "removed":
                score = max(rows.scores.get(user_id, 0), before.score if before else 0)
                known[user_id] = Standing(user_id, player.username, score, player.position)
        rows.standings = rank(known.values())


class SimulatedThread(DatabaseThread):
    """A thread with a connection to it, one unit of work after the other."""

    def __init__(self, database: SimulatedDatabase) -> None:
        self._database = database
        self._one = asyncio.Lock()

    @staticmethod
    async def gate() -> None:
        """Whether the caller's process may go on; the world sets it."""

    async def run(self, function: Callable[[], T]) -> T:
        # A caller that gives up does not stop what was begun.
        return await asyncio.shield(asyncio.ensure_future(self._run(function)))

    async def _run(self, function: Callable[[], T]) -> T:
        database = self._database

        def work() -> T:
            if not database.up:
                raise OperationalError("connection refused")
            result = function()
            if database.loss and database.chance.random() < database.loss:
                raise OperationalError("server closed the connection unexpectedly")
            return result

        await self.gate()
        async with self._one:
            await asyncio.sleep(database.chance.uniform(0.0005, database.slow or 0.004))
            result = self._guarded(work)
        await asyncio.sleep(database.chance.uniform(0.0001, 0.001))
        await self.gate()
        return result

    def close(self) -> None:
        """Nothing to end."""


class SimulatedRegister:
    """See :class:`sessions.stores.failover.instances.InstanceRegister`."""

    def __init__(self, thread: SimulatedThread) -> None:
        self._thread = thread
        self._database = thread._database
        self.lost = self.changed = False
        self._told_at = 0
        self._process = 0

    async def exchange(self, status: Any) -> list[Any]:
        told_at, found, process = self._told_at, 0, 0

        def work() -> list[Any]:
            nonlocal found, process
            process = self._database.process
            statuses = self._database.instances
            found = statuses[status.server_id].seen_at if status.server_id in statuses else 0
            with self._database.writing():
                statuses[status.server_id] = status
            return [each for each in statuses.values() if each.server_id != status.server_id]

        others = await _available(self._thread, work)
        if found < told_at:
            self.lost = True
        if told_at and process != self._process:
            self.changed = True
        self._told_at, self._process = status.seen_at, process
        return others

    async def sign_off(self, server_id: str) -> None:
        def work() -> None:
            with self._database.writing():
                self._database.instances.pop(server_id, None)

        await _available(self._thread, work)


async def _available(thread: SimulatedThread, work: Callable[[], T]) -> T:
    try:
        async with asyncio.timeout(2):
            return await thread.run(work)
    except (*UNREACHABLE, TimeoutError) as error:
        raise ServiceUnavailable("The database cannot be reached.") from error


class SimulatedSessionLog:
    """See :class:`sessions.services.ports.SessionLog`."""

    def __init__(self, writer: SimulatedThread, reader: SimulatedThread) -> None:
        self._writer = writer
        self._reader = reader
        self._database = writer._database

    async def _read(self, work: Callable[[dict[str, SessionRows]], T]) -> T:
        return await self._run(self._reader, lambda: work(self._database.sessions))

    async def _write(self, work: Callable[[dict[str, SessionRows]], T]) -> T:
        def written() -> T:
            with self._database.writing():
                return work(self._database.sessions)

        return await self._run(self._writer, written)

    @staticmethod
    async def _run(thread: SimulatedThread, function: Callable[[], T]) -> T:
        try:
            return await thread.run(function)
        except UNREACHABLE as error:
            raise ServiceUnavailable("The database cannot be reached.") from error

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        def work(sessions: dict[str, SessionRows]) -> None:
            if any(rows.setup.join_code == setup.join_code for rows in sessions.values()):
                raise CodeTaken(setup.join_code)
            sessions[setup.id] = SessionRows(setup, state)

        await self._write(work)

    async def load(self, session_id: str) -> SessionRecord | None:
        def work(sessions: dict[str, SessionRows]) -> SessionRecord | None:
            rows = sessions.get(session_id)
            if rows is None:
                return None
            players = sorted(rows.participants.values(), key=lambda player: (player.position, player.user_id))
            return SessionRecord(
                rows.setup,
                rows.state,
                tuple(rows.events[seq] for seq in sorted(rows.events)),
                tuple(players),
                tuple(rows.answers.values()),
                {user_id: dict(shown) for user_id, shown in rows.shown.items()},
            )

        return await self._read(work)

    async def restore(self, record: SessionRecord) -> None:
        def work(sessions: dict[str, SessionRows]) -> None:
            setup, state = record.setup, record.state
            rows = sessions.setdefault(setup.id, SessionRows(setup, state))
            if rows.state.revision < state.revision:
                rows.state = state
            if len(rows.setup.quiz.questions) < len(setup.quiz.questions):
                rows.setup = setup
            for event in record.events:
                rows.events.setdefault(event.seq, event)
            for player in record.participants:
                known = rows.participants.setdefault(player.user_id, player)
                if player.renamed_at > known.renamed_at:
                    rows.participants[player.user_id] = replace(
                        known, username=player.username, renamed_at=player.renamed_at
                    )
                if player.arranged.at > known.arranged.at:
                    rows.participants[player.user_id] = replace(
                        rows.participants[player.user_id], arranged=player.arranged
                    )
                if player.status == "removed":
                    self._database._status(rows, player.user_id, "removed")
            self._database.insert(setup.id, record.answers)
            for question_id in state.accepted_by_question():
                self._database.regrade(rows, state, question_id)
            if state.status == "completed":
                self._database.write_standings(
                    rows,
                    [
                        Standing(user_id, player.username, rows.scores.get(user_id, 0), player.position)
                        for user_id, player in rows.participants.items()
                        if player.status != "removed"
                    ],
                )

        await self._write(work)

    async def state(self, session_id: str) -> SessionState | None:
        return await self._read(lambda sessions: sessions[session_id].state if session_id in sessions else None)

    async def revisions(self, session_ids: Sequence[str]) -> dict[str, int]:
        return await self._read(
            lambda sessions: {each: sessions[each].state.revision for each in session_ids if each in sessions}
        )

    async def progress(self, session_ids: Sequence[str]) -> dict[str, LogProgress]:
        def work(sessions: dict[str, SessionRows]) -> dict[str, LogProgress]:
            return {
                each: LogProgress(
                    rows.state.revision,
                    len(rows.participants),
                    len(rows.answers),
                    sum(player.status == "connected" for player in rows.participants.values()),
                )
                for each in session_ids
                if (rows := sessions.get(each)) is not None
            }

        return await self._read(work)

    async def find_code(self, join_code: str) -> str | None:
        return await self._read(
            lambda sessions: next((each for each, rows in sessions.items() if rows.setup.join_code == join_code), None)
        )

    async def live(self) -> list[tuple[str, int | None]]:
        return await self._read(
            lambda sessions: [
                (each, due_at(rows.state)) for each, rows in sessions.items() if rows.state.status != "completed"
            ]
        )

    async def commit(self, session_id: str, decision: Decision, *, after_answers: bool = False) -> bool:
        def work(sessions: dict[str, SessionRows]) -> bool:
            rows = sessions.get(session_id)
            if rows is None or rows.state.revision != decision.expected_revision:
                return False
            rows.state = decision.state
            rows.setup = grown(rows.setup, decision.added)
            for event in decision.events:
                rows.events[event.seq] = event
            if decision.regraded:
                self._database.regrade(rows, decision.state, decision.regraded)
                if rows.state.status == "completed":
                    self._database.write_standings(rows, ())
            return True

        return await self._write(work)

    async def homeworks_due(self, before: int) -> list[str]:
        """Nobody has homework here."""
        return []

    async def add_participants(self, session_id: str, participants: Sequence[ParticipantState]) -> None:
        def work(sessions: dict[str, SessionRows]) -> None:
            for player in participants:
                sessions[session_id].participants.setdefault(player.user_id, player)

        await self._write(work)

    async def set_status(self, changes: Mapping[str, Mapping[str, Any]], now: int) -> None:
        def work(sessions: dict[str, SessionRows]) -> None:
            for session_id, statuses in changes.items():
                for user_id, status in statuses.items():
                    self._database._status(sessions[session_id], user_id, status)

        await self._write(work)

    async def remove(self, session_id: str, user_id: str, *, at: int, actor: str) -> None:
        await self._write(lambda sessions: self._database._status(sessions[session_id], user_id, "removed"))

    async def rename(self, session_id: str, participant: ParticipantState, *, before: str, actor: str) -> None:
        def work(sessions: dict[str, SessionRows]) -> None:
            sessions[session_id].participants[participant.user_id] = participant

        await self._write(work)

    async def arrange(self, session_id: str, participant: ParticipantState, *, what: str, actor: str) -> None:
        def work(sessions: dict[str, SessionRows]) -> None:
            sessions[session_id].participants[participant.user_id] = participant

        await self._write(work)

    async def set_shown(self, changes: Mapping[str, Mapping[str, tuple[str, int]]]) -> None:
        def work(sessions: dict[str, SessionRows]) -> None:
            for session_id, shown in changes.items():
                for user_id, (question_id, at) in shown.items():
                    sessions[session_id].shown[user_id] = {question_id: at}

        await self._write(work)

    async def finish(self, session_id: str, standings: Standings) -> None:
        await self._write(lambda sessions: self._database.write_standings(sessions[session_id], standings.order))
