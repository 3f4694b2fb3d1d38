"""Recordings: what is taken in, what is given out, and what becomes of it."""

from __future__ import annotations

import base64
import json
import struct
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from quizzes.exporters.formats import QUIZ_FORMATS, WORD_LIST_FORMATS, media_of
from quizzes.importers.formats import Source, read_source
from quizzes.models import Quiz, Sound, WordList
from quizzes.rules import limits
from quizzes.rules.content import QuestionContent, QuizContent, content_to_json
from quizzes.rules.words import WordContent, WordListContent
from quizzes.services.quizzes import quiz_create
from quizzes.services.word_lists import word_list_create
from quizzes.sounds.sanitizing import RATE, NoSound, read_sound
from sessions.database.retention import delete_unused_sounds
from sessions.models import QuizSession
from tests.support.sounds import heard, pitch_of, tone

URL = "/api/v1/sounds"
KINDS = ["WAV", "FLAC", "MP3", "AIFF", "OGG"]


def wav_of_length(samples: int) -> bytes:
    """The header of a WAV that says it has many samples."""
    size = min(samples * 2, 2**32 - 100)
    form = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16)
    return form + struct.pack("<4sI", b"data", size)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_every_common_format_becomes_mp3_of_one_rate(kind: str, rate: int) -> None:
    sound = read_sound(tone(kind, rate=rate, pitch=440.0), max_bytes=0)
    samples, kept = heard(sound.data)
    assert (samples.ndim, kept) == (1, RATE)
    assert abs(sound.duration_ms - 500) < 150
    assert abs(pitch_of(sound.data) - 440) < 15
    assert sound.address == f"/sounds/{sound.digest}.mp3"


def test_opus_as_telephones_write_it_is_read() -> None:
    assert read_sound(tone("OGG", rate=48_000, subtype="OPUS"), max_bytes=0).duration_ms > 400


def test_what_is_above_the_kept_rate_does_not_fold_back() -> None:
    with pytest.raises(NoSound, match="nothing to hear"):
        read_sound(tone(rate=48_000, pitch=20_000.0), max_bytes=0)


def test_a_faint_recording_is_made_louder_and_a_loud_one_is_not_cut() -> None:
    faint = heard(read_sound(tone(loud=0.05), max_bytes=0).data)[0]
    loud = heard(read_sound(tone(loud=1.0), max_bytes=0).data)[0]
    assert abs(faint).max() > 0.3
    assert abs(loud).max() < 1.0


def test_both_sides_of_a_recording_are_heard() -> None:
    assert heard(read_sound(tone(channels=2), max_bytes=0).data)[0].ndim == 1


def test_nothing_of_a_file_survives_but_its_sound() -> None:
    data = tone("WAV")
    data += b"LIST" + struct.pack("<I", 28) + b"INFOINAM" + struct.pack("<I", 16) + b"Ana, at home 12\0"
    sound = read_sound(data + b"<script>alert(1)</script>", max_bytes=0)
    assert b"Ana" in data
    assert b"Ana" not in sound.data
    assert b"script" not in sound.data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no recording",
        b"RIFF",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"OggS",
        b"ID3\x04",
        b"fLaC",
        b"\xff\xfb\x90\x00",
        b"<html><audio>",
        b"%PDF-1.4",
        tone()[:40],
        tone("FLAC")[:60],
        tone("AU"),
        tone("CAF"),
    ],
)
def test_what_is_no_recording_or_of_no_common_format_is_refused(data: bytes) -> None:
    with pytest.raises(NoSound):
        read_sound(data, max_bytes=0)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "M4A"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", "WebM"),
        (b"#!AMR\n\x04", "AMR"),
    ],
)
def test_formats_that_are_not_read_are_named(data: bytes, name: str) -> None:
    with pytest.raises(NoSound, match=f"This is {name}.*MP3"):
        read_sound(data, max_bytes=0)


@given(st.binary(max_size=60), st.sampled_from([b"", b"OggS", b"fLaC", b"ID3", b"RIFF", b"\xff\xfb", b"FORM"]))
def test_no_bytes_make_it_fail(data: bytes, start: bytes) -> None:
    with pytest.raises(NoSound):
        read_sound(start + data, max_bytes=0)


