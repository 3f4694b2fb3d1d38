"""Aiken: a question on a line, its options as ``A.`` or ``A)``, and ``ANSWER: B``.

https://docs.moodle.org/en/Aiken_format. People write it in any capitals, and wrap its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from quizzes.importers.base import Draft, Item

_OPTION: Final = re.compile(r"([A-Za-z])\s?[.):]\s+(\S.*)|([A-Za-z])[.)]([^\s.].*)")
_ANSWER: Final = re.compile(r"ANSWERS?\s*[:：]\s*([A-Z](?:\s*(?:,|;|and|&|\s)\s*[A-Z])*)\s*[.)]?$", re.IGNORECASE)
_FEEDBACK: Final = re.compile(r"(?:FEEDBACK|EXPLANATION|RATIONALE)\s*:\s*(.*)", re.IGNORECASE)
_LINES_MAX: Final = 2_000


def read_aiken(text: str) -> Draft:
    """The questions of a text."""
    return Draft("questions", _items(text))


def looks_like_aiken(text: str) -> bool:
    """Whether a line names an answer as Aiken does, below a line with an option."""
    option = False
    for line in map(str.strip, text.split("\n")):
        if _ANSWER.match(line[:200]) and option:
            return True
        option = bool(_OPTION.match(line)) or (option and bool(line))
    return False


def _items(text: str) -> Iterator[Item]:
    block: list[tuple[int, str]] = []
    letters: list[str] = []
    explanation: list[str] = []
    options = 0
    after_empty = False
    for number, line in enumerate(map(str.strip, text.split("\n")), start=1):
        if not line:
            after_empty = True
            continue
        if not letters and (answer := _ANSWER.match(line[:200])):
            letters = re.findall("[A-Z]", re.sub("(?i)and", " ", answer[1]).upper())
        elif letters and (feedback := _FEEDBACK.match(line)):
            explanation.append(feedback[1])
        elif letters and explanation and not after_empty:
            explanation.append(line)
        else:
            is_option = bool(block) and _OPTION.match(line) is not None
            # Either the last question has its answer, or none came: what follows an empty line is another question.
            if letters or (after_empty and options > 1 and not is_option):
                yield _item(block, letters, explanation)
                block, letters, explanation, options = [], [], [], 0
            options += is_option
            block.append((number, line))
        after_empty = False
    if block or letters:
        yield _item(block, letters, explanation)


def _options(lines: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The lines of the question, and the options by letter: the last run of lines from A on, each with its wraps."""
    starts = [place for place, line in enumerate(lines) if (found := _option(line)) and found[0] == "A"]
    start = next((place for place in reversed(starts) if place > 0), len(lines))
    options: dict[str, str] = {}
    for line in lines[start:]:
        found = _option(line)
        # A letter that is not the next one is a line that begins so: "U.S. troops".
        if found and found[0] not in options and ord(found[0]) <= ord("A") + len(options) + 1:
            letter = found[0]
            options[letter] = found[1]
        else:
            options[letter] = f"{options[letter]} {line}"
    return list(lines[:start]), options


def _option(line: str) -> tuple[str, str] | None:
    found = _OPTION.match(line)
    if found is None:
        return None
    return (found[1] or found[3]).upper(), (found[2] or found[4]).strip()


def _item(block: Sequence[tuple[int, str]], letters: Sequence[str], explanation: Sequence[str]) -> Item:
    number = block[0][0] if block else 1
    question, options = _options([line for _number, line in block[:_LINES_MAX]])
    text = "\n".join(question)
    if not letters:
        return Item(number, text, None, (_("The line with ANSWER is missing."),))
    for letter in letters:
        if letter not in options:
            return Item(number, text, None, (_("There is no option %(letter)s.") % {"letter": letter},))
    distinct = list(dict.fromkeys(options.values()))
    data: dict[str, Any] = {
        "text": text,
        "kind": "choice" if len(letters) == 1 else "multi",
        "options": distinct,
        "correct_answers": list(dict.fromkeys(options[letter] for letter in letters)),
    }
    if explanation:
        data["explanation"] = "\n".join(explanation)
    notes = (_("An option that is there already was left out."),) if len(distinct) < len(options) else ()
    return Item(number, text, data, notes)
