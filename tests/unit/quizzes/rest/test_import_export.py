"""Files over REST: previews store nothing, bad rows stop an import unless they may be skipped, exports come back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import include, path
from rest_framework.test import APIClient

from quizzes.models import Quiz, WordList
from quizzes.rules.content import content_to_json
from quizzes.services.quizzes import quiz_create
from quizzes.services.word_lists import word_list_create
from tests.support.word_lists import GERMAN
from tests.unit.quizzes.exporters.test_round_trips import HOSTILE

urlpatterns = [path("api/v1/", include("quizzes.urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

QUIZZES = "/api/v1/quizzes/import"
LISTS = "/api/v1/wordlists/import"
AIKEN = b"Dog?\nA. chien\nB. chat\nANSWER: A\n"
BROKEN = AIKEN + b"\nCat?\nA. chien\nB. chat\n"
WORDS = b"der Hund\tdog\ndie Katze\tcat\ndas Haus\thouse\nder Baum\ttree\n"


def send(client: APIClient, url: str, data: bytes, *, multipart: bool = False, **query: Any) -> Any:
    if multipart:
        return client.post(url, {"file": SimpleUploadedFile("file.txt", data), **query}, format="multipart")
    address = f"{url}?" + "&".join(f"{name}={value}" for name, value in query.items())
    return client.generic("POST", address, data, content_type="text/plain")  # type: ignore[arg-type]


@pytest.mark.parametrize("multipart", [False, True])
def test_a_file_becomes_a_quiz(operator: APIClient, multipart: bool) -> None:
    response = send(operator, QUIZZES, AIKEN, multipart=multipart, title="Animals", format="aiken")
    assert response.status_code == 201, response.json()
    quiz = Quiz.objects.get()
    assert (quiz.pk, quiz.title) == ("animals", "Animals")
    assert response.json()["quiz"]["questions"][0]["correct_answers"] == ["chien"]
    assert response.json()["report"]["rows"] == [{"number": 1, "text": "Dog?", "outcome": "read", "notes": []}]


@pytest.mark.parametrize("multipart", [False, True])
def test_a_preview_tells_everything_and_stores_nothing(operator: APIClient, multipart: bool) -> None:
    response = send(operator, QUIZZES, BROKEN, multipart=multipart, preview="true")
    assert response.status_code == 200
    assert [question["text"] for question in response.json()["questions"]] == ["Dog?"]
    assert response.json()["report"]["skipped"] == 1
    assert not Quiz.objects.exists()
    assert [word["term"] for word in send(operator, LISTS, WORDS, preview="true").json()["words"]][:1] == ["der Hund"]
    assert not WordList.objects.exists()


def test_rows_that_cannot_be_read_stop_an_import_unless_they_may_be_skipped(operator: APIClient) -> None:
    response = send(operator, QUIZZES, BROKEN)
    assert response.status_code == 400
    assert response.json()["report"]["rows"][1]["outcome"] == "skipped"
    assert not Quiz.objects.exists()
    assert send(operator, QUIZZES, BROKEN, allow_skipped="true").status_code == 201
    assert Quiz.objects.get().questions.count() == 1


def test_words_become_a_list_and_a_quiz(operator: APIClient) -> None:
    response = send(operator, QUIZZES, WORDS, title="German", term_language="de")
    assert response.status_code == 201, response.json()
    word_list, quiz = WordList.objects.get(), Quiz.objects.get()
    assert (word_list.pk, word_list.term_language, word_list.words.count()) == ("german", "de", 4)
    assert (quiz.pk, response.json()["word_list_id"]) == ("german", "german")
    assert quiz.questions.filter(word__isnull=False).exists()


def test_words_alone_become_a_list(operator: APIClient) -> None:
    response = send(operator, LISTS, WORDS, id="mine", title="German")
    assert response.status_code == 201, response.json()
    assert response.json()["word_list"]["words"][0]["term"] == "der Hund"
    assert send(operator, LISTS, WORDS, id="mine").status_code == 409
    assert send(operator, LISTS, AIKEN).status_code == 400


@pytest.mark.parametrize(
    "query", [{"format": "word"}, {"title": "%00"}, {"language": "?"}, {"id": "import"}, {"encoding": "nonsense"}]
)
def test_it_refuses_wishes_it_does_not_know(operator: APIClient, query: dict[str, Any]) -> None:
    response = send(operator, QUIZZES, AIKEN, **query)
    assert response.status_code == 400, response.json()
    assert not Quiz.objects.exists()


def test_a_file_that_is_too_large_is_refused(operator: APIClient, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 20
    for multipart in (False, True):
        assert send(operator, QUIZZES, AIKEN, multipart=multipart).status_code == 413


@pytest.mark.parametrize("body", [b"", b"\x00", b"PK\x03\x04"])
def test_what_is_no_file_is_refused(operator: APIClient, body: bytes) -> None:
    assert send(operator, QUIZZES, body).status_code == 400
    assert operator.post(QUIZZES, {"title": "x"}, format="multipart").status_code == 400


@pytest.mark.parametrize("name", ["csv", "xlsx", "json", "gift", "apkg"])
def test_an_exported_quiz_can_be_imported_elsewhere(operator: APIClient, name: str) -> None:
    quiz_create(HOSTILE)
    response = operator.get(f"/api/v1/quizzes/quiz/export?format={name}")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith('attachment; filename="quiz.')
    Quiz.objects.all().delete()
    answer = send(operator, QUIZZES, response.content)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["quiz"] == json.loads(json.dumps(content_to_json(HOSTILE)))


@pytest.mark.parametrize("name", ["csv", "xlsx", "json", "apkg"])
def test_an_exported_word_list_can_be_imported_elsewhere(operator: APIClient, name: str) -> None:
    word_list_create(GERMAN)
    response = operator.get(f"/api/v1/wordlists/list/export?format={name}")
    WordList.objects.all().delete()
    assert send(operator, LISTS, response.content).status_code == 201
    assert WordList.objects.get().content() == GERMAN


def test_an_export_asks_for_a_format_it_knows_and_a_quiz_there_is(operator: APIClient) -> None:
    quiz_create(HOSTILE)
    assert operator.get("/api/v1/quizzes/quiz/export?format=pdf").status_code == 400
    assert operator.get("/api/v1/quizzes/none/export").status_code == 404
    assert operator.get("/api/v1/wordlists/none/export").status_code == 404
    assert APIClient().get("/api/v1/quizzes/quiz/export").status_code == 401


@pytest.mark.parametrize("multipart", [False, True])
def test_the_report_tells_the_columns_and_a_request_may(operator: APIClient, multipart: bool) -> None:
    table = b"dog\tHund\tchien\ncat\tKatze\tchat\n"
    report = send(operator, LISTS, table, multipart=multipart, preview="true").json()["report"]
    assert [column["role"] for column in report["columns"]] == ["term", "meaning", "notes"]
    assert report["asks"]
    told = send(operator, LISTS, table, multipart=multipart, preview="true", columns="meaning,term,-").json()
    assert [(word["term"], word["meanings"]) for word in told["words"]] == [("Hund", ["dog"]), ("Katze", ["cat"])]
    assert told["report"]["asks"] == []
    assert send(operator, LISTS, table, multipart=multipart, columns="nonsense").status_code == 400
