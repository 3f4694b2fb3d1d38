"""What the simulation expects of an answer, by itself, and that the server's own rules say nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest

from common.config import BASE_DIR
from quizzes.rules.content import QuestionContent, QuizContent, content_from_json, content_to_json
from scoring.rules.grading import canonical, grade
from simulation.answers import other_answer, right_answer
from simulation.expectation import NotAnAnswer, expected, expected_points, expected_shares, is_same
from simulation.ledger import AnswerValue
from simulation.quiz import Question, read_question, read_quiz

ANIMALS = ("cat", "dog", "eel", "fox", "gnu")
CHOICE = Question("q", "choice", options=ANIMALS, correct_answers=("cat",))
TRUE = Question("q", "true_false", options=("True", "False"), correct_answers=("True",))
MULTI = Question("q", "multi", options=ANIMALS, correct_answers=("cat", "dog"))
ORDER = Question("q", "order", options=("fox", "cat", "dog"), correct_answers=("cat", "dog", "fox"))
NUMBER = Question("q", "number", correct_answers=("3,5",), tolerance=0.1)
POLL = Question("q", "poll", options=ANIMALS)
TYPED = Question("q", "typed", correct_answers=("(to) abridge",))


@pytest.mark.parametrize(
    ("question", "answer", "shares"),
    [
        (CHOICE, "cat", {"correct": 1}),
        (CHOICE, "dog", {"wrong": 0}),
        (TRUE, "true", {"correct": 1}),
        (TRUE, "False", {"wrong": 0}),
        (MULTI, ["dog", "cat"], {"correct": 1}),
        (MULTI, ["cat"], {"almost": 0.5}),
        (MULTI, ["cat", "dog", "eel"], {"almost": 0.5}),
        (MULTI, ["cat", "eel"], {"wrong": 0}),
        (ORDER, ["cat", "dog", "fox"], {"correct": 1}),
        (ORDER, ["dog", "cat", "fox"], {"wrong": 0}),
        (NUMBER, "3.6", {"correct": 1}),
        (NUMBER, "3.61", {"wrong": 0}),
        (POLL, "gnu", {"correct": 0}),
        (TYPED, "to abridge", {"correct": 1}),
        (TYPED, "funny", {"wrong": 0}),
        (TYPED, "abrige", {"correct": 1, "almost": 0.5, "wrong": 0}),
        (replace(TYPED, almost=0), "abrige", {"correct": 1, "wrong": 0}),
    ],
)
def test_it_expects_of_an_answer(question: Question, answer: AnswerValue, shares: dict[str, float]) -> None:
    assert expected(question, answer) == shares


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (CHOICE, "cow"),
        (CHOICE, ["cat"]),
        (MULTI, "cat"),
        (MULTI, []),
        (MULTI, ["cat", "cat"]),
        (MULTI, ["cow"]),
        (ORDER, ["cat", "dog"]),
        (NUMBER, "three"),
        (POLL, "cow"),
        (TYPED, "  "),
    ],
)
def test_it_knows_what_is_no_answer(question: Question, answer: AnswerValue) -> None:
    with pytest.raises(NotAnAnswer):
        expected(question, answer)


@pytest.mark.parametrize(
    ("question", "sent", "stored", "same"),
    [
        (MULTI, ["dog", "cat"], ["cat", "dog"], True),
        (MULTI, ["dog", "cat"], ["cat"], False),
        (ORDER, ["cat", "dog", "fox"], ["dog", "cat", "fox"], False),
        (NUMBER, "1,50", "1.5", True),
        (NUMBER, "1,500", "1500", True),
        (NUMBER, "1,500", "15", False),
        (TRUE, "true", "True", True),
        (TYPED, " abridge", "abridge", True),
        (TYPED, "abridge", "abrige", False),
        (CHOICE, "cat", "cow", False),
    ],
)
def test_it_tells_an_answer_written_anew_from_another_one(
    question: Question, sent: AnswerValue, stored: AnswerValue, same: bool
) -> None:
    assert is_same(question, sent, stored) is same


@pytest.mark.parametrize(
    ("question", "verdict", "share", "points"),
    [
        (CHOICE, "correct", 1, 15),
        (CHOICE, "wrong", 0, 0),
        (replace(CHOICE, points=5), "almost", 0.5, 3),
        (replace(CHOICE, points=0), "correct", 1, 0),
        (POLL, "correct", 0, 0),
    ],
)
def test_only_a_right_answer_that_is_worth_points_earns_speed(
    question: Question, verdict: str, share: float, points: int
) -> None:
    assert expected_points(question, verdict, share, 0) == points


DEMO = [
    pytest.param(quiz, question, read, id=f"{quiz.id}-{question.id}")
    for path in sorted((BASE_DIR / "quizzes" / "content").glob("*.json"))
    for quiz in [content_from_json(json.loads(path.read_text()))]
    for question, read in zip(quiz.questions, read_quiz(content_to_json(quiz)).questions, strict=True)
]


def _any_answer(question: Question, rng: Random) -> AnswerValue:
    """An answer that may be partly right."""
    if question.kind == "multi":
        return rng.sample(question.options, rng.randint(1, len(question.options)))
    if question.kind == "order":
        return rng.sample(question.correct_answers, len(question.correct_answers))
    return other_answer(question, rng)


@pytest.mark.parametrize(("quiz", "question", "read"), DEMO)
def test_the_server_judges_every_demo_question_as_expected(
    quiz: QuizContent, question: QuestionContent, read: Question
) -> None:
    for seed in range(100):
        rng = Random(seed)
        answer = (right_answer, other_answer, _any_answer)[seed % 3](read, rng)
        judged = grade(question, answer, language=quiz.language)
        assert expected(read, answer)[judged.verdict] == pytest.approx(judged.credit), answer
        text = canonical(question, answer)
        assert is_same(read, answer, json.loads(text) if question.kind in {"multi", "order"} else text)


def test_a_field_that_was_renamed_is_noticed() -> None:
    quiz = {"id": "small", "questions": [{"id": "q1", "kind": "poll", "choices": ["a", "b"]}]}
    with pytest.raises(KeyError, match="options"):
        read_quiz(quiz)


GAPS = read_question(
    {
        "id": "q",
        "kind": "gaps",
        "options": [],
        "correct_answers": [],
        "points": 10,
        "tolerance": 0.0,
        "grading": {"almost": 0.5},
        "gaps": [
            {"correct_answers": ["house"], "options": [], "grading": {"almost": 0.5}},
            {"correct_answers": ["mat"], "options": ["rug", "mat"], "grading": {"almost": 0.5}},
        ],
    }
)


def test_a_text_with_gaps_may_earn_what_its_gaps_may_together() -> None:
    assert expected(GAPS, ["house", "mat"]) == {"correct": 1.0}
    assert expected(GAPS, ["", "rug"]) == {"wrong": 0.0}
    assert expected(GAPS, ["house", "rug"]) == {"almost": 0.5}
    assert expected_shares(GAPS, ["hous", "mat"], "almost") == {0.5, 0.75}
    for answer in (["house"], ["", ""], "house", ["house", "bed"]):
        with pytest.raises(NotAnAnswer):
            expected(GAPS, answer)


@pytest.mark.parametrize("seed", range(20))
def test_players_fill_gaps_rightly_or_somehow(seed: int) -> None:
    rng = Random(seed)
    assert set(expected(GAPS, right_answer(GAPS, rng))) == {"correct"}
    assert expected(GAPS, other_answer(GAPS, rng))
