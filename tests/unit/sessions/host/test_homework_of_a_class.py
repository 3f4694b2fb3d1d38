"""Homework of a class: every attempt of a pupil is the pupil's, one of them is the result, and all go together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from classes.models import SchoolClass
from classes.services import add_pupils, create_class
from quizzes.services.quizzes import quiz_create
from sessions.database.class_answers import class_export
from sessions.database.results import session_results
from sessions.models import PupilPlace, QuizSession
from sessions.rules.options import SessionOptions
from sessions.services.hosting import SessionView
from sessions.services.ports import Join
from sessions.wiring.class_deletion import delete_class
from sessions.wiring.forgetting import forget_person
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import QUIZ


@pytest.fixture
def school_class(live: Runtime, host: User) -> SchoolClass:
    quiz_create(QUIZ, owner=host)
    made = create_class("7a", owner_id=host.pk)
    add_pupils(made, ["Wilfriedchen", "Bob"])
    return made


@pytest.fixture
def homework(live: Runtime, host: User, school_class: SchoolClass) -> SessionView:
    """One that the first pupil has done twice, the second time worse."""
    closes_at = round((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1_000)
    options = SessionOptions(class_id=school_class.id, closes_at=closes_at, attempts=2)
    made = live.sessions.create(
        QUIZ, pace="self", reveal="on_close", scoring="flat", options=options, owner_id=host.pk, actor="test"
    )
    view: SessionView = call(made)
    session_id = view.setup.id
    pupil = school_class.pupils.get(name="Wilfriedchen")
    PupilPlace.objects.create(session_id=session_id, pupil=pupil, user_id="wilf")
    call(live.store.join(session_id, [Join("wilf", pupil.name, proven=True, connection="test/1")]))
    for row, word in (("wilf", "dog"), ("wilf~2", "cat")):
        if row != "wilf":
            call(live.players.attempts.begin(view.setup, user_id="wilf", attempt=2))
        for question, answer in (("q1", word), ("q2", "cat"), ("q3", "cat")):
            call(live.players.answer(view.setup, user_id=row, question_id=question, answer=answer, claimed_ms=None))
    call(live.settle(session_id))
    return view


def test_both_attempts_count_for_the_pupil_and_the_better_one_is_the_result(
    homework: SessionView, school_class: SchoolClass
) -> None:
    told = class_export(school_class)
    assert sorted((line["question_id"], line["verdict"]) for line in told if line["question_id"] == "q1") == [
        ("q1", "correct"),
        ("q1", "wrong"),
    ]
    [line] = session_results(QuizSession.objects.get(id=homework.setup.id))["participants"]
    assert (line["username"], line["score"], line["attempts"]) == ("Wilfriedchen", 20, 2)


def test_a_class_deleted_while_its_homework_is_open_takes_the_name_and_leaves_the_answers(
    live: Runtime, homework: SessionView, school_class: SchoolClass
) -> None:
    delete_class(school_class.id, actor="test")
    session = QuizSession.objects.get(id=homework.setup.id)
    [line] = session_results(session)["participants"]
    assert (line["username"], line["score"], line["attempts"]) == ("Player 1", 20, 2)
    assert len(session_results(session)["answers"]) == 6
    players = call(live.store.participants(session.id))
    assert not [player for player in players if "Wilf" in player.username]


def test_one_pupils_data_goes_whole(homework: SessionView) -> None:
    forget_person([QuizSession.objects.get(id=homework.setup.id)], "wilf", actor="test")
    assert session_results(QuizSession.objects.get(id=homework.setup.id))["answers"] == []
    assert not PupilPlace.objects.exists()
