"""Nobody passes for somebody else by letters that look the same; those who might are shown to the host."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizserver.management.commands.confusables import PATH, table_module
from sessions.rules.look_alikes import doubtful, in_latin, resemblances
from sessions.rules.player_names import ROLES, InvalidUsername, clean_username, username_key


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Alice", "\u0410lice"),  # Cyrillic A
        ("Alice", "AIice"),
        ("Alice", "A|ice"),
        ("Alice", "A1ice"),
        ("A", "\u0410"),
        ("Bob", "B0b"),
        ("Bob", "\u0412ob"),  # Cyrillic Ve
        ("Bob", "B\u043eb"),
        ("Coco", "\u0421\u043e\u0441\u043e"),  # Cyrillic throughout
        ("Poca", "\u0420\u043e\u0441\u0430"),
        ("Zoë", "Z\u043e\u0435\u0308"),
        ("Max 1", "Max l"),
        ("Nina", "\u039dina"),  # Greek Nu
        ("Lisa", "\ua4e1isa"),  # Lisu La
        ("\u30a8\u30ea", "\u5de5\u30ea"),  # Katakana e, Han for work
    ],
)
def test_a_name_that_nobody_tells_from_another_is_the_same(name: str, other: str) -> None:
    assert username_key(name) == username_key(other)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Elia", "Ella"),
        ("Ian", "Lan"),
        ("Arno", "Amo"),
        ("10", "lO"),
        ("Anna", "Ana"),
        ("Zoe", "Zoë"),
        ("\u0412\u0435\u0440\u0430", "Bepa"),  # Вера
        ("\u0391\u03bd\u03bd\u03b1", "Avva"),  # Άννα without its accent
        ("\u05e8\u05d5", "\u05e8\u05df"),  # two letters of Hebrew that look alike to who reads none
        ("Hà", "Hạ"),
    ],
)
def test_names_that_those_who_read_them_tell_apart_are_two(name: str, other: str) -> None:
    assert username_key(name) != username_key(other)


@pytest.mark.parametrize("name", ["вера", "роса", "никита", "αννα", "νίκος", "άννα", "արամ", "თამარ"])
def test_a_name_of_another_script_reads_the_same_in_capitals(name: str) -> None:
    assert username_key(name) == username_key(name.upper()) == username_key(name.title())


@given(st.text("abcdefghjklmnopqrstuvwxyzäöüéñ0123456789 ", min_size=1, max_size=20))
def test_latin_names_differ_by_what_differed_before_but_for_figures(name: str) -> None:
    key = "".join(name.split())
    assert username_key(name).translate(str.maketrans("01", "ol")) == key.translate(str.maketrans("01", "ol"))


@pytest.mark.parametrize(
    "name", ["H\u043est", "\u041d\u043est", "H0st", "Adm1n", "Adrnin", "\u0422\u0435acher", "Teacher\u200d", "1ehrer"]
)
def test_a_name_that_passes_for_a_role_is_refused(name: str) -> None:
    with pytest.raises(InvalidUsername) as refused:
        clean_username(name)
    assert refused.value.reason == "reserved"


def test_an_offence_in_letters_of_another_script_is_one() -> None:
    with pytest.raises(InvalidUsername) as refused:
        clean_username("fu\u0441k")
    assert refused.value.reason == "offensive"


def test_the_later_of_two_names_that_might_be_taken_for_each_other_is_doubtful() -> None:
    came = ["Ella", "Bob", "Elia", "Вера", "Bepa", "Arno", "Amo"]
    names = [(f"u{number}", name) for number, name in enumerate(came, start=1)]
    assert doubtful(names, ROLES) == {"u3": "Ella", "u5": "Вера", "u7": "Arno"}


def test_a_name_with_a_role_in_it_is_doubtful() -> None:
    assert doubtful([("u1", "Ann the teacher"), ("u2", "Ann H0st"), ("u3", "Hostess")], ROLES) == {
        "u1": "teacher",
        "u2": "host",
    }


def test_the_table_is_what_the_command_makes() -> None:
    assert PATH.read_text(encoding="utf-8") == table_module()


@given(name=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_a_plain_name_reads_as_it_does_among_signs_that_need_a_closer_look(name: str) -> None:
    # Hangul is like nothing else, and has the whole name looked at.
    assert resemblances(name) == {form.removesuffix("한") for form in resemblances(f"{name}한")}
    assert in_latin(name) == in_latin(f"{name} 한").removesuffix(" 한")
    with suppress(InvalidUsername):
        assert clean_username(name) == " ".join(name.split())
