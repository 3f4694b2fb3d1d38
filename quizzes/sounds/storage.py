"""What is done to recordings: storing them, taking them along with exports, and finding those nobody needs any more."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from quizzes.models import Question, Sound, Word
from quizzes.rules.content import QuizContent
from quizzes.rules.sound_names import address_of, digest_of
from quizzes.rules.words import WordListContent
from quizzes.sounds.sanitizing import NoSound, SoundFile

#: The field of a file in the exchange format that holds recordings: address -> bytes in base64.
SOUNDS: Final = "sounds"
#: Recordings that a file may bring along. Each takes some hundredths of a second.
SOUNDS_MAX: Final = 600


def sound_store(sound: SoundFile) -> str:
    """Store a recording, once however often it comes, and tell its address."""
    Sound.objects.update_or_create(
        digest=sound.digest,
        defaults={"stored_at": timezone.now()},
        create_defaults={"data": sound.data, "duration_ms": sound.duration_ms},
    )
    return sound.address


def sounds_store(sounds: Mapping[str, SoundFile]) -> dict[str, str]:
    """Store what came with a file.

    :param sounds: by the addresses that the file's words or questions have.
    :returns: the addresses they have here. A recording that is here already keeps its own; any other was encoded anew.
    """
    here = _stored(sounds)
    addresses = {address: sound_store(sound) for address, sound in sounds.items() if address not in here}
    Sound.objects.filter(pk__in=map(digest_of, here)).update(stored_at=timezone.now())
    return addresses


def sounds_of(content: QuizContent | WordListContent) -> dict[str, bytes]:
    """The recordings that a quiz or a word list plays and that are stored here, by address."""
    entries = content.words if isinstance(content, WordListContent) else content.questions
    return _stored({entry.sound for entry in entries})


def split_sounds(data: Any, read: Callable[[list[bytes]], list[SoundFile]]) -> tuple[Any, dict[str, SoundFile]]:
    """A value in the exchange format without its recordings, and these by address.

    :param read: makes recordings of files; it raises NoSound when one of them is none.
    :raises NoSound: when one of them is none, or there are too many.
    """
    if not isinstance(data, dict) or SOUNDS not in data:
        return data, {}
    value = data[SOUNDS]
    if not isinstance(value, dict):
        raise NoSound(_("Give an object with named fields."))
    if len(value) > SOUNDS_MAX:
        raise NoSound(_("Give at most %(max)d entries.") % {"max": SOUNDS_MAX})
    files = []
    for address, said in value.items():
        if not digest_of(address):
            raise NoSound(_("There is no field “%(name)s”.") % {"name": address[:80]})
        try:
            files.append(base64.b64decode(said if isinstance(said, str) else "", validate=True))
        except (binascii.Error, ValueError):
            files.append(b"")
    sounds = dict(zip(value, read(files) if files else [], strict=True))
    return {name: entry for name, entry in data.items() if name != SOUNDS}, sounds


def unused_sounds(*, stored_before: datetime) -> set[str]:
    """Names of the recordings that no word and no question plays, and that nobody stored again since a moment."""
    old = Sound.objects.filter(stored_at__lt=stored_before).values_list("digest", flat=True)
    played = set(Word.objects.exclude(sound="").values_list("sound", flat=True))
    played |= set(Question.objects.exclude(sound="").values_list("sound", flat=True))
    return {digest for digest in old if address_of(digest) not in played}


def _stored(addresses: Iterable[str]) -> dict[str, bytes]:
    digests = [digest for digest in map(digest_of, addresses) if digest]
    rows = Sound.objects.filter(pk__in=digests).values_list("digest", "data")
    return {address_of(digest): bytes(data) for digest, data in rows}
