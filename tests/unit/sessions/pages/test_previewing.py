"""A host plays a quiz as a pupil would, and nothing of it is left."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from quizzes.models import Quiz
from quizzes.rules.content import QuizContent
from quizzes.services.quizzes import quiz_create
from quizzes.validation.quiz import validate_quiz
from sessions.models import QuizSession

pytestmark = pytest.mark.django_db(transaction=True)

QUIZ: dict[str, Any] = {
    "id": "played",
    "title": "Played",
    "language": "de",
    "shuffle_options": True,
    "questions": [
        {
            "id": "q1",
            "kind": "choice",
            "text": "Which one?",
            "options": ["eins", "zwei", "drei", "vier"],
            "correct_answers": ["zwei"],
        },
        {"id": "q2", "kind": "typed", "text": "cat", "correct_answers": ["die Katze"]},
    ],
}
EVERY_TYPE = ("JOIN_SESSION", "NEXT_QUESTION", "GET_SUMMARY")


@pytest.fixture
def quiz() -> Quiz:
    content = validate_quiz(QUIZ)
    assert isinstance(content, QuizContent)
    return quiz_create(content)


@pytest.fixture
def played(quiz: Quiz, admin_user: User, client: Client) -> Any:
    """Sends a message of the page, and reads what a session would answer."""
    client.force_login(admin_user)

    def send(type_: str, payload: dict[str, Any] | None = None, **said: Any) -> dict[str, Any]:
        payload = {"session_id": "p1", **(payload or {})}
        body = {"preview_id": "p1", "type": type_, "payload": payload, "shown": "", "answers": [], **said}
        response = client.post(f"/preview/{quiz.pk}", body, content_type="application/json")
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    return send


def test_a_host_plays_from_the_first_question_to_the_review(played: Any) -> None:
    assert played("JOIN_SESSION")["payload"]["question_count"] == 2
    first = played("NEXT_QUESTION")
    assert (first["type"], first["payload"]["question_id"]) == ("QUESTION_OPENED", "q1")
    one = {"session_id": "p1", "question_id": "q1", "answer": "zwei", "time_taken_ms": 1_000}
    result = played("SUBMIT_ANSWER", one)
    assert (result["type"], result["payload"]["new_score"]) == ("SCORE_UPDATED", 15)
    assert played("NEXT_QUESTION", shown="q1", answers=[one])["payload"]["question_id"] == "q2"
    two = {"session_id": "p1", "question_id": "q2", "answer": "der Hund", "time_taken_ms": 1_000}
    wrong = played("SUBMIT_ANSWER", two, answers=[one])["payload"]
    assert (wrong["is_correct"], wrong["correct_answers"], wrong["new_score"]) == (False, ["die Katze"], 15)
    assert played("NEXT_QUESTION", shown="q2", answers=[one, two])["type"] == "FINISHED"
    lines = played("GET_SUMMARY", answers=[one, two])["payload"]["questions"]
    assert [(line["question_id"], line["is_correct"]) for line in lines] == [("q1", True), ("q2", False)]


def test_a_skipped_question_comes_back(played: Any) -> None:
    two = {"session_id": "p1", "question_id": "q2", "answer": "die Katze"}
    assert played("NEXT_QUESTION", shown="q1")["payload"]["question_id"] == "q2"
    assert played("NEXT_QUESTION", shown="q2", answers=[two])["payload"]["question_id"] == "q1"


def test_options_are_shuffled_as_in_a_session_and_keep_their_order(played: Any) -> None:
    orders = {tuple(played("NEXT_QUESTION", preview_id=f"p{n}")["payload"]["options"]) for n in range(8)}
    assert len(orders) > 1
    again = [played("NEXT_QUESTION")["payload"]["options"] for _ in range(2)]
    assert again[0] == again[1]


def test_an_answer_of_another_shape_is_refused_as_in_a_session(played: Any) -> None:
    for answer, code in (("fünf", "INVALID_ANSWER"), (["zwei"], "INVALID_ANSWER")):
        refused = played("SUBMIT_ANSWER", {"question_id": "q1", "answer": answer})
        assert (refused["type"], refused["payload"]["code"]) == ("ERROR", code)
    assert played("SUBMIT_ANSWER", {"question_id": "q9", "answer": "x"})["payload"]["code"] == "INVALID_QUESTION"


def test_nothing_is_written(played: Any, client: Client, quiz: Quiz, operator: APIClient) -> None:
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/preview/{quiz.pk}")
        for type_ in EVERY_TYPE:
            played(type_)
        played("SUBMIT_ANSWER", {"question_id": "q2", "answer": "die Katze"})
    written = [query["sql"] for query in asked if not query["sql"].startswith("SELECT")]
    assert not [sql for sql in written if "INSERT" in sql or "UPDATE" in sql or "DELETE" in sql], written
    assert not QuizSession.objects.exists()
    assert operator.get("/api/v1/sessions").json()["results"] == []


def test_only_hosts_who_see_the_quiz_play_it(quiz: Quiz, client: Client, django_user_model: Any) -> None:
    assert client.get(f"/preview/{quiz.pk}").headers["Location"].startswith("/admin/login/")
    assert client.post(f"/preview/{quiz.pk}", {}, content_type="application/json").status_code == 302
    owner = django_user_model.objects.create_user("owner")
    Quiz.objects.update(owner=owner)
    stranger = django_user_model.objects.create_user("stranger", is_staff=True)
    stranger.user_permissions.add(_host_permission())
    client.force_login(stranger)
    assert client.get(f"/preview/{quiz.pk}").status_code == 404


@pytest.mark.parametrize(
    "body", ["", "[]", '{"type": "PING"}', '{"preview_id": "p", "type": "PING", "payload": {}}', "[" * 5_000]
)
def test_what_is_no_message_is_refused(quiz: Quiz, admin_user: User, client: Client, body: str) -> None:
    client.force_login(admin_user)
    assert client.post(f"/preview/{quiz.pk}", body, content_type="application/json").status_code == 400


def _host_permission() -> Any:
    return Permission.objects.get(codename="host")
