"""Reading a file or recordings that somebody sent, and drawing from long lists, in a process that can be killed.

Parsers are fed by strangers. Whatever a file does to one (a bomb of zip or XML, an expression that never ends), it
does to a process with bounds of time and memory, at low priority, that knows no secrets and no database, while the
players of this one notice nothing. What it read comes back as data: only the records of importers are made of it here.
"""

from __future__ import annotations

import io
import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from itertools import islice
from typing import Any, Literal

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import metrics
from common.config import BASE_DIR, CONFIG
from quizzes.importers import formats
from quizzes.importers.base import CannotRead, Imported
from quizzes.importers.formats import Source
from quizzes.rules.generator import Generated, generate
from quizzes.rules.words import WordListContent
from quizzes.services import language_guess
from quizzes.sounds.sanitizing import NoSound, SoundFile, read_sound

logger = logging.getLogger(__name__)

#: What the process can be asked for; see :mod:`quizzes.services.reading_process`.
Job = Literal["source", "sounds", "speech", "quiz", "language"]

_COMMAND = [sys.executable, "-m", "quizzes.services.reading_process"]
#: Files that are read at a time; others wait.
_AT_ONCE = 2
#: Quizzes of lists of so many words are made here: that takes less than starting a process, some 50 ms.
_DRAWN_HERE = 200
_turns = threading.BoundedSemaphore(_AT_ONCE)
#: What importers ask Django's settings for.
_SETTINGS = ("LOCALE_PATHS", "LANGUAGE_CODE", "USE_I18N", "IMPORT_MAX_BYTES", "IMAGE_MAX_BYTES", "SOUND_MAX_BYTES")
#: Settings that a process which reads strangers' files has no use for.
_SECRETS = (
    "DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL", "OPERATOR_API_KEY", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET",
)  # fmt: skip
#: What it gets in the place of the key of sessions and tokens; it signs nothing.
_NO_KEY = "this-process-signs-nothing"
_ERROR_BYTES = 4_000


def read_source(source: Source) -> Imported:
    """What a file holds, as :func:`quizzes.importers.formats.read_source` reads it.

    :raises CannotRead: when it is not what it should be, or takes more time or memory than there is for it.
    """
    if not CONFIG.import_seconds:
        return formats.read_source(source)
    told = _in_turn("source", source)
    if isinstance(told, Imported):
        return told
    raise CannotRead(told)


def read_sounds(files: Sequence[bytes]) -> list[SoundFile]:
    """The recordings in files, as :func:`quizzes.sounds.sanitizing.read_sound` reads each.

    :raises NoSound: when one of them is none, or reading them takes more time or memory than there is for it.
    """
    if not CONFIG.import_seconds:
        return [read_sound(file, max_bytes=settings.SOUND_MAX_BYTES) for file in files]
    told = _in_turn("sounds", list(files))
    if isinstance(told, list):
        return told
    raise NoSound(told)


def drawn(words: WordListContent, wishes: Mapping[str, Any]) -> Generated:
    """A quiz of a list, as :func:`quizzes.rules.generator.generate` makes it. That takes a second for a long one.

    :param wishes: its named arguments.
    :raises CannotRead: when it takes more time or memory than there is for it.
    """
    if not CONFIG.import_seconds or len(words.words) <= _DRAWN_HERE:
        return generate(words, **wishes)
    told = _in_turn("quiz", (words, dict(wishes)))
    if isinstance(told, Generated):
        return told
    raise CannotRead(told)


def other_language(words: Iterable[str], said: str) -> str:
    """As :func:`quizzes.services.language_guess.other_language` tells it; empty also when there is no time for it."""
    asked = list(islice(words, language_guess.MAX_WORDS))
    if not CONFIG.import_seconds:
        return language_guess.other_language(asked, said)
    told = _in_turn("language", (asked, said))
    return told[0] if isinstance(told, list) else ""


def _in_turn(job: Job, asked: Any) -> Any:
    """What the process made of it, or the words in which it was refused."""
    if not _turns.acquire(timeout=CONFIG.import_seconds):
        return _("Too many files are being read just now. Please try again in a moment.")
    try:
        told = apart(job, asked, seconds=CONFIG.import_seconds)
    finally:
        _turns.release()
    if told is None:
        metrics.limits_hit.labels("import").inc()
        if job == "quiz":
            return _("This list takes too much time or memory. Please make the quiz of a shorter list.")
        return _("This file takes too much time or memory to read. Please send a smaller part of it.")
    return told


def apart(job: Job, asked: Any, *, seconds: float) -> Any:
    """What a process of its own made of it, a text when it refused, or ``None`` when it was stopped."""
    given = {name: getattr(settings, name) for name in _SETTINGS}
    asking = pickle.dumps(given) + pickle.dumps((job, asked, get_language()))
    # This very interpreter, and nothing from outside among the arguments.
    with subprocess.Popen(  # noqa: S603
        [*_COMMAND, str(seconds), str(CONFIG.import_memory_bytes)],
        cwd=BASE_DIR,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            told, complaint = process.communicate(asking, timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()
    if process.returncode:
        logger.warning(
            "import_stopped",
            extra={"code": process.returncode, "error": complaint[-_ERROR_BYTES:].decode(errors="replace")},
        )
        return None
    return _Records(io.BytesIO(told)).load()


def _environment() -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    return {
        **given,
        **dict.fromkeys(_SECRETS, ""),
        "SECRET_KEY": _NO_KEY,
        "DATA_DIR": str(CONFIG.data_dir),
        # Numerical libraries take memory for each of their threads, which count against the bound.
        "OPENBLAS_NUM_THREADS": "1",
    }


class _Records(pickle.Unpickler):
    """Makes the records of importers and nothing else: what is read comes from a process that met a stranger's file."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith("quizzes.") else None
        if isinstance(found, type) and is_dataclass(found):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no record.")