@given(st.data(), st.sampled_from(KINDS))
def test_no_damage_makes_it_fail(data: st.DataObject, kind: str) -> None:
    sound = bytearray(tone(kind, seconds=0.1))
    for place in data.draw(st.lists(st.integers(0, len(sound) - 1), max_size=6)):
        sound[place] = data.draw(st.integers(0, 255))
    try:
        assert read_sound(bytes(sound), max_bytes=0).duration_ms <= limits.SOUND_MS_MAX
    except NoSound as error:
        assert str(error)


@pytest.mark.parametrize("seconds", [30.1, 120])
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3"])
def test_a_recording_that_is_too_long_is_refused(kind: str, seconds: float) -> None:
    with pytest.raises(NoSound, match="longer than 30 seconds"):
        read_sound(tone(kind, seconds=seconds, rate=8_000), max_bytes=0)


@pytest.mark.parametrize("samples", [2**31, 2**40])
def test_a_header_that_says_an_endless_length_takes_no_memory(samples: int) -> None:
    with pytest.raises(NoSound):
        read_sound(wav_of_length(samples) + b"\0" * 4_000, max_bytes=0)


@pytest.mark.parametrize("data", [tone(loud=0.0), tone(loud=0.0005), tone(seconds=0.01)])
def test_silence_is_refused(data: bytes) -> None:
    with pytest.raises(NoSound, match="nothing to hear"):
        read_sound(data, max_bytes=0)


def test_a_recording_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(NoSound, match="more than 10 bytes"):
        read_sound(tone(), max_bytes=10)


# -- over REST ----------------------------------------------------------------------------------------------------


def stored(client: APIClient, pitch: float = 440.0) -> str:
    answer = client.generic("POST", URL, tone(pitch=pitch), content_type="audio/wav")  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.json()
    return str(answer.json()["address"])


@pytest.mark.django_db
@pytest.mark.parametrize("multipart", [False, True])
def test_a_recording_that_is_sent_is_given_out_to_everybody(
    operator: APIClient, client: Client, multipart: bool
) -> None:
    if multipart:
        answer = operator.post(URL, {"file": SimpleUploadedFile("a.wav", tone())}, format="multipart")
    else:
        answer = operator.generic("POST", URL, tone(), content_type="audio/wav")  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.json()
    assert answer.json()["duration_ms"] == 500
    given_out = client.get(answer.json()["address"])
    assert abs(pitch_of(given_out.content) - 440) < 15
    assert given_out["Content-Type"] == "audio/mpeg"
    assert given_out["X-Content-Type-Options"] == "nosniff"
    assert given_out["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.post(answer.json()["address"]).status_code == 405


@pytest.mark.django_db
def test_a_recording_is_given_out_in_parts(operator: APIClient, client: Client) -> None:
    address = stored(operator)
    whole = client.get(address).content

    def part(said: str) -> Any:
        return client.get(address, headers={"Range": said})

    assert (part("bytes=0-1").status_code, part("bytes=0-1").content) == (206, whole[:2])
    assert part("bytes=0-1")["Content-Range"] == f"bytes 0-1/{len(whole)}"
    assert part("bytes=10-").content == whole[10:]
    assert part("bytes=5-999999999").content == whole[5:]
    assert part(f"bytes={len(whole)}-").status_code == 416
    for odd in ("bytes=-5", "bytes=a-b", "lines=0-1", "bytes=0-1,4-5", "bytes=٣-"):
        assert part(odd).status_code in (200, 206)


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"", b"no recording", tone(seconds=31, rate=8_000), tone(loud=0.0)])
def test_what_is_no_recording_is_not_stored(operator: APIClient, body: bytes) -> None:
    answer = operator.generic("POST", URL, body, content_type="audio/wav")  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Sound.objects.exists()


@pytest.mark.django_db
def test_a_recording_over_the_bound_is_refused(operator: APIClient, settings: Any) -> None:
    settings.SOUND_MAX_BYTES = 20
    assert operator.generic("POST", URL, tone()).status_code == 413  # type: ignore[arg-type]


@pytest.mark.django_db
def test_players_cannot_send_recordings() -> None:
    assert APIClient().generic("POST", URL, tone()).status_code in {401, 403}  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["0" * 32, "0" * 31, "A" * 32, "a%00", "..%2fquiz", "é"])
def test_an_unknown_recording_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/sounds/{name}.mp3").status_code == 404


# -- words, questions, files, sessions --------------------------------------------------------------------------------


