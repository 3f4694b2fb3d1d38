"""The commands that move a session on, from hosts and from timers; lifecycle.py decides what comes of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from quizzes.rules.content import QuestionContent


@dataclass(frozen=True, slots=True)
class Start:
    """Open a waiting session."""


@dataclass(frozen=True, slots=True)
class Next:
    """Host pace: close the question that is open, then open the next one, or end after the last. Where options come
    after their question, the next one is asked first, and opened by another ``Next`` or by its timer."""


@dataclass(frozen=True, slots=True)
class CloseQuestion:
    """Host pace: close the open question before its deadline."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop the clock; answers are refused until the session goes on. The open question can still be closed."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause; the deadline moves by as much as the pause took."""


@dataclass(frozen=True, slots=True)
class Extend:
    """Give the open question more time. ``by_ms`` is positive."""

    by_ms: int


@dataclass(frozen=True, slots=True)
class SetLock:
    """Let nobody new in (``True``), or again everybody (``False``)."""

    locked: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """Host pace: the question that was opened last stays until the host goes on, whatever would happen by itself."""


@dataclass(frozen=True, slots=True)
class EverybodyAnswered:
    """Nobody is left who could answer this question: close it where the session wants that. Harmless when late."""

    question_id: str


@dataclass(frozen=True, slots=True)
class End:
    """Complete the session."""


@dataclass(frozen=True, slots=True)
class Accept:
    """Take one more answer to a typed question as right, for everybody who gave it and who will."""

    question_id: str
    #: As it is stored, see scoring.rules.grading.canonical: of a text with gaps, what is empty there is not accepted.
    answer: str


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Put these questions at the end of the quiz; which ones they are is said by sessions/rules/again.py."""

    questions: tuple[QuestionContent, ...]


@dataclass(frozen=True, slots=True)
class MoveClosing:
    """Homework: let it close at another time, for everybody, or later for one player (``user_id``)."""

    closes_at: int
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class Timeout:
    """A timer fired: open, close or end what is past its time, go on from what has stood for long enough. Harmless when
    early."""

    #: Whether somebody who has more time may still answer: then the question stays open, so that nobody is told what
    #: is right meanwhile.
    awaited: bool = False


Command = (
    Start
    | Next
    | CloseQuestion
    | EverybodyAnswered
    | Hold
    | Pause
    | Resume
    | Extend
    | SetLock
    | End
    | Accept
    | AskAgain
    | MoveClosing
    | Timeout
)
