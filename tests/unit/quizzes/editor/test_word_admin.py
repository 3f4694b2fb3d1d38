"""Word lists in the admin: from pasted words to a quiz, files in and out, and whose lists are whose."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from quizzes.importers.formats import Source, read_source
from quizzes.models import Question, Quiz, WordList
from quizzes.services.quizzes import quiz_create
from quizzes.services.word_lists import word_list_create
from tests.support.word_lists import GERMAN, pairs
from tests.unit.quizzes.exporters.test_round_trips import HOSTILE
from tests.unit.quizzes.rest.test_import_export import AIKEN
from tests.unit.quizzes.rest.test_word_lists_rest import THIRTY

pytestmark = pytest.mark.django_db

LISTS = "/admin/quizzes/wordlist/"
PASTE = f"{LISTS}import_words/"
IMPORT = "/admin/quizzes/quiz/import_quiz/"


@pytest.fixture
def host(make_host: Callable[[str], User]) -> Client:
    client = Client()
    client.force_login(make_host("host"))
    return client


def make_url(list_id: str) -> str:
    return reverse("admin:quizzes_wordlist_make_quiz", args=[list_id])


def test_pasted_words_become_a_list_and_then_a_quiz_in_four_clicks(host: Client) -> None:
    preview = host.post(PASTE, {"text": THIRTY, "title": "First words", "term_language": "de"})
    assert preview.context["imported"].count == 30
    assert not WordList.objects.exists()
    stored = host.post(PASTE, {"save": "1", "content": preview.context["content"]})
    word_list = WordList.objects.get()
    assert (word_list.pk, word_list.owner, word_list.term_language) == ("first-words", User.objects.get(), "de")
    assert stored["Location"] == make_url("first-words")
    wishes = {
        "title": "Quiz",
        "exercises": ["term_to_meaning", "type_term"],
        "count": 20,
        "difficulty": "hard",
        "seed": 7,
    }
    drawn = host.post(make_url("first-words"), wishes | {"preview": "1"})
    assert len(drawn.context["questions"]) == 20
    assert not Quiz.objects.exists()
    saved = host.post(make_url("first-words"), wishes | {"save": "1"})
    quiz = Quiz.objects.get()
    assert saved["Location"] == reverse("admin:quizzes_quiz_change", args=[quiz.pk])
    assert quiz.content().questions == drawn.context["questions"]
    assert Question.objects.filter(word__word_list=word_list).count() == 20
    assert host.get(saved["Location"]).status_code == 200


def test_pasted_words_are_added_to_a_list_and_the_rows_of_its_words_stay(host: Client) -> None:
    word_list = word_list_create(pairs("a = 1", "b = 2"), owner=User.objects.get())
    keys = set(word_list.words.values_list("pk", flat=True))
    url = reverse("admin:quizzes_wordlist_add_words", args=["list"])
    preview = host.post(url, {"text": "b\ttwo\nc\t3\na\t1"})
    response = host.post(url, {"save": "1", "content": preview.context["content"]}, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["1 word was added. 1 word got a meaning."]
    words = WordList.objects.get().content().words
    assert [(word.term, word.meanings) for word in words] == [("a", ("1",)), ("b", ("2", "two")), ("c", ("3",))]
    assert keys < set(word_list.words.values_list("pk", flat=True))


def test_words_are_added_to_ones_own_lists_only(host: Client) -> None:
    word_list_create(pairs("a = 1"))
    url = reverse("admin:quizzes_wordlist_add_words", args=["list"])
    assert host.post(url, {"save": "1", "content": '{"words": [{"term": "c", "meanings": ["3"]}]}'}).status_code == 403
    assert len(WordList.objects.get().content().words) == 1
    page = host.get(reverse("admin:quizzes_wordlist_change", args=["list"]))
    assert url not in page.content.decode()
    WordList.objects.update(owner=User.objects.get())
    page = host.get(reverse("admin:quizzes_wordlist_change", args=["list"]))
    assert url in page.content.decode()


@pytest.mark.parametrize(
    ("content", "typed", "title"),
    [
        ("a\tb", "", "Unit 3, animals"),
        ("a\tb", "My words", "My words"),
        ('{"title": "Its own", "words": [{"term": "a", "meanings": ["b"]}]}', "", "Its own"),
    ],
    ids=["its name", "as typed", "its own"],
)
def test_a_file_is_called_as_typed_or_as_it_says_or_by_its_name(
    host: Client, content: str, typed: str, title: str
) -> None:
    file = SimpleUploadedFile("Unit 3, animals.txt", content.encode())
    preview = host.post(PASTE, {"file": file, "title": typed})
    host.post(PASTE, {"save": "1", "content": preview.context["content"]})
    assert WordList.objects.get().title == title


def test_a_file_name_with_characters_that_turn_the_line_round_is_no_trap(host: Client) -> None:
    preview = host.post(PASTE, {"file": SimpleUploadedFile("a\u202eb\x07.txt", b"a\tb")})
    assert host.post(PASTE, {"save": "1", "content": preview.context["content"]}).status_code == 302
    assert "\u202e" not in WordList.objects.get().title


@pytest.mark.parametrize(("text", "language", "asked"), [("a\tb", "", True), ("a\tb", "de", False), (AIKEN, "", False)])
def test_the_language_is_asked_for_before_words_are_stored_as_english(
    host: Client, text: str, language: str, asked: bool
) -> None:
    page = host.post(IMPORT, {"text": text, "term_language": language}).content.decode()
    assert ("graded as English" in page) is asked


def test_a_language_may_be_written_out_in_the_language_of_the_page(host: Client) -> None:
    preview = host.post(PASTE, {"text": "a\tb", "meaning_language": " french"})
    host.post(PASTE, {"save": "1", "content": preview.context["content"], "term_language": "German"})
    stored = WordList.objects.get()
    assert (stored.term_language, stored.meaning_language) == ("de", "fr")


def test_a_language_that_is_none_costs_nobody_what_was_pasted(host: Client) -> None:
    refused = host.post(PASTE, {"text": "a\tb", "term_language": "no language"})
    assert list(refused.context["form"].errors) == ["term_language"]
    assert refused.context["form"]["text"].value() == "a\tb"
    preview = host.post(PASTE, {"text": "a\tb"})
    again = host.post(PASTE, {"save": "1", "content": preview.context["content"], "term_language": "no language"})
    assert [message.level_tag for message in again.context["messages"]] == ["error"]
    assert again.context["content"] == preview.context["content"]
    assert not WordList.objects.exists()


def test_languages_are_offered_by_name(host: Client) -> None:
    for url in (PASTE, f"{LISTS}add/", "/admin/quizzes/quiz/add/"):
        page = host.get(url, headers={"Accept-Language": "fr"}).content.decode()
        assert '<option value="de">allemand</option>' in page.lower()
        assert '<option value="pt-br">' in page.lower()


def test_drawing_again_draws_other_questions(host: Client) -> None:
    word_list_create(GERMAN)
    wishes = {"title": "Quiz", "exercises": ["term_to_meaning"], "count": 5, "difficulty": "easy", "seed": 7}
    first = host.post(make_url("list"), wishes | {"preview": "1"})
    again = host.post(make_url("list"), wishes | {"redraw": "1"})
    assert first.context["questions"] != again.context["questions"]
    assert again.context["form"]["seed"].value() != "7"


def test_the_page_says_what_is_missing(host: Client) -> None:
    word_list_create(pairs("a = b"))
    assert host.get(make_url("list")).status_code == 200
    wishes = {"title": "Quiz", "exercises": ["match"], "count": 5, "difficulty": "easy", "seed": 7}
    response = host.post(make_url("list"), wishes)
    assert "2 more words are needed" in str(response.context["form"].non_field_errors())


def test_rows_that_were_skipped_are_shown_and_left_out(host: Client) -> None:
    preview = host.post(PASTE, {"text": "a\tb\nempty\n<x>c</x>\td"})
    assert [row.outcome for row in preview.context["imported"].rows] == ["read", "skipped", "read"]
    assert b"Save without the 1 skipped row" in preview.content
    # Among hundreds of rows nobody would find the one that was skipped.
    assert [row.outcome for row in preview.context["rows"]] == ["skipped", "read", "read"]
    assert b"<x>c</x>" not in preview.content
    host.post(PASTE, {"save": "1", "content": preview.context["content"]})
    assert [word.term for word in WordList.objects.get().content().words] == ["a", "<x>c</x>"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"text": " "}, "Paste a text or choose a file."),
        ({"text": "x", "format": "json"}, "This is not JSON"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")}, "damaged"),
        ({"file": SimpleUploadedFile("a.csv", b"x" * 101)}, "more than 100 bytes"),
    ],
)
def test_what_cannot_be_read_is_said(host: Client, settings: Any, data: dict[str, Any], said: str) -> None:
    settings.IMPORT_MAX_BYTES = 100
    response = host.post(PASTE, data)
    assert response.status_code == 200
    assert said in str(response.context["form"].errors)


@pytest.mark.parametrize(
    "content", ["", "{", '{"words": []}', '{"questions": [{"id": 1}]}', '{"words": [{"term": "a"}]}']
)
def test_what_was_tampered_with_between_preview_and_store_is_checked(host: Client, content: str) -> None:
    response = host.post(PASTE, {"save": "1", "content": content})
    assert response.status_code == 200
    assert len(list(response.context["messages"])) == 1
    assert not WordList.objects.exists()
    assert not Quiz.objects.exists()


def test_a_file_of_questions_becomes_a_quiz(host: Client) -> None:
    preview = host.post(IMPORT, {"file": SimpleUploadedFile("a.txt", AIKEN), "title": "Animals"})
    response = host.post(IMPORT, {"save": "1", "content": preview.context["content"]})
    assert response["Location"] == reverse("admin:quizzes_quiz_change", args=["animals"])
    assert Quiz.objects.get().owner == User.objects.get()


@pytest.mark.parametrize("name", ["csv", "xlsx", "json", "gift", "apkg"])
def test_quizzes_are_exported(host: Client, name: str) -> None:
    quiz_create(HOSTILE)
    data = {"action": f"export_{name}", "_selected_action": ["quiz"]}
    response = host.post("/admin/quizzes/quiz/", data)
    assert read_source(Source(response.content)).questions == HOSTILE.questions


def test_several_lists_are_exported_in_a_zip(host: Client) -> None:
    word_list_create(GERMAN)
    word_list_create(GERMAN.__class__("other", "Other", words=GERMAN.words))
    response = host.post(LISTS, {"action": "export_csv", "_selected_action": ["list", "other"]})
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == ["list.csv", "other.csv"]


WORD = {
    "term": "der Hund",
    "meanings": "dog\nhound",
    "part_of_speech": "",
    "alternatives": "",
    "example": "",
    "notes": "",
    "image": "",
    "tags": "",
    "position": "",
}
HEADING = {
    "title": "German",
    "id": "",
    "term_language": "de",
    "meaning_language": "en",
    "description": "",
    "tags": "A1",
    "case": "strict",
    "accents": "ignore",
    "articles": "required",
    "almost": "0.25",
}


def page(*words: dict[str, str]) -> dict[str, str]:
    data = HEADING | {"words-TOTAL_FORMS": str(len(words)), "words-INITIAL_FORMS": "0"}
    for number, word in enumerate(words):
        data |= {f"words-{number}-{name}": value for name, value in (WORD | word).items()}
    return data


def test_a_list_is_written_by_hand_with_its_policy(host: Client) -> None:
    response = host.post(f"{LISTS}add/", page({}, {"term": "die Katze", "meanings": "cat"}))
    assert response.status_code == 302, response.context["inline_admin_formsets"][0].formset.errors
    content = WordList.objects.get().content()
    assert [(word.term, word.meanings) for word in content.words] == [
        ("der Hund", ("dog", "hound")),
        ("die Katze", ("cat",)),
    ]
    assert (content.id, content.tags) == ("german", ("A1",))
    grading = content.grading
    assert (grading.case, grading.accents, grading.articles, grading.almost) == ("strict", "ignore", "required", 0.25)
    assert host.get(f"{LISTS}german/change/").status_code == 200


@pytest.mark.parametrize(
    ("word", "field"), [({"term": ""}, "term"), ({"meanings": "(x"}, "meanings"), ({"image": "x"}, "image")]
)
def test_it_says_beside_the_field_what_is_wrong(host: Client, word: dict[str, str], field: str) -> None:
    response = host.post(f"{LISTS}add/", page(word))
    assert response.status_code == 200
    assert list(response.context["inline_admin_formsets"][0].formset.errors[0]) == [field]


def test_the_same_word_twice_is_refused(host: Client) -> None:
    response = host.post(f"{LISTS}add/", page({}, {}))
    assert response.context["inline_admin_formsets"][0].formset.errors[1] == {
        "term": ["This word is here twice with the same part of speech."]
    }


def test_hosts_see_their_own_lists_and_the_demo_lists(host: Client, make_host: Callable[[str], User]) -> None:
    word_list_create(pairs("a = b"), owner=make_host("other"))
    word_list_create(GERMAN.__class__("demo", "Demo", words=GERMAN.words))
    assert [row.pk for row in host.get(LISTS).context["cl"].result_list] == ["demo"]
    assert host.get(make_url("list")).status_code == 404
    assert host.get(make_url("demo")).status_code == 200
    assert not host.get(f"{LISTS}demo/change/").context["has_change_permission"]


def test_players_with_an_account_get_to_no_page() -> None:
    client = Client()
    client.force_login(User.objects.create_user("player"))
    for url in (LISTS, PASTE, IMPORT, make_url("list")):
        assert client.get(url).status_code in {302, 403}
