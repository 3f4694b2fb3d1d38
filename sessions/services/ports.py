"""The ports of the session services: what they need of the outside, in terms of the rules.

Every adapter of :class:`Store` passes the contract suite in tests/stores/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from leaderboards.ranking import Standings
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.words import WordListContent
from scoring.ports import AnswerStore
from scoring.rules.answers import StoredAnswer
from sessions.rules.people import NOTHING, Arranged, Arrangement, Needs
from sessions.rules.player_names import username_key
from sessions.rules.state import SessionEvent, SessionSetup, SessionState

ParticipantStatus = Literal["connected", "disconnected", "left", "removed"]
JoinRefusal = Literal[
    "INVALID_TOKEN",
    "REMOVED",
    "SESSION_COMPLETED",
    "SESSION_LOCKED",
    "SESSION_FULL",
    "USERNAME_TAKEN",
    "SUPERSEDED",
]
Audience = Literal["everyone", "hosts"]


@dataclass(frozen=True, slots=True)
class ParticipantState:
    """A player of a session. ``position`` is the order of joining."""

    user_id: str
    username: str
    position: int
    joined_at: int
    status: ParticipantStatus = "connected"
    #: When the host last gave the player another name; Unix milliseconds, 0 for never. Of two names the later counts.
    renamed_at: int = 0
    arranged: Arranged = NOTHING


@dataclass(frozen=True, slots=True)
class Join:
    """A player's wish to be in a session over a connection."""

    user_id: str
    username: str
    #: Whether a token, or the key the user id is made from, proved that the player is this user.
    proven: bool
    #: Names the socket across all instances, see :func:`connection_name`.
    connection: str
    #: Whether a token says that the player has been in before.
    returning: bool = False
    #: Whether the name is a pupil's: the class has it once, and whoever bore it before was taken out.
    listed: bool = False
    #: How often the place had moved when the proof was given out.
    moves: int = 0

    @property
    def name_key(self) -> str:
        """By this a name is looked for among those that are taken."""
        key = username_key(self.username)
        # "#" is in no key of a user's own that has this id behind it.
        return f"{key}#{self.user_id}" if self.listed else key


def connection_name(server_id: str, number: int, asked_at: int) -> str:
    """The name of a connection: ``SERVER/TIME.NUMBER``, with the time (Unix ms) at which it asked to be let in.

    A join may wait for a store while its client has long come back over another connection, on another instance. The
    time tells which of the two the player means.
    """
    return f"{server_id}/{asked_at}.{number}"


def is_newer(connection: str, than: str) -> bool:
    """Whether a connection asked to be let in after another one."""
    return _asked_at(connection) > _asked_at(than)


def _asked_at(connection: str) -> int:
    time, dot, _ = connection.rpartition("/")[2].partition(".")
    return int(time) if dot else 0


@dataclass(frozen=True, slots=True)
class Joined:
    """The player is in. ``superseded`` names the connection this one takes the place of, or is empty."""

    participant: ParticipantState
    #: Whether the player had joined before.
    resumed: bool
    #: Whether the player counted as connected until now; then nobody needs to be told.
    present: bool
    superseded: str
    participant_count: int
    #: ``None`` for a player who is not ranked.
    rank: int | None
    #: Shared by equal scores; ``None`` for a player who is not ranked.
    place: int | None
    #: As far as it may be told.
    score: int
    #: Where the session stood when the player came in.
    state: SessionState
    #: The questions the player has answered, in the quiz's order.
    answered: tuple[str, ...] = ()
    #: Self pace: what was shown to the player, see :meth:`ShowingStore.shown`.
    shown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JoinRefused:
    """The player is not in, and nothing changed."""

    code: JoinRefusal


@dataclass(frozen=True, slots=True)
class Decision:
    """A transition that is to be committed, with what the audit trail tells of it."""

    state: SessionState
    events: tuple[SessionEvent, ...]
    #: The name of the command, and who gave it.
    command: str
    actor: str
    #: Questions that the quiz of the session gets at its end. The database takes them, or nobody does.
    added: tuple[QuestionContent, ...] = ()

    @property
    def expected_revision(self) -> int:
        """The revision it was made on, and the only one it fits: a transition adds one."""
        return self.state.revision - 1

    @property
    def regraded(self) -> str:
        """The question whose answers are graded again by it, or an empty string."""
        return next((event.question_id for event in self.events if event.kind == "answers_regraded"), "")


class CodeTaken(Exception):
    """Another live session has this join code."""


