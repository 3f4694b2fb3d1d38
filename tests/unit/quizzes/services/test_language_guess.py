"""Words in another language than they are said to be in are noticed, and words that could well be in it are not."""

from __future__ import annotations

import pytest
from django.test import Client

from quizzes.models import Quiz, WordList
from quizzes.services.demo import demo_quizzes, demo_word_lists
from quizzes.services.language_guess import MAX_WORDS, other_language
from quizzes.services.reading import other_language as other_language_apart

IMPORT = "/admin/quizzes/quiz/import_quiz/"


@pytest.mark.parametrize(
    ("words", "said", "looks"),
    [
        (["die Katze"], "en", "de"),
        (["le fromage", "la maison"], "en", "fr"),
        (["la niña", "el corazón", "mañana"], "en", "es"),
        (["ねこ", "いぬさん"], "en", "ja"),
        (["книга", "собака"], "en", "ru"),
        (["quyển sách màu đỏ"], "en", "vi"),
        (["das Haus", "der Baum", "die Schule"], "fr", "de"),
        (["قطة", "كلب"], "en", "ar"),
    ],
)
def test_another_language_is_noticed(words: list[str], said: str, looks: str) -> None:
    assert other_language(words, said) == looks
    assert other_language(words, "") == looks
    assert other_language(words, looks) == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["die Katze"], "de-CH"),
        (["to die"], "en"),
        (["la casa"], "en"),
        (["the cat"], "en"),
        (["猫"], "ja"),
        (["cat"], "nl"),
        (["True", "False", "26"], "de"),
        (["die Katze"], "x-klingon"),
        ([], ""),
    ],
)
def test_what_could_be_in_the_language_is_not_doubted(words: list[str], said: str) -> None:
    assert other_language(words, said) == ""


def test_none_of_the_demo_content_is_doubted_in_its_own_language() -> None:
    lists = {one.id: other_language((word.term for word in one.words), one.term_language) for one in demo_word_lists()}
    quizzes = {
        one.id: other_language(
            (text for question in one.questions if question.kind == "typed" for text in question.correct_answers),
            one.language,
        )
        for one in demo_quizzes()
    }
    assert {name: looks for name, looks in (lists | quizzes).items() if looks} == {}


def test_it_is_found_out_in_a_process_of_its_own() -> None:
    assert other_language_apart(["die Katze"] * (MAX_WORDS + 1), "en") == "de"


@pytest.mark.django_db
def test_the_editor_asks_and_strangers_may_not(admin_client: Client, client: Client) -> None:
    url = "/admin/quizzes/quiz/language/"
    asked = {"words": ["die Katze"], "language": "en"}
    assert admin_client.post(url, asked, content_type="application/json").json() == {"language": "de"}
    for body in ("[]", '{"words": 3}', "{" * 9_000, '"' + "a" * 60_000 + '"'):
        assert admin_client.post(url, body, content_type="application/json").status_code == 400
    assert Client().post(url, asked, content_type="application/json").status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("said", ["", "fr"])
def test_the_preview_of_an_import_says_what_the_words_look_like(admin_client: Client, said: str) -> None:
    text = "das Haus\tthe house\nder Baum\tthe tree\ndie Schule\tthe school"
    page = admin_client.post(IMPORT, {"text": text, "format": "", "term_language": said})
    assert "The answers look like German." in page.text
    assert f'value="{said or "de"}"' in page.text
    admin_client.post(IMPORT, {"save": "1", "content": page.context["content"], "term_language": "German"})
    assert WordList.objects.get().term_language == "de"


@pytest.mark.django_db
def test_imported_questions_get_a_language_too(admin_client: Client) -> None:
    asked = {"house": "das Haus", "tree": "der Baum", "school": "die Schule"}
    text = "\n\n".join(f"::{word}::What is a {word} in German? {{={answer}}}" for word, answer in asked.items())
    page = admin_client.post(IMPORT, {"text": text, "format": "gift"})
    assert "The answers look like German." in page.text
    admin_client.post(IMPORT, {"save": "1", "content": page.context["content"], "term_language": "de"})
    assert Quiz.objects.get().language == "de"
