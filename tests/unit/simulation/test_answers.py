"""What simulated players answer."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.config import BASE_DIR
from quizzes.rules.content import QuestionContent, QuizContent, content_from_json, content_to_json
from scoring.rules.grading import canonical, grade
from simulation.answers import misspell, other_answer, right_answer
from simulation.habits import draw_habits
from simulation.quiz import Question, read_quiz

CONTENT = BASE_DIR / "quizzes" / "content"
QUIZZES = [content_from_json(json.loads(path.read_text())) for path in sorted(CONTENT.glob("*.json"))]
#: Each question as the server has it, and as a client reads it.
QUESTIONS = [
    pytest.param(quiz, question, read, id=f"{quiz.id}-{question.id}")
    for quiz in QUIZZES
    for question, read in zip(quiz.questions, read_quiz(content_to_json(quiz)).questions, strict=True)
]


@pytest.mark.parametrize(("quiz", "question", "read"), QUESTIONS)
def test_it_knows_the_right_answer_to_every_demo_question(
    quiz: QuizContent, question: QuestionContent, read: Question
) -> None:
    for seed in range(5):
        answer = right_answer(read, Random(seed))
        assert grade(question, answer, language=quiz.language).verdict == "correct", answer


@pytest.mark.parametrize(("quiz", "question", "read"), QUESTIONS)
def test_its_other_answers_have_the_shape_the_question_asks_for(
    quiz: QuizContent, question: QuestionContent, read: Question
) -> None:
    for seed in range(20):
        assert canonical(question, other_answer(read, Random(seed)))


def test_it_mostly_answers_wrong_when_it_means_to() -> None:
    [quiz] = [quiz for quiz in QUIZZES if quiz.id == "vocab-101"]
    wrong = [
        grade(question, other_answer(read, Random(seed)), language="en").verdict != "correct"
        for question, read in zip(quiz.questions, read_quiz(content_to_json(quiz)).questions, strict=True)
        for seed in range(10)
    ]
    assert sum(wrong) > 0.9 * len(wrong)


@given(st.text(st.characters(categories=["L"]), min_size=1, max_size=20), st.integers())
def test_a_misspelled_word_is_never_empty(word: str, seed: int) -> None:
    assert misspell(word, Random(seed))


def test_a_seed_makes_the_same_players_again() -> None:
    def players(seed: int) -> list[object]:
        rng = Random(seed)
        return [draw_habits(number, rng, questions=10, seconds=2) for number in range(50)]

    assert players(7) == players(7)
    assert players(7) != players(8)


def test_there_is_always_a_player_who_plays_from_the_lobby_to_the_end() -> None:
    first = [draw_habits(0, Random(seed), questions=10, seconds=2) for seed in range(50)]
    assert all(habits.late_by is None and habits.leaves_after is None for habits in first)
