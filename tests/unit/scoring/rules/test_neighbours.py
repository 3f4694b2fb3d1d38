"""The right answer of another question of a quiz is never almost right."""

from __future__ import annotations

from quizzes.rules.content import QuestionContent, QuizContent
from scoring.rules.grading import grade
from scoring.rules.neighbours import with_other_answers


def quiz(*answers: str, language: str = "de") -> QuizContent:
    questions = tuple(
        QuestionContent(f"q{number}", "typed", "?", correct_answers=(answer,)) for number, answer in enumerate(answers)
    )
    return QuizContent("quiz", "Quiz", language=language, questions=questions)


def verdicts(played: QuizContent, answer: str) -> list[str]:
    return [grade(question, answer, language=played.language).verdict for question in played.questions]


def test_the_right_answer_of_another_question_is_wrong_here() -> None:
    played = quiz("der See", "die See")
    assert verdicts(played, "die See") == ["almost", "correct"]
    assert verdicts(with_other_answers(played), "die See") == ["wrong", "correct"]


def test_each_answer_a_line_stands_for_counts() -> None:
    played = with_other_answers(quiz("Schraubenzieher", "Schraubenzieherx; Schraubenziehel"))
    assert verdicts(played, "Schraubenziehel")[0] == "wrong"


def test_slips_of_its_own_stay_almost_right() -> None:
    played = with_other_answers(quiz("der See", "die See"))
    assert verdicts(played, "das See") == ["almost", "almost"]


def test_answers_that_are_right_for_both_stay_right() -> None:
    played = with_other_answers(quiz("Haus; Gebäude", "Haus; Bau"))
    assert verdicts(played, "Haus") == ["correct", "correct"]


def test_answers_in_another_language_do_not_count() -> None:
    played = quiz("Gedanke", "Gedanken")
    other = QuizContent("quiz", "Quiz", language="de", questions=(played.questions[0], QuestionContent(
        "q1", "typed", "?", correct_answers=("Gedanken",), language="nl",
    )))  # fmt: skip
    assert with_other_answers(other) == other


def test_a_quiz_without_two_typed_questions_stays_as_it_is() -> None:
    played = quiz("Haus")
    assert with_other_answers(played) is played
