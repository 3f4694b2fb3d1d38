"""The server's own voice: which languages it has, what it says, and what it leaves to others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.models import Sound
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.services import speech
from quizzes.services.speech import Said, recorded, what_to_say, with_speech
from quizzes.sounds import speech as voices
from quizzes.sounds.sanitizing import SoundFile, read_sound
from quizzes.sounds.speech import speak, spoken_text, voice_for
from tests.support.sounds import heard, tone


@pytest.mark.parametrize(
    ("language", "voice"),
    [
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("pt-BR", "pt-br"),
        ("PT_br", "pt-br"),
        ("en-GB", "en"),
        ("zh", "cmn"),
        ("no", "nb"),
        ("tlh", ""),
        ("", ""),
        ("no tag", ""),
        ("../../etc/passwd", ""),
    ],
)
def test_a_language_has_its_voice_or_none(language: str, voice: str) -> None:
    assert voice_for(language) == voice


def test_japanese_is_spoken_where_it_is_written_in_kana() -> None:
    assert voice_for("ja", "ねこ") == "ja"
    assert voice_for("ja", "猫") == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(to) go", "go"),
        ("(all)", "all"),
        ("Ich {gehe} nach  Hause.", "Ich gehe nach Hause."),
        ("____ is blue", "is blue"),
        ("a\nb", "a b"),
    ],
)
def test_marks_that_are_no_words_are_not_said(text: str, said: str) -> None:
    assert spoken_text(text) == said


@given(st.text(max_size=80))
def test_what_is_said_is_one_line_and_stays_as_it_is(text: str) -> None:
    said = spoken_text(text)
    assert "\n" not in said
    assert spoken_text(said) == said


def test_it_speaks_each_text_by_its_voice() -> None:
    cat, dog, odd, late = speak([("fr", "le chat", 9), ("de", "der Hund", 9), ("nobody", "x", 9), ("fr", "x", -1)])
    assert cat is not None
    assert dog is not None
    assert cat.data != dog.data
    assert abs(heard(cat.data)[0]).max() > 0.3
    assert (odd, late) == (None, None)


def question(**fields: Any) -> QuestionContent:
    fields = {"id": "q1", "kind": "typed", "text": "el gato", "correct_answers": ("el gato",), **fields}
    return QuestionContent(**fields)


def quiz(*questions: QuestionContent) -> QuizContent:
    return QuizContent("quiz", "Quiz", language="es", questions=questions)


def test_it_says_what_is_heard_in_the_language_of_the_question() -> None:
    heard_question = question(listen="beside")
    assert what_to_say(quiz(heard_question), heard_question) == Said("es", "el gato")
    other = question(listen="instead", listen_language="pt-BR")
    assert what_to_say(quiz(other), other) == Said("pt-br", "el gato")
    for without in (question(listen="beside", text="a" * 401), question(listen="beside", listen_language="tlh")):
        assert what_to_say(quiz(without), without) is None


def test_without_the_package_there_is_no_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "_PACKAGE", "espeakng_loader_that_is_not_there")
    voices._voices.cache_clear()
    try:
        assert voice_for("fr") == ""
    finally:
        voices._voices.cache_clear()


@pytest.mark.django_db
def test_what_was_said_is_kept_and_said_once() -> None:
    asked = quiz(question(listen="instead"), question(id="q2", listen="beside"), question(id="q3"))
    asked, wanted = recorded(asked)
    assert wanted == {"q1": Said("es", "el gato"), "q2": Said("es", "el gato")}
    sound = read_sound(tone(), max_bytes=0)
    told = with_speech(asked, wanted, {Said("es", "el gato"): sound})
    assert [one.sound for one in told.questions] == [sound.address, sound.address, ""]
    again, left = recorded(asked)
    assert again == told
    assert left == {}


@pytest.mark.django_db
def test_a_recording_goes_before_speech_and_one_that_is_not_here_is_spoken() -> None:
    sound = read_sound(tone(), max_bytes=0)
    Sound.objects.create(digest=sound.digest, data=sound.data, duration_ms=sound.duration_ms)
    gone = SoundFile(b"elsewhere", 1).address
    told, wanted = recorded(
        quiz(question(listen="beside", sound=sound.address), question(id="q2", listen="beside", sound=gone))
    )
    assert [one.sound for one in told.questions] == [sound.address, ""]
    assert set(wanted) == {"q2"}


@pytest.mark.parametrize("answer", [None, "refused"])
def test_a_voice_that_fails_is_no_failure_of_the_session(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(speech, "apart", lambda *_args, **_options: answer)
    assert speech.speak([Said("es", "el gato")]) == {}
