"""The in-process store: live state in plain dicts, every acknowledgement after a commit to the logs.

It is the default of a server without Redis, where it is the only writer of its sessions. It reads a session from the
logs when it first hears of it, so that a restart finds everything that was acknowledged. One lock per session puts
joins, answers and transitions in order: an answer that was being committed is settled before the question closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from leaderboards.ranking import Standing, Standings, rank
from scoring.points import elapsed_ms, points_at, unseen_elapsed_ms
from scoring.ports import Accepted, Answer, AnswerLog, AnswerRefusal, Refused, ServiceUnavailable, StoredAnswer
from sessions.lifecycle import (
    SessionEvent,
    SessionSetup,
    SessionState,
    active_clock,
    due_at,
    is_open,
    is_revealed,
)
from sessions.names import username_key
from sessions.ports import (
    Clock,
    Join,
    Joined,
    JoinRefused,
    Participant,
    ParticipantStatus,
    SessionLog,
    SessionRecord,
)

#: A completed session stays in memory this long for those who look at its results.
_KEEP_COMPLETED_MS = 600_000
_CLAIM_MS = 1_000


@dataclass(slots=True)
class _Live:
    """One session's live state."""

    setup: SessionSetup
    state: SessionState
    events: list[SessionEvent]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    participants: dict[str, Participant] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    connections: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, StoredAnswer]] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)
    #: Points that are not yet to be told, by player.
    withheld: dict[str, int] = field(default_factory=dict)
    shown: dict[str, dict[str, int]] = field(default_factory=dict)
    version: int = 0
    standings: Standings | None = None

    def changed(self) -> None:
        self.version += 1
        self.standings = None


