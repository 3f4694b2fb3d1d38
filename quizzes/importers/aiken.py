"""Aiken: a question on a line, its options as ``A.`` or ``A)``, and ``ANSWER: B``.

https://docs.moodle.org/en/Aiken_format
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from quizzes.importers.base import Draft, Item

_OPTION = re.compile(r"([A-Z])[.)]\s*(.*)")
_ANSWER = re.compile(r"ANSWERS?:\s*([A-Z](?:\s*,\s*[A-Z])*)\s*$")


def read_aiken(text: str) -> Draft:
    """The questions of a text."""
    return Draft("questions", _items(text))


def looks_like_aiken(text: str) -> bool:
    """Whether a line names an answer as Aiken does."""
    return any(_ANSWER.match(line.strip()) for line in text.split("\n"))


def _items(text: str) -> Iterator[Item]:
    question: list[str] = []
    options: dict[str, str] = {}
    start = 0
    for number, line in enumerate(map(str.strip, text.split("\n")), start=1):
        if answer := _ANSWER.match(line):
            yield _item(start or number, question, options, [letter.strip() for letter in answer[1].split(",")])
            question, options, start = [], {}, 0
        elif not line:
            continue
        elif (option := _OPTION.match(line)) and question:
            options[option[1]] = option[2].strip()
        elif options:
            # The options went on to something else: no answer came.
            yield Item(start, " ".join(question), None, (_("The line with ANSWER is missing."),))
            question, options, start = [line], {}, number
        else:
            question.append(line)
            start = start or number
    if question or options:
        yield Item(start, " ".join(question), None, (_("The line with ANSWER is missing."),))


def _item(number: int, question: list[str], options: dict[str, str], letters: list[str]) -> Item:
    text = "\n".join(question)
    for letter in letters:
        if letter not in options:
            return Item(number, text, None, (_("There is no option %(letter)s.") % {"letter": letter},))
    data = {
        "text": text,
        "kind": "choice" if len(letters) == 1 else "multi",
        "options": list(options.values()),
        "correct_answers": [options[letter] for letter in letters],
    }
    return Item(number, text, data)
