"""Files are read in a process of their own, which is stopped when it takes too much; the server goes on meanwhile."""

from __future__ import annotations

import io
import os
import pickle
import sys
from typing import Any

import pytest
from django.utils import translation

from common.config import CONFIG
from quizzes.importers import formats
from quizzes.importers.base import CannotRead
from quizzes.importers.formats import Source
from quizzes.rules.generator import generate
from quizzes.rules.words import WordContent, WordListContent
from quizzes.services import reading
from quizzes.services.quiz_making import QuizOptions, TooManyWords, draw_quiz, phrases
from quizzes.services.reading import _Records, drawn, read_sounds, read_source
from quizzes.sounds.sanitizing import NoSound, read_sound
from tests.support.sounds import tone

WORDS = Source(b"der Hund\tthe dog\ndie Katze\tthe cat\n")


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the server does it."""
    monkeypatch.setattr(reading, "CONFIG", CONFIG)


def bounded(monkeypatch: pytest.MonkeyPatch, **bounds: Any) -> None:
    monkeypatch.setattr(reading, "CONFIG", CONFIG.model_copy(update=bounds))


def replaced(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Have the process run an importer that does this."""
    code = (
        "import quizzes.services.reading_process as process\n"
        f"def trouble(source):\n    {body}\n"
        "set_up = process.set_up\n"
        "def and_replace(given):\n"
        "    set_up(given)\n"
        "    import quizzes.importers.formats as formats\n"
        "    formats.read_source = trouble\n"
        "process.set_up = and_replace\n"
        "process.main()\n"
    )
    monkeypatch.setattr(reading, "_COMMAND", [sys.executable, "-c", code])


def test_what_the_process_reads_is_what_would_be_read_here() -> None:
    assert read_source(WORDS) == formats.read_source(WORDS)


def test_a_refusal_comes_back_in_the_language_of_who_asked() -> None:
    told = set()
    for language in ("en", "de"):
        with translation.override(language), pytest.raises(CannotRead) as refused:
            read_source(Source(b"%PDF-1.7"))
        told.add(str(refused.value))
    assert len(told) == 2
    assert all("PDF" in text for text in told)


@pytest.mark.parametrize(
    ("body", "bounds"),
    [
        ("exec('while True: pass')", {"import_seconds": 4.0}),
        ("import time; time.sleep(600)", {"import_seconds": 4.0}),
        ("return [bytearray(1 << 20) for _ in range(1 << 20)]", {"import_memory_bytes": 1 << 30}),
        ("import os; os.abort()", {}),
        ("raise KeyError('a mistake of ours')", {}),
    ],
    ids=["no end", "sleeps", "memory", "a crash", "a mistake"],
)
def test_a_file_that_takes_too_much_is_refused_and_nothing_stays(
    monkeypatch: pytest.MonkeyPatch, body: str, bounds: dict[str, Any]
) -> None:
    bounded(monkeypatch, **bounds)
    command = reading._COMMAND
    replaced(monkeypatch, body)
    with pytest.raises(CannotRead, match="too much time or memory"):
        read_source(WORDS)
    monkeypatch.setattr(reading, "CONFIG", CONFIG)
    monkeypatch.setattr(reading, "_COMMAND", command)
    assert read_source(WORDS).count == 2


def test_the_process_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "OPERATOR_API_KEY", "SECRET_KEY", "OIDC_CLIENT_SECRET"):
        monkeypatch.setenv(name, "very-secret")
    assert "very-secret" not in reading._environment().values()


def test_more_files_than_are_read_at_a_time_wait_and_then_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, import_seconds=0.05)
    for _ in range(2):
        assert reading._turns.acquire(blocking=False)
    try:
        with pytest.raises(CannotRead, match="Too many files"):
            read_source(WORDS)
    finally:
        for _ in range(2):
            reading._turns.release()


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("true",)


@pytest.mark.parametrize("told", [_Evil(), sys.exit, CannotRead("x"), Source])
def test_nothing_but_records_is_made_of_what_the_process_says(told: Any) -> None:
    data = pickle.dumps(told)
    if told is Source:
        assert _Records(io.BytesIO(data)).load() is Source
        return
    with pytest.raises(pickle.UnpicklingError):
        _Records(io.BytesIO(data)).load()


def test_recordings_are_read_in_the_process_too() -> None:
    (sound,) = read_sounds([tone()])
    assert sound == read_sound(tone(), max_bytes=0)
    with translation.override("de"), pytest.raises(NoSound, match="keine Aufnahme"):
        read_sounds([b"no recording"])


def test_a_recording_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, import_seconds=0.01)
    with pytest.raises(NoSound, match="too much time or memory"):
        read_sounds([tone()])


def long_list(count: int) -> WordListContent:
    words = tuple(WordContent(f"der {place:04}wort{place}", (f"thing {place}",)) for place in range(count))
    return WordListContent("x", "x", "de", "en", words=words)


def test_a_quiz_of_a_long_list_is_drawn_in_the_process_and_is_the_same_as_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wishes: dict[str, Any] = {"quiz_id": "q", "title": "Q", "count": 12, "seed": 4, "phrases": phrases()}
    here = generate(long_list(250), **wishes)
    monkeypatch.setattr(reading, "generate", None)
    assert drawn(long_list(250), wishes) == here


def test_a_list_that_takes_too_long_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(monkeypatch, import_seconds=0.05)
    with pytest.raises(TooManyWords, match="shorter list"):
        draw_quiz(long_list(250), QuizOptions(quiz_id="q"))


def test_a_quiz_of_a_short_list_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_COMMAND", ["/does/not/exist"])
    assert drawn(long_list(20), {"quiz_id": "q", "title": "Q", "count": 5}).quiz.questions
