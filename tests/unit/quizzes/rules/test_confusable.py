"""Words of a list that are easily confused, and example sentences without their word, are told on import."""

from __future__ import annotations

from quizzes.importers.base import Draft, Item, finish
from quizzes.rules.confusable import confusable_pairs
from quizzes.rules.words import WordContent


def words(*terms: str) -> list[WordContent]:
    return [WordContent(term, ("x",)) for term in terms]


def test_words_a_slip_apart_are_found() -> None:
    assert confusable_pairs(words("form", "from", "house", "the horse", "garden"), 10) == [
        ("form", "from"),
        ("house", "the horse"),
    ]


def test_short_words_and_the_same_word_are_not() -> None:
    assert confusable_pairs(words("cat", "bat", "der See", "die See"), 10) == []


def test_no_more_pairs_are_named_than_asked_for() -> None:
    assert len(confusable_pairs(words(*(f"word{letter}" for letter in "abcdefgh")), 3)) == 3


def imported(*items: dict[str, object]) -> list[str]:
    found = finish(Draft("words", [Item(number, "", item) for number, item in enumerate(items, start=1)]))
    assert found.count == len(items)
    return [*found.notes, *(note for row in found.rows for note in row.notes)]


def test_an_import_names_pairs() -> None:
    (note,) = imported({"term": "desert", "meanings": ["a"]}, {"term": "dessert", "meanings": ["b"]})
    assert "desert / dessert" in note


def test_an_import_names_examples_without_their_word() -> None:
    (note,) = imported({"term": "to go", "meanings": ["a"], "example": "I went home."})
    assert "does not have the word" in note
    assert imported({"term": "to go", "meanings": ["a"], "example": "I {went} home."}) == []
    assert imported({"term": "go", "meanings": ["a"], "example": "We go home."}) == []
