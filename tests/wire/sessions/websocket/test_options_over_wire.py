"""What is arranged for a session, as its players and screens meet it."""

from __future__ import annotations

from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def test_everybody_who_joins_is_told_what_is_arranged(connect: Connect, new_game: NewGame) -> None:
    game = new_game(options={"accent_keys": False})
    for role in ("player", "screen"):
        told = (await (await connect()).join(game.id, "Ann", role=role))["options"]
        assert (told["accent_keys"], told["suggested_names"]) == (False, True)


async def test_a_suggested_name_is_refused_where_players_bring_their_own(connect: Connect, new_game: NewGame) -> None:
    game, other = new_game(options={"suggested_names": False}), new_game()
    client = await connect()
    error = await client.refused("JOIN_SESSION", session_id=game.code, username="Brave Otter", name_suggested=True)
    assert (error["code"], error["reason"], error["recoverable"]) == ("INVALID_USERNAME", "suggested", True)
    assert (await client.join(game.code, "Brave Otter"))["username"] == "Brave Otter"
    assert (await (await connect()).join(other.code, "Brave Otter", name_suggested=True))["username"] == "Brave Otter"
