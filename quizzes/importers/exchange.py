"""The exchange format of the REST API as a file: a quiz or a word list in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from quizzes.images.sanitizing import NoImage
from quizzes.images.storage import IMAGES, split_images
from quizzes.importers.anki import read_crowdanki
from quizzes.importers.base import CannotRead, Draft, Holds, Item
from quizzes.sounds.sanitizing import NoSound, SoundFile, read_sound
from quizzes.sounds.storage import SOUNDS, split_sounds


def read_json(text: str, roles: Sequence[str] = ()) -> Draft:
    """The questions or words of a file: ours, or a deck of CrowdAnki.

    :param roles: what the fields of the deck's notes are; empty to guess.
    :raises CannotRead: when it is none of them.
    """
    try:
        data = json.loads(text)
    except RecursionError:
        raise CannotRead(_("This JSON is nested too deeply.")) from None
    except ValueError as error:
        raise CannotRead(_("This is not JSON: %(error)s.") % {"error": error}) from None
    if isinstance(data, dict) and data.get("__type__") == "Deck":
        return read_crowdanki(data, roles)
    try:
        data, images = split_images(data)
    except NoImage as error:
        raise CannotRead(f"{IMAGES}: {error}") from None
    try:
        data, sounds = split_sounds(data, _sounds)
    except NoSound as error:
        raise CannotRead(f"{SOUNDS}: {error}") from None
    holds: Holds = "words" if isinstance(data, dict) and "words" in data else "questions"
    if not isinstance(data, dict) or not isinstance(data.get(holds), list):
        raise CannotRead(
            _("This is JSON, but neither a quiz nor a word list of this server. Its form is in the docs, under files.")
        )
    heading = {name: value for name, value in data.items() if name != holds}
    name = "term" if holds == "words" else "text"
    items = (_item(number, entry, name) for number, entry in enumerate(data[holds], start=1))
    return Draft(holds, items, heading, images=images, sounds=sounds)


def _sounds(files: list[bytes]) -> list[SoundFile]:
    return [read_sound(file, max_bytes=settings.SOUND_MAX_BYTES) for file in files]


def _item(number: int, entry: Any, name: str) -> Item:
    if not isinstance(entry, dict):
        return Item(number, str(entry), None, (_("Give an object with named fields."),))
    return Item(number, str(entry.get(name, "")), entry)
