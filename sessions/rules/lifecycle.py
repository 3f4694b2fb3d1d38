"""The session state machine: ``decide(setup, state, command, now) -> Transition``. Pure; times are Unix milliseconds.

Whoever commits a transition does so by compare-and-set on ``revision``, so that two hosts, two instances, or a timer
and a click cannot both win.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from quizzes.rules import limits
from quizzes.rules.content import QuestionContent
from scoring.rules.grading import TYPED_KINDS, as_given
from scoring.rules.regrading import to_accept
from sessions.rules.commands import (
    Accept,
    AskAgain,
    CloseQuestion,
    Command,
    End,
    EverybodyAnswered,
    Extend,
    Hold,
    MoveClosing,
    Next,
    Pause,
    Resume,
    SetLock,
    Start,
    Timeout,
)
from sessions.rules.homework import MAX_OPEN_DAYS, MAX_OPEN_MS
from sessions.rules.state import SessionEvent, SessionSetup, SessionState, due_at, is_underway

#: Answers that a host may accept in one session: each step of a session carries them along.
MAX_ACCEPTED = 50
#: Players of one homework who have longer than the others; the same.
MAX_EXTENSIONS = 200


@dataclass(frozen=True, slots=True)
class Transition:
    """A decided change: the state after it and what to tell. No events means that nothing changed."""

    state: SessionState
    events: tuple[SessionEvent, ...] = ()
    #: Questions that the quiz of the session gets at its end.
    added: tuple[QuestionContent, ...] = ()


class NotAllowed(Exception):
    """The command does not fit the state. ``reason`` is a sentence for a person."""

    def __init__(self, reason: str, state: SessionState) -> None:
        super().__init__(reason)
        self.reason = reason
        self.state = state


def decide(setup: SessionSetup, state: SessionState, command: Command, now: int) -> Transition:  # noqa: PLR0912 - one each
    """Apply a command. Repeating one that has happened changes nothing and is not an error.

    :raises NotAllowed: when the command does not fit the state.
    :raises scoring.rules.grading.InvalidAnswer: when what is to be accepted is no answer.
    """
    match command:
        case Start():
            return _start(setup, state, now)
        case Next():
            return _next(setup, state, now)
        case CloseQuestion():
            return _close(setup, state, now)
        case EverybodyAnswered(question_id):
            return _everybody_answered(setup, state, question_id, now)
        case Hold():
            return _hold(setup, state, now)
        case Pause():
            return _pause(state, now)
        case Resume():
            return _resume(state, now)
        case Extend(by_ms):
            return _extend(state, by_ms, now)
        case SetLock(locked):
            return _set_lock(state, locked, now)
        case End():
            return Transition(state) if state.status == "completed" else _end(setup, state, now)
        case Accept(question_id, answer):
            return _accept(setup, state, question_id, answer, now)
        case AskAgain(questions):
            return _ask_again(setup, state, questions, now)
        case MoveClosing(closes_at, user_id):
            return _move_closing(state, closes_at, user_id, now)
        case Timeout(awaited):
            return _timeout(setup, state, now, awaited=awaited)


#: What a host can do, by its name in REST; an example of each stands for all of its kind.
HOST_COMMANDS: dict[str, Command] = {
    "start": Start(),
    "next": Next(),
    "close-question": CloseQuestion(),
    "extend": Extend(by_ms=1),
    "hold": Hold(),
    "pause": Pause(),
    "resume": Resume(),
    "lock": SetLock(locked=True),
    "unlock": SetLock(locked=False),
    "ask-again": AskAgain((QuestionContent(id="", kind="poll", text=""),)),
    "end": End(),
}


def allowed(setup: SessionSetup, state: SessionState) -> list[str]:
    """Names of the commands that would change the session as it stands. What is drawn from this cannot differ from what
    :func:`decide` does, because that is who is asked."""

    def changes(command: Command) -> bool:
        try:
            return bool(decide(setup, state, command, state.created_at).events)
        except NotAllowed:
            return False

    return [name for name, command in HOST_COMMANDS.items() if changes(command)]


def _advance(state: SessionState, event: SessionEvent, **changes: object) -> Transition:
    changed = replace(state, revision=state.revision + 1, seq=event.seq, **changes)  # type: ignore[arg-type]  # by name
    return Transition(changed, (event,))


def _require_active(state: SessionState, what: str) -> None:
    if state.status == "waiting":
        raise NotAllowed(f"The session has not started; {what}.", state)
    if state.status == "completed":
        raise NotAllowed(f"The session is over; {what}.", state)


def _require_host_pace(setup: SessionSetup, state: SessionState) -> None:
    if setup.pace != "host":
        raise NotAllowed("Players of a self-paced session open their own questions.", state)


def _start(setup: SessionSetup, state: SessionState, now: int) -> Transition:
    if state.status == "active":
        return Transition(state)
    if state.status == "completed":
        raise NotAllowed("The session is over; it cannot start again.", state)
    if not setup.quiz.questions:
        raise NotAllowed("The quiz has no questions.", state)
    return _advance(
        state,
        SessionEvent(seq=state.seq + 1, kind="started", at=now),
        status="active",
        phase="playing" if setup.pace == "self" else "ready",
        started_at=now,
        expires_at=state.last_closing() or (now + setup.max_duration_ms if setup.max_duration_ms else 0),
    )


def _next(setup: SessionSetup, state: SessionState, now: int) -> Transition:
    _require_active(state, "there is no next question")
    _require_host_pace(setup, state)
    if state.paused_at:
        raise NotAllowed("The session is paused; resume it first.", state)
    if state.phase == "asked":
        return _opened(setup, state, state.question_index, now)
    closed = _closed(setup, state, now) if state.phase == "open" else Transition(state)
    index = state.question_index + 1
    if index >= len(setup.quiz.questions):
        after = _end(setup, closed.state, now)
    elif setup.options.options_after_ms and setup.quiz.questions[index].has_options:
        after = _asked(setup, closed.state, index, now)
    else:
        after = _opened(setup, closed.state, index, now)
    # One command is one transition, however many events it makes.
    return Transition(replace(after.state, revision=state.revision + 1), closed.events + after.events)


def _asked(setup: SessionSetup, state: SessionState, index: int, now: int) -> Transition:
    event = SessionEvent(
        seq=state.seq + 1,
        kind="question_asked",
        at=now,
        question_id=setup.quiz.questions[index].id,
        index=index,
        options_at=now + setup.options.options_after_ms,
    )
    return _advance(
        state,
        event,
        phase="asked",
        question_index=index,
        question_id=event.question_id,
        options_at=event.options_at,
        advance_at=0,
        held=False,
    )


def _opened(setup: SessionSetup, state: SessionState, index: int, now: int) -> Transition:
    question = setup.quiz.questions[index]
    event = SessionEvent(
        seq=state.seq + 1,
        kind="question_opened",
        at=now,
        question_id=question.id,
        index=index,
        opened_at=now,
        deadline=now + setup.limit_ms(question),
    )
    return _advance(
        state,
        event,
        phase="open",
        question_index=index,
        question_id=question.id,
        opened_at=now,
        deadline=event.deadline,
        options_at=0,
        advance_at=0,
        held=False,
    )


def _close(setup: SessionSetup, state: SessionState, now: int) -> Transition:
    _require_active(state, "no question is open")
    _require_host_pace(setup, state)
    if state.phase == "closed":
        return Transition(state)
    if state.phase != "open":
        raise NotAllowed("No question is open.", state)
    return _closed(setup, state, now)


def _closed(setup: SessionSetup, state: SessionState, now: int) -> Transition:
    after = 0 if state.held else setup.options.advance_after_ms
    event = SessionEvent(
        seq=state.seq + 1,
        kind="question_closed",
        at=now,
        question_id=state.question_id,
        index=state.question_index,
        # During a pause nobody knows when: Resume tells.
        advance_at=now + after if after and not state.paused_at else 0,
    )
    # A pause goes on: only Resume ends it, so that whoever was told of it is told of its end.
    return _advance(
        state, event, phase="closed", deadline=0, advance_at=(state.paused_at or now) + after if after else 0
    )


def _everybody_answered(setup: SessionSetup, state: SessionState, question_id: str, now: int) -> Transition:
    wanted = setup.options.close_when_all_answered and not state.held and not state.paused_at
    if wanted and state.phase == "open" and state.question_id == question_id:
        return _closed(setup, state, now)
    return Transition(state)


def _hold(setup: SessionSetup, state: SessionState, now: int) -> Transition:
    _require_active(state, "there is nothing to hold")
    _require_host_pace(setup, state)
    if not setup.options.close_when_all_answered and not setup.options.advance_after_ms:
        raise NotAllowed("Nothing goes on by itself in this session.", state)
    if state.phase not in {"open", "closed"}:
        raise NotAllowed("No question has been opened.", state)
    if state.held:
        return Transition(state)
    event = SessionEvent(
        seq=state.seq + 1, kind="held", at=now, question_id=state.question_id, index=state.question_index
    )
    return _advance(state, event, held=True, advance_at=0)


def _pause_over(state: SessionState, now: int) -> dict[str, int]:
    return {"paused_at": 0, "paused_ms": state.paused_ms + (now - state.paused_at if state.paused_at else 0)}


def _pause(state: SessionState, now: int) -> Transition:
    _require_active(state, "it cannot pause")
    if state.paused_at:
        return Transition(state)
    return _advance(
        state, SessionEvent(seq=state.seq + 1, kind="paused", at=now, question_id=state.question_id), paused_at=now
    )


def _resume(state: SessionState, now: int) -> Transition:
    _require_active(state, "it cannot go on")
    if not state.paused_at:
        return Transition(state)
    moved = now - state.paused_at if state.phase == "open" else 0
    event = SessionEvent(
        seq=state.seq + 1,
        kind="resumed",
        at=now,
        question_id=state.question_id if state.phase == "open" else "",
        index=state.question_index,
        opened_at=state.opened_at + moved,
        deadline=state.deadline + moved if state.phase == "open" else 0,
        advance_at=state.advance_at + now - state.paused_at if state.advance_at else 0,
        options_at=state.options_at + now - state.paused_at if state.options_at else 0,
    )
    return _advance(
        state,
        event,
        opened_at=event.opened_at,
        deadline=event.deadline,
        advance_at=event.advance_at,
        options_at=event.options_at,
        **_pause_over(state, now),
    )


def _extend(state: SessionState, by_ms: int, now: int) -> Transition:
    _require_active(state, "there is no time to extend")
    if state.phase != "open":
        raise NotAllowed("No question is open.", state)
    event = SessionEvent(
        seq=state.seq + 1,
        kind="deadline_changed",
        at=now,
        question_id=state.question_id,
        index=state.question_index,
        opened_at=state.opened_at,
        deadline=state.deadline + by_ms,
    )
    return _advance(state, event, deadline=event.deadline)


def _set_lock(state: SessionState, locked: bool, now: int) -> Transition:
    if state.status == "completed":
        raise NotAllowed("The session is over; nobody can join it anyway.", state)
    if state.locked == locked:
        return Transition(state)
    return _advance(state, SessionEvent(seq=state.seq + 1, kind="lock_changed", at=now, locked=locked), locked=locked)


def why_not_accept(setup: SessionSetup, state: SessionState, question: QuestionContent | None) -> str | None:
    """Why no answer to the question can be accepted now; ``None`` when one can."""
    if state.status == "waiting":
        return "The session has not started; nobody has answered."
    if question is None or question.kind not in TYPED_KINDS:
        return "Only answers to typed questions can be accepted afterwards."
    index = setup.quiz.questions.index(question)
    if setup.pace == "host" and index > state.question_index:
        return "The question has not been asked."
    if is_underway(state) and index == state.question_index:
        return "The question is still open; close it first."
    return None


def _accept(setup: SessionSetup, state: SessionState, question_id: str, answer: str, now: int) -> Transition:
    question = setup.quiz.question(question_id)
    if reason := why_not_accept(setup, state, question):
        raise NotAllowed(reason, state)
    assert question is not None
    index = setup.quiz.questions.index(question)
    given, before = as_given(question.kind, answer), state.accepted_to(question_id)
    answer = to_accept(question, given, language=setup.quiz.language, accepted=before)
    if not answer:
        return Transition(state)
    if len(state.accepted) >= MAX_ACCEPTED:
        raise NotAllowed(f"A session takes {MAX_ACCEPTED} more answers at most.", state)
    event = SessionEvent(
        seq=state.seq + 1, kind="answers_regraded", at=now, question_id=question_id, index=index, answer=answer
    )
    return _advance(state, event, accepted=(*state.accepted, (question_id, answer)))


def why_not_ask_again(setup: SessionSetup, state: SessionState) -> str | None:
    """Why no question can be asked again now; ``None`` when one can."""
    if state.status == "waiting":
        return "The session has not started; there is nothing to ask again."
    if state.status == "completed":
        return "The session is over; there is nothing to ask again."
    if setup.pace == "host" and state.question_index - is_underway(state) < 0:
        return "No question has been closed yet; there is nothing to ask again."
    return None


def _ask_again(
    setup: SessionSetup, state: SessionState, questions: tuple[QuestionContent, ...], now: int
) -> Transition:
    if reason := why_not_ask_again(setup, state):
        raise NotAllowed(reason, state)
    if not questions:
        return Transition(state)
    before = len(setup.quiz.questions)
    total = before + len(questions)
    if total > limits.QUESTIONS_MAX:
        raise NotAllowed(f"A session takes {limits.QUESTIONS_MAX} questions at most.", state)
    event = SessionEvent(seq=state.seq + 1, kind="questions_added", at=now, index=before, total=total)
    return replace(_advance(state, event, grown_to=total), added=questions)


def _end(setup: SessionSetup, state: SessionState, now: int) -> Transition:
    closed = _closed(setup, state, now) if state.phase == "open" else Transition(state)
    ended = _advance(
        closed.state,
        SessionEvent(seq=closed.state.seq + 1, kind="ended", at=now),
        status="completed",
        phase="ended",
        ended_at=now,
        advance_at=0,
        options_at=0,
        **_pause_over(closed.state, now),
    )
    return Transition(replace(ended.state, revision=state.revision + 1), closed.events + ended.events)


def _move_closing(state: SessionState, closes_at: int, user_id: str, now: int) -> Transition:
    if not state.closes_at:
        raise NotAllowed("Only a homework closes at a time.", state)
    if state.status == "completed":
        raise NotAllowed("The homework is over.", state)
    taken_back = bool(user_id) and closes_at <= state.closes_at
    if closes_at <= now and not taken_back:
        raise NotAllowed("This time is past.", state)
    if closes_at - now > MAX_OPEN_MS:
        raise NotAllowed(f"A homework is open for {MAX_OPEN_DAYS} days at most.", state)
    changes: dict[str, object]
    if user_id:
        others = tuple(entry for entry in state.extensions if entry[0] != user_id)
        extensions = others if taken_back else (*others, (user_id, closes_at))
        if len(extensions) > MAX_EXTENSIONS:
            raise NotAllowed(f"A homework has {MAX_EXTENSIONS} extensions at most; move its end for all.", state)
        after = replace(state, extensions=extensions)
    elif state.status == "waiting" and closes_at <= state.expires_at:
        raise NotAllowed("It would close before it opens.", state)
    else:
        after = replace(state, closes_at=closes_at)
    if after == state:
        return Transition(state)
    changes = {"closes_at": after.closes_at, "extensions": after.extensions}
    if state.status == "active":
        changes["expires_at"] = after.last_closing()
    event = SessionEvent(seq=state.seq + 1, kind="closing_changed", at=now, closes_at=after.closes_at)
    return _advance(state, event, **changes)


def _timeout(setup: SessionSetup, state: SessionState, now: int, *, awaited: bool = False) -> Transition:
    due = due_at(state)
    if due is None or now < due:
        return Transition(state)
    if state.status == "waiting" and state.closes_at:
        return _start(setup, state, now)
    if state.expires_at and now >= state.expires_at:
        return _end(setup, state, now)
    if state.phase == "open":
        return Transition(state) if awaited else _closed(setup, state, now)
    return _next(setup, state, now)