class NameTaken(Exception):
    """Another player of the session has this name."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """Unix time in milliseconds."""
        ...


class SessionStore(Protocol):
    """Sessions as a whole: found, moved on by compare-and-set, and due at a time.

    All methods of the stores but ``create`` treat an unknown session as empty or ``None``. Each raises
    :class:`scoring.ports.ServiceUnavailable` when it can reach no durable place.
    """

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        """Add a session.

        :raises CodeTaken: when a live session has its join code.
        """
        ...

    async def erase(self, session_id: str) -> None:
        """Drop all that is held of a session that is no longer in the database."""
        ...

    async def resolve(self, id_or_code: str) -> str | None:
        """The id of the session with this id, or of the one that has this join code, or had it last."""
        ...

    async def setup(self, session_id: str) -> SessionSetup | None:
        """What was arranged for the session; with every question that a state or an event read before knows of."""
        ...

    async def state(self, session_id: str) -> SessionState | None:
        """Where the session stands."""
        ...

    async def commit(self, session_id: str, decision: Decision) -> bool:
        """Take a decision if the session is still where it was made, durably, with its audit record.

        Points that were withheld and are revealed by the new state join the scores.

        :returns: whether it was taken.
        """
        ...

    async def events_since(self, session_id: str, seq: int) -> list[SessionEvent]:
        """The events after ``seq``, in order."""
        ...

    async def claim_due(self, now: int) -> list[str]:
        """Sessions whose timer is due. A claimed one is not given out again for a second, here or elsewhere."""
        ...

    async def next_due(self) -> int | None:
        """When the next timer is due; Unix milliseconds, ``None`` without timers."""
        ...

    async def arm(self, session_id: str) -> None:
        """See to it that the timer of a homework that is due soon is set: until now the database kept the time."""
        ...

    async def keep(self, session_id: str) -> None:
        """Somebody is connected: a homework that nobody touches does not stay."""
        ...


class ParticipantStore(Protocol):
    """Who is in a session."""

    async def join(self, session_id: str, joins: Sequence[Join]) -> list[Joined | JoinRefused]:
        """Let players in, or let them in again; the results stand in the order of the joins."""
        ...

    async def detach(self, session_id: str, connections: Mapping[str, str]) -> list[ParticipantState]:
        """Connections are gone, by user. The players who were on just these, and are now disconnected."""
        ...

    async def leave(self, session_id: str, user_id: str) -> bool:
        """The player goes; score and answers stay. Whether the player was in the session."""
        ...

    async def begin_attempt(self, session_id: str, user_id: str, attempt: int) -> bool:
        """Homework: the player begins another attempt (:func:`sessions.rules.attempts.attempt_id`). Beginning one that
        was begun changes nothing.

        :param user_id: the player's own.
        :returns: whether the attempt is there: the player is in, and the attempt before was begun.
        """
        ...

    async def attempts_begun(self, session_id: str, user_id: str) -> int:
        """Homework: how many attempts the player has begun; 1 for who has just come."""
        ...

    async def remove(self, session_id: str, user_id: str, *, actor: str) -> ParticipantState | None:
        """Take a player out for good, off the ranking too. ``None`` when there is no such player."""
        ...

    async def rename(self, session_id: str, user_id: str, username: str, *, actor: str) -> ParticipantState | None:
        """Give a player another name. ``None`` when there is no such player, or the player was removed.

        :raises NameTaken: when another player has the name, or one that reads like it.
        """
        ...

    async def arrange(
        self, session_id: str, user_id: str, arrangement: Arrangement, *, actor: str
    ) -> ParticipantState | None:
        """Change what is arranged for a player. ``None`` when there is no such player, or the player was removed.

        :raises sessions.rules.people.AlreadyMoved: when the place has moved meanwhile.
        """
        ...

    async def forget_players(self, session_id: str, user_ids: Sequence[str]) -> None:
        """Drop all that is held of these players, as if they had never come. Their rows in the database are the
        caller's to delete, after which this is done once more.

        :param user_ids: those of their further attempts too.
        """
        ...

    async def slow_players(self, session_id: str) -> list[ParticipantState]:
        """The players who have another time than the rest, in the order of joining."""
        ...

    async def participant(self, session_id: str, user_id: str) -> ParticipantState | None:
        """One player of the session."""
        ...

    async def participants(self, session_id: str) -> list[ParticipantState]:
        """All players of the session, the removed ones too, in the order of joining."""
        ...

    async def participant_count(self, session_id: str) -> int:
        """How many players are connected."""
        ...


class ShowingStore(Protocol):
    """Self pace: what is on show to each player."""

    async def show(self, session_id: str, user_id: str, question_id: str) -> None:
        """Self pace: the question is being shown to the player, whose time runs from the first showing."""
        ...

    async def shown(self, session_id: str, user_id: str) -> Mapping[str, int]:
        """Self pace: when each question was first shown to the player, on the session's active clock.

        They stand in the order of the last showing: the one on show is last.
        """
        ...


class ResultStore(Protocol):
    """What was answered, and what it came to. Answers are recorded by :class:`scoring.ports.AnswerStore`."""

    async def answers_of(self, session_id: str, user_id: str) -> list[StoredAnswer]:
        """A player's answers."""
        ...

    async def answers_to(self, session_id: str, question_id: str) -> Mapping[str, StoredAnswer]:
        """All answers to a question, by user."""
        ...

    async def standings(self, session_id: str) -> Standings:
        """The whole order, as far as scores may be told. Of several attempts a player has the one that counts."""
        ...

    async def score(self, session_id: str, user_id: str) -> int:
        """A player's score, as far as it may be told; by the id of an attempt, the attempt's."""
        ...


