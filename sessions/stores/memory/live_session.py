"""The live state of one session in the in-process store, and what can be decided on it without I/O."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace

from leaderboards.ranking import Standing, Standings, rank, rerank
from scoring.rules.answers import Answer, AnswerRefusal, Outdated, StoredAnswer
from scoring.rules.points import elapsed_ms, points_at
from sessions.rules.attempts import is_attempt, results
from sessions.rules.people import Arranged
from sessions.rules.player_names import username_key
from sessions.rules.state import SessionEvent, SessionSetup, SessionState, active_clock, is_open, is_revealed
from sessions.services.ports import Join, JoinRefused, ParticipantState, ParticipantStatus, SessionRecord, is_newer


@dataclass(slots=True)
class LiveSession:
    """One session's live state. ``lock`` puts its joins, answers and transitions in order."""

    setup: SessionSetup
    state: SessionState
    events: list[SessionEvent]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    participants: dict[str, ParticipantState] = field(default_factory=dict)
    #: The names that are taken, see sessions.rules.player_names.username_key.
    names: set[str] = field(default_factory=set)
    #: Those of players who were taken out: nobody comes in under them again, but the host may give them.
    removed_names: set[str] = field(default_factory=set)
    connections: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, StoredAnswer]] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)
    #: Points that are not yet to be told, by question and player.
    withheld: dict[str, dict[str, int]] = field(default_factory=dict)
    shown: dict[str, dict[str, int]] = field(default_factory=dict)
    #: Players who are connected to other processes.
    elsewhere: int = 0
    #: Whether somebody asked for the session since that was last looked at.
    touched: bool = True
    version: int = 0
    _standings: Standings | None = None
    #: Players whose standing is another one since ``_standings`` was made.
    _moved: set[str] = field(default_factory=set)
    _removed: int = 0
    _attempts: int = 0
    _results: Standings | None = None
    _above_nothing: tuple[int, int] | None = None
    _left: int = 0

    def changed(self, *user_ids: str) -> None:
        """These players' standings are others now, or new, or gone."""
        self.version += 1
        self._moved.update(user_ids)

    def ranking(self) -> Standings:
        """The whole order, made when it is first asked for after a change, from the one before."""
        if self._standings is None:
            order = rank(filter(None, map(self._standing, self.participants)))
            self._standings = Standings(self.version, order)
        elif self._standings.version != self.version:
            moved = {user_id: self._standing(user_id) for user_id in self._moved}
            self._standings = Standings(self.version, rerank(self._standings, moved))
        self._moved.clear()
        return self._standings

    def results(self) -> Standings:
        """The order that is told: in a homework of several attempts, by those that count."""
        order = self.ranking()
        if self.setup.options.attempts == 1:
            return order
        if self._results is None or self._results.version != order.version:
            self._results = Standings(order.version, results(order.order, self.setup.options.counts))
        return self._results

    def begin(self, attempt: ParticipantState) -> None:
        """A player has begun another attempt."""
        self.participants[attempt.user_id] = attempt
        self._attempts += 1
        self.changed(attempt.user_id)

    def _standing(self, user_id: str) -> Standing | None:
        participant = self.participants[user_id]
        if participant.status == "removed":
            return None
        return Standing(
            user_id,
            participant.username,
            self.scores.get(user_id, 0),
            participant.position,
            participant.arranged.team,
        )

    def ranked_until(self, position: int) -> int:
        """How many ranked players joined up to this position; the rank of a player who just joined."""
        return position - self._removed - self._attempts

    def above_nothing(self) -> int:
        """How many ranked players have points; counted anew only when something has changed."""
        if self._above_nothing is None or self._above_nothing[0] != self.version:
            scored = [user_id for user_id, score in self.scores.items() if score > 0]
            count = sum(self.participants[user_id].status != "removed" for user_id in scored)
            self._above_nothing = self.version, count
        return self._above_nothing[1]

    def add(self, participant: ParticipantState) -> None:
        """A player is in, or was when the session was read."""
        if is_attempt(participant.user_id):
            self.begin(participant)
            return
        self.participants[participant.user_id] = participant
        self._left += participant.status == "left"
        if participant.status == "removed":
            self._removed += 1
            self.removed_names.add(username_key(participant.username))
        else:
            self.names.add(username_key(participant.username))
        self.changed(participant.user_id)

    def remove(self, user_id: str) -> ParticipantState:
        """Take a player out for good."""
        participant = self.set_status(user_id, "removed")
        self.connections.pop(user_id, None)
        self.names.discard(username_key(participant.username))
        self.removed_names.add(username_key(participant.username))
        self._removed += 1
        self.changed(user_id)
        return participant

    def rename(self, user_id: str, username: str, at: int) -> ParticipantState:
        """Give a player another name; the one before is free."""
        before = self.participants[user_id]
        self.names.discard(username_key(before.username))
        self.names.add(username_key(username))
        self.removed_names.discard(username_key(username))
        participant = self.participants[user_id] = replace(before, username=username, renamed_at=at)
        self.changed(user_id)
        return participant

    def arrange(self, user_id: str, arranged: Arranged) -> ParticipantState:
        """Keep what is arranged for a player."""
        before = self.participants[user_id]
        participant = self.participants[user_id] = replace(before, arranged=arranged)
        if arranged.team != before.arranged.team:
            self.changed(user_id)
        return participant

    def team_sizes(self) -> Counter[int]:
        """How many players each team has, those who were taken out left aside."""
        return Counter(each.arranged.team for each in self.participants.values() if each.status != "removed")

    def set_status(self, user_id: str, status: ParticipantStatus) -> ParticipantState:
        """Note where a player is."""
        before = self.participants[user_id]
        self._left += (status == "left") - (before.status == "left")
        participant = self.participants[user_id] = replace(before, status=status)
        return participant

    def connected(self) -> int:
        """How many players are connected."""
        return len(self.connections) + self.elsewhere

    def places(self) -> int:
        """How many more players may come in."""
        return self.setup.max_participants - len(self.participants) + self._attempts + self._removed + self._left

    def join_refusal(
        self, join: Join, known: ParticipantState | None, names: set[str], *, full: bool
    ) -> JoinRefused | None:
        """Why the player may not come in, if so.

        :param names: names that were taken a moment ago, besides those of the session.
        :param full: whether the player would need a place and there is none.
        """
        if known is not None:
            if known.status == "removed":
                return JoinRefused("REMOVED")
            if not join.proven or join.moves != known.arranged.moves:
                return JoinRefused("INVALID_TOKEN")
            if is_newer(self.connections.get(join.user_id, ""), join.connection):
                return JoinRefused("SUPERSEDED")
            return JoinRefused("SESSION_FULL") if full else None
        if self.state.status == "completed":
            return JoinRefused("SESSION_COMPLETED")
        if self.state.locked:
            return JoinRefused("SESSION_LOCKED")
        if full:
            return JoinRefused("SESSION_FULL")
        key = join.name_key
        taken = key in self.names or key in self.removed_names or key in names
        return JoinRefused("USERNAME_TAKEN") if taken else None

    def answer_refusal(self, answer: Answer) -> AnswerRefusal | Outdated | None:
        """Why the answer does not count, if so, or not yet."""
        participant = self.participants.get(answer.user_id)
        if participant is None or participant.status in {"removed", "left"}:
            return "NOT_JOINED"
        if answer.user_id in self.answers.get(answer.question_id, {}):
            return "ALREADY_ANSWERED"
        if self.state.status == "completed":
            return "SESSION_COMPLETED"
        needs = participant.arranged.needs
        if not is_open(self.setup, self.state, answer.question_id, answer.received_at, answer.user_id, needs=needs):
            return "QUESTION_NOT_OPEN"
        accepted = self.state.accepted_to(answer.question_id) if self.state.accepted else ()
        if len(accepted) == answer.accepts and needs.ignore_accents == answer.lenient:
            return None
        return Outdated(accepted, needs.ignore_accents)

    def measure(self, answer: Answer, allowance_ms: int) -> StoredAnswer:
        """The answer with the time it took and the points it earns."""
        shown_at: int | None
        if self.setup.pace == "host":
            # Whoever joins late is shown the question on joining; opened_at has the moves by pauses in it already.
            opened_at = self.state.opened_at - self.state.paused_ms
            shown_at = self.shown.get(answer.user_id, {}).get(answer.question_id, opened_at)
        else:
            shown_at = self.shown.get(answer.user_id, {}).get(answer.question_id)
        if shown_at is None:
            elapsed = answer.unseen_ms
        else:
            measured = active_clock(self.state, answer.received_at) - shown_at
            elapsed = elapsed_ms(measured_ms=measured, claimed_ms=answer.claimed_ms, allowance_ms=allowance_ms)
        participant = self.participants.get(answer.user_id)
        if participant is not None and len(answer.schedule.points) > 1:
            elapsed = participant.arranged.needs.counted_ms(elapsed)
        return StoredAnswer(
            user_id=answer.user_id,
            question_id=answer.question_id,
            answer=answer.answer,
            verdict=answer.verdict,
            points=points_at(answer.schedule, elapsed),
            elapsed_ms=elapsed,
            submitted_at=answer.received_at,
        )

    def take(self, answer: StoredAnswer) -> None:
        """Count an answer. Its points join the score as soon as they may be told."""
        self.answers.setdefault(answer.question_id, {})[answer.user_id] = answer
        revealed = is_revealed(self.setup, self.state, answer.question_id)
        told = self.scores if revealed else self.withheld.setdefault(answer.question_id, {})
        told[answer.user_id] = told.get(answer.user_id, 0) + answer.points
        if revealed:
            self.changed(answer.user_id)

    def put(self, answer: StoredAnswer) -> None:
        """Let an answer that was graded again take its own place."""
        before = self.answers[answer.question_id][answer.user_id]
        self.answers[answer.question_id][answer.user_id] = answer
        revealed = is_revealed(self.setup, self.state, answer.question_id)
        told = self.scores if revealed else self.withheld[answer.question_id]
        told[answer.user_id] += answer.points - before.points
        if revealed:
            self.changed(answer.user_id)

    def reveal(self) -> None:
        """Let the points of the questions that are revealed now join the scores."""
        for question_id in [each for each in self.withheld if is_revealed(self.setup, self.state, each)]:
            for user_id, points in self.withheld.pop(question_id).items():
                self.scores[user_id] = self.scores.get(user_id, 0) + points
                self._moved.add(user_id)
            self.changed()


def hydrate(record: SessionRecord, *, version: int) -> LiveSession:
    """The live state a record stands for; nobody is connected.

    :param version: where the versions of the leaderboard begin: above all that were told before.
    """
    live = LiveSession(record.setup, record.state, list(record.events), version=version)
    for participant in record.participants:
        known = replace(participant, status="disconnected") if participant.status == "connected" else participant
        live.add(known)
    for answer in record.answers:
        live.take(answer)
    live.shown = {user_id: dict(questions) for user_id, questions in record.shown.items()}
    return live
