"""Nobody in a game is called as those whom a class obeys."""

from __future__ import annotations

import pytest

from sessions.rules.player_names import InvalidUsername, clean_username


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "host",
        " TEACHER ",
        "Ｔｅａｃｈｅｒ",
        "T e a c h e r",
        "Admin",
        "Lehrerin",
        "Profesora",
        "Professeur",
        "Giáo viên",
        "先生",
        "المعلم",
    ],
)
def test_the_name_of_a_role_is_refused(name: str) -> None:
    with pytest.raises(InvalidUsername) as refused:
        clean_username(name)
    assert refused.value.reason == "reserved"


@pytest.mark.parametrize("name", ["Hostess", "Lehrerson", "Adminah", "Teachers' Pet", "Hosta", "田中先生"])
def test_a_name_that_only_begins_so_is_nobody_elses_business(name: str) -> None:
    assert clean_username(name) == name
