"""What a session is: its setup, where it stands, and what follows from that. Pure; times are Unix milliseconds.

A session is ``waiting`` (phase ``lobby``), ``active`` and then ``completed`` (phase ``ended``). While it is active,

- in self pace its phase is ``playing``: every question is open to every player;
- in host pace its phase is ``ready`` before the first question, then ``open`` and ``closed`` in turn; where options
  come after their question, ``asked`` goes before ``open``.

A pause stands beside the phase. What moves a session on is in lifecycle.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from quizzes.rules.content import QuestionContent, QuizContent
from scoring.rules.points import Scoring, speed_step_ms
from sessions.rules.attempts import person_of
from sessions.rules.options import SessionOptions
from sessions.rules.people import NO_NEEDS, Needs

Status = Literal["waiting", "active", "completed"]


Phase = Literal["lobby", "ready", "playing", "asked", "open", "closed", "ended"]


Pace = Literal["self", "host"]


Reveal = Literal["immediately", "on_close"]


EventKind = Literal[
    "started",
    "question_asked",
    "question_opened",
    "question_closed",
    "paused",
    "resumed",
    "deadline_changed",
    "lock_changed",
    "ended",
    "answers_regraded",
    "held",
    "questions_added",
    "closing_changed",
]


@dataclass(frozen=True, slots=True)
class SessionSetup:
    """What was arranged when the session was made. It does not change while the session is played, but for the quiz,
    which grows at its end when questions are asked again; see :func:`grown`."""

    id: str
    quiz: QuizContent
    join_code: str
    pace: Pace = "self"
    reveal: Reveal = "immediately"
    scoring: Scoring = "speed"
    max_participants: int = 1000
    #: Replaces every question's own time limit; milliseconds, ``None`` leaves them.
    time_limit_ms: int | None = None
    #: The longest a session may last after its start; milliseconds, 0 for no bound.
    max_duration_ms: int = 0
    #: Primary key of the host's user, or ``None`` for a session made by an operator's key.
    owner_id: int | None = None
    options: SessionOptions = field(default_factory=SessionOptions)

    def limit_ms(self, question: QuestionContent) -> int:
        """Milliseconds a player has for this question."""
        return self.time_limit_ms or question.time_limit_ms

    def speed_ms(self, question: QuestionContent) -> int:
        """Milliseconds that each speed point of this question lasts; 0 where speed does not count."""
        return speed_step_ms(self.scoring, self.limit_ms(question))


@dataclass(frozen=True, slots=True)
class SessionState:
    """Where a session stands. ``revision`` grows by one with every transition, ``seq`` with every event."""

    status: Status = "waiting"
    phase: Phase = "lobby"
    revision: int = 0
    seq: int = 0
    #: Index into the quiz's questions of the last one opened; -1 before the first.
    question_index: int = -1
    question_id: str = ""
    #: When the question was opened, moved forward by the pauses since.
    opened_at: int = 0
    #: When the open question closes by itself; 0 when none is open.
    deadline: int = 0
    #: When the pause began; 0 when the session is not paused.
    paused_at: int = 0
    #: All finished pauses together, in milliseconds.
    paused_ms: int = 0
    #: When the question that was asked opens, with its options; 0 when none waits for that.
    options_at: int = 0
    #: When the closed question gives way to the next one by itself; 0 for never.
    advance_at: int = 0
    #: Whether the host has stopped this question from closing early and from giving way by itself.
    held: bool = False
    locked: bool = False
    created_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    #: When the session ends by itself; 0 for never. Of a homework that waits: when it opens by itself.
    expires_at: int = 0
    #: Typed answers that the host accepted besides the quiz's own: question and answer, in the order of accepting.
    accepted: tuple[tuple[str, str], ...] = ()
    #: How many questions the quiz has since some were asked again; 0 while it is as it was made.
    grown_to: int = 0
    #: Homework: the last moment in which an answer counts; 0 in other sessions.
    closes_at: int = 0
    #: Homework: players who have longer, and until when, in the order of giving.
    extensions: tuple[tuple[str, int], ...] = ()

    def closing_for(self, user_id: str) -> int:
        """Homework: the last moment in which an answer of this player counts, in whichever attempt."""
        if not self.extensions:
            return self.closes_at
        return max(self.closes_at, dict(self.extensions).get(person_of(user_id), 0))

    def last_closing(self) -> int:
        """Homework: when nobody's answers count any more."""
        return max(self.closes_at, *(until for _, until in self.extensions)) if self.extensions else self.closes_at

    def accepted_to(self, question_id: str) -> tuple[str, ...]:
        """The answers to this question that the host accepted."""
        return tuple(answer for to, answer in self.accepted if to == question_id)

    def accepted_by_question(self) -> dict[str, tuple[str, ...]]:
        """The answers that the host accepted, by question."""
        return {question_id: self.accepted_to(question_id) for question_id, _ in self.accepted}


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something every member of the session is told. ``seq`` is its place in the session's sequence."""

    seq: int
    kind: EventKind
    at: int
    question_id: str = ""
    index: int = -1
    opened_at: int = 0
    deadline: int = 0
    locked: bool = False
    #: The answer that was accepted.
    answer: str = ""
    #: When the question that closed gives way to the next one by itself; 0 for never.
    advance_at: int = 0
    #: When the question that was asked opens; 0 when none waits for that.
    options_at: int = 0
    #: How many questions the quiz has from now on; ``index`` is the first of the new ones.
    total: int = 0
    #: Homework: when it closes for everybody who has no longer.
    closes_at: int = 0


