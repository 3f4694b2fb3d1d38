"""Quizzes over REST: the exchange format in and out, and every problem of a wrong one at once."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import override_settings
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from quizzes.access import HOSTS_GROUP
from quizzes.models import Quiz
from quizzes.rules.content import Grading, QuestionContent, QuizContent, content_to_json
from quizzes.services.demo import demo_quizzes
from quizzes.services.quizzes import quiz_create
from quizzes.validation.checker import PROBLEMS_MAX

urlpatterns = [path("api/v1/", include("quizzes.urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

QUIZZES = "/api/v1/quizzes"
BODY: dict[str, Any] = {
    "id": "sums.v1",
    "title": "Sums",
    "language": "en",
    "description": "",
    "questions": [
        {"id": "q1", "kind": "choice", "text": "2 + 2?", "options": ["3", "4"], "correct_answers": ["4"]},
        {
            "id": "q2",
            "kind": "typed",
            "text": "Four?",
            "correct_answers": ["quatre"],
            "points": 20,
            "time_limit_ms": 5000,
            "explanation": "In French",
            "media": "/four.png",
            "grading": {"accents": "strict"},
            "confusable": ["quarante"],
        },
    ],
}
WHOLE = content_to_json(
    QuizContent(
        id="sums.v1",
        title="Sums",
        questions=(
            QuestionContent(id="q1", kind="choice", text="2 + 2?", options=("3", "4"), correct_answers=("4",)),
            QuestionContent(
                id="q2",
                kind="typed",
                text="Four?",
                correct_answers=("quatre",),
                points=20,
                time_limit_ms=5000,
                explanation="In French",
                media="/four.png",
                grading=Grading(accents="strict"),
                confusable=("quarante",),
            ),
        ),
    )
)


def user(name: str, *, is_staff: bool = False, is_superuser: bool = False) -> User:
    made = User.objects.create_user(name, is_staff=is_staff, is_superuser=is_superuser)
    if is_staff:
        made.groups.add(Group.objects.get(name=HOSTS_GROUP))
    return made


def client_of(somebody: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(somebody)
    return client


@pytest.fixture
def chief() -> APIClient:
    return client_of(user("chief", is_staff=True, is_superuser=True))


@pytest.fixture
def host() -> APIClient:
    return client_of(user("host", is_staff=True))


def as_lists(value: Any) -> Any:
    """Tuples as JSON has them."""
    if isinstance(value, dict):
        return {name: as_lists(item) for name, item in value.items()}
    return [as_lists(item) for item in value] if isinstance(value, list | tuple) else value


def test_it_creates_a_quiz_and_shows_it_whole(chief: APIClient) -> None:
    created = chief.post(QUIZZES, BODY)
    assert created.status_code == 201
    assert created.json() == as_lists(WHOLE)
    shown = chief.get(created["Location"])
    assert shown.status_code == 200
    assert shown.json() == as_lists(WHOLE)


def test_what_it_shows_can_be_sent_back(chief: APIClient) -> None:
    for content in demo_quizzes():
        quiz_create(content)
        shown = chief.get(f"{QUIZZES}/{content.id}").json()
        assert chief.put(f"{QUIZZES}/{content.id}", shown).json() == shown
        assert Quiz.objects.get(pk=content.id).content() == content


def test_it_refuses_an_id_that_is_taken(chief: APIClient) -> None:
    chief.post(QUIZZES, BODY)
    assert chief.post(QUIZZES, {**BODY, "title": "Other"}).status_code == 409
    assert chief.get(f"{QUIZZES}/sums.v1").json()["title"] == "Sums"


def test_it_does_not_tell_a_host_more_of_a_taken_id_than_that(host: APIClient) -> None:
    quiz_create(next(iter(demo_quizzes())), owner=user("other", is_staff=True))
    taken = Quiz.objects.get()
    assert host.get(f"{QUIZZES}/{taken.pk}").status_code == 404
    response = host.post(QUIZZES, {**BODY, "id": taken.pk})
    assert response.status_code == 409
    assert taken.title not in response.content.decode()


def test_it_lists_every_problem_of_a_wrong_quiz(chief: APIClient) -> None:
    wrong = {**BODY, "title": "", "questions": [{**BODY["questions"][0], "correct_answers": ["5"]}]}
    response = chief.post(QUIZZES, wrong)
    assert response.status_code == 400
    assert response.json()["errors"]["problems"] == [
        {"path": "title", "message": "This must not be empty."},
        {"path": "questions[0].correct_answers[0]", "message": "“5” is not among the options."},
    ]
    assert not Quiz.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"quiz"',
        b"1e999",
        b'{"id": "\\ud800"}',
        b'{"\\ud800\\u0000": 1}',
        b'{"questions": [[[[]]]]}',
        b'{"questions": [' + b"{}," * 600 + b"{}]}",
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("method", ["post", "put"])
def test_it_refuses_any_body_that_is_no_quiz(chief: APIClient, method: str, body: bytes) -> None:
    chief.post(QUIZZES, BODY)
    address = QUIZZES if method == "post" else f"{QUIZZES}/sums.v1"
    response = chief.generic(method.upper(), address, body, "application/json")  # type: ignore[arg-type]  # takes bytes
    assert response.status_code == 400
    assert len(response.json().get("errors", {}).get("problems", [])) <= PROBLEMS_MAX
    assert chief.get(f"{QUIZZES}/sums.v1").json() == as_lists(WHOLE)


def test_it_replaces_a_quiz(chief: APIClient) -> None:
    chief.post(QUIZZES, BODY)
    response = chief.put(f"{QUIZZES}/sums.v1", {"title": "Less", "questions": BODY["questions"][:1]})
    assert response.status_code == 200
    assert response.json()["title"] == "Less"
    assert chief.get(f"{QUIZZES}/sums.v1").json() == response.json()


def test_a_quiz_keeps_its_id(chief: APIClient) -> None:
    chief.post(QUIZZES, BODY)
    response = chief.put(f"{QUIZZES}/sums.v1", {**BODY, "id": "other"})
    assert response.status_code == 400
    assert [problem["path"] for problem in response.json()["errors"]["problems"]] == ["id"]
    assert list(Quiz.objects.values_list("pk", flat=True)) == ["sums.v1"]


def test_it_deletes_a_quiz_once(chief: APIClient) -> None:
    chief.post(QUIZZES, BODY)
    assert chief.delete(f"{QUIZZES}/sums.v1").status_code == 204
    assert chief.delete(f"{QUIZZES}/sums.v1").status_code == 404
    assert not Quiz.objects.exists()


@pytest.mark.parametrize("quiz_id", ["nobody", "a%00b", "%F0%9F%98%80", "x" * 37])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_it_knows_no_other_quiz(chief: APIClient, method: str, quiz_id: str) -> None:
    assert chief.generic(method.upper(), f"{QUIZZES}/{quiz_id}").status_code == 404


def test_it_lists_quizzes_without_their_questions(chief: APIClient) -> None:
    chief.post(QUIZZES, BODY)
    (summary,) = chief.get(QUIZZES).json()["results"]
    assert (summary["id"], summary["title"], summary["question_count"], summary["owner"]) == (
        "sums.v1",
        "Sums",
        2,
        "chief",
    )
    assert "questions" not in summary


def test_it_finds_quizzes_by_their_words(chief: APIClient) -> None:
    for content in demo_quizzes():
        quiz_create(content)
    found = chief.get(QUIZZES, {"search": "german der"}).json()["results"]
    assert [summary["id"] for summary in found] == ["german-articles"]
    assert chief.get(QUIZZES, {"search": "\x00"}).status_code == 400


def test_hosts_change_their_own_quizzes_only(host: APIClient) -> None:
    other = user("other", is_staff=True)
    demo, theirs, *_rest = demo_quizzes()
    quiz_create(demo)
    quiz_create(theirs, owner=other)
    assert host.post(QUIZZES, BODY).status_code == 201
    assert {summary["id"] for summary in host.get(QUIZZES).json()["results"]} == {demo.id, "sums.v1"}
    statuses = {
        quiz_id: (
            host.get(f"{QUIZZES}/{quiz_id}").status_code,
            host.put(f"{QUIZZES}/{quiz_id}", {**BODY, "id": quiz_id}).status_code,
            host.delete(f"{QUIZZES}/{quiz_id}").status_code,
        )
        for quiz_id in (demo.id, theirs.id, "sums.v1")
    }
    assert statuses == {demo.id: (200, 403, 403), theirs.id: (404, 404, 404), "sums.v1": (200, 200, 204)}
    assert Quiz.objects.get(pk=demo.id).content() == demo
    assert Quiz.objects.get(pk=theirs.id).content() == theirs


@override_settings(OPERATOR_API_KEY="key-of-the-test")
def test_an_operator_reaches_every_quiz_with_a_key() -> None:
    quiz_create(next(iter(demo_quizzes())), owner=user("other", is_staff=True))
    operator = APIClient(headers={"authorization": "Api-Key key-of-the-test"})
    (summary,) = operator.get(QUIZZES).json()["results"]
    assert operator.delete(f"{QUIZZES}/{summary['id']}").status_code == 204
    assert operator.post(QUIZZES, BODY).status_code == 201
    assert Quiz.objects.get().owner is None


def test_strangers_and_players_get_nothing() -> None:
    for client in (APIClient(), client_of(user("player"))):
        assert client.get(QUIZZES).status_code in (401, 403)
        assert client.post(QUIZZES, BODY).status_code in (401, 403)
    assert not Quiz.objects.exists()


def test_its_openapi_document_has_every_field_of_the_exchange_format() -> None:
    schema = SchemaGenerator(urlconf=__name__).get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    validate_schema(schema)  # type: ignore[no-untyped-call]
    schemas = schema["components"]["schemas"]
    # A file of a quiz may bring its images along; they are no part of the quiz.
    for name, form, beside in (
        ("Quiz", QuizContent, ["images", "sounds"]),
        ("Question", QuestionContent, []),
        ("Grading", Grading, []),
    ):
        # Nobody writes what a question asks again: a session does.
        own = [field.name for field in fields(form) if field.name != "again_of"]
        assert list(schemas[name]["properties"]) == [*own, *beside]
    assert schemas["Quiz"]["required"] == ["id", "questions", "title"]
    assert schemas["Question"]["required"] == ["id", "kind", "text"]
    operations = {
        (method, address, status)
        for address, methods in schema["paths"].items()
        for method, operation in methods.items()
        for status in operation["responses"]
    }
    assert {
        ("get", "/api/v1/quizzes", "200"),
        ("post", "/api/v1/quizzes", "201"),
        ("post", "/api/v1/quizzes", "400"),
        ("post", "/api/v1/quizzes", "409"),
        ("get", "/api/v1/quizzes/{id}", "200"),
        ("put", "/api/v1/quizzes/{id}", "200"),
        ("delete", "/api/v1/quizzes/{id}", "204"),
    } <= operations
