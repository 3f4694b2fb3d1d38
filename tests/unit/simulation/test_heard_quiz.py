"""The copy of a quiz that the simulation plays where players listen."""

from __future__ import annotations

from quizzes.rules.content import QuestionContent, QuizContent, content_to_json
from simulation.quiz import read_quiz, with_heard_questions


def test_every_second_question_is_heard_and_the_rest_is_as_it_was() -> None:
    questions = tuple(
        QuestionContent(f"q{number}", "typed", "word", correct_answers=("word",), points=number) for number in range(4)
    )
    data = content_to_json(QuizContent("a-quiz-with-a-rather-long-name-of-36", "Quiz", questions=questions))
    heard = with_heard_questions(data)
    assert heard["id"] == "a-quiz-with-a-rather-long-name-heard"
    assert len(heard["id"]) <= 36
    assert [question.heard for question in read_quiz(heard).questions] == [True, False, True, False]
    assert [question.heard for question in read_quiz(data).questions] == [False] * 4
    assert {**heard, "id": data["id"], "questions": data["questions"]} == data
