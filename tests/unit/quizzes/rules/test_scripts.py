"""Words in which letters of another alphabet hide."""

from __future__ import annotations

import pytest

from quizzes.rules.scripts import lookalikes


@pytest.mark.parametrize("word", ["хорoшо", "Мocква", "νερo", "c\u0430sa", "\u0421ola"])
def test_a_letter_that_looks_the_same_is_found(word: str) -> None:
    assert lookalikes([f"({word})"], 5) == [word]


@pytest.mark.parametrize("text", ["хорошо", "kΩ", "μm", "USB-разъём", "α-Teilchen", "caffè", "日本go", "ΔT", "ß", ""])
def test_words_of_one_alphabet_and_units_are_none(text: str) -> None:
    assert lookalikes([text], 5) == []


def test_it_tells_so_many_at_most_and_each_once() -> None:
    assert lookalikes(["хорoшо", "хорoшо, Мocква", "νερo"], 2) == ["хорoшо", "Мocква"]