def word_list(address: str) -> WordListContent:
    words = tuple(WordContent(term, (meaning,), sound=address) for term, meaning in zip("abcd", "wxyz", strict=True))
    return WordListContent("list", "List", words=words)


def quiz(address: str) -> QuizContent:
    question = QuestionContent(
        "q1", "typed", "a", correct_answers=("a",), listen="instead", sound=address, listen_language="es"
    )
    return QuizContent("quiz", "Quiz", questions=(question,))


@pytest.mark.django_db
def test_words_and_questions_keep_their_recordings(operator: APIClient) -> None:
    address = stored(operator)
    assert word_list_create(word_list(address)).content() == word_list(address)
    assert quiz_create(quiz(address)).content() == quiz(address)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sound", "https://elsewhere.example/cat.mp3"),
        ("sound", "/sounds/the-cat.mp3"),
        ("sound", "/images/" + "0" * 32 + ".webp"),
        ("listen", "maybe"),
        ("listen_language", "no tag"),
    ],
)
def test_only_recordings_of_this_server_are_taken(operator: APIClient, field: str, value: str) -> None:
    data = content_to_json(quiz(""))
    data["questions"][0][field] = value
    answer = operator.post("/api/v1/quizzes", data)
    assert answer.status_code == 400
    assert [problem["path"] for problem in answer.json()["errors"]["problems"]] == [f"questions[0].{field}"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["json", "apkg"])
def test_recordings_go_along_with_a_file_and_come_back(operator: APIClient, name: str) -> None:
    address = stored(operator)
    for content, formats in ((quiz(address), QUIZ_FORMATS), (word_list(address), WORD_LIST_FORMATS)):
        file = formats[name].write(content, media_of(content))
        imported = read_source(Source(file, formats[name].extension))
        entries = imported.questions if isinstance(content, QuizContent) else imported.words
        assert entries == (content.questions if isinstance(content, QuizContent) else content.words)
        assert set(imported.sounds) == {address}
        assert imported.rows[0].outcome == "read"


@pytest.mark.django_db
def test_a_quiz_brings_its_recordings_over_rest(operator: APIClient) -> None:
    address = "/sounds/" + "5" * 32 + ".mp3"
    data = content_to_json(quiz(address))
    data["sounds"] = {address: base64.b64encode(tone()).decode()}
    assert operator.post("/api/v1/quizzes", data).status_code == 201
    kept = Quiz.objects.get().content().questions[0].sound
    assert kept != address
    assert Sound.objects.filter(pk=kept[8:40]).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("sounds", [[], {"/sounds/x.mp3": ""}, {"/sounds/" + "5" * 32 + ".mp3": "no base64"}])
def test_a_quiz_with_recordings_that_are_none_is_refused_whole(operator: APIClient, sounds: Any) -> None:
    answer = operator.post("/api/v1/quizzes", {**content_to_json(quiz("")), "sounds": sounds})
    assert answer.status_code == 400
    assert answer.json()["errors"]["problems"][0]["path"] == "sounds"
    assert not Quiz.objects.exists()


def test_a_quiz_that_is_read_is_written_as_releases_without_recordings_know_it() -> None:
    plain = QuizContent("quiz", "Quiz", questions=(QuestionContent("q1", "typed", "a", correct_answers=("a",)),))
    assert not {"listen", "sound", "listen_language"} & set(json.dumps(content_to_json(plain)).split('"'))


@pytest.mark.django_db
def test_recordings_that_nothing_plays_are_deleted_after_a_day(operator: APIClient) -> None:
    in_word, in_quiz, in_session, unused = (stored(operator, pitch) for pitch in (300.0, 400.0, 500.0, 600.0))
    word_list_create(word_list(in_word))
    quiz_create(quiz(in_quiz))
    QuizSession.objects.create(
        id="s1",
        quiz_id="quiz",
        content=content_to_json(quiz(in_session)),
        state={},
        join_code="ABCDEF",
        created_at=timezone.now(),
    )
    Sound.objects.update(stored_at=timezone.now() - timedelta(days=2))
    assert delete_unused_sounds(now=timezone.now()) == 1
    left = {f"/sounds/{sound.digest}.mp3" for sound in Sound.objects.all()}
    assert left == {in_word, in_quiz, in_session}
    assert unused not in left
    WordList.objects.all().delete()
    Sound.objects.update(stored_at=timezone.now() - timedelta(days=2))
    assert delete_unused_sounds(now=timezone.now()) == 1
