"""Session events as the wire tells them: each event becomes one message, the same one each time it is sent."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import UNSET

from leaderboards.ranking import BoardLine
from quizzes.rules.content import QuestionContent
from scoring.rules import difference
from scoring.rules.answers import StoredAnswer
from scoring.rules.grading import TYPED_KINDS, as_given
from scoring.rules.regrading import right_answers, right_in_gaps
from sessions.protocol import encoding, outbound
from sessions.rules.boards import board_view
from sessions.rules.hearing import text_at_close, text_before_close
from sessions.rules.people import NO_NEEDS, Needs
from sessions.rules.state import SessionEvent, SessionSetup, SessionState
from sessions.services.ports import Store
from sessions.services.shared_standing import goal_reached, team_entries

#: Answers in the distribution of QUESTION_CLOSED, the most given first: thousands may each have typed another word.
DISTRIBUTION_LINES = 100
#: Lines of the leaderboard in SESSION_ENDED.
_ENDED_LINES = 100
#: Answers that it tells of each gap of a text.
GAP_DISTRIBUTION_LINES = 20
_NAMESPACE = uuid.UUID("7a0c6d52-6c0e-4a9e-9d0e-3b7d5a3c1f10")


def options_of(setup: SessionSetup, question: QuestionContent) -> list[str]:
    """The options in the order this session shows them; the same for every player and every showing."""
    options = list(question.options or (question.correct_answers if question.kind == "order" else ()))
    if question.kind != "order" and not setup.quiz.shuffle_options:
        return options
    shuffled = options[:]
    # Not a secret, only an order that is the session's own: reproducible wherever it is made.
    random.Random(f"{setup.id}/{question.id}").shuffle(shuffled)  # noqa: S311
    if question.kind == "order" and shuffled == list(question.correct_answers):
        shuffled = [*shuffled[1:], *shuffled[:1]]
    return shuffled


def options_for(setup: SessionSetup, question: QuestionContent, user_id: str) -> outbound.OptionsForYou | None:
    """The options in the player's own order; ``None`` where the player sees them in the session's.

    True and false stand in one order everywhere: nobody looks for them.
    """
    if not setup.options.own_order or not user_id or not question.has_options or question.kind == "true_false":
        return None
    if question.kind == "gaps":
        return outbound.OptionsForYou([], gaps=gaps_shown(setup, question, user_id))
    shown = options_of(setup, question)
    own = list(range(len(shown)))
    random.Random(f"{setup.id}/{question.id}/{user_id}").shuffle(own)  # noqa: S311 - as in options_of
    if question.kind == "order" and [shown[index] for index in own] == list(question.correct_answers):
        own = [*own[1:], *own[:1]]
    return outbound.OptionsForYou([shown[index] for index in own], own)


def gaps_shown(setup: SessionSetup, question: QuestionContent, user_id: str = "") -> list[outbound.GapShown] | None:
    """The gaps of a text as they are shown, the options of each in an order of the session's, or of the player's, own.

    Authors write the right one first.
    """
    if question.kind != "gaps":
        return None
    whose = f"{setup.id}/{question.id}/{user_id if setup.options.own_order else ''}"
    gaps = []
    for place, gap in enumerate(question.gaps):
        options = list(gap.options)
        random.Random(f"{whose}/{place}").shuffle(options)  # noqa: S311 - as in options_of
        gaps.append(outbound.GapShown(options))
    return gaps


def gap_solutions(question: QuestionContent, accepted: Sequence[str]) -> list[outbound.GapSolution] | None:
    """What is right in each gap of a text; ``None`` for other questions."""
    return [outbound.GapSolution(right) for right in right_in_gaps(question, accepted)] or None


def gaps_closed(
    question: QuestionContent, accepted: Sequence[str], answers: Iterable[StoredAnswer]
) -> list[outbound.GapClosed] | None:
    """The same with what was given, each gap counted for itself."""
    if question.kind != "gaps":
        return None
    given = [as_given("gaps", answer.answer) for answer in answers]
    return [
        outbound.GapClosed(
            right, dict(Counter(each[place] for each in given if each[place]).most_common(GAP_DISTRIBUTION_LINES))
        )
        for place, right in enumerate(right_in_gaps(question, accepted))
    ]


def your_gaps(
    question: QuestionContent, stored: str, *, language: str, accepted: Sequence[str]
) -> list[outbound.YourGap] | None:
    """What became of each gap of a player's answer; ``None`` for other questions. It tells the right answers."""
    shown = difference.gaps_shown(question, stored, language=language, accepted=accepted)
    if shown is None:
        return None
    return [
        outbound.YourGap(gap.verdict, [[*segment] for segment in gap.difference] if gap.difference else None)
        for gap in shown
    ]


