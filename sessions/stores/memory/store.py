"""The in-process store: live state in plain dicts, every acknowledgement after a commit to the logs.

It is the default of a server without Redis, where it is the only writer of its sessions. One lock per session puts
joins, answers and transitions in order: an answer that was being committed is settled before the question closes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from leaderboards.ranking import Standings
from scoring.ports import AnswerLog, ServiceUnavailable
from scoring.rules.answers import Accepted, Answer, AnswerRefusal, Outdated, Refused, StoredAnswer
from scoring.rules.regrading import regrade
from sessions.rules.attempts import attempt_id
from sessions.rules.people import Arranged, Arrangement, smallest_team
from sessions.rules.player_names import username_key
from sessions.rules.state import SessionEvent, SessionSetup, SessionState, active_clock, grown
from sessions.services.ports import (
    Clock,
    Decision,
    Join,
    Joined,
    JoinRefused,
    NameTaken,
    ParticipantState,
    ParticipantStatus,
    SessionLog,
)
from sessions.stores.deferred_writes import DeferredWrites
from sessions.stores.memory.live_session import LiveSession
from sessions.stores.memory.loading import MemoryState

logger = logging.getLogger(__name__)

#: A completed session stays in memory this long after its end, and while somebody is connected; then it is read again
#: when it is asked for.
_KEEP_COMPLETED_MS = 60_000
_CLAIM_MS = 1_000
#: A homework that nobody asked for between two looks, so far apart, leaves the memory.
_REST_MS = 10 * 60_000


#: Events after which players are told what the answers came to.
_CLOSING = frozenset({"question_closed", "ended"})


class MemoryStore(MemoryState):
    """See :class:`sessions.services.ports.Store` for what each method promises."""

    #: Whether other processes write to the same sessions.
    shared = False

    def __init__(self, *, sessions: SessionLog, answers: AnswerLog, clock: Clock, allowance_ms: int) -> None:
        """:param allowance_ms: how much of an answer's time is put down to the network, in milliseconds."""
        super().__init__(sessions=sessions, clock=clock)
        self._answer_log = answers
        self._allowance_ms = allowance_ms
        self._codes: dict[str, str] = {}
        self._statuses: DeferredWrites[ParticipantStatus] = DeferredWrites(self._write_statuses)
        self._showings: DeferredWrites[tuple[str, int]] = DeferredWrites(self._log.set_shown)
        #: Completed sessions whose final standings are not written yet.
        self._unfinished: set[str] = set()
        self._looked_at = 0

    async def flush(self) -> None:
        """Write what may wait: who is connected, what is on show to self-paced players, standings that failed.

        What cannot be written now stays for the next time.
        """
        await self._statuses.flush()
        await self._showings.flush()
        for session_id in list(self._unfinished):
            live = await self._get(session_id)
            if live is not None:
                await self._log.finish(session_id, live.results())
            self._unfinished.discard(session_id)

    async def _reload(self, stale: LiveSession) -> LiveSession:
        live = await super()._reload(stale)
        if live.state.status == "completed":
            # Whoever ended it may have died before the standings; or it was this process, whose commit went through
            # without its learning so.
            self._unfinished.add(live.setup.id)
        return live

    async def _write_statuses(self, changes: Mapping[str, Mapping[str, ParticipantStatus]]) -> None:
        await self._log.set_status(changes, self._clock.now())

    # -- sessions -------------------------------------------------------------------------------------------------

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        await self._log.create(setup, state)
        self._live[setup.id] = LiveSession(setup, state, [], version=self._clock.now())
        self._codes[setup.join_code] = setup.id
        self._set_due(setup.id, state)

    async def erase(self, session_id: str) -> None:
        live = self._live.pop(session_id, None)
        self._due.pop(session_id, None)
        self._unfinished.discard(session_id)
        if live is not None and self._codes.get(live.setup.join_code) == session_id:
            del self._codes[live.setup.join_code]

    async def resolve(self, id_or_code: str) -> str | None:
        if id_or_code in self._live:
            return id_or_code
        code = id_or_code.upper()
        if code in self._codes:
            return self._codes[code]
        if await self._get(id_or_code) is not None:
            return id_or_code
        session_id = await self._log.find_code(code)
        live = await self._get(session_id) if session_id else None
        if live is not None and live.state.status != "completed":
            self._codes[code] = live.setup.id
        return session_id

    async def commit(self, session_id: str, decision: Decision) -> bool:
        async with self._locked(session_id) as live:
            if live is None or live.state.revision != decision.expected_revision:
                if live is not None and live.state == decision.state and live.state.status == "completed":
                    # An attempt over Redis had the database take the end, and failed before the standings.
                    await self._finish(live)
                return False
            regraded = await self._regraded(live, decision)
            closes = not _CLOSING.isdisjoint(event.kind for event in decision.events)
            if not await self._log.commit(session_id, decision, after_answers=self.shared and closes):
                # Somebody else wrote this session: what we hold is stale.
                await self._reload(live)
                return False
            live.setup = grown(live.setup, decision.added)
            live.state = decision.state
            live.events.extend(decision.events)
            self._set_due(session_id, live.state)
            live.reveal()
            for answer in regraded:
                live.put(answer)
            whole = await self._complete(live) if closes else live
            if whole.state.status == "completed":
                self._codes.pop(whole.setup.join_code, None)
                await self._finish(whole)
        return True

    async def _complete(self, live: LiveSession) -> LiveSession:
        """The session with every answer that is stored, now that a question or all of it is over."""
        return live

    @staticmethod
    async def _regraded(live: LiveSession, decision: Decision) -> list[StoredAnswer]:
        """What the answers come to that a decision has graded again."""
        stored = list(live.answers.get(decision.regraded, {}).values())
        if not stored:
            return []
        accepted = {decision.regraded: decision.state.accepted_to(decision.regraded)}
        lenient = {user_id for user_id, player in live.participants.items() if player.arranged.needs.ignore_accents}
        # On a thread: there may be thousands. The lock keeps new ones out meanwhile.
        return await asyncio.to_thread(
            regrade, live.setup.quiz, stored, accepted=accepted, speed_ms=live.setup.speed_ms, lenient=lenient
        )

    async def _finish(self, live: LiveSession) -> None:
        try:
            await self._log.finish(live.setup.id, live.results())
        except ServiceUnavailable:
            # The transition stands and must be published; the standings are derived and can wait.
            logger.warning("standings_not_written", extra={"session_id": live.setup.id})
            self._unfinished.add(live.setup.id)

    async def events_since(self, session_id: str, seq: int) -> list[SessionEvent]:
        live = await self._get(session_id)
        return [event for event in live.events if event.seq > seq] if live else []

    async def claim_due(self, now: int) -> list[str]:
        due = [session_id for session_id, at in self._due.items() if at <= now]
        for session_id in due:
            self._due[session_id] = now + _CLAIM_MS
        for session_id, live in list(self._live.items()):
            ended = live.state.ended_at
            kept = live.connections or session_id in self._unfinished
            if ended and ended + _KEEP_COMPLETED_MS < now and not kept:
                del self._live[session_id]
        if not 0 <= now - self._looked_at < _REST_MS:
            self._looked_at = now
            self._let_rest()
        return due

    def _let_rest(self) -> None:
        """Drop the homeworks that nobody touched since the last look; they are read again at the next touch."""
        for session_id, live in list(self._live.items()):
            busy = live.touched or live.connections or live.lock.locked()
            live.touched = False
            if live.setup.options.closes_at and not busy and not {session_id} & (self._unfinished | self._doubtful):
                del self._live[session_id]
                self._codes.pop(live.setup.join_code, None)

    async def arm(self, session_id: str) -> None:
        live = await self._get(session_id)
        if live is not None and live.state.status != "completed":
            self._set_due(session_id, live.state)

    async def keep(self, session_id: str) -> None:
        """Whoever is connected is seen here."""

    async def next_due(self) -> int | None:
        return min(self._due.values(), default=None)

    # -- participants ---------------------------------------------------------------------------------------------

    async def join(self, session_id: str, joins: Sequence[Join]) -> list[Joined | JoinRefused]:
        async with self._locked(session_id) as live:
            if live is None:
                return [JoinRefused("SESSION_COMPLETED")] * len(joins)
            now = self._clock.now()
            admitted: dict[str, ParticipantState] = {}
            returning: set[str] = set()
            decided: list[JoinRefused | Join] = []
            names: set[str] = set()
            places = live.places()
            teams = live.setup.options.teams_of
            sizes = live.team_sizes() if teams else Counter[int]()
            for join in joins:
                known = live.participants.get(join.user_id) or admitted.get(join.user_id)
                place_needed = known is None or (known.status == "left" and join.user_id not in returning)
                refusal = live.join_refusal(join, known, names, full=place_needed and places <= 0)
                if refusal is not None:
                    decided.append(refusal)
                    continue
                if known is None:
                    names.add(join.name_key)
                    position = len(live.participants) + len(admitted) + 1
                    team = smallest_team(sizes, teams, join.user_id) if teams else 0
                    sizes[team] += 1
                    admitted[join.user_id] = ParticipantState(
                        join.user_id, join.username, position, now, arranged=Arranged(team=team)
                    )
                elif place_needed:
                    returning.add(join.user_id)
                places -= place_needed
                decided.append(join)
            if admitted:
                await self._log.add_participants(session_id, list(admitted.values()))
                for participant in admitted.values():
                    live.add(participant)
            return [
                entry if isinstance(entry, JoinRefused) else self._attach(live, entry, admitted) for entry in decided
            ]

    def _attach(self, live: LiveSession, join: Join, admitted: Mapping[str, ParticipantState]) -> Joined:
        participant = live.participants[join.user_id]
        if participant.status != "connected":
            participant = live.set_status(join.user_id, "connected")
        superseded = live.connections.get(join.user_id, "")
        live.connections[join.user_id] = join.connection
        resumed = join.user_id not in admitted or bool(superseded)
        if resumed:
            self._note_status(live, join.user_id, "connected")
        elif live.state.phase == "open":
            self._show(live, join.user_id, live.state.question_id)
        return Joined(
            participant,
            resumed=resumed,
            present=bool(superseded),
            superseded=superseded if superseded != join.connection else "",
            participant_count=live.connected(),
            rank=self._rank(live, participant, resumed=resumed),
            place=self._place(live, participant, resumed=resumed),
            score=live.scores.get(join.user_id, 0),
            state=live.state,
            answered=tuple(
                question.id
                for question in live.setup.quiz.questions
                if join.user_id in live.answers.get(question.id, ())
            ),
            shown=dict(live.shown.get(join.user_id, {})),
        )

    @staticmethod
    def _rank(live: LiveSession, participant: ParticipantState, *, resumed: bool) -> int | None:
        if not resumed:
            # A newcomer is last with nothing: a rush of them must not have the ranking made for each.
            return live.ranked_until(participant.position)
        own = live.results().own(participant.user_id)
        return own[0] if own else None

    @staticmethod
    def _place(live: LiveSession, participant: ParticipantState, *, resumed: bool) -> int | None:
        if not resumed:
            return live.above_nothing() + 1
        standings = live.results()
        own = standings.own(participant.user_id)
        return standings.places()[own[1]] if own else None

    async def detach(self, session_id: str, connections: Mapping[str, str]) -> list[ParticipantState]:
        live = await self._get(session_id)
        if live is None:
            return []
        gone = [user for user, connection in connections.items() if live.connections.get(user) == connection]
        for user_id in gone:
            del live.connections[user_id]
            self._set_status(live, user_id, "disconnected")
        return [live.participants[user_id] for user_id in gone]

    async def leave(self, session_id: str, user_id: str) -> bool:
        live = await self._get(session_id)
        if live is None or user_id not in live.participants:
            return False
        live.connections.pop(user_id, None)
        self._set_status(live, user_id, "left")
        return True

    async def begin_attempt(self, session_id: str, user_id: str, attempt: int) -> bool:
        async with self._locked(session_id) as live:
            player = live.participants.get(user_id) if live else None
            if live is None or player is None or player.status == "removed":
                return False
            row = attempt_id(user_id, attempt)
            if row in live.participants:
                return True
            if attempt_id(user_id, attempt - 1) not in live.participants:
                return False
            # Who is in which team, and where the player's place is, stands in the player's own row alone.
            arranged = replace(player.arranged, moves=0, team=0)
            position = len(live.participants) + 1
            begun = ParticipantState(row, "", position, self._clock.now(), "disconnected", arranged=arranged)
            await self._log.add_participants(session_id, [begun])
            live.begin(begun)
            return True

    async def attempts_begun(self, session_id: str, user_id: str) -> int:
        live = await self._get(session_id)
        begun = 1
        while live is not None and attempt_id(user_id, begun + 1) in live.participants:
            begun += 1
        return begun

    async def remove(self, session_id: str, user_id: str, *, actor: str) -> ParticipantState | None:
        async with self._locked(session_id) as live:
            participant = live.participants.get(user_id) if live else None
            if live is None or participant is None or participant.status == "removed":
                return participant
            await self._log.remove(session_id, user_id, at=self._clock.now(), actor=actor)
            return live.remove(user_id)

    async def rename(self, session_id: str, user_id: str, username: str, *, actor: str) -> ParticipantState | None:
        async with self._locked(session_id) as live:
            participant = live.participants.get(user_id) if live else None
            if live is None or participant is None or participant.status == "removed":
                return None
            if participant.username == username:
                return participant
            key = username_key(username)
            if key in live.names and key != username_key(participant.username):
                raise NameTaken(username)
            renamed_at = max(self._clock.now(), participant.renamed_at + 1)
            renamed = replace(participant, username=username, renamed_at=renamed_at)
            await self._log.rename(session_id, renamed, before=participant.username, actor=actor)
            return live.rename(user_id, username, renamed_at)

    async def arrange(
        self, session_id: str, user_id: str, arrangement: Arrangement, *, actor: str
    ) -> ParticipantState | None:
        async with self._locked(session_id) as live:
            participant = live.participants.get(user_id) if live else None
            if live is None or participant is None or participant.status == "removed":
                return None
            arranged = arrangement.applied(participant.arranged, self._clock.now())
            if arranged == participant.arranged:
                return participant
            changed = replace(participant, arranged=arranged)
            await self._log.arrange(session_id, changed, what=arrangement.what, actor=actor)
            return live.arrange(user_id, arranged)

    async def forget_players(self, session_id: str, user_ids: Sequence[str]) -> None:
        if session_id not in self._live:
            return
        async with self._locked(session_id) as live:
            if live is not None:
                # What the database has is what is left of them.
                for user_id in user_ids:
                    live.connections.pop(user_id, None)
                    live.shown.pop(user_id, None)
                await self._reload(live)

    async def slow_players(self, session_id: str) -> list[ParticipantState]:
        return [player for player in await self.participants(session_id) if player.arranged.needs.slow]

    async def participant(self, session_id: str, user_id: str) -> ParticipantState | None:
        live = await self._get(session_id)
        return live.participants.get(user_id) if live else None

    async def participants(self, session_id: str) -> list[ParticipantState]:
        live = await self._get(session_id)
        return list(live.participants.values()) if live else []

    async def participant_count(self, session_id: str) -> int:
        live = await self._get(session_id)
        return live.connected() if live else 0

    async def show(self, session_id: str, user_id: str, question_id: str) -> None:
        live = await self._get(session_id)
        if live is not None:
            self._show(live, user_id, question_id)

    async def shown(self, session_id: str, user_id: str) -> Mapping[str, int]:
        live = await self._get(session_id)
        return live.shown.get(user_id, {}) if live else {}

    # -- answers --------------------------------------------------------------------------------------------------

    async def record(self, session_id: str, answers: Sequence[Answer]) -> list[Accepted | Refused | Outdated]:
        while (outcomes := await self._record(session_id, answers)) is None:
            pass  # What was open for these answers may be so no more.
        return outcomes

    async def _record(self, session_id: str, answers: Sequence[Answer]) -> list[Accepted | Refused | Outdated] | None:
        """The outcomes; ``None`` when another process had moved the session on, which is known here now."""
        async with self._locked(session_id) as locked:
            if locked is None:
                return [Refused("NOT_JOINED")] * len(answers)
            live = locked
            fresh: dict[tuple[str, str], StoredAnswer] = {}
            decided: list[AnswerRefusal | Outdated | StoredAnswer] = []
            for answer in answers:
                key = (answer.user_id, answer.question_id)
                refusal = "ALREADY_ANSWERED" if key in fresh else live.answer_refusal(answer)
                if refusal is None:
                    fresh[key] = live.measure(answer, self._allowance_ms)
                decided.append(refusal or fresh[key])
            if fresh:
                revision = live.state.revision if self.shared else None
                inserted = await self._answer_log.append(session_id, list(fresh.values()), revision=revision)
                if inserted is None:
                    await self._reload(live)
                    return None
                if len(inserted) < len(fresh):
                    # Another writer stored some of these first: its answers count, and we must learn them.
                    live = await self._reload(live)
                    decided = [
                        "ALREADY_ANSWERED"
                        if isinstance(entry, StoredAnswer) and (entry.user_id, entry.question_id) not in inserted
                        else entry
                        for entry in decided
                    ]
            return [
                self._accept(live, entry) if isinstance(entry, StoredAnswer) else self._refused(live, answer, entry)
                for answer, entry in zip(answers, decided, strict=True)
            ]

    @staticmethod
    def _accept(live: LiveSession, stored: StoredAnswer) -> Accepted:
        if stored.user_id not in live.answers.get(stored.question_id, {}):
            live.take(stored)
        return Accepted(stored, live.scores.get(stored.user_id, 0), len(live.answers[stored.question_id]))

    @staticmethod
    def _refused(live: LiveSession, answer: Answer, code: AnswerRefusal | Outdated) -> Refused | Outdated:
        if isinstance(code, Outdated):
            return code
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
        return live.results() if live else Standings(0, [])

    async def score(self, session_id: str, user_id: str) -> int:
        live = await self._get(session_id)
        return live.scores.get(user_id, 0) if live else 0

    # -- inside ---------------------------------------------------------------------------------------------------

    def _set_status(self, live: LiveSession, user_id: str, status: ParticipantStatus) -> None:
        if live.participants[user_id].status != "removed":
            live.set_status(user_id, status)
            self._note_status(live, user_id, status)

    def _show(self, live: LiveSession, user_id: str, question_id: str) -> None:
        shown = live.shown.setdefault(user_id, {})
        # Put last again, with the time it had: a skipped question that comes back has been running.
        at = shown[question_id] = shown.pop(question_id, active_clock(live.state, self._clock.now()))
        self._showings.note(live.setup.id, user_id, (question_id, at))

    def _note_status(self, live: LiveSession, user_id: str, status: ParticipantStatus) -> None:
        self._statuses.note(live.setup.id, user_id, status)
