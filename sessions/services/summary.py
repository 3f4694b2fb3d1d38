"""A player's own answers beside the right ones, as far as the player may know them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from quizzes.rules.content import QuestionContent
from scoring.rules.answers import StoredAnswer
from scoring.rules.points import points_rule
from scoring.rules.regrading import right_answers
from sessions.protocol.encoding import answer_on_wire
from sessions.protocol.outbound import SummaryLine
from sessions.rules.state import SessionSetup, SessionState, is_underway


def summary_lines(setup: SessionSetup, state: SessionState, answers: Mapping[str, StoredAnswer]) -> list[SummaryLine]:
    """The questions that are over for this player, in the quiz's order.

    :param answers: the player's answers, by question.
    """
    return [
        _line(setup, index, question, answers.get(question.id), state.accepted_to(question.id))
        for index, question in enumerate(setup.quiz.questions)
        if _is_over(setup, state, index, answered=question.id in answers)
    ]


def _is_over(setup: SessionSetup, state: SessionState, index: int, *, answered: bool) -> bool:
    """Whether the solution may be told. In host pace others may still be answering an open question."""
    if setup.pace == "self":
        return state.status == "completed" or (answered and setup.reveal == "immediately")
    return index < state.question_index or (index == state.question_index and not is_underway(state))


def _line(
    setup: SessionSetup, index: int, question: QuestionContent, stored: StoredAnswer | None, accepted: tuple[str, ...]
) -> SummaryLine:
    verdict, points = (stored.verdict, stored.points) if stored else (None, 0)
    return SummaryLine(
        question_id=question.id,
        index=index,
        kind=question.kind,
        text=question.text,
        points=question.points,
        your_answer=answer_on_wire(question.kind, stored.answer) if stored else None,
        is_correct=stored is not None and stored.verdict == "correct",
        points_earned=points,
        reason=verdict,
        rule=points_rule(question, setup.scoring, verdict, points),
        correct_answers=right_answers(question, accepted),
        explanation=question.explanation,
    )
