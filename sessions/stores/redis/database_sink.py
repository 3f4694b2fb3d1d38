"""From the records of the streams to rows: the database end of write_behind.py."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Q

from common.database import DatabaseThread, condemns
from leaderboards.ranking import Standings
from scoring.answer_log import Batch
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import StoredAnswer
from sessions.database.rows import (
    arrange_participant,
    event_rows,
    insert_current,
    insert_participants,
    remove_participant,
    rename_participant,
    state_columns,
    update_scores,
    write_standings,
)
from sessions.models import QuizSession, SessionEventRecord
from sessions.rules.state import state_from_json
from sessions.services.ports import Decision, ParticipantState, SessionLog
from sessions.stores.redis.layout import unpack_answer, unpack_decision, unpack_participant
from sessions.stores.redis.write_behind import Condemned, StreamRecord

#: What reading a record raises that has another form, or whose session was deleted.
_UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, ObjectDoesNotExist)


@dataclass(slots=True)
class _Batch:
    """What the entries of one session come to."""

    participants: list[ParticipantState] = field(default_factory=list)
    answers: list[StoredAnswer] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    removals: list[dict[str, Any]] = field(default_factory=list)
    renamings: list[dict[str, Any]] = field(default_factory=list)
    arrangings: list[dict[str, Any]] = field(default_factory=list)

    def changed(self) -> list[ParticipantState]:
        """Players that something was done about, as they are since."""
        records = (*self.renamings, *self.arrangings, *self.removals)
        return [unpack_participant(each["user_id"], each["participant"]) for each in records]


class DatabaseSink:
    """See :class:`sessions.stores.redis.write_behind.Sink`."""

    def __init__(
        self, thread: DatabaseThread, sessions: SessionLog, standings: Callable[[str], Awaitable[Standings]]
    ) -> None:
        """:param standings: tells the order of a session that has ended."""
        self._thread = thread
        self._log = sessions
        self._standings = standings

    async def write(self, entries: Sequence[StreamRecord]) -> Sequence[StreamRecord]:
        with _judged():
            batches = read_entries(entries)
            await self._thread.run(lambda: _write(batches))
        return [entry for entry in entries if entry.kind == "finish"]

    async def conclude(self, entry: StreamRecord) -> None:
        with _judged():
            await self._log.finish(entry.session_id, await self._standings(entry.session_id))


@contextmanager
def _judged() -> Iterator[None]:
    """Tells what a record is to blame for from what may be gone when it is tried again."""
    try:
        yield
    except ServiceUnavailable:
        raise
    except _UNREADABLE as error:
        raise Condemned("The record cannot be read.") from error
    except Exception as error:
        if condemns(error):
            raise Condemned("The database can never take the record.") from error
        raise ServiceUnavailable(f"The database cannot take records: {error!r}") from error


def read_entries(entries: Sequence[StreamRecord]) -> dict[str, _Batch]:
    """What entries hold, by session.

    :raises ValueError, KeyError, TypeError: when one cannot be read.
    """
    batches: dict[str, _Batch] = {}
    for entry in entries:
        batch, data = batches.setdefault(entry.session_id, _Batch()), json.loads(entry.data)
        match entry.kind:
            case "joins":
                batch.participants += [unpack_participant(user_id, packed) for user_id, packed in data]
            case "answers":
                batch.answers += [unpack_answer(user_id, question_id, packed) for user_id, question_id, packed in data]
            case "transition":
                batch.decisions.append(unpack_decision(entry.data))
            case "removal":
                batch.removals.append(data)
            case "renaming":
                batch.renamings.append(data)
            case "arranging":
                batch.arrangings.append(data)
            case "finish":
                pass  # what it means for the database is done by conclude()
            case _:
                raise ValueError(f"unknown kind of record {entry.kind!r}")
    return batches


def _write(batches: dict[str, _Batch]) -> None:
    with transaction.atomic():
        # In one order everywhere, so that two instances that take over the same records wait instead of deadlocking.
        ordered = sorted(batches.items())
        answers = [Batch(session_id, batch.answers) for session_id, batch in ordered if batch.answers]
        over: list[str] = []
        if answers:
            # First: it may have to wait for a regrade, which must not find rows of this transaction in its way.
            _, over = insert_current(answers)
        # Who was changed or removed and is not here yet comes in as before that, to be changed below with the audit
        # record.
        players = [
            (session_id, player)
            for session_id, batch in ordered
            for player in (
                *batch.participants,
                *map(_before, batch.changed()),
            )
        ]
        if players:
            insert_participants(players)
        # New participants too: their answers may have been written by another instance before them.
        scored = {(session_id, player.user_id) for session_id, player in players}
        scored |= {(session_id, answer.user_id) for session_id, taken, _ in answers for answer in taken}
        if scored:
            update_scores(scored)
        for session_id in over:
            write_standings(session_id)
        for session_id, batch in ordered:
            _change_session(session_id, batch)


def _before(player: ParticipantState) -> ParticipantState:
    """The player as before what was done about them, so that it is done once, with its audit record."""
    return replace(player, status="disconnected", renamed_at=0, arranged=replace(player.arranged, at=0))


def _change_session(session_id: str, batch: _Batch) -> None:
    for renaming in batch.renamings:
        player = unpack_participant(renaming["user_id"], renaming["participant"])
        rename_participant(session_id, player, before=renaming["before"], actor=renaming["actor"])
    for arranging in batch.arrangings:
        player = unpack_participant(arranging["user_id"], arranging["participant"])
        arrange_participant(session_id, player, what=arranging["what"], actor=arranging["actor"])
    for removal in batch.removals:
        remove_participant(session_id, removal["user_id"], at=removal["at"], actor=removal["actor"])
    for decision in batch.decisions:
        state = decision.state
        # Newer wins: the instances' records may come in any order. What the database alone knows to be accepted stays:
        # its answers are graded by it.
        newer = Q(revision__lt=state.revision)
        if state.status == "completed":
            # Of two transitions of one revision, which instances that could not reach each other may have taken, the
            # end counts: a session that players know to be over must not stay open.
            newer |= Q(revision=state.revision) & ~Q(status="completed")
        row = QuizSession.objects.filter(newer, id=session_id)
        for known in row.values_list("state", flat=True):
            accepted = dict.fromkeys((*state_from_json(known).accepted, *state.accepted))
            row.update(**state_columns(replace(state, accepted=tuple(accepted))))
        SessionEventRecord.objects.bulk_create(event_rows(session_id, decision), ignore_conflicts=True)
