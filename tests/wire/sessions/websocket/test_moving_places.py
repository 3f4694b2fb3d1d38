"""A player whose browser has lost what it remembered gets the place back by a code from the host, once."""

from __future__ import annotations

import asyncio

from tests.support.game import Game
from tests.wire.sessions.websocket.conftest import Connect, NewGame

KEY = "a-key-of-sixteen-letters"


def code_for(game: Game, user_id: str) -> str:
    reply = game.call("POST", f"/participants/{user_id}/place")
    assert reply.status == 200, reply.data
    return str(reply.json["code"])


async def test_the_place_comes_along_and_the_browser_before_is_out(connect: Connect, new_game: NewGame) -> None:
    game = new_game(reveal="immediately")
    old = await connect()
    was = await old.join(game.id, "Ann", join_key=KEY)
    game.do("start", "next")
    await old.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    code = code_for(game, was["user_id"])
    new = await connect()
    # As a keyboard may write it.
    joined = await new.join(game.code, None, place_code=f" {code[:4].lower()}-{code[4:]} ")
    assert (joined["user_id"], joined["username"], joined["resumed"]) == (was["user_id"], "Ann", True)
    assert joined["your_score"] > 0
    assert joined["answered"] == ["q1"]
    assert (await old.closed())[0] == 4001
    for proof in ({"session_token": was["session_token"]}, {"join_key": KEY, "username": "Ann"}):
        stranger = await connect()
        refused = await stranger.refused("JOIN_SESSION", session_id=game.id, **proof)
        assert refused["code"] == "INVALID_TOKEN"
    new.drop()
    back = await connect()
    again = await back.join(game.id, None, session_token=joined["session_token"])
    assert (again["user_id"], again["session_token"]) == (was["user_id"], joined["session_token"])


async def test_a_code_holds_once_and_in_its_session(connect: Connect, new_game: NewGame) -> None:
    game, other = new_game(), new_game()
    player = await connect()
    was = await player.join(game.id, "Ann")
    code = code_for(game, was["user_id"])
    client = await connect()
    wrong = code[:-2] + ("2" if code[-2] != "2" else "3") + code[-1]
    for session, tried in ((other.id, code), (game.id, wrong), (game.id, "x" * 64), (game.id, ""), (game.id, "é")):
        refused = await client.refused("JOIN_SESSION", session_id=session, place_code=tried)
        assert (refused["code"], refused["reason"]) == ("INVALID_TOKEN", "place_code")
    await client.join(game.id, None, place_code=code)
    late = await connect()
    refused = await late.refused("JOIN_SESSION", session_id=game.id, place_code=code)
    assert (refused["code"], refused["reason"]) == ("INVALID_TOKEN", "place_code")


async def test_of_two_who_use_a_code_at_once_one_comes_in(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    player = await connect()
    was = await player.join(game.id, "Ann")
    code = code_for(game, was["user_id"])
    clients = [await connect() for _ in range(2)]
    answers = await asyncio.gather(
        *(client.ask("JOIN_SESSION", session_id=game.id, place_code=code) for client in clients)
    )
    assert sorted(answer["type"] for answer in answers) == ["ERROR", "SESSION_JOINED"]


async def test_there_is_no_code_for_who_is_not_in_the_session(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    player = await connect()
    was = await player.join(game.id, "Ann")
    code = code_for(game, was["user_id"])
    assert game.call("DELETE", f"/participants/{was['user_id']}").status == 204
    for user in (was["user_id"], "nobody"):
        assert game.call("POST", f"/participants/{user}/place").status == 404
    client = await connect()
    assert (await client.refused("JOIN_SESSION", session_id=game.id, place_code=code))["code"] == "INVALID_TOKEN"


async def test_a_client_with_an_id_of_its_own_takes_nobodys_place(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    was = await (await connect()).join(game.id, "Ann")
    client = await connect("bob")
    refused = await client.refused("JOIN_SESSION", session_id=game.id, place_code=code_for(game, was["user_id"]))
    assert refused["code"] == "INVALID_MESSAGE"
