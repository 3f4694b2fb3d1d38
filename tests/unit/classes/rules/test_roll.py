"""Pasted names: each pupil once, and a question wherever only a person knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classes.rules.names import name_key, sorting_key
from classes.rules.roll import PUPILS_MOST, TooMany, read_roll, sort_names


def test_one_name_a_line_and_the_first_column_of_a_table() -> None:
    roll = read_roll("Ann\tB.\t7a\r\n\n  Bob   Lee \nÇağla\n", set())
    assert roll.fresh == ["Ann", "Bob Lee", "Çağla"]
    assert not roll.twice
    assert not roll.wrong


def test_a_name_that_is_there_is_asked_about_however_it_is_written() -> None:
    roll = read_roll("Ann\nANN\nBob\n ann", {name_key("bob")})
    assert roll.fresh == ["Ann"]
    assert roll.twice == ["ANN", "Bob", "ann"]


def test_what_can_be_no_name_is_told_with_the_reason() -> None:
    assert read_roll("x" * 31, set()).wrong == [("x" * 31, "long")]
    assert read_roll("a\u202eb", set()).wrong[0][1] == "characters"


def test_an_accent_makes_no_other_letter_where_names_are_sorted() -> None:
    assert sorted(["Zoe", "Çağla", "Bob", "Émile", "Eva"], key=sorting_key) == ["Bob", "Çağla", "Émile", "Eva", "Zoe"]


def test_real_names_are_not_judged() -> None:
    assert read_roll("Dick\nLehrer\nCock", set()).fresh == ["Dick", "Lehrer", "Cock"]


def test_a_class_is_no_school() -> None:
    with pytest.raises(TooMany):
        sort_names([f"Pupil {number}" for number in range(PUPILS_MOST + 1)], set())
    with pytest.raises(TooMany):
        read_roll("x" * 1_000_000, set())


@given(st.lists(st.text(max_size=40), max_size=30), st.sets(st.text(max_size=5), max_size=5))
def test_nothing_is_lost_and_nobody_is_there_twice(names: list[str], known: set[str]) -> None:
    keys = {name_key(each) for each in known}
    roll = sort_names(names, keys)
    assert len(roll.fresh) + len(roll.twice) + len(roll.wrong) == sum(1 for name in names if name.strip())
    fresh = [name_key(name) for name in roll.fresh]
    assert len(set(fresh)) == len(fresh)
    assert not keys & set(fresh)
