"""What a word list is, as plain data: the form the generator, the importers and the REST API share. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from quizzes.rules.content import Grading


@dataclass(frozen=True, slots=True)
class WordContent:
    """A word to learn. What stands in parentheses in a term or a meaning may be left out of an answer."""

    term: str
    #: What it means, the commonest first; each is accepted.
    meanings: tuple[str, ...]
    #: Such as "noun"; words of one kind make good distractors for each other.
    part_of_speech: str = ""
    #: Other accepted ways to write the term.
    alternatives: tuple[str, ...] = ()
    #: A sentence with the term in it. Braces mark the gap where the term is inflected: ``Ich {gehe} nach Hause.``
    example: str = ""
    notes: str = ""
    #: Address of an image, or empty.
    image: str = ""
    #: Address of a recording of the term, or empty.
    sound: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WordListContent:
    """A list of words. The languages are BCP 47 tags."""

    id: str
    title: str
    term_language: str = "en"
    meaning_language: str = "en"
    description: str = ""
    #: How typed answers of quizzes made from the list are compared.
    grading: Grading = field(default_factory=Grading)
    tags: tuple[str, ...] = ()
    words: tuple[WordContent, ...] = ()


def word_list_to_json(content: WordListContent) -> dict[str, Any]:
    """The exchange format, with every field written out but for recordings that there are not."""
    data = asdict(content)
    for word in data["words"]:
        if not word["sound"]:
            del word["sound"]
    return data
