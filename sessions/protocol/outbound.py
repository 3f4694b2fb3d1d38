"""Every message the server may send. The names are the contract's (docs/protocol.md).

Each type says how it is delivered:

- ``reply``: to the client whose message it answers;
- ``critical``: a session event with a ``seq``; resent on resume;
- ``versioned``: the newest wins, older ones may be skipped;
- ``volatile``: may be lost.

wire.py makes bytes of them.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from scoring.rules.points import PointsRule, Scoring
from sessions.rules.options import SessionOptions
from sessions.rules.people import Needs

Delivery = Literal["reply", "critical", "versioned", "volatile"]

ErrorCode = Literal[
    "INVALID_MESSAGE",
    "UNKNOWN_TYPE",
    "NOT_JOINED",
    "INVALID_SESSION",
    "SESSION_FULL",
    "SESSION_COMPLETED",
    "SESSION_LOCKED",
    "INVALID_USERNAME",
    "USERNAME_TAKEN",
    "INVALID_PUPIL",
    "INVALID_TOKEN",
    "REMOVED",
    "INVALID_QUESTION",
    "INVALID_ANSWER",
    "INVALID_TEAM",
    "QUESTION_NOT_OPEN",
    "ALREADY_ANSWERED",
    "ATTEMPT_REFUSED",
    "RATE_LIMITED",
    "SERVICE_UNAVAILABLE",
    "INTERNAL_ERROR",
]

#: Close codes of our own, beside those of RFC 6455.
CLOSE_TOO_LARGE = 1009
CLOSE_RESTART = 1012
CLOSE_OVERLOAD = 1013
CLOSE_SUPERSEDED = 4001
CLOSE_REMOVED = 4003
CLOSE_SLOW = 4008
CLOSE_RATE = 4029


class Outbound(msgspec.Struct, frozen=True):
    """A payload. Subclasses name their ``type`` and ``delivery``."""

    type: ClassVar[str]
    delivery: ClassVar[Delivery]


class BoardEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a leaderboard."""

    rank: int
    user_id: str
    username: str
    score: int
    #: Equal scores share one: 1, 1, 3. People are shown this.
    place: int
    #: From 1 on; left out without teams.
    team: int = 0


class TeamEntry(msgspec.Struct, frozen=True):
    """A team on the board, by the average of its members. Teams of nobody are not on it."""

    team: int
    place: int
    average: float
    members: int
    score: int


class Goal(msgspec.Struct, frozen=True):
    """How near all are to their common goal; ``kind`` is ``points`` or ``right``."""

    kind: str
    amount: int
    reached: int


class GapShown(msgspec.Struct, frozen=True):
    """A gap in the text of QUESTION_OPENED: what to choose from, or none for one that is typed."""

    options: list[str]


class GapSolution(msgspec.Struct, frozen=True):
    """What is right in a gap, the one that is shown first."""

    correct_answers: list[str]


class GapClosed(msgspec.Struct, frozen=True):
    """A gap at the close: what is right, and the answers given most, with how many gave each."""

    correct_answers: list[str]
    distribution: dict[str, int]


