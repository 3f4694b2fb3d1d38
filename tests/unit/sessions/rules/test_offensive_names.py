"""The blocklist of names: it sees through disguises and lets real names pass."""

from __future__ import annotations

import pytest

from sessions.rules.player_names import InvalidUsername, clean_username


@pytest.mark.parametrize(
    "name", ["Fuck", "f u c k", "FUUUCK3R", "$hit", "A55", "sh1t", "Pútà", "hitler88", "كس", "ちんこ", "nice bitch"]
)
def test_it_refuses_an_offensive_name_however_it_is_disguised(name: str) -> None:
    with pytest.raises(InvalidUsername) as refusal:
        clean_username(name)
    assert refusal.value.reason == "offensive"


@pytest.mark.parametrize(
    "name",
    ["Hancock", "Scunthorpe", "As", "Di", "Pau", "Osama", "Dick", "Team 455", "Essex", "Chingachgook", "Anna!", "خولة"],
)
def test_it_lets_a_name_pass_that_only_looks_like_an_offensive_one(name: str) -> None:
    assert clean_username(name) == name


@pytest.mark.parametrize(("name", "reason"), [("  ", "empty"), ("x" * 31, "long"), ("a\u202eb", "characters")])
def test_it_tells_what_is_wrong_with_a_name(name: str, reason: str) -> None:
    with pytest.raises(InvalidUsername) as refusal:
        clean_username(name)
    assert refusal.value.reason == reason
