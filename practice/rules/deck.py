"""Which cards a deck has, in which order, and when its player may have it: it tells all solutions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quizzes.rules.content import QuestionContent, QuizContent
from sessions.rules.options import SessionOptions
from sessions.rules.state import Reveal, Status


def practised(quiz: QuizContent) -> list[QuestionContent]:
    """The questions that are cards. One that asks another again is the other's card."""
    return [question for question in quiz.questions if is_card(question)]


def is_card(question: QuestionContent) -> bool:
    """Whether a question is a card: it has one right answer, which a poll has not, nor a text with several gaps."""
    return question.kind not in {"poll", "gaps"} and not question.again_of


def missed(quiz: QuizContent, verdicts: Mapping[str, str]) -> list[str]:
    """The cards that the player missed: not answered, or not right whenever they were asked.

    :param verdicts: of the player's answers, by question.
    """
    wrong = {
        question.again_of or question.id
        for question in quiz.questions
        if verdicts.get(question.id, "correct" if question.again_of else "wrong") != "correct"
    }
    return [question.id for question in practised(quiz) if question.id in wrong]


def in_order(quiz: QuizContent, first: Iterable[str]) -> list[QuestionContent]:
    """The cards: those that were missed, then the rest."""
    ahead = set(first)
    return sorted(practised(quiz), key=lambda question: question.id not in ahead)


def is_withheld(
    quiz: QuizContent,
    *,
    status: Status,
    reveal: Reveal,
    options: SessionOptions,
    answered: Iterable[set[str]],
) -> bool:
    """Whether the player may not know all solutions yet.

    A session has to be over. At a homework that tells its solutions at once, whoever has answered all of one attempt
    knows them, too.

    :param answered: the questions that were answered, by attempt.
    """
    if status == "completed":
        return False
    if not options.closes_at or reveal != "immediately":
        return True
    every = {question.id for question in quiz.questions}
    return not any(every <= attempt for attempt in answered)