class YourGap(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one gap of a player's answer: null where it was left open."""

    verdict: str | None
    #: As in QUESTION_CLOSED, of an almost right one.
    difference: list[list[str]] | None = None


class QuestionOpened(Outbound, frozen=True, omit_defaults=True):
    """QUESTION_OPENED. Never anything that tells the answer; in self pace there is no deadline.

    Where it is heard only, ``text`` is empty until the close.
    """

    type: ClassVar[str] = "QUESTION_OPENED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    question_id: str
    index: int
    total: int
    kind: str
    text: str
    options: list[str]
    media: str | None
    points: int
    time_limit_ms: int
    opened_at: str
    deadline: str | None
    server_time: str
    #: The question that this one asks again, or null.
    again_of: str | None
    #: Whether it is heard: "beside" its text, or "instead"; left out where it is read.
    listen: str | None = None
    #: Address of the recording, relative to the server; left out where there is none: devices speak the text they have.
    sound: str | None = None
    #: BCP 47 tag of what is heard.
    listen_language: str | None = None
    #: Where the player has an order of the player's own: the place of each option in the session's, which is its shape.
    shapes: list[int] | None = None
    #: Of a text with gaps, which stand in ``text`` as [[1]], [[2]] and so on.
    gaps: list[GapShown] | None = None


class OptionsForYou(msgspec.Struct, frozen=True, omit_defaults=True):
    """What QUESTION_OPENED tells one player where the options stand in an order of each player's own."""

    options: list[str]
    shapes: list[int] = []
    gaps: list[GapShown] | None = None


class QuestionAsked(Outbound, frozen=True, omit_defaults=True):
    """QUESTION_ASKED: a question whose options come later, with QUESTION_OPENED. Until then nobody can answer it."""

    type: ClassVar[str] = "QUESTION_ASKED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    question_id: str
    index: int
    total: int
    kind: str
    text: str
    media: str | None
    points: int
    time_limit_ms: int
    #: When the options come.
    options_at: str
    server_time: str
    #: As in QUESTION_OPENED.
    again_of: str | None
    listen: str | None = None
    sound: str | None = None
    listen_language: str | None = None


class YourNeeds(msgspec.Struct, frozen=True):
    """What the host arranged for this player. Nobody else is told."""

    time: int
    no_speed_loss: bool
    large_text: bool
    text_for_sound: bool
    ignore_accents: bool

    @classmethod
    def of(cls, needs: Needs) -> YourNeeds:
        """The needs as the wire has them."""
        return cls(needs.time, needs.no_speed_loss, needs.large_text, needs.text_for_sound, needs.ignore_accents)


class SessionJoined(Outbound, frozen=True):
    """SESSION_JOINED. For a screen or host ``session_token`` and what is the player's own are null."""

    type: ClassVar[str] = "SESSION_JOINED"
    delivery: ClassVar[Delivery] = "reply"
    session_id: str
    quiz_id: str
    join_code: str
    title: str
    status: str
    pace: str
    user_id: str
    username: str
    session_token: str | None
    participant_count: int
    your_score: int | None
    your_rank: int | None
    your_place: int | None
    seq: int
    question: QuestionOpened | None
    #: The question that is on show without its options.
    asked: QuestionAsked | None
    answered: list[str]
    resumed: bool
    role: str
    reveal: str
    #: Whether and how speed counts.
    scoring: Scoring
    phase: str
    paused: bool
    locked: bool
    question_count: int
    #: BCP 47 tag of the quiz.
    language: str
    #: When the closed question gives way to the next one by itself, and whether the host has stopped that.
    advance_at: str | None
    held: bool
    #: What is arranged for the session, defaults too.
    options: SessionOptions
    server_time: str
    #: When a homework that waits opens.
    opens_at: str | None
    #: When the session ends by itself; to a player of a homework until when that player's answers count.
    closes_at: str | None
    #: Homework: the attempt under way, from 1.
    attempt: int
    #: Of a session with teams: the player's own.
    your_team: int | None = None
    #: What the host arranged for the player, if anything.
    your_needs: YourNeeds | None = None


class SessionStarted(Outbound, frozen=True):
    """SESSION_STARTED. ``closes_at`` is when the session ends by itself."""

    type: ClassVar[str] = "SESSION_STARTED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    server_time: str
    closes_at: str | None


class ClosingChanged(Outbound, frozen=True):
    """CLOSING_CHANGED: a homework closes at another time, for all or for some. To a player also
    :class:`ClosingForYou`.
    """

    type: ClassVar[str] = "CLOSING_CHANGED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    closes_at: str
    server_time: str


class ClosingForYou(msgspec.Struct, frozen=True):
    """What CLOSING_CHANGED tells one player: until when the player's own answers count."""

    your_closes_at: str


class SessionPaused(Outbound, frozen=True):
    """SESSION_PAUSED."""

    type: ClassVar[str] = "SESSION_PAUSED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    server_time: str


class SessionResumed(Outbound, frozen=True):
    """SESSION_RESUMED. With an open question it tells the moved deadline, with a closed one when the next comes."""

    type: ClassVar[str] = "SESSION_RESUMED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    server_time: str
    question_id: str | None
    deadline: str | None
    #: When the closed question gives way to the next one by itself.
    advance_at: str | None = None
    #: When the options of the question on show come.
    options_at: str | None = None


class DeadlineChanged(Outbound, frozen=True):
    """DEADLINE_CHANGED: the host gave the open question more time."""

    type: ClassVar[str] = "DEADLINE_CHANGED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    question_id: str
    deadline: str
    server_time: str


class SessionLockChanged(Outbound, frozen=True):
    """SESSION_LOCK_CHANGED: whether new players are let in."""

    type: ClassVar[str] = "SESSION_LOCK_CHANGED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    locked: bool


class SessionHeld(Outbound, frozen=True):
    """SESSION_HELD: the host keeps this question; nothing closes early or goes on by itself until the next one."""

    type: ClassVar[str] = "SESSION_HELD"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    question_id: str
    server_time: str


class QuestionClosed(Outbound, frozen=True):
    """QUESTION_CLOSED. To a player also what :class:`ClosedForYou` has."""

    type: ClassVar[str] = "QUESTION_CLOSED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    question_id: str
    correct_answers: list[str]
    explanation: str
    distribution: dict[str, int]
    answered_count: int
    #: Answers that are right.
    correct_count: int
    #: When the next question comes by itself.
    advance_at: str | None = None
    #: What was heard only, now that it gives nothing away; null where it was read.
    text: str | None = None
    #: Of a text with gaps; then ``correct_answers`` has the first right answer of each.
    gaps: list[GapClosed] | msgspec.UnsetType = msgspec.UNSET


class ClosedForYou(msgspec.Struct, frozen=True, omit_defaults=True):
    """What QUESTION_CLOSED tells one player; all null or zero when the player did not answer."""

    your_answer: str | list[str] | None
    is_correct: bool
    points_earned: int
    reason: str | None
    your_score: int
    #: What gave these points, or none; see scoring.rules.points.PointsRule.
    rule: PointsRule
    #: An almost right typed answer beside the right one: "same", "extra" (typed only) or "missing", and the letters.
    difference: list[list[str]] | None = None
    #: Of a text with gaps, each of them.
    your_gaps: list[YourGap] | None = None


class AnswersRegraded(Outbound, frozen=True):
    """ANSWERS_REGRADED: the host accepted one more answer to a typed question, and every answer to it counts anew.

    ``correct_answers`` and ``correct_count`` are null while there are players who may still answer the question. To a
    player also what :class:`RegradedForYou` has.
    """

    type: ClassVar[str] = "ANSWERS_REGRADED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    question_id: str
    correct_answers: list[str] | None
    correct_count: int | None
    #: As in QUESTION_CLOSED, without the answers given.
    gaps: list[GapSolution] | msgspec.UnsetType = msgspec.UNSET


class RegradedForYou(msgspec.Struct, frozen=True):
    """What ANSWERS_REGRADED tells one player; all null to one who did not answer, or may not know the result yet."""

    your_answer: str | list[str] | None = None
    is_correct: bool | None = None
    points_earned: int | None = None
    reason: str | None = None
    rule: PointsRule | None = None
    new_score: int | None = None
    #: As in QUESTION_CLOSED.
    your_gaps: list[YourGap] | msgspec.UnsetType = msgspec.UNSET


class QuestionsAdded(Outbound, frozen=True):
    """QUESTIONS_ADDED: questions that many had wrong are asked again at the end; in self pace they are open at once.

    Who was told FINISHED has more to answer.
    """

    type: ClassVar[str] = "QUESTIONS_ADDED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    #: How many there are more, and how many the session has with them.
    added: int
    total: int
    server_time: str


class AnswerAccepted(Outbound, frozen=True):
    """ANSWER_ACCEPTED: the answer counts; what it is worth is told at the close."""

    type: ClassVar[str] = "ANSWER_ACCEPTED"
    delivery: ClassVar[Delivery] = "reply"
    session_id: str
    question_id: str
    received_at: str


class AnswersProgress(Outbound, frozen=True):
    """ANSWERS_PROGRESS, batched."""

    type: ClassVar[str] = "ANSWERS_PROGRESS"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    question_id: str
    answered_count: int
    participant_count: int


class WaitingPlayer(msgspec.Struct, frozen=True):
    """A connected player who has not answered."""

    user_id: str
    username: str


class HostProgress(Outbound, frozen=True):
    """HOST_PROGRESS, batched, to hosts alone: what players may not know before the close.

    ``distribution`` has the most frequent answers; ``waiting`` is null while too many wait to name them.
    """

    type: ClassVar[str] = "HOST_PROGRESS"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    question_id: str
    answered_count: int
    correct_count: int
    participant_count: int
    distribution: dict[str, int]
    waiting: list[WaitingPlayer] | None


class ScoreUpdated(Outbound, frozen=True, omit_defaults=True):
    """SCORE_UPDATED, to the player who answered. In self pace also the solution: no close will bring it."""

    type: ClassVar[str] = "SCORE_UPDATED"
    delivery: ClassVar[Delivery] = "reply"
    session_id: str
    user_id: str
    new_score: int
    points_earned: int
    is_correct: bool
    question_id: str
    reason: str
    #: As in QUESTION_CLOSED.
    rule: PointsRule
    correct_answers: list[str] | None = None
    explanation: str | None = None
    #: With the solution, what was heard only.
    text: str | None = None
    #: As in QUESTION_CLOSED, where the solution is told.
    difference: list[list[str]] | None = None
    gaps: list[GapSolution] | None = None
    your_gaps: list[YourGap] | None = None


class LeaderboardUpdated(Outbound, frozen=True, omit_defaults=True):
    """LEADERBOARD_UPDATED. To a player also what :class:`Own` has."""

    type: ClassVar[str] = "LEADERBOARD_UPDATED"
    delivery: ClassVar[Delivery] = "versioned"
    session_id: str
    version: int
    leaderboard: list[BoardEntry]
    total_participants: int
    delta: bool = False
    base_version: int | None = None
    removed: list[str] | None = None
    offset: int | None = None
    #: The best first; left out without teams.
    teams: list[TeamEntry] | None = None
    #: In place of a ranking.
    goal: Goal | None = None


class Own(msgspec.Struct, frozen=True):
    """Where the player stands, in LEADERBOARD_UPDATED and SESSION_ENDED."""

    your_rank: int | None
    your_score: int | None
    your_place: int | None


class UserJoined(Outbound, frozen=True):
    """USER_JOINED, batched."""

    type: ClassVar[str] = "USER_JOINED"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    user_id: str
    username: str
    participant_count: int


class UserLeft(Outbound, frozen=True):
    """USER_LEFT, batched."""

    type: ClassVar[str] = "USER_LEFT"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    user_id: str
    username: str
    participant_count: int


class UserRenamed(Outbound, frozen=True):
    """USER_RENAMED: the host gave a player another name."""

    type: ClassVar[str] = "USER_RENAMED"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    user_id: str
    username: str


class NeedsChanged(Outbound, frozen=True):
    """NEEDS_CHANGED, to this player alone: the host arranged something else."""

    type: ClassVar[str] = "NEEDS_CHANGED"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    needs: YourNeeds


class TeamChanged(Outbound, frozen=True):
    """TEAM_CHANGED: a player is in another team."""

    type: ClassVar[str] = "TEAM_CHANGED"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    user_id: str
    team: int


class ParticipantsChanged(Outbound, frozen=True):
    """PARTICIPANTS_CHANGED: the summary of a busy window."""

    type: ClassVar[str] = "PARTICIPANTS_CHANGED"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    joined: int
    left: int
    participant_count: int


class SessionEnded(Outbound, frozen=True):
    """SESSION_ENDED. To a player also what :class:`Own` has."""

    type: ClassVar[str] = "SESSION_ENDED"
    delivery: ClassVar[Delivery] = "critical"
    session_id: str
    leaderboard: list[BoardEntry]
    total_participants: int
    #: As in LEADERBOARD_UPDATED.
    teams: list[TeamEntry] | None = None
    goal: Goal | None = None


class Finished(Outbound, frozen=True):
    """FINISHED: self pace; there is no further question for this player."""

    type: ClassVar[str] = "FINISHED"
    delivery: ClassVar[Delivery] = "reply"
    session_id: str
    answered_count: int
    total: int
    your_score: int


class AttemptStarted(Outbound, frozen=True):
    """ATTEMPT_STARTED: another attempt at a homework; its questions come as those of the first."""

    type: ClassVar[str] = "ATTEMPT_STARTED"
    delivery: ClassVar[Delivery] = "reply"
    session_id: str
    attempt: int
    attempts: int


class SummaryLine(msgspec.Struct, frozen=True):
    """One question as a player met it; ``your_answer`` is null when the player did not answer."""

    question_id: str
    index: int
    kind: str
    text: str
    #: What a right answer is worth, without speed.
    points: int
    your_answer: str | list[str] | None
    is_correct: bool
    points_earned: int
    reason: str | None
    rule: PointsRule
    correct_answers: list[str]
    explanation: str
    #: As in QUESTION_CLOSED.
    gaps: list[GapSolution] | msgspec.UnsetType = msgspec.UNSET
    your_gaps: list[YourGap] | msgspec.UnsetType = msgspec.UNSET


class Summary(Outbound, frozen=True):
    """SUMMARY: the questions whose answers this player may know, and where the player stands."""

    type: ClassVar[str] = "SUMMARY"
    delivery: ClassVar[Delivery] = "reply"
    session_id: str
    questions: list[SummaryLine]
    your_rank: int | None
    your_score: int
    your_place: int | None
    total_participants: int


class SessionLeft(Outbound, frozen=True):
    """SESSION_LEFT."""

    type: ClassVar[str] = "SESSION_LEFT"
    delivery: ClassVar[Delivery] = "reply"
    session_id: str


class Heartbeat(Outbound, frozen=True):
    """HEARTBEAT: the latest ``seq`` of the session, so that a client notices an event it missed."""

    type: ClassVar[str] = "HEARTBEAT"
    delivery: ClassVar[Delivery] = "volatile"
    session_id: str
    latest_seq: int
    server_time: str


class Reconnect(Outbound, frozen=True):
    """RECONNECT: the server goes down for a moment; connect again after ``after_ms``."""

    type: ClassVar[str] = "RECONNECT"
    delivery: ClassVar[Delivery] = "volatile"
    after_ms: int


class StoredResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an answer given earlier came to; without the verdict while results are withheld."""

    question_id: str
    answer: str | list[str]
    received_at: str
    is_correct: bool | None = None
    points_earned: int | None = None
    reason: str | None = None
    rule: PointsRule | None = None
    new_score: int | None = None


class Error(Outbound, frozen=True, omit_defaults=True):
    """ERROR. It never closes the socket by itself."""

    type: ClassVar[str] = "ERROR"
    delivery: ClassVar[Delivery] = "reply"
    code: ErrorCode
    message: str
    recoverable: bool
    reply_to: str | None = None
    retry_after_ms: int | None = None
    reason: str | None = None
    result: StoredResult | None = None


class Pong(Outbound, frozen=True):
    """PONG. ``seq`` is the latest of the session this connection is in, or null."""

    type: ClassVar[str] = "PONG"
    delivery: ClassVar[Delivery] = "reply"
    server_time: str
    seq: int | None


#: Types that call players by their names, to everybody.
NAMING = frozenset({"USER_JOINED", "USER_LEFT", "USER_RENAMED", "SESSION_ENDED"})
#: Types of which one that waits takes in the newer: they tell the whole of a state, or changes that add up.
ONE_WAITS = frozenset({"ANSWERS_PROGRESS", "HOST_PROGRESS", "PARTICIPANTS_CHANGED", "HEARTBEAT"})