def question_opened(
    setup: SessionSetup,
    question: QuestionContent,
    *,
    opened_at: int,
    deadline: int,
    now: int,
    needs: Needs = NO_NEEDS,
    user_id: str = "",
) -> outbound.QuestionOpened:
    """The question as players may see it.

    :param deadline: Unix milliseconds; 0 for none (self pace).
    :param needs: what the player needs whom it is for.
    :param user_id: the player it is for, if it is for one alone.
    """
    questions = setup.quiz.questions
    own = options_for(setup, question, user_id)
    until = needs.deadline(opened_at, deadline) if deadline else 0
    return outbound.QuestionOpened(
        session_id=setup.id,
        question_id=question.id,
        index=next(index for index, other in enumerate(questions) if other.id == question.id),
        total=len(questions),
        kind=question.kind,
        text=text_before_close(question, reads=needs.text_for_sound),
        options=own.options if own else options_of(setup, question),
        media=question.media or None,
        points=question.points,
        time_limit_ms=needs.limit_ms(setup.limit_ms(question)),
        opened_at=encoding.iso(opened_at),
        deadline=encoding.iso(until) if until else None,
        server_time=encoding.iso(now),
        again_of=question.again_of or None,
        listen=question.listen or None,
        sound=question.sound or None if question.listen else None,
        listen_language=(question.listen_language or setup.quiz.language) if question.listen else None,
        shapes=(own.shapes or None) if own else None,
        gaps=gaps_shown(setup, question, user_id),
    )


def opens_at(state: SessionState) -> str | None:
    """When a homework that waits opens by itself."""
    return encoding.iso(state.expires_at) if state.status == "waiting" and state.closes_at else None


def closes_at(state: SessionState, user_id: str = "") -> str | None:
    """When the session ends by itself, as far as that is known; of a homework, when it does for this player."""
    at = state.closing_for(user_id) or (state.expires_at if state.status == "active" else 0)
    return encoding.iso(at) if at else None


def question_asked(
    setup: SessionSetup, question: QuestionContent, *, options_at: int, now: int, needs: Needs = NO_NEEDS
) -> outbound.QuestionAsked:
    """The question without its options."""
    opened = question_opened(setup, question, opened_at=now, deadline=0, now=now, needs=needs)
    shared = {name: getattr(opened, name) for name in outbound.QuestionAsked.__struct_fields__ if name != "options_at"}
    return outbound.QuestionAsked(**shared, options_at=encoding.iso(options_at))


def board_lines(entries: tuple[BoardLine, ...], *, names: bool = True) -> list[outbound.BoardEntry]:
    """Ranking entries as the wire has them, the names left empty where they may not be told."""
    return [
        outbound.BoardEntry(
            entry.rank, entry.user_id, entry.username if names else "", entry.score, entry.place, entry.team
        )
        for entry in entries
    ]


async def render_event(store: Store, setup: SessionSetup, event: SessionEvent) -> bytes:
    """The encoded message of an event, without what differs per player."""
    message = await _message(store, setup, event)
    message_id = str(uuid.uuid5(_NAMESPACE, f"{setup.id}/{event.seq}"))
    return encoding.encode(message, at=event.at, seq=event.seq, message_id=message_id)


