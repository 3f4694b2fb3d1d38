"""The exchange format of the REST API as a file: a quiz or a word list in JSON."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _

from quizzes.images.sanitizing import NoImage
from quizzes.images.storage import IMAGES, split_images
from quizzes.importers.base import CannotRead, Draft, Holds, Item


def read_json(text: str) -> Draft:
    """The questions or words of a file.

    :raises CannotRead: when it is neither a quiz nor a word list.
    """
    try:
        data = json.loads(text)
    except RecursionError:
        raise CannotRead(_("This JSON is nested too deeply.")) from None
    except ValueError as error:
        raise CannotRead(_("This is not JSON: %(error)s.") % {"error": error}) from None
    try:
        data, images = split_images(data)
    except NoImage as error:
        raise CannotRead(f"{IMAGES}: {error}") from None
    holds: Holds = "words" if isinstance(data, dict) and "words" in data else "questions"
    if not isinstance(data, dict) or not isinstance(data.get(holds), list):
        raise CannotRead(_("This is neither a quiz nor a word list."))
    heading = {name: value for name, value in data.items() if name != holds}
    name = "term" if holds == "words" else "text"
    items = (_item(number, entry, name) for number, entry in enumerate(data[holds], start=1))
    return Draft(holds, items, heading, images=images)


def _item(number: int, entry: Any, name: str) -> Item:
    if not isinstance(entry, dict):
        return Item(number, str(entry), None, (_("Give an object with named fields."),))
    return Item(number, str(entry.get(name, "")), entry)
