"""The right answers of a quiz's other questions, which are never almost right. Pure."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from quizzes.rules.content import QuestionContent, QuizContent
from scoring.rules.expansions import expansions
from scoring.rules.folding import Accents, folder_for
from scoring.rules.typed import compare

#: Right answers further apart than this (in letters, without articles and accents) are not almost right for each other.
_FAR = 3


def with_other_answers(quiz: QuizContent) -> QuizContent:
    """The quiz, each typed question with the right answers of the other ones that would be almost right to it.

    They go into ``confusable``, beside what the author has there. Only answers in the same language count.
    """
    typed = [question for question in quiz.questions if question.kind == "typed" and question.grading.almost > 0]
    if len(typed) < 2:
        return quiz
    answers = {question.id: _answers(question, quiz.language) for question in typed}
    bodies = [
        (body, answer, question.id, question.language or quiz.language)
        for question in quiz.questions
        if question.kind == "typed"
        for answer, body in (answers.get(question.id) or _answers(question, quiz.language)).items()
    ]
    known = [body for body, *_rest in bodies]
    changed: dict[str, QuestionContent] = {}
    for question in typed:
        language = question.language or quiz.language
        near: dict[str, None] = {}
        for own in dict.fromkeys(answers[question.id].values()):
            for _body, _distance, place in process.extract_iter(own, known, scorer=OSA.distance, score_cutoff=_FAR):
                _other, answer, of, tongue = bodies[place]
                if of != question.id and tongue == language and answer not in question.confusable:
                    near[answer] = None
        others = tuple(answer for answer in near if compare(question, answer, language)[0] == "almost")
        if others:
            changed[question.id] = replace(question, confusable=(*question.confusable, *others))
    return replace(quiz, questions=tuple(changed.get(question.id, question) for question in quiz.questions))


def _answers(question: QuestionContent, language: str) -> dict[str, str]:
    """The right answers and what they are compared by, without articles and accents."""
    folder = folder_for(question.language or language)
    return {
        answer: folder.article(folder.keys(answer, accents=Accents.BARE)[0])[1]
        for line in question.correct_answers
        for answer in expansions(line, folder.language)
    }
