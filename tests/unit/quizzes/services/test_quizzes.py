"""Quizzes in the database: stored, replaced, copied, and loaded from the demo files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from quizzes.models import Question, Quiz
from quizzes.rules.content import Grading, QuestionContent, QuizContent
from quizzes.services import demo
from quizzes.services.quizzes import QuizExists, quiz_create, quiz_delete, quiz_duplicate, quiz_save

pytestmark = pytest.mark.django_db

CONTENT = QuizContent(
    id="sums",
    title="Sums",
    language="pt-BR",
    description="Two lines\nof text",
    shuffle_options=True,
    questions=(
        QuestionContent(id="b", kind="choice", text="2 + 2?", options=("3", "4"), correct_answers=("4",)),
        QuestionContent(
            id="a",
            kind="typed",
            text="Word?",
            correct_answers=("café",),
            points=0,
            time_limit_ms=1000,
            explanation="Because",
            media="/a.png",
            grading=Grading(accents="strict", almost=0.25),
            confusable=("cafetière",),
        ),
        QuestionContent(id="c", kind="number", text="Pi?", correct_answers=("3.14",), tolerance=0.01),
    ),
)


def test_it_gives_back_what_was_stored() -> None:
    quiz_create(CONTENT)
    assert Quiz.objects.get(pk="sums").content() == CONTENT


def test_it_refuses_to_create_a_quiz_twice_and_keeps_the_first() -> None:
    quiz_create(CONTENT)
    with pytest.raises(QuizExists):
        quiz_create(replace(CONTENT, title="Other"))
    assert Quiz.objects.get(pk="sums").content() == CONTENT


def test_it_replaces_a_quiz_whole_and_keeps_its_owner(django_user_model: type[User]) -> None:
    owner = django_user_model.objects.create(username="teacher")
    quiz_create(CONTENT, owner=owner)
    shorter = replace(CONTENT, title="Fewer sums", questions=CONTENT.questions[1:])
    quiz_save(shorter, owner=None)
    quiz = Quiz.objects.get(pk="sums")
    assert quiz.content() == shorter
    assert quiz.owner == owner
    assert Question.objects.count() == 2


def test_it_leaves_the_old_quiz_when_the_new_one_cannot_be_stored() -> None:
    quiz_create(CONTENT)
    impossible = replace(CONTENT, title="Worse", questions=(CONTENT.questions[0], CONTENT.questions[0]))
    with pytest.raises(IntegrityError), transaction.atomic():
        quiz_save(impossible)
    assert Quiz.objects.get(pk="sums").content() == CONTENT


def test_it_does_not_take_another_fault_for_a_taken_id() -> None:
    impossible = replace(CONTENT, questions=(CONTENT.questions[0], CONTENT.questions[0]))
    with pytest.raises(IntegrityError), transaction.atomic():
        quiz_create(impossible)


def test_it_deletes_a_quiz_with_its_questions_and_tells_whether_there_was_one() -> None:
    quiz_create(CONTENT)
    assert quiz_delete("sums") is True
    assert quiz_delete("sums") is False
    assert not Question.objects.exists()


def test_copies_get_ids_of_their_own_that_fit(django_user_model: type[User]) -> None:
    owner = django_user_model.objects.create(username="teacher")
    quiz = quiz_create(replace(CONTENT, id="x" * 36))
    first = quiz_duplicate(quiz, owner=owner, title="Copy")
    second = quiz_duplicate(quiz, owner=owner, title="Copy")
    assert [first.pk, second.pk] == ["x" * 31 + "-copy", "x" * 29 + "-copy-2"]
    assert second.content() == replace(CONTENT, id=second.pk, title="Copy")
    assert second.owner == owner


@pytest.mark.parametrize("values", [{"kind": "essay"}, {"points": 1001}, {"time_limit_ms": 999}])
def test_the_database_itself_refuses_what_no_question_can_be(values: dict[str, Any]) -> None:
    quiz = quiz_create(CONTENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        quiz.questions.filter(question_id="b").update(**values)


# -- the demo quizzes -----------------------------------------------------------------------------------------------


def load() -> list[str]:
    out = StringIO()
    call_command("load_quizzes", stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(demo, "FOLDER", tmp_path)
    return tmp_path


def write_file(folder: Path, **changes: Any) -> None:
    question = {"id": "q1", "kind": "choice", "text": "2 + 2?", "options": ["3", "4"], "correct_answers": ["4"]}
    data = {"id": "sums", "title": "Sums", "questions": [question], **changes}
    (folder / "sums.json").write_text(json.dumps(data), encoding="utf-8")


def test_the_demo_quizzes_load_and_load_again_without_a_change() -> None:
    first = load()
    assert len(first) >= 4
    assert all(line.endswith(": loaded") for line in first)
    before = list(Quiz.objects.values())
    assert all(line.endswith(": unchanged") for line in load())
    assert list(Quiz.objects.values()) == before


def test_every_demo_quiz_has_questions_enough_and_several_kinds() -> None:
    quizzes = {content.id: content for content in demo.demo_quizzes()}
    for content in quizzes.values():
        kinds = Counter(question.kind for question in content.questions)
        assert len(content.questions) >= 15
        assert {"choice", "multi", "true_false", "typed", "order", "number"} <= set(kinds)
        assert all(question.explanation for question in content.questions)
        assert len({question.time_limit_ms for question in content.questions}) > 1
        assert len({question.text for question in content.questions}) == len(content.questions)
    vocabulary = Counter(question.kind for question in quizzes["vocab-101"].questions)
    assert vocabulary["choice"] > sum(vocabulary.values()) / 2


def test_the_right_option_of_a_demo_quiz_has_no_fixed_place() -> None:
    for content in demo.demo_quizzes():
        places = {
            question.options.index(question.correct_answers[0])
            for question in content.questions
            if question.kind == "choice"
        }
        assert len(places) >= 3


def test_a_newer_file_replaces_a_quiz_nobody_edited(folder: Path) -> None:
    write_file(folder)
    assert load() == ["sums (1 question): loaded"]
    write_file(folder, title="More sums")
    assert load() == ["sums (1 question): updated"]
    assert Quiz.objects.get(pk="sums").title == "More sums"
    assert load() == ["sums (1 question): unchanged"]


def test_a_file_never_replaces_what_a_host_edited(folder: Path) -> None:
    write_file(folder)
    load()
    Question.objects.update(text="3 + 1?")
    assert load() == ["sums (1 question): kept as it is, for it was edited here"]
    write_file(folder, title="More sums")
    assert load() == ["sums (1 question): kept as it is, for it was edited here"]
    assert Quiz.objects.get(pk="sums").content().questions[0].text == "3 + 1?"


def test_a_file_never_replaces_a_hosts_quiz_of_the_same_id(folder: Path) -> None:
    quiz_create(CONTENT)
    write_file(folder)
    assert load() == ["sums (1 question): kept as it is, for it was edited here"]
    assert Quiz.objects.get(pk="sums").content() == CONTENT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "sums.json: "),
        ("[]", "sums.json: Give an object with named fields."),
        ('{"id": "sums", "title": "Sums"}', "sums.json: questions: A quiz needs at least one question."),
    ],
)
def test_a_bad_file_stops_the_load_and_says_why(folder: Path, text: str, message: str) -> None:
    (folder / "sums.json").write_text(text)
    with pytest.raises(CommandError) as caught:
        load()
    assert str(caught.value).startswith(message)
    assert not Quiz.objects.exists()