def state_to_json(state: SessionState) -> dict[str, Any]:
    """The state as plain data. What most sessions never use is left out, for releases that do not know it."""
    unused = ("accepted", "options_at", "advance_at", "held", "grown_to", "closes_at", "extensions")
    return _without_unused(asdict(state), unused)


def _without_unused(data: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value or name not in names}


def state_from_json(data: Mapping[str, Any]) -> SessionState:
    """The reverse."""
    accepted = tuple((question_id, answer) for question_id, answer in data.get("accepted", ()))
    extensions = tuple((user_id, until) for user_id, until in data.get("extensions", ()))
    return SessionState(**{**data, "accepted": accepted, "extensions": extensions})


def event_to_json(event: SessionEvent) -> dict[str, Any]:
    """The event as plain data; see :func:`state_to_json`."""
    return _without_unused(asdict(event), ("answer", "advance_at", "options_at", "total", "closes_at"))


def grown(setup: SessionSetup, questions: Sequence[QuestionContent]) -> SessionSetup:
    """The setup with these questions at the end of its quiz. Those before keep their places, for good."""
    quiz = replace(setup.quiz, questions=(*setup.quiz.questions, *questions))
    return replace(setup, quiz=quiz)


def is_outgrown(setup: SessionSetup, state: SessionState) -> bool:
    """Whether the setup was read before questions were asked again of which the state knows."""
    return len(setup.quiz.questions) < state.grown_to


def due_at(state: SessionState) -> int | None:
    """When a :class:`sessions.rules.commands.Timeout` will change this state, or ``None`` for never."""
    if state.status == "completed":
        return None
    times = []
    if state.phase == "open" and not state.paused_at:
        times.append(state.deadline)
    if state.phase == "asked" and not state.paused_at:
        times.append(state.options_at)
    if state.phase == "closed" and state.advance_at and not state.paused_at:
        times.append(state.advance_at)
    if state.expires_at:
        times.append(state.expires_at)
    return min(times, default=None)


def active_clock(state: SessionState, now: int) -> int:
    """Milliseconds on a clock that stands still while the session is paused."""
    return (state.paused_at or now) - state.paused_ms


def is_open(
    setup: SessionSetup,
    state: SessionState,
    question_id: str,
    now: int,
    user_id: str = "",
    *,
    needs: Needs = NO_NEEDS,
) -> bool:
    """Whether an answer to this question counts now, or this player's does."""
    if state.status != "active" or state.paused_at:
        return False
    if setup.pace == "self":
        return not state.closes_at or now <= state.closing_for(user_id)
    if state.phase != "open" or state.question_id != question_id:
        return False
    return now <= (needs.deadline(state.opened_at, state.deadline) or now)


def may_still_answer(state: SessionState, needs: Needs, status: str, now: int) -> bool:
    """Whether the open question waits for this player, who has not answered it, when it would close by itself.

    Who lost the connection is waited for as long as the own time runs, and not without an end.
    """
    until = needs.deadline(state.opened_at, state.deadline)
    return now <= until and status in {"connected", "disconnected"} if until else status == "connected"


def is_revealed(setup: SessionSetup, state: SessionState, question_id: str) -> bool:
    """Whether players may know which answers to this question are right."""
    if setup.reveal == "immediately" or state.status == "completed":
        return True
    if setup.pace == "self":
        return False
    return not (is_underway(state) and state.question_id == question_id)


def is_underway(state: SessionState) -> bool:
    """Host pace: whether the question of ``question_index`` is still to be closed."""
    return state.phase in {"asked", "open"}
