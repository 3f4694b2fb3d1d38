"""JOIN_SESSION and LEAVE_SESSION: who gets in, what they are told, and what the others hear of it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.support.game import QUIZ
from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def test_it_tells_a_player_all_about_the_session(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect("ann")
    joined = await client.join(game.id, "  Ann  B. ")
    assert joined == joined | {
        "session_id": game.id,
        "quiz_id": QUIZ["id"],
        "join_code": game.code,
        "title": QUIZ["title"],
        "status": "waiting",
        "pace": "host",
        "user_id": "ann",
        "username": "Ann B.",
        "participant_count": 1,
        "your_score": 0,
        "your_rank": 1,
        "seq": 0,
        "question": None,
        "answered": [],
        "resumed": False,
    }
    assert joined["session_token"]


@pytest.mark.parametrize("change", [str, str.lower])
async def test_it_takes_the_join_code(connect: Connect, new_game: NewGame, change: Any) -> None:
    game = new_game()
    client = await connect()
    assert (await client.join(change(game.code)))["session_id"] == game.id
    assert (await client.ask("LEAVE_SESSION", session_id=game.code))["type"] == "SESSION_LEFT"


async def test_it_does_not_know_an_unknown_session(connect: Connect) -> None:
    client = await connect()
    for unknown in ("nowhere", str(uuid.uuid4()), "\u0000", "é" * 36, "", "a" * 200):
        for kind, payload in {
            "JOIN_SESSION": {"username": "Ann"},
            "SUBMIT_ANSWER": {"question_id": "q1", "answer": "a"},
            "NEXT_QUESTION": {},
            "GET_LEADERBOARD": {},
            "LEAVE_SESSION": {},
        }.items():
            error = await client.refused(kind, session_id=unknown, **payload)
            assert error["code"] == "INVALID_SESSION", (kind, unknown, error)
    assert error["message"] == f"Session {unknown} does not exist"
    assert not error["recoverable"]


async def test_it_wants_to_be_joined_first(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    for kind, payload in {
        "SUBMIT_ANSWER": {"question_id": "q1", "answer": "Paris"},
        "NEXT_QUESTION": {},
        "GET_LEADERBOARD": {},
        "LEAVE_SESSION": {},
    }.items():
        assert (await client.refused(kind, session_id=game.id, **payload))["code"] == "NOT_JOINED"
    assert game.results()["participants"] == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 31, "x" * 200, "a\u0000b", "a\u202eb", "\u200b", "a\u0007"])
async def test_it_refuses_a_name_that_cannot_be_used(connect: Connect, new_game: NewGame, name: str) -> None:
    game = new_game()
    client = await connect()
    error = await client.refused("JOIN_SESSION", session_id=game.id, username=name)
    assert error["code"] == "INVALID_USERNAME"
    assert error["recoverable"]
    assert (await client.join(game.id, "Ann"))["participant_count"] == 1


async def test_a_player_needs_a_name(connect: Connect, new_game: NewGame) -> None:
    client = await connect()
    assert (await client.refused("JOIN_SESSION", session_id=new_game().id))["code"] == "INVALID_MESSAGE"


async def test_it_refuses_a_name_that_is_taken(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    await (await connect()).join(game.id, "Ann")
    client = await connect()
    error = await client.refused("JOIN_SESSION", session_id=game.id, username="ANN")
    assert (error["code"], error["recoverable"]) == ("USERNAME_TAKEN", True)
    assert (await client.join(game.id, "Anna"))["username"] == "Anna"


async def test_a_full_session_refuses_the_next_player(connect: Connect, new_game: NewGame) -> None:
    game = new_game(max_participants=1)
    first = await connect()
    await first.join(game.id)
    second = await connect()
    error = await second.refused("JOIN_SESSION", session_id=game.id, username="Bob")
    assert (error["code"], error["message"]) == ("SESSION_FULL", "Session at capacity")
    await first.ask("LEAVE_SESSION", session_id=game.id)
    await second.join(game.id, "Bob")


async def test_a_locked_session_refuses_new_players_only(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    inside = await connect("ann")
    await inside.join(game.id)
    game.do("lock")
    outside = await connect()
    error = await outside.refused("JOIN_SESSION", session_id=game.id, username="Bob")
    assert error["code"] == "SESSION_LOCKED"
    again = await connect("ann")
    assert (await again.join(game.id, None, session_token=inside.token))["resumed"]
    game.do("unlock")
    await outside.join(game.id, "Bob")


async def test_a_completed_session_refuses_new_players_only(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    player = await connect("ann")
    await player.join(game.id)
    game.do("start", "end")
    outside = await connect()
    error = await outside.refused("JOIN_SESSION", session_id=game.id, username="Bob")
    assert error["code"] == "SESSION_COMPLETED"
    again = await connect("ann")
    assert (await again.join(game.id, None, session_token=player.token))["status"] == "completed"


@pytest.mark.parametrize("forge", ["", "ann.", "ann.AAAA", "{other}", "{token}x", "bob.{mac}", "\u0000", "é.é"])
async def test_a_token_that_does_not_prove_the_player_is_refused(
    connect: Connect, new_game: NewGame, forge: str
) -> None:
    game, elsewhere = new_game(), new_game()
    owner = await connect("ann")
    await owner.join(elsewhere.id)
    other = owner.token
    await owner.join(game.id)
    token = forge.format(other=other, token=owner.token, mac=owner.token.rpartition(".")[2])
    thief = await connect("ann")
    error = await thief.refused("JOIN_SESSION", session_id=game.id, username="Ann", session_token=token)
    assert error["code"] == "INVALID_TOKEN"
    error = await thief.refused("JOIN_SESSION", session_id=game.id, username="Ann")
    assert error["code"] == "INVALID_TOKEN"
    assert (await owner.ask("PING"))["type"] == "PONG"


async def test_a_token_names_the_player_who_brings_no_id(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    first = await connect()
    await first.join(game.id, "Ann")
    second = await connect()
    back = await second.join(game.id, None, session_token=first.token)
    assert (back["user_id"], back["username"], back["resumed"]) == (first.user_id, "Ann", True)


async def test_who_lost_the_first_answer_comes_back_by_the_join_key(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    lost = await connect()
    await lost.send("JOIN_SESSION", session_id=game.id, username="Ann", join_key="0123456789abcdef")
    await lost.sync()  # the server has let the player in; the client then loses the connection, and what it was told
    lost.drop()
    back = await connect()
    joined = await back.join(game.code, "Ann", join_key="0123456789abcdef")
    assert joined["resumed"]
    assert joined["participant_count"] == 1
    # From here on it is a player like any other.
    again = await connect(joined["user_id"])
    assert (await again.join(game.id, None, session_token=joined["session_token"]))["user_id"] == joined["user_id"]


async def test_only_the_join_key_is_the_player(connect: Connect, new_game: NewGame) -> None:
    game, other = new_game(), new_game()
    ann = await (await connect()).join(game.id, "Ann", join_key="0123456789abcdef")
    stranger = await connect()
    payload = {"session_id": game.id, "username": "Ann", "join_key": "0123456789abcdeF"}
    assert (await stranger.refused("JOIN_SESSION", **payload))["code"] == "USERNAME_TAKEN"
    named = await connect(ann["user_id"])
    assert (await named.refused("JOIN_SESSION", session_id=game.id, username="Ann"))["code"] == "INVALID_TOKEN"
    # An id of the client's own proves nothing, with a key or without one.
    assert (await named.refused("JOIN_SESSION", **payload))["code"] == "INVALID_MESSAGE"
    for guessed in ("", "0123456789abcde", "x" * 201, 7):
        error = await stranger.refused("JOIN_SESSION", **{**payload, "join_key": guessed})
        assert error["code"] == "INVALID_MESSAGE"
    elsewhere = await (await connect()).join(other.id, "Ann", join_key="0123456789abcdef")
    assert elsewhere["user_id"] != ann["user_id"]


async def test_a_join_key_lets_nobody_past_a_lock(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    game.do("lock")
    client = await connect()
    payload = {"session_id": game.id, "username": "Ann", "join_key": "0123456789abcdef"}
    assert (await client.refused("JOIN_SESSION", **payload))["code"] == "SESSION_LOCKED"
    assert (await client.refused("JOIN_SESSION", **{**payload, "username": None}))["code"] == "INVALID_MESSAGE"


async def test_a_removed_player_is_closed_with_4003_and_stays_out(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    player, watcher = await connect("ann"), await connect()
    await player.join(game.id, "Ann")
    await watcher.join(game.id, "Bob")
    assert game.call("DELETE", "/participants/ann").status == 204
    assert (await player.closed())[0] == 4003
    left = await watcher.next("USER_LEFT", user_id="ann")
    assert left["payload"] == {"session_id": game.id, "user_id": "ann", "username": "Ann", "participant_count": 1}
    again = await connect("ann")
    error = await again.refused("JOIN_SESSION", session_id=game.id, username="Ann", session_token=player.token)
    assert (error["code"], error["recoverable"]) == ("REMOVED", False)
    assert game.call("DELETE", "/participants/ann").status == 204
    assert not [message for message in await watcher.sync() if message["type"] == "USER_LEFT"]


async def test_the_others_hear_who_comes_and_goes(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    watcher = await connect()
    await watcher.join(game.id, "Watcher")
    player = await connect("ann")
    await player.join(game.id, "Ann")
    came = await watcher.next("USER_JOINED", user_id="ann")
    assert came["payload"] == {"session_id": game.id, "user_id": "ann", "username": "Ann", "participant_count": 2}
    left = await player.ask("LEAVE_SESSION", session_id=game.id)
    assert (left["type"], left["payload"]) == ("SESSION_LEFT", {"session_id": game.id})
    assert (await watcher.next("USER_LEFT", user_id="ann"))["payload"]["participant_count"] == 1
    await player.join(game.id, "Ann")
    await watcher.next("USER_JOINED", user_id="ann")
    player.drop()
    assert (await watcher.next("USER_LEFT", user_id="ann"))["payload"]["participant_count"] == 1


async def test_who_left_is_not_in_the_session(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    await client.ask("LEAVE_SESSION", session_id=game.id)
    error = await client.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert error["code"] == "NOT_JOINED"


async def test_a_refused_join_leaves_the_player_where_it_was(connect: Connect, new_game: NewGame) -> None:
    game, locked = new_game(pace="self", auto_start=True), new_game()
    locked.do("lock")
    client = await connect()
    await client.join(game.id, "Ann")
    for payload in (
        {"session_id": locked.id, "username": "Ann"},
        {"session_id": "nowhere", "username": "Ann"},
        {"session_id": game.id, "username": "\u202e"},
        {"session_id": game.id, "session_token": "forged.token"},
        {"session_id": game.id, "role": "host"},
    ):
        await client.refused("JOIN_SESSION", **payload)
        answer = await client.ask("NEXT_QUESTION", session_id=game.id)
        assert answer["type"] == "QUESTION_OPENED", payload
    assert game.call("GET").json["participant_count"] == 1


async def test_who_joins_another_session_leaves_the_one_before(connect: Connect, new_game: NewGame) -> None:
    first, second = new_game(), new_game()
    watcher, client = await connect(), await connect("ann")
    await watcher.join(first.id)
    await client.join(first.id)
    await client.join(second.id)
    await watcher.next("USER_LEFT", user_id="ann")
    first.do("start")
    second.do("start")
    started = await client.next("SESSION_STARTED")
    assert started["payload"]["session_id"] == second.id
    # A leaderboard of the second session comes, whatever versions the first one had.
    assert (await client.next("LEADERBOARD_UPDATED"))["payload"]["session_id"] == second.id
    await client.sync()
    told = [message["payload"].get("session_id") for message in map(json.loads, client.frames)]
    # What the first session told before the client went on may stand before its welcome to the second.
    assert first.id not in told[told.index(second.id) :]


async def test_everybody_learns_the_new_name_of_a_player(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    screen, ann = await connect(), await connect("ann")
    await screen.join(game.id, None, role="screen")
    token = (await ann.join(game.id, "Ann"))["session_token"]
    game.do("start")
    assert game.call("PATCH", "/participants/ann", {"username": "Anna"}).status == 200
    for client in (screen, ann):
        told = (await client.next("USER_RENAMED"))["payload"]
        assert (told["user_id"], told["username"]) == ("ann", "Anna")
    back = await (await connect("ann")).join(game.id, "Ann", session_token=token)
    assert back["username"] == "Anna"


async def test_a_screen_watches_without_playing(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    screen = await connect()
    joined = await screen.join(game.id, None, role="screen")
    assert (joined["session_token"], joined["your_rank"], joined["participant_count"]) == (None, None, 0)
    game.do("start", "next")
    opened = await screen.next("QUESTION_OPENED")
    error = await screen.refused(
        "SUBMIT_ANSWER", session_id=game.id, question_id=opened["payload"]["question_id"], answer="Paris"
    )
    assert error["code"] == "NOT_JOINED"
    assert game.results()["participants"] == []


async def test_only_a_host_who_is_signed_in_is_here_as_the_host(connect: Connect, new_game: NewGame) -> None:
    client = await connect()
    error = await client.refused("JOIN_SESSION", session_id=new_game().id, role="host")
    assert error["code"] == "INVALID_TOKEN"
