"""Word lists over REST, and quizzes made of them and of pasted words."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.urls import include, path
from rest_framework.test import APIClient

from quizzes.access import HOSTS_GROUP
from quizzes.models import Question, Quiz, WordList
from quizzes.rules.content import QuizContent
from quizzes.services.word_lists import word_list_create
from quizzes.validation.quiz import validate_quiz
from quizzes.validation.word_list import validate_word_list
from tests.support.word_lists import GERMAN, as_sent, pairs

urlpatterns = [path("api/v1/", include("quizzes.urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

LISTS = "/api/v1/wordlists"
FROM_WORDS = "/api/v1/quizzes/from-words"
_GERMAN = """
eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf rot blau grün gelb schwarz weiß Montag Dienstag Mittwoch
Donnerstag Freitag Samstag Sonntag Brot Milch Wasser Apfel Käse
"""
_ENGLISH = """
one two three four five six seven eight nine ten eleven twelve red blue green yellow black white Monday Tuesday
Wednesday Thursday Friday Saturday Sunday bread milk water apple cheese
"""
THIRTY = "\n".join(map("\t".join, zip(_GERMAN.split(), _ENGLISH.split(), strict=True)))


def host(name: str) -> tuple[APIClient, User]:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=HOSTS_GROUP))
    client = APIClient()
    client.force_authenticate(user)
    return client, user


def test_a_list_goes_in_and_comes_out_as_it_was(operator: APIClient) -> None:
    response = operator.post(LISTS, as_sent(GERMAN))
    assert response.status_code == 201
    assert response["Location"] == f"{LISTS}/list"
    assert validate_word_list(operator.get(f"{LISTS}/list").json()) == GERMAN
    (summary,) = operator.get(LISTS).json()["results"]
    assert (summary["id"], summary["word_count"], summary["owner"]) == ("list", 10, None)
    assert operator.post(LISTS, as_sent(GERMAN)).status_code == 409


def test_it_tells_every_problem_of_a_list(operator: APIClient) -> None:
    data = as_sent(GERMAN) | {"words": [{"term": "", "meanings": []}]}
    response = operator.post(LISTS, data)
    assert response.status_code == 400
    assert [problem["path"] for problem in response.json()["errors"]["problems"]] == [
        "words[0].term",
        "words[0].meanings",
    ]


def test_hosts_change_their_own_lists_only() -> None:
    client, user = host("mine")
    other, _user = host("other")
    assert client.post(LISTS, as_sent(GERMAN)).status_code == 201
    assert WordList.objects.get().owner == user
    assert other.get(f"{LISTS}/list").status_code == 404
    word_list_create(replace(GERMAN, id="demo"))
    assert other.get(f"{LISTS}/demo").status_code == 200
    assert other.delete(f"{LISTS}/demo").status_code == 403
    changed = as_sent(GERMAN) | {"title": "New"}
    del changed["id"]
    assert client.put(f"{LISTS}/list", changed).status_code == 200
    assert WordList.objects.get(pk="list").title == "New"
    assert client.put(f"{LISTS}/list", changed | {"id": "x"}).status_code == 400
    assert client.delete(f"{LISTS}/list").status_code == 204


def test_nobody_else_gets_in(operator: APIClient) -> None:
    assert APIClient().get(LISTS).status_code == 401


def made(response: Any) -> QuizContent:
    assert response.status_code == 201, response.json()
    quiz = validate_quiz(response.json()["quiz"])
    assert isinstance(quiz, QuizContent)
    return quiz


def test_a_list_becomes_a_quiz_that_is_stored(operator: APIClient) -> None:
    word_list_create(GERMAN)
    wishes = {"id": "german", "title": "German", "exercises": ["type_term", "cloze"], "count": 8, "seed": 3}
    response = operator.post(f"{LISTS}/list/quiz", wishes)
    quiz = made(response)
    assert (quiz.id, quiz.title, len(quiz.questions)) == ("german", "German", 8)
    assert Quiz.objects.get().content() == quiz
    assert operator.post(f"{LISTS}/list/quiz", wishes).status_code == 409
    again = made(operator.post(f"{LISTS}/list/quiz", wishes | {"id": "again"}))
    assert again.questions == quiz.questions


@pytest.mark.parametrize(
    "wishes",
    [{"exercises": ["guess"]}, {"exercises": []}, {"count": 0}, {"difficulty": "no"}, {"id": "import"}, {"seed": -1}],
)
def test_it_refuses_wishes_it_does_not_know(operator: APIClient, wishes: dict[str, Any]) -> None:
    word_list_create(GERMAN)
    assert operator.post(f"{LISTS}/list/quiz", wishes).status_code == 400
    assert not Quiz.objects.exists()


def test_a_list_too_short_says_how_many_words_are_missing(operator: APIClient) -> None:
    word_list_create(pairs("a = b"))
    response = operator.post(f"{LISTS}/list/quiz", {"exercises": ["term_to_meaning"]})
    assert response.status_code == 400
    (problem,) = response.json()["errors"]["problems"]
    assert problem["message"].startswith("Choose the meaning: 2 more words")


def test_thirty_pasted_words_become_a_mixed_quiz_in_one_call(operator: APIClient) -> None:
    body = {"text": THIRTY, "title": "First words", "term_language": "de", "count": 30, "seed": 1}
    response = operator.post(FROM_WORDS, body)
    quiz = made(response)
    assert len(quiz.questions) == 30
    assert {question.kind for question in quiz.questions} == {"choice", "typed", "order"}
    assert (quiz.id, quiz.language) == ("first-words", "de")
    assert WordList.objects.get(pk=response.json()["word_list_id"]).words.count() == 30
    assert Question.objects.filter(word__isnull=False).count() >= 20
    report = response.json()["report"]
    assert (report["count"], report["skipped"], len(report["rows"])) == (30, 0, 30)
    assert response.json()["notices"] == [
        "Fill the gap in the example: 4 more words need an example sentence that has the word in it."
    ]


def test_lines_that_cannot_be_read_stop_it_unless_they_may_be_skipped(operator: APIClient) -> None:
    body = {"text": f"{THIRTY}\nleer", "title": "First words"}
    response = operator.post(FROM_WORDS, body)
    assert response.status_code == 400
    assert response.json()["report"]["rows"][-1] == {
        "number": 31,
        "text": "leer",
        "outcome": "skipped",
        "notes": ["There is no meaning after the word."],
    }
    assert not WordList.objects.exists()
    made(operator.post(FROM_WORDS, body | {"allow_skipped": True}))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"text": " "}, 400),
        ({"text": "a\tb"}, 201),
        ({"text": "a\tb", "exercises": ["match"]}, 400),
        ({"title": ""}, 400),
        ({"term_language": "?"}, 400),
        ({"id": "from-words"}, 400),
        ({"separator": "\t"}, 201),
    ],
)
def test_nothing_is_stored_of_a_call_that_fails(operator: APIClient, changes: dict[str, Any], status: int) -> None:
    response = operator.post(FROM_WORDS, {"text": THIRTY, "title": "First", **changes})
    assert response.status_code == status, response.json()
    assert WordList.objects.exists() == Quiz.objects.exists() == (status == 201)


def test_the_command_makes_a_quiz_and_says_what_is_missing() -> None:
    word_list_create(GERMAN)
    out, err = StringIO(), StringIO()
    call_command("make_quiz", "list", "--exercises", "cloze", "--count", "6", "--id", "gaps", stdout=out, stderr=err)
    assert out.getvalue() == "gaps (5 questions)\n"
    assert "1 more word needs an example sentence" in err.getvalue()
    assert Quiz.objects.get().pk == "gaps"
    for arguments in (["nothing"], ["list", "--id", "gaps"]):
        with pytest.raises(CommandError):
            call_command("make_quiz", *arguments)
