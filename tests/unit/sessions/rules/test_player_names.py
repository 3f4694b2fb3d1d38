"""What a player may be called, and which names read the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions.rules.player_names import USER_ID, USERNAME_LENGTH, InvalidUsername, clean_username, username_key

HIDDEN = [
    "\x00",
    "\n",
    "\t",
    "\x1c",
    "\x85",
    "\u2028",
    "\n\x07",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200e",
    "\ufeff",
    "\x7f",
    "\x85\x9f",
    "\ud800",
    "\ue000",
]


@given(st.text(st.characters(codec=None), max_size=60))
def test_it_gives_a_clean_name_or_says_why_not(raw: str) -> None:
    try:
        name = clean_username(raw)
    except InvalidUsername as refusal:
        assert str(refusal)
        return
    assert 1 <= len(name) <= USERNAME_LENGTH
    assert name == unicodedata.normalize("NFC", name)
    assert name == " ".join(name.split())
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co", "Zl", "Zp"} for char in name)
    assert clean_username(name) == name
    assert username_key(name)
    name.encode()


@pytest.mark.parametrize("char", HIDDEN)
def test_it_refuses_characters_that_hide_or_reorder_text(char: str) -> None:
    with pytest.raises(InvalidUsername):
        clean_username(f"An{char}n")


@pytest.mark.parametrize(
    "raw", ["", "   ", "\t\n", "\u200d\u200d", "\u3164", "\u115f", "\u2800\u2800", "\u0301", "\u00a0"]
)
def test_it_refuses_a_name_that_shows_nothing(raw: str) -> None:
    with pytest.raises(InvalidUsername):
        clean_username(raw)


def test_it_counts_the_length_after_trimming_and_composing() -> None:
    assert clean_username("  " + "e\u0301" * USERNAME_LENGTH + " ") == "é" * USERNAME_LENGTH
    with pytest.raises(InvalidUsername):
        clean_username("é" * (USERNAME_LENGTH + 1))
    with pytest.raises(InvalidUsername):
        clean_username("x" * 200)


@pytest.mark.parametrize("name", ["Zoë", "李小龙", "محمد", "👩‍👩‍👧", "O'Neil-Smith", "नमस्ते", "1234"])
def test_it_lets_names_of_all_scripts_through(name: str) -> None:
    assert clean_username(name) == name


@given(st.text("abcdefghijklmnopqrstuvwxyzäöüéñ0123456789 ", min_size=1, max_size=20))
def test_names_that_differ_in_case_spaces_or_composition_read_the_same(name: str) -> None:
    key = username_key(name)
    assert username_key(name.upper()) == key
    assert username_key(unicodedata.normalize("NFD", name)) == key
    assert username_key(f" {name} ") == key
    assert username_key(key) == key


@pytest.mark.parametrize("name", ["A\ufe0fnn", "An\u3164n", "A\u200dnn", "\uff21nn", "ann", "A\u034fnn"])
def test_names_that_look_the_same_read_the_same(name: str) -> None:
    assert username_key(name) == username_key("Ann")


def test_it_refuses_a_tower_of_accents_and_takes_what_scripts_need() -> None:
    assert clean_username("Z\u0338\u0322\u0328\u031b\u0336")
    assert clean_username("བསྒྲུབས་")
    with pytest.raises(InvalidUsername):
        clean_username("Z" + "\u0336" * 20)


def test_white_space_around_a_name_is_trimmed_whatever_it_is() -> None:
    assert clean_username("\r\n Ann\u2028\t") == "Ann"


def test_names_that_differ_in_letters_read_differently() -> None:
    assert username_key("Ann") != username_key("Anna")
    assert username_key("Zoe") != username_key("Zoë")


@given(st.text(max_size=40))
@example(".")
@example("..")
@example("...")
def test_a_user_id_is_of_harmless_characters(text: str) -> None:
    harmless = 1 <= len(text) <= 36 and all(char.isascii() and (char.isalnum() or char in "._-") for char in text)
    assert bool(USER_ID.match(text)) == (harmless and text not in {".", ".."})


@pytest.mark.parametrize(
    "mark", ["\t", "\u200e", "\u200f", "\u061c", "\u200b", "\ufeff", "\u2060", "\u200d", "\u202a", "\u2066 "]
)
def test_marks_at_the_edges_of_a_name_are_taken_off(mark: str) -> None:
    assert clean_username(f"{mark}Ann{mark}") == "Ann"
    assert clean_username(f" {mark} {mark}Ann") == "Ann"


@pytest.mark.parametrize("name", ["An\u202en", "\u202eAnn", "Ann\u202d", "\u202e"])
def test_an_override_stays_refused_wherever_it_stands(name: str) -> None:
    with pytest.raises(InvalidUsername):
        clean_username(name)


@pytest.mark.parametrize("region", ["eng", "sct", "wls"])
def test_the_flags_of_england_scotland_and_wales_are_names(region: str) -> None:
    flag = "\U0001f3f4\U000e0067\U000e0062" + "".join(chr(0xE0000 + ord(char)) for char in region) + "\U000e007f"
    assert clean_username(f"Ann {flag}") == f"Ann {flag}"


def test_tags_that_are_no_flag_are_refused() -> None:
    with pytest.raises(InvalidUsername):
        clean_username("Ann \U0001f3f4\U000e0067\U000e0078\U000e007f")