class MemoryStore:
    """See :class:`sessions.ports.Store` for what each method promises."""

    def __init__(self, *, sessions: SessionLog, answers: AnswerLog, clock: Clock, allowance_ms: int) -> None:
        """:param allowance_ms: how much of an answer's time is put down to the network, in milliseconds."""
        self._log = sessions
        self._answer_log = answers
        self._clock = clock
        self._allowance_ms = allowance_ms
        self._live: dict[str, _Live] = {}
        self._loading: dict[str, asyncio.Future[_Live | None]] = {}
        self._codes: dict[str, str] = {}
        self._due: dict[str, int] = {}
        self._status_changes: dict[str, dict[str, ParticipantStatus]] = {}
        self._shown_changes: dict[str, dict[str, tuple[str, int]]] = {}

    async def start(self) -> None:
        """Take up the timers of the sessions that were live when the process before this one ended."""
        for session_id, due in await self._log.live():
            if due is not None:
                self._due[session_id] = due

    async def flush(self) -> None:
        """Write what may wait: who is connected, and what is on show to self-paced players."""
        statuses, self._status_changes = self._status_changes, {}
        for session_id, changes in statuses.items():
            await self._log.set_status(session_id, changes, self._clock.now())
        shown, self._shown_changes = self._shown_changes, {}
        for session_id, showings in shown.items():
            await self._log.set_shown(session_id, showings)

    # -- sessions -------------------------------------------------------------------------------------------------

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        await self._log.create(setup, state)
        self._live[setup.id] = _Live(setup, state, [], version=self._clock.now())
        self._codes[setup.join_code] = setup.id
        self._set_due(setup.id, state)

    async def resolve(self, id_or_code: str) -> str | None:
        if id_or_code in self._live:
            return id_or_code
        code = id_or_code.upper()
        if code in self._codes:
            return self._codes[code]
        if await self._get(id_or_code) is not None:
            return id_or_code
        session_id = await self._log.find_code(code)
        if session_id is not None:
            self._codes[code] = session_id
        return session_id

    async def setup(self, session_id: str) -> SessionSetup | None:
        live = await self._get(session_id)
        return live.setup if live else None

    async def state(self, session_id: str) -> SessionState | None:
        live = await self._get(session_id)
        return live.state if live else None

    async def commit(
        self,
        session_id: str,
        *,
        expected_revision: int,
        state: SessionState,
        events: Sequence[SessionEvent],
        command: str,
        actor: str,
    ) -> bool:
        live = await self._get(session_id)
        if live is None:
            return False
        async with live.lock:
            if live.state.revision != expected_revision:
                return False
            taken = await self._log.commit(
                session_id,
                expected_revision=expected_revision,
                state=state,
                events=events,
                command=command,
                actor=actor,
            )
            if not taken:
                # Somebody else wrote this session: what we hold is stale.
                del self._live[session_id]
                return False
            live.state = state
            live.events.extend(events)
            self._set_due(session_id, state)
            if live.withheld and is_revealed(live.setup, state, state.question_id):
                for user_id, points in live.withheld.items():
                    live.scores[user_id] = live.scores.get(user_id, 0) + points
                live.withheld.clear()
                live.changed()
            if state.status == "completed":
                self._codes.pop(live.setup.join_code, None)
                await self._log.finish(session_id, self._standings(live))
        return True

    async def events_since(self, session_id: str, seq: int) -> list[SessionEvent]:
        live = await self._get(session_id)
        return [event for event in live.events if event.seq > seq] if live else []

    async def claim_due(self, now: int) -> list[str]:
        due = [session_id for session_id, at in self._due.items() if at <= now]
        for session_id in due:
            self._due[session_id] = now + _CLAIM_MS
        for session_id, live in list(self._live.items()):
            ended = live.state.ended_at
            if ended and ended + _KEEP_COMPLETED_MS < now and not live.connections:
                del self._live[session_id]
        return due

    async def next_due(self) -> int | None:
        return min(self._due.values(), default=None)

    # -- participants ---------------------------------------------------------------------------------------------

    async def join(self, session_id: str, joins: Sequence[Join]) -> list[Joined | JoinRefused]:
        live = await self._get(session_id)
        if live is None:
            return [JoinRefused("SESSION_COMPLETED")] * len(joins)
        async with live.lock:
            now = self._clock.now()
            admitted: dict[str, Participant] = {}
            decided: list[JoinRefused | Join] = []
            names: set[str] = set()
            places = live.setup.max_participants - sum(
                participant.status not in {"left", "removed"} for participant in live.participants.values()
            )
            for join in joins:
                known = live.participants.get(join.user_id) or admitted.get(join.user_id)
                refusal = self._refusal(live, join, known, places, names)
                if refusal is not None:
                    decided.append(refusal)
                    continue
                if known is None:
                    names.add(username_key(join.username))
                    position = len(live.participants) + len(admitted) + 1
                    admitted[join.user_id] = Participant(join.user_id, join.username, position, now)
                if known is None or known.status == "left":
                    places -= 1
                decided.append(join)
            if admitted:
                await self._log.add_participants(session_id, list(admitted.values()))
                live.participants.update(admitted)
                live.names |= names
                live.changed()
            return [
                entry if isinstance(entry, JoinRefused) else self._attach(live, entry, admitted) for entry in decided
            ]

    @staticmethod
    def _refusal(
        live: _Live, join: Join, known: Participant | None, places: int, names: set[str]
    ) -> JoinRefused | None:
        if known is not None:
            if known.status == "removed":
                return JoinRefused("REMOVED")
            if not join.proven:
                return JoinRefused("INVALID_TOKEN")
            if known.status == "left" and places <= 0:
                return JoinRefused("SESSION_FULL")
            return None
        if live.state.status == "completed":
            return JoinRefused("SESSION_COMPLETED")
        if live.state.locked:
            return JoinRefused("SESSION_LOCKED")
        if places <= 0:
            return JoinRefused("SESSION_FULL")
        key = username_key(join.username)
        if key in live.names or key in names:
            return JoinRefused("USERNAME_TAKEN")
        return None

    def _attach(self, live: _Live, join: Join, admitted: Mapping[str, Participant]) -> Joined:
        participant = live.participants[join.user_id]
        if participant.status != "connected":
            participant = live.participants[join.user_id] = replace(participant, status="connected")
        superseded = live.connections.get(join.user_id, "")
        live.connections[join.user_id] = join.connection
        resumed = join.user_id not in admitted or bool(superseded)
        if resumed:
            self._note_status(live, join.user_id, "connected")
        return Joined(
            participant,
            resumed=resumed,
            present=bool(superseded),
            superseded=superseded if superseded != join.connection else "",
            participant_count=len(live.connections),
        )

    async def detach(self, session_id: str, user_id: str, connection: str) -> bool:
        live = await self._get(session_id)
        if live is None or live.connections.get(user_id) != connection:
            return False
        del live.connections[user_id]
        self._set_status(live, user_id, "disconnected")
        return True

    async def leave(self, session_id: str, user_id: str) -> bool:
        live = await self._get(session_id)
        if live is None or user_id not in live.participants:
            return False
        live.connections.pop(user_id, None)
        self._set_status(live, user_id, "left")
        return True

    async def remove(self, session_id: str, user_id: str, *, actor: str) -> Participant | None:
        live = await self._get(session_id)
        if live is None:
            return None
        async with live.lock:
            participant = live.participants.get(user_id)
            if participant is None or participant.status == "removed":
                return participant
            await self._log.remove(session_id, user_id, at=self._clock.now(), actor=actor)
            participant = live.participants[user_id] = replace(participant, status="removed")
            live.connections.pop(user_id, None)
            live.names.discard(username_key(participant.username))
            live.changed()
            return participant

    async def participant(self, session_id: str, user_id: str) -> Participant | None:
        live = await self._get(session_id)
        return live.participants.get(user_id) if live else None

    async def participants(self, session_id: str) -> list[Participant]:
        live = await self._get(session_id)
        return list(live.participants.values()) if live else []

    async def participant_count(self, session_id: str) -> int:
        live = await self._get(session_id)
        return len(live.connections) if live else 0

    async def show(self, session_id: str, user_id: str, question_id: str) -> None:
        live = await self._get(session_id)
        if live is None:
            return
        shown = live.shown.setdefault(user_id, {})
        # Put last again, with the time it had: a skipped question that comes back has been running.
        at = shown[question_id] = shown.pop(question_id, active_clock(live.state, self._clock.now()))
        self._shown_changes.setdefault(session_id, {})[user_id] = (question_id, at)

    async def shown(self, session_id: str, user_id: str) -> Mapping[str, int]:
        live = await self._get(session_id)
        return live.shown.get(user_id, {}) if live else {}

    # -- answers --------------------------------------------------------------------------------------------------

    async def submit(self, session_id: str, answers: Sequence[Answer]) -> list[Accepted | Refused]:
        live = await self._get(session_id)
        if live is None:
            return [Refused("NOT_JOINED")] * len(answers)
        async with live.lock:
            fresh: dict[tuple[str, str], StoredAnswer] = {}
            for answer in answers:
                key = (answer.user_id, answer.question_id)
                if key not in fresh and self._refuse(live, answer) is None:
                    fresh[key] = self._measure(live, answer)
            if fresh:
                inserted = await self._answer_log.append(session_id, list(fresh.values()))
                if len(inserted) < len(fresh):
                    # Another writer stored these first; its answers count, and we must learn them.
                    del self._live[session_id]
                    raise ServiceUnavailable("The session changed elsewhere; send the answer again.")
            results: list[Accepted | Refused] = []
            for answer in answers:
                stored = fresh.pop((answer.user_id, answer.question_id), None)
                if stored is None:
                    code = self._refuse(live, answer)
                    results.append(self._refused(live, answer, code or "ALREADY_ANSWERED"))
                else:
                    results.append(self._take(live, stored))
            return results

    @staticmethod
    def _refuse(live: _Live, answer: Answer) -> AnswerRefusal | None:
        participant = live.participants.get(answer.user_id)
        if participant is None or participant.status in {"removed", "left"}:
            return "NOT_JOINED"
        if answer.user_id in live.answers.get(answer.question_id, {}):
            return "ALREADY_ANSWERED"
        if live.state.status == "completed":
            return "SESSION_COMPLETED"
        if not is_open(live.setup, live.state, answer.question_id, answer.received_at):
            return "QUESTION_NOT_OPEN"
        return None

    def _measure(self, live: _Live, answer: Answer) -> StoredAnswer:
        shown_at: int | None
        if live.setup.pace == "host":
            # Whoever joins late is shown the question on joining; the moves by pauses are in opened_at already.
            joined_at = live.participants[answer.user_id].joined_at
            shown_at, now = max(live.state.opened_at, joined_at), answer.received_at
        else:
            shown_at = live.shown.get(answer.user_id, {}).get(answer.question_id)
            now = active_clock(live.state, answer.received_at)
        if shown_at is None:
            elapsed = unseen_elapsed_ms(claimed_ms=answer.claimed_ms, limit_ms=answer.limit_ms)
        else:
            elapsed = elapsed_ms(
                measured_ms=now - shown_at, claimed_ms=answer.claimed_ms, allowance_ms=self._allowance_ms
            )
        return StoredAnswer(
            user_id=answer.user_id,
            question_id=answer.question_id,
            answer=answer.answer,
            verdict=answer.verdict,
            points=points_at(answer.schedule, elapsed),
            elapsed_ms=elapsed,
            submitted_at=answer.received_at,
        )

    @staticmethod
    def _take(live: _Live, stored: StoredAnswer) -> Accepted:
        to_question = live.answers.setdefault(stored.question_id, {})
        to_question[stored.user_id] = stored
        if is_revealed(live.setup, live.state, stored.question_id):
            live.scores[stored.user_id] = live.scores.get(stored.user_id, 0) + stored.points
            live.changed()
        else:
            live.withheld[stored.user_id] = live.withheld.get(stored.user_id, 0) + stored.points
        return Accepted(stored, live.scores.get(stored.user_id, 0), len(to_question))

    @staticmethod
    def _refused(live: _Live, answer: Answer, code: AnswerRefusal) -> Refused:
        if code != "ALREADY_ANSWERED":
            return Refused(code)
        stored = live.answers[answer.question_id][answer.user_id]
        return Refused(code, stored, live.scores.get(answer.user_id, 0))

    async def answers_of(self, session_id: str, user_id: str) -> list[StoredAnswer]:
        live = await self._get(session_id)
        if live is None:
            return []
        return [to_question[user_id] for to_question in live.answers.values() if user_id in to_question]

    async def answers_to(self, session_id: str, question_id: str) -> Mapping[str, StoredAnswer]:
        live = await self._get(session_id)
        return live.answers.get(question_id, {}) if live else {}

    async def standings(self, session_id: str) -> Standings:
        live = await self._get(session_id)
        return self._standings(live) if live else Standings(0, [])

    async def score(self, session_id: str, user_id: str) -> int:
        live = await self._get(session_id)
        return live.scores.get(user_id, 0) if live else 0

    # -- inside ---------------------------------------------------------------------------------------------------

    @staticmethod
    def _standings(live: _Live) -> Standings:
        if live.standings is None:
            scores = live.scores
            live.standings = Standings(
                live.version,
                rank(
                    Standing(user_id, participant.username, scores.get(user_id, 0), participant.position)
                    for user_id, participant in live.participants.items()
                    if participant.status != "removed"
                ),
            )
        return live.standings

    def _set_due(self, session_id: str, state: SessionState) -> None:
        due = due_at(state)
        if due is None:
            self._due.pop(session_id, None)
        else:
            self._due[session_id] = due

    def _set_status(self, live: _Live, user_id: str, status: ParticipantStatus) -> None:
        if live.participants[user_id].status != "removed":
            live.participants[user_id] = replace(live.participants[user_id], status=status)
            self._note_status(live, user_id, status)

    def _note_status(self, live: _Live, user_id: str, status: ParticipantStatus) -> None:
        self._status_changes.setdefault(live.setup.id, {})[user_id] = status

    async def _get(self, session_id: str) -> _Live | None:
        live = self._live.get(session_id)
        if live is not None:
            return live
        loading = self._loading.get(session_id)
        if loading is None:
            # One load, however many players come back at once after a restart.
            loading = self._loading[session_id] = asyncio.ensure_future(self._load(session_id))
            loading.add_done_callback(lambda _: self._loading.pop(session_id, None))
        return await asyncio.shield(loading)

    async def _load(self, session_id: str) -> _Live | None:
        record = await self._log.load(session_id)
        if record is None:
            return None
        live = self._live[session_id] = _hydrate(record, version=self._clock.now())
        self._set_due(session_id, live.state)
        return live


def _hydrate(record: SessionRecord, *, version: int) -> _Live:
    live = _Live(record.setup, record.state, list(record.events), version=version)
    for participant in record.participants:
        known = replace(participant, status="disconnected") if participant.status == "connected" else participant
        live.participants[participant.user_id] = known
        if known.status != "removed":
            live.names.add(username_key(participant.username))
    for answer in record.answers:
        live.answers.setdefault(answer.question_id, {})[answer.user_id] = answer
        told = live.scores if is_revealed(live.setup, live.state, answer.question_id) else live.withheld
        told[answer.user_id] = told.get(answer.user_id, 0) + answer.points
    live.shown = {user_id: dict(questions) for user_id, questions in record.shown.items()}
    return live
