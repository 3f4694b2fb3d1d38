"""A player's own answers beside the right ones, as far as the player may know them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import UNSET

from quizzes.rules.content import QuestionContent
from scoring.rules.answers import StoredAnswer
from scoring.rules.grading import as_given
from scoring.rules.points import points_rule
from scoring.rules.regrading import right_answers, without_accents
from sessions.protocol.outbound import SummaryLine
from sessions.rules.people import NO_NEEDS, Needs
from sessions.rules.state import SessionSetup, SessionState, is_underway
from sessions.services.event_messages import gap_solutions, your_gaps


def summary_lines(
    setup: SessionSetup, state: SessionState, answers: Mapping[str, StoredAnswer], needs: Needs = NO_NEEDS
) -> list[SummaryLine]:
    """The questions that are over for this player, in the quiz's order.

    :param answers: the player's answers, by question.
    :param needs: what the player needs.
    """
    return [
        _line(setup, index, question, answers.get(question.id), state.accepted_to(question.id), needs=needs)
        for index, question in enumerate(setup.quiz.questions)
        if _is_over(setup, state, index, answered=question.id in answers)
    ]


def _is_over(setup: SessionSetup, state: SessionState, index: int, *, answered: bool) -> bool:
    """Whether the solution may be told. In host pace others may still be answering an open question."""
    if setup.pace == "self":
        return state.status == "completed" or (answered and setup.reveal == "immediately")
    return index < state.question_index or (index == state.question_index and not is_underway(state))


def _line(
    setup: SessionSetup,
    index: int,
    question: QuestionContent,
    stored: StoredAnswer | None,
    accepted: tuple[str, ...],
    *,
    needs: Needs,
) -> SummaryLine:
    graded = without_accents(question) if needs.ignore_accents else question
    verdict, points = (stored.verdict, stored.points) if stored else (None, 0)
    language = setup.quiz.language
    own = your_gaps(graded, stored.answer, language=language, accepted=accepted) if stored else None
    return SummaryLine(
        question_id=question.id,
        index=index,
        kind=question.kind,
        text=question.text,
        points=question.points,
        your_answer=as_given(question.kind, stored.answer) if stored else None,
        is_correct=stored is not None and stored.verdict == "correct",
        points_earned=points,
        reason=verdict,
        rule=points_rule(question, setup.scoring, verdict, points),
        correct_answers=right_answers(question, accepted),
        explanation=question.explanation,
        gaps=gap_solutions(question, accepted) or UNSET,
        your_gaps=own or UNSET,
    )
