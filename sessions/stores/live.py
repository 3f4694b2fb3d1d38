"""The live state of one session in the in-process store, and what can be decided on it without I/O."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from leaderboards.ranking import Standing, Standings, rank
from scoring.points import elapsed_ms, points_at, unseen_elapsed_ms
from scoring.ports import Answer, AnswerRefusal, StoredAnswer
from sessions.lifecycle import SessionEvent, SessionSetup, SessionState, active_clock, is_open, is_revealed
from sessions.names import username_key
from sessions.ports import Join, JoinRefused, Participant, SessionRecord


@dataclass(slots=True)
class LiveSession:
    """One session's live state. ``lock`` puts its joins, answers and transitions in order."""

    setup: SessionSetup
    state: SessionState
    events: list[SessionEvent]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    participants: dict[str, Participant] = field(default_factory=dict)
    #: The names that are taken, see sessions.names.username_key.
    names: set[str] = field(default_factory=set)
    connections: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, StoredAnswer]] = field(default_factory=dict)
    scores: dict[str, int] = field(default_factory=dict)
    #: Points that are not yet to be told, by question and player.
    withheld: dict[str, dict[str, int]] = field(default_factory=dict)
    shown: dict[str, dict[str, int]] = field(default_factory=dict)
    version: int = 0
    _standings: Standings | None = None

    def changed(self) -> None:
        """The order, or what stands in it, is another one now."""
        self.version += 1
        self._standings = None

    def ranking(self) -> Standings:
        """The whole order, made when it is first asked for after a change."""
        if self._standings is None:
            scores = self.scores
            self._standings = Standings(
                self.version,
                rank(
                    Standing(user_id, participant.username, scores.get(user_id, 0), participant.position)
                    for user_id, participant in self.participants.items()
                    if participant.status != "removed"
                ),
            )
        return self._standings

    def places(self) -> int:
        """How many more players may come in."""
        return self.setup.max_participants - sum(
            participant.status not in {"left", "removed"} for participant in self.participants.values()
        )

    def join_refusal(self, join: Join, known: Participant | None, names: set[str], *, full: bool) -> JoinRefused | None:
        """Why the player may not come in, if so.

        :param names: names that were taken a moment ago, besides those of the session.
        :param full: whether the player would need a place and there is none.
        """
        if known is not None:
            if known.status == "removed":
                return JoinRefused("REMOVED")
            if not join.proven:
                return JoinRefused("INVALID_TOKEN")
            return JoinRefused("SESSION_FULL") if full else None
        if self.state.status == "completed":
            return JoinRefused("SESSION_COMPLETED")
        if self.state.locked:
            return JoinRefused("SESSION_LOCKED")
        if full:
            return JoinRefused("SESSION_FULL")
        key = username_key(join.username)
        return JoinRefused("USERNAME_TAKEN") if key in self.names or key in names else None

    def answer_refusal(self, answer: Answer) -> AnswerRefusal | None:
        """Why the answer does not count, if so."""
        participant = self.participants.get(answer.user_id)
        if participant is None or participant.status in {"removed", "left"}:
            return "NOT_JOINED"
        if answer.user_id in self.answers.get(answer.question_id, {}):
            return "ALREADY_ANSWERED"
        if self.state.status == "completed":
            return "SESSION_COMPLETED"
        if not is_open(self.setup, self.state, answer.question_id, answer.received_at):
            return "QUESTION_NOT_OPEN"
        return None

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
            elapsed = unseen_elapsed_ms(claimed_ms=answer.claimed_ms, limit_ms=answer.limit_ms)
        else:
            measured = active_clock(self.state, answer.received_at) - shown_at
            elapsed = elapsed_ms(measured_ms=measured, claimed_ms=answer.claimed_ms, allowance_ms=allowance_ms)
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
            self.changed()

    def reveal(self) -> None:
        """Let the points of the questions that are revealed now join the scores."""
        for question_id in [each for each in self.withheld if is_revealed(self.setup, self.state, each)]:
            for user_id, points in self.withheld.pop(question_id).items():
                self.scores[user_id] = self.scores.get(user_id, 0) + points
            self.changed()


def hydrate(record: SessionRecord, *, version: int) -> LiveSession:
    """The live state a record stands for; nobody is connected.

    :param version: where the versions of the leaderboard begin: above all that were told before.
    """
    live = LiveSession(record.setup, record.state, list(record.events), version=version)
    for participant in record.participants:
        known = replace(participant, status="disconnected") if participant.status == "connected" else participant
        live.participants[participant.user_id] = known
        if known.status != "removed":
            live.names.add(username_key(participant.username))
    for answer in record.answers:
        live.take(answer)
    live.shown = {user_id: dict(questions) for user_id, questions in record.shown.items()}
    return live
