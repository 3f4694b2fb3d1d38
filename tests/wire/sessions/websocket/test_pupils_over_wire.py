"""Pupils of a class: by name and by card, on one device and on two."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.live_server import LiveServer
from tests.wire.sessions.websocket.conftest import Connect, NewGame


@pytest.fixture
def cards(server: LiveServer) -> dict[str, dict[str, str]]:
    """The cards of a new class, by name."""
    made = server.rest("POST", "/api/v1/classes", {"name": "7a", "pupils": ["Ann", "Bob"]})
    assert made.status == 201, made.data
    found = server.rest("GET", f"/api/v1/classes/{made.json['id']}/cards").json["cards"]
    return {card["name"]: {**card, "class_id": made.json["id"]} for card in found}


def options(cards: dict[str, dict[str, str]], **more: Any) -> dict[str, Any]:
    return {"class_id": cards["Ann"]["class_id"], **more}


async def test_a_card_on_a_second_device_closes_the_first(
    connect: Connect, new_game: NewGame, cards: dict[str, dict[str, str]]
) -> None:
    game = new_game(options=options(cards, cards_only=True, guests=False))
    first, second = await connect(), await connect()
    told = await first.join(game.code, None, card=cards["Ann"]["card"])
    assert (told["username"], told["resumed"]) == ("Ann", False)
    again = await second.join(game.code, None, card=cards["Ann"]["card"])
    assert (again["user_id"], again["resumed"]) == (told["user_id"], True)
    assert (await first.closed())[0] == 4001
    # The token is good as anybody's.
    third = await connect()
    assert (await third.join(game.code, None, session_token=again["session_token"]))["username"] == "Ann"


async def test_each_way_in_that_is_none_is_named(
    connect: Connect, new_game: NewGame, cards: dict[str, dict[str, str]]
) -> None:
    open_to_all = new_game(options=options(cards))
    closed = new_game(options=options(cards, cards_only=True, guests=False))
    without = new_game()
    ann = cards["Ann"]
    await (await connect()).join(open_to_all.code, None, pupil=ann["id"], join_key="k" * 16)
    client = await connect()
    for game, payload, reason in (
        (open_to_all, {"pupil": ann["id"]}, "taken"),
        (open_to_all, {"pupil": "nobody"}, "unknown"),
        (open_to_all, {"card": "x" * 22}, "card_invalid"),
        (open_to_all, {"card": "\u0000"}, "card_invalid"),
        (closed, {"pupil": ann["id"]}, "card_needed"),
        (closed, {"username": "Guest"}, "card_needed"),
        (without, {"card": ann["card"]}, "card_invalid"),
    ):
        error = await client.refused("JOIN_SESSION", session_id=game.code, **payload)
        assert (error["code"], error["reason"], error["recoverable"]) == ("INVALID_PUPIL", reason, True)
    taken = await client.refused("JOIN_SESSION", session_id=open_to_all.code, username="bob")
    assert taken["code"] == "USERNAME_TAKEN"
    assert (await client.join(open_to_all.code, None, pupil=cards["Bob"]["id"]))["username"] == "Bob"