def _on_show(setup: SessionSetup, event: SessionEvent) -> outbound.Outbound:
    question, now = setup.quiz.questions[event.index], event.at
    if event.kind == "question_asked":
        return question_asked(setup, question, options_at=event.options_at, now=now)
    return question_opened(setup, question, opened_at=event.opened_at, deadline=event.deadline, now=now)


async def _message(  # noqa: PLR0912 - one for each kind
    store: Store, setup: SessionSetup, event: SessionEvent
) -> outbound.Outbound:
    time = encoding.iso(event.at)
    match event.kind:
        case "started":
            state = await store.state(setup.id)
            return outbound.SessionStarted(setup.id, time, closes_at(state) if state else None)
        case "closing_changed":
            return outbound.ClosingChanged(setup.id, encoding.iso(event.closes_at), time)
        case "paused":
            return outbound.SessionPaused(setup.id, time)
        case "resumed":
            deadline = encoding.iso(event.deadline) if event.deadline else None
            advance_at = encoding.iso(event.advance_at) if event.advance_at else None
            options_at = encoding.iso(event.options_at) if event.options_at else None
            return outbound.SessionResumed(setup.id, time, event.question_id or None, deadline, advance_at, options_at)
        case "deadline_changed":
            return outbound.DeadlineChanged(setup.id, event.question_id, encoding.iso(event.deadline), time)
        case "held":
            return outbound.SessionHeld(setup.id, event.question_id, time)
        case "lock_changed":
            return outbound.SessionLockChanged(setup.id, event.locked)
        case "question_asked" | "question_opened":
            return _on_show(setup, event)
        case "question_closed":
            question = setup.quiz.questions[event.index]
            answers = await store.answers_to(setup.id, question.id)
            accepted = await _accepted(store, setup, question)
            return outbound.QuestionClosed(
                session_id=setup.id,
                question_id=question.id,
                correct_answers=right_answers(question, accepted),
                explanation=question.explanation,
                distribution=dict(
                    Counter(answer.answer for answer in answers.values()).most_common(DISTRIBUTION_LINES)
                ),
                answered_count=len(answers),
                correct_count=_correct(answers),
                advance_at=encoding.iso(event.advance_at) if event.advance_at else None,
                text=text_at_close(question),
                gaps=gaps_closed(question, accepted, answers.values()) or UNSET,
            )
        case "answers_regraded":
            question = setup.quiz.questions[event.index]
            state = await store.state(setup.id)
            # In self pace a player may come to the question later.
            told = state is not None and (setup.pace == "host" or state.status == "completed")
            if not told:
                return outbound.AnswersRegraded(setup.id, question.id, None, None)
            accepted = await _accepted(store, setup, question)
            right, gaps = right_answers(question, accepted), gap_solutions(question, accepted)
            correct = _correct(await store.answers_to(setup.id, question.id))
            return outbound.AnswersRegraded(setup.id, question.id, right, correct, gaps or UNSET)
        case "questions_added":
            return outbound.QuestionsAdded(setup.id, event.total - event.index, event.total, time)
        case "ended":
            standings = await store.standings(setup.id)
            # Hosts, too, hear of the end as players do; the rest they have from LEADERBOARD_UPDATED.
            board = standings.board(board_view(setup.options, "player", "completed").page(0, _ENDED_LINES))
            teams, goal = team_entries(setup, standings), await goal_reached(store, setup, standings)
            return outbound.SessionEnded(setup.id, board_lines(board.entries), board.total, teams, goal)


async def _accepted(store: Store, setup: SessionSetup, question: QuestionContent) -> tuple[str, ...]:
    """What the host accepted besides the question's own answers."""
    if question.kind not in TYPED_KINDS:
        return ()
    state = await store.state(setup.id)
    return state.accepted_to(question.id) if state else ()


def _correct(answers: Mapping[str, StoredAnswer]) -> int:
    return sum(answer.verdict == "correct" for answer in answers.values())