class Store(SessionStore, ParticipantStore, ShowingStore, AnswerStore, ResultStore, Protocol):
    """The live state of sessions, by subject."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as its durable place has it, to rebuild the live state from."""

    setup: SessionSetup
    state: SessionState
    events: tuple[SessionEvent, ...]
    participants: tuple[ParticipantState, ...]
    answers: tuple[StoredAnswer, ...]
    #: ``user_id -> question_id -> active clock`` of the questions on show.
    shown: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class LogProgress:
    """How far a session is in its durable place."""

    revision: int
    participants: int
    answers: int
    #: Participants that are connected to some instance.
    connected: int


class SessionLog(Protocol):
    """The durable place of sessions and participants."""

    async def create(self, setup: SessionSetup, state: SessionState) -> None:
        """Add a session.

        :raises CodeTaken: when a live session has its join code.
        """
        ...

    async def load(self, session_id: str) -> SessionRecord | None:
        """Everything known of a session."""
        ...

    async def state(self, session_id: str) -> SessionState | None:
        """Where the session stands."""
        ...

    async def restore(self, record: SessionRecord) -> None:
        """Write what a live store knows of a session, as far as it is lacking. Doing it twice changes nothing."""
        ...

    async def revisions(self, session_ids: Sequence[str]) -> dict[str, int]:
        """By session: the revision, as far as the session is known."""
        ...

    async def progress(self, session_ids: Sequence[str]) -> dict[str, LogProgress]:
        """By session, as far as it is known."""
        ...

    async def find_code(self, join_code: str) -> str | None:
        """The id of the live session with this join code, else of the one that had it last."""
        ...

    async def live(self) -> list[tuple[str, int | None]]:
        """Ids of the sessions that are not completed, with the time each timer is due. Homeworks are not among them."""
        ...

    async def homeworks_due(self, before: int) -> list[str]:
        """Ids of the homeworks whose timers are due before a time, the first first."""
        ...

    async def commit(self, session_id: str, decision: Decision, *, after_answers: bool = False) -> bool:
        """Conditional update on the revision, with the audit record in one transaction. Whether it was taken.

        :param after_answers: wait for the answers that are being inserted; what others insert afterwards finds the
            session moved on.
        """
        ...

    async def add_participants(self, session_id: str, participants: Sequence[ParticipantState]) -> None:
        """Commit new participants."""
        ...

    async def set_status(self, changes: Mapping[str, Mapping[str, ParticipantStatus]], now: int) -> None:
        """Keep the status of participants, by session and user, and when they were last active."""
        ...

    async def remove(self, session_id: str, user_id: str, *, at: int, actor: str) -> None:
        """Commit the removal of a player, with its audit record."""
        ...

    async def rename(self, session_id: str, participant: ParticipantState, *, before: str, actor: str) -> None:
        """Commit a player's new name, with its audit record.

        :param participant: the player under the new name.
        :param before: the name until now.
        """
        ...

    async def arrange(self, session_id: str, participant: ParticipantState, *, what: str, actor: str) -> None:
        """Commit what is arranged for a player, with its audit record.

        :param participant: the player after the change.
        :param what: what changed, see :class:`sessions.rules.people.Arrangement`.
        """
        ...

    async def set_shown(self, changes: Mapping[str, Mapping[str, tuple[str, int]]]) -> None:
        """Keep by session and player which question is on show, and since when on the active clock."""
        ...

    async def finish(self, session_id: str, standings: Standings) -> None:
        """Write the final standings, once."""
        ...


class Words(Protocol):
    """The word lists that quizzes are made from."""

    async def behind(self, quiz_id: str, texts: Mapping[str, str]) -> Mapping[str, tuple[WordListContent, int]]:
        """By question: the list that it was made from, and the place of its word.

        :param texts: the questions' texts by their ids: one whose text is another one now asks for something else.
        :raises scoring.ports.ServiceUnavailable: when the database cannot be reached.
        """
        ...


class Voice(Protocol):
    """What questions that are heard sound like."""

    async def give(self, quiz: QuizContent) -> QuizContent:
        """The quiz with a recording for each question that is heard, as far as there is one or the server can speak it.

        :raises scoring.ports.ServiceUnavailable: when the database cannot be reached.
        """
        ...


class Broadcaster(Protocol):
    """Tells all members of a session, on every instance. It may lose messages; sequence numbers show the gap."""

    async def event(self, session_id: str, seq: int, kind: str, question_id: str, body: bytes) -> None:
        """A session event: the encoded message, which each instance completes for its players."""
        ...

    async def volatile(self, session_id: str, body: bytes, audience: Audience) -> None:
        """A message that may be lost: presence, progress."""
        ...

    async def board_changed(self, session_id: str) -> None:
        """The leaderboard moved; each instance reads it once and tells its own players."""
        ...

    async def supersede(self, session_id: str, user_id: str, connection: str) -> None:
        """The player is on another connection now; close the one named."""
        ...

    async def needs_changed(self, session_id: str, user_id: str, needs: Needs) -> None:
        """The host arranged something for the player; tell nobody else."""
        ...

    async def removed(self, session_id: str, user_id: str) -> None:
        """The host removed the player; close the connection."""
        ...
