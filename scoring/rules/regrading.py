"""Grading answers again after a host accepted one more answer to their question. Pure.

A regrade sets verdict and points to what the answer text and the time it took are worth now, and never lowers them.
So it may be done twice, in any order and in several places, and the outcome is the same; whoever finds an answer with
an old verdict may regrade it on the spot.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from quizzes.rules import limits
from quizzes.rules.content import Gap, QuestionContent, QuizContent
from scoring.rules.answers import StoredAnswer
from scoring.rules.expansions import expansions
from scoring.rules.folding import folder_for
from scoring.rules.grading import RANKS, Grade, as_given, canonical, gap_questions, grade, grade_gaps
from scoring.rules.points import Schedule, Verdict, points_at, points_schedule


def right_answers(question: QuestionContent, accepted: Sequence[str]) -> list[str]:
    """The question's own right answers, then what the host accepted besides them; of ``gaps`` the first of each gap."""
    if question.kind == "gaps":
        return [gap.correct_answers[0] for gap in question.gaps]
    return [*question.correct_answers, *accepted]


def right_in_gaps(question: QuestionContent, accepted: Sequence[str]) -> list[list[str]]:
    """What is right in each gap, as :func:`right_answers`; empty for other kinds of questions."""
    others = [as_given(question.kind, each) for each in accepted] if question.gaps else []
    return [
        list(dict.fromkeys([*gap.correct_answers, *(each[place] for each in others if each[place])]))
        for place, gap in enumerate(question.gaps)
    ]


def to_accept(question: QuestionContent, answer: str | list[str], *, language: str, accepted: Sequence[str]) -> str:
    """What is accepted with an answer to a question that is typed; empty where there is nothing that is not right.

    Of ``gaps`` that is what was typed into each and is not right yet.

    :param language: BCP 47 tag of the quiz.
    :param accepted: what was accepted before.
    :raises InvalidAnswer: as :func:`scoring.rules.grading.grade`.
    """
    if question.kind != "gaps":
        right = grade(question, answer, language=language, accepted=accepted).verdict == "correct"
        return "" if right else canonical(question, answer)
    given = as_given("gaps", canonical(question, answer))
    grades = grade_gaps(question, given, language=language, accepted=accepted)
    more = [
        text if gap.kind == "typed" and judged and judged.verdict != "correct" else ""
        for gap, text, judged in zip(gap_questions(question), given, grades, strict=True)
    ]
    return json.dumps(more, ensure_ascii=False) if any(more) else ""


def with_answer(question: QuestionContent, answer: str, *, language: str) -> QuestionContent | None:
    """The typed question with one more right answer, for the sessions to come; of ``gaps`` one more to each gap that
    it has one for.

    ``None`` when the answer cannot stand in the author's list, where it would be read as shorthand for several
    ("he/she", "(to) go"), while it was accepted for itself alone, or where that list is full.

    :param language: BCP 47 tag of the quiz.
    """
    known = folder_for(question.language or language).language
    texts = [text for text in as_given("gaps", answer) if text] if question.kind == "gaps" else [answer]
    if any(len(expansions(text, known)) != 1 for text in texts):
        return None
    confusable = tuple(word for word in question.confusable if word not in texts)
    if question.kind != "gaps":
        lists = [correct := (*question.correct_answers, answer)]
        more = replace(question, correct_answers=correct, confusable=confusable)
    else:
        gaps = tuple(map(_with_text, question.gaps, as_given("gaps", answer)))
        lists = [gap.correct_answers for gap in gaps]
        more = replace(question, gaps=gaps, confusable=confusable)
    return more if all(len(each) <= limits.CORRECT_ANSWERS_MAX for each in lists) else None


def _with_text(gap: Gap, text: str) -> Gap:
    known = gap.correct_answers
    return replace(gap, correct_answers=(*known, text)) if text and text not in known else gap


@dataclass(frozen=True, slots=True)
class Worth:
    """What an answer text is worth."""

    verdict: Verdict
    schedule: Schedule


def worth(question: QuestionContent, judged: Grade, *, speed_ms: int) -> Worth:
    """What an answer with this judgement earns.

    :param speed_ms: see :func:`scoring.rules.points.speed_step_ms`.
    """
    full = judged.verdict == "correct"
    return Worth(judged.verdict, points_schedule(question, credit=judged.credit, full=full, speed_ms=speed_ms))


@lru_cache(1_024)
def without_accents(question: QuestionContent) -> QuestionContent:
    """The question as it is graded for a player whose accents do not matter."""
    gaps = tuple(replace(gap, grading=replace(gap.grading, accents="ignore")) for gap in question.gaps)
    return replace(question, grading=replace(question.grading, accents="ignore"), gaps=gaps)


class Given(NamedTuple):
    """What an answer's worth follows from: its text, and whether accents do not matter for who gave it."""

    answer: str
    lenient: bool = False


def worth_of(
    question: QuestionContent, answers: Iterable[Given], *, accepted: Sequence[str], language: str, speed_ms: int
) -> dict[Given, Worth]:
    """What stored answers to a question that is typed are worth, by answer.

    :param accepted: what the host accepted besides the question's own answers.
    :param language: BCP 47 tag of the quiz.
    """

    def judged(given: Given) -> Grade:
        asked = without_accents(question) if given.lenient else question
        return grade(asked, as_given(question.kind, given.answer), language=language, accepted=accepted)

    return {given: worth(question, judged(given), speed_ms=speed_ms) for given in dict.fromkeys(answers)}


def regraded(stored: StoredAnswer, now: Worth) -> StoredAnswer:
    """The answer with what it is worth now, or as it was where that is better."""
    points = points_at(now.schedule, stored.elapsed_ms)
    if (RANKS[now.verdict], points) <= (RANKS[stored.verdict], stored.points):
        return stored
    return stored._replace(verdict=now.verdict, points=max(points, stored.points))


def regrade(
    quiz: QuizContent,
    answers: Iterable[StoredAnswer],
    *,
    accepted: Mapping[str, Sequence[str]],
    speed_ms: Callable[[QuestionContent], int],
    lenient: Collection[str] = frozenset(),
) -> list[StoredAnswer]:
    """The answers, those to questions with accepted answers graded again.

    :param accepted: by question, what the host accepted besides the question's own answers.
    :param lenient: users for whom accents do not matter.
    :param speed_ms: of a question, see :func:`scoring.rules.points.speed_step_ms`.
    """
    answers = list(answers)
    now: dict[str, dict[Given, Worth]] = {}

    def given(answer: StoredAnswer) -> Given:
        return Given(answer.answer, answer.user_id in lenient)

    for question in quiz.questions:
        if question.id in accepted:
            texts = [given(answer) for answer in answers if answer.question_id == question.id]
            now[question.id] = worth_of(
                question, texts, accepted=accepted[question.id], language=quiz.language, speed_ms=speed_ms(question)
            )
    return [
        regraded(answer, now[answer.question_id][given(answer)]) if answer.question_id in now else answer
        for answer in answers
    ]
