"""The names of a class as a teacher pastes them: one a line, and what has to be asked about them. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from classes.rules.names import InvalidName, name_key, tidy_name

#: Pupils of one class: more is a school.
PUPILS_MOST = 300
#: Characters of one pasting that are read; a class of the longest names has fewer.
_TEXT_MOST = 40 * PUPILS_MOST


class TooMany(ValueError):
    """More names than a class may have."""


@dataclass(slots=True)
class Roll:
    """What a pasted text comes to."""

    #: Names that nobody else has, in their order.
    fresh: list[str] = field(default_factory=list)
    #: Names that the class or the text has already: the same pupil, or two of one name? Only a person knows.
    twice: list[str] = field(default_factory=list)
    #: What can be no name, with the reason (:class:`classes.rules.names.InvalidName`).
    wrong: list[tuple[str, str]] = field(default_factory=list)


def read_roll(text: str, known: Collection[str]) -> Roll:
    """The names in a text: one a line; a table's first column, when tabs part several.

    :param known: the keys of the names that the class has (:func:`classes.rules.names.name_key`).
    :raises TooMany: when the class would have more than :data:`PUPILS_MOST`.
    """
    if len(text) > _TEXT_MOST:
        raise TooMany
    return sort_names([line.split("\t")[0] for line in text.splitlines()], known)


def sort_names(names: Collection[str], known: Collection[str]) -> Roll:
    """As :func:`read_roll`, of names that somebody has taken apart."""
    roll, seen = Roll(), set(known)
    for raw in names:
        if not raw.strip():
            continue
        try:
            name = tidy_name(raw)
        except InvalidName as error:
            roll.wrong.append((raw.strip()[:60], error.reason))
            continue
        key = name_key(name)
        if key in seen:
            roll.twice.append(name)
        else:
            seen.add(key)
            roll.fresh.append(name)
    if len(seen) > PUPILS_MOST or len(roll.twice) > PUPILS_MOST:
        raise TooMany
    return roll
