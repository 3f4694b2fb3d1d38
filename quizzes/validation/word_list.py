"""Checks a word list that comes from outside, as :mod:`quizzes.validation.quiz` checks a quiz. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from quizzes.rules import limits
from quizzes.rules.words import WordContent, WordListContent
from quizzes.validation.checker import Checker, ValidationProblem, join


def validate_word_list(data: object) -> WordListContent | list[ValidationProblem]:
    """The list that a value in the exchange format describes, or everything that is wrong with it."""
    checker = _WordChecker()
    words = checker.word_list(data)
    return checker.problems if checker.problems or words is None else words


def validate_word_list_heading(data: object) -> WordListContent | list[ValidationProblem]:
    """As :func:`validate_word_list`, for a list without its words."""
    checker = _WordChecker()
    heading = checker.heading(data)
    return checker.problems if checker.problems or heading is None else heading


def validate_word(data: object) -> WordContent | list[ValidationProblem]:
    """As :func:`validate_word_list`, for a single word; the paths start at the word."""
    checker = _WordChecker()
    word = checker.word(data, "")
    return checker.problems if checker.problems or word is None else word


class _WordChecker(Checker):
    """A word list and its words."""

    def word_list(self, data: object) -> WordListContent | None:
        heading = self.heading(data)
        if heading is None or not isinstance(data, dict):
            return None
        return replace(heading, words=self.words(data))

    def heading(self, data: object) -> WordListContent | None:
        mapping = self.mapping(data, "", WordListContent)
        if mapping is None:
            return None
        return WordListContent(
            id=self.id(mapping, ""),
            title=self.text(mapping, "title", "", limits.TITLE_LENGTH, required=True),
            term_language=self.language(mapping, "term_language", ""),
            meaning_language=self.language(mapping, "meaning_language", ""),
            description=self.text(mapping, "description", "", limits.DESCRIPTION_LENGTH, lines=True),
            grading=self.grading(mapping, ""),
            tags=self.texts(mapping, "tags", "", limits.TAGS_MAX, length=limits.TAG_LENGTH),
        )

    def words(self, mapping: Mapping[str, object]) -> tuple[WordContent, ...]:
        value = mapping.get("words", [])
        if not isinstance(value, list):
            self.problem("words", _("Give a list of words."))
            return ()
        if not value:
            self.problem("words", _("A list needs at least one word."))
        if len(value) > limits.WORDS_MAX:
            self.problem("words", _("A list has at most %(max)d words.") % {"max": limits.WORDS_MAX})
        words = []
        places: dict[tuple[str, str], int] = {}
        for index, item in enumerate(value[: limits.WORDS_MAX]):
            path = f"words[{index}]"
            word = self.word(item, path)
            if word is None:
                continue
            key = (word.term, word.part_of_speech)
            if word.term and key in places:
                message = _("Word %(number)d is the same term and part of speech.") % {"number": places[key] + 1}
                self.problem(f"{path}.term", message)
            places.setdefault(key, index)
            words.append(word)
        return tuple(words)

    def word(self, data: object, path: str) -> WordContent | None:
        mapping = self.mapping(data, path, WordContent)
        if mapping is None:
            return None
        word = WordContent(
            term=self.text(mapping, "term", path, limits.TERM_LENGTH, required=True),
            meanings=self.texts(mapping, "meanings", path, limits.MEANINGS_MAX, length=limits.MEANING_LENGTH),
            part_of_speech=self.text(mapping, "part_of_speech", path, limits.PART_OF_SPEECH_LENGTH),
            alternatives=self.texts(mapping, "alternatives", path, limits.ALTERNATIVES_MAX, length=limits.TERM_LENGTH),
            example=self.text(mapping, "example", path, limits.EXAMPLE_LENGTH),
            notes=self.text(mapping, "notes", path, limits.NOTES_LENGTH, lines=True),
            image=self.media(mapping, path, "image"),
            sound=self.sound(mapping, path),
            tags=self.texts(mapping, "tags", path, limits.TAGS_MAX, length=limits.TAG_LENGTH),
        )
        self.written(join(path, "term"), word.term)
        if mapping.get("meanings", []) == []:
            self.problem(join(path, "meanings"), _("No meaning is given."))
        for name in ("meanings", "alternatives"):
            for index, text in enumerate(getattr(word, name)):
                self.written(join(path, f"{name}[{index}]"), text)
        return word
