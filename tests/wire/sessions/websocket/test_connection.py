"""Connecting: who is let in, under which id, and how the server ends a connection."""

from __future__ import annotations

import json
import re

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.live_server import LiveServer
from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def test_it_answers_a_ping_with_the_time(connect: Connect) -> None:
    client = await connect()
    pong = await client.ask("PING")
    assert pong["type"] == "PONG"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", pong["payload"]["server_time"])
    assert pong["payload"]["seq"] is None
    await client.send_raw('{"type":"PING"}')
    assert "reply_to" not in await client.next("PONG")


async def test_it_makes_a_user_id_for_who_brings_none(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    ids = {(await (await connect()).join(game.id))["user_id"] for _ in range(2)}
    assert len(ids) == 2
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,36}", user_id) for user_id in ids)


@pytest.mark.parametrize("user_id", ["x" * 37, "a%20b", "%00", "a/b", "%E2%80%AE", "a'b", ".", ".."])
async def test_it_says_that_a_user_id_is_bad_and_makes_one(connect: Connect, new_game: NewGame, user_id: str) -> None:
    client = await connect(user_id)
    error = await client.next("ERROR")
    assert error["payload"]["code"] == "INVALID_MESSAGE"
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,36}", (await client.join(new_game().id))["user_id"])


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1.evil.example", "http://", "http://127.0.0.1:1"]
)
async def test_it_refuses_a_foreign_origin(connect: Connect, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(origin=origin)
    # autobahn, below daphne, takes a malformed origin for a malformed request.
    assert refused.value.response.status_code in ({400, 403} if origin == "http://" else {403})


@pytest.mark.parametrize("own", [True, False])
async def test_it_lets_its_own_pages_and_native_clients_in(connect: Connect, server: LiveServer, own: bool) -> None:
    client = await connect(origin=server.url if own else None)
    assert (await client.ask("PING"))["type"] == "PONG"


async def test_a_message_of_ten_kibibytes_passes_and_a_larger_one_closes_with_1009(connect: Connect) -> None:
    client = await connect()
    frame = '{"type":"PING","x":"%s"}'
    fits = frame % ("x" * (10_240 - len(frame) + 2))
    assert len(fits) == 10_240
    await client.send_raw(fits)
    await client.next("PONG")
    await client.send_raw(fits.replace('x":"', 'xx":"'))
    assert (await client.closed())[0] == 1009


async def test_the_size_of_a_message_counts_in_bytes(connect: Connect) -> None:
    client = await connect()
    await client.send_raw(json.dumps({"type": "PING", "x": "é" * 5_200}, ensure_ascii=False))
    assert (await client.closed())[0] == 1009


async def test_a_large_binary_frame_closes_with_1009(connect: Connect) -> None:
    client = await connect()
    await client.send_raw(b"\x00" * 10_241)
    assert (await client.closed())[0] == 1009


async def test_a_new_connection_of_a_player_closes_the_old_one_with_4001(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    old = await connect("ann")
    joined = await old.join(game.id, "Ann")
    new = await connect("ann")
    again = await new.join(game.id, "Ann", session_token=joined["session_token"])
    assert again["resumed"]
    assert again["participant_count"] == 1
    assert (await old.closed())[0] == 4001
    assert (await new.ask("PING"))["type"] == "PONG"
    # The old connection's end is not the player's end.
    watcher = await connect()
    assert (await watcher.join(game.id))["participant_count"] == 2


async def test_two_players_share_a_device(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    one, two = await connect(), await connect()
    await one.join(game.id, "Ann")
    await two.join(game.id, "Bob")
    assert one.user_id != two.user_id
    assert (await one.ask("PING"))["type"] == (await two.ask("PING"))["type"] == "PONG"


async def test_too_many_answers_are_refused_and_can_be_sent_again(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    codes = set()
    while "RATE_LIMITED" not in codes:
        error = await client.refused("SUBMIT_ANSWER", session_id=game.id, question_id="no such", answer="x")
        codes.add(error["code"])
    assert codes == {"INVALID_QUESTION", "RATE_LIMITED"}
    assert error["recoverable"]
    assert 0 < error["retry_after_ms"] <= 1_000


async def test_who_keeps_on_after_rate_limited_is_closed_with_4029(connect: Connect) -> None:
    client = await connect()
    for _ in range(400):
        await client.send_raw('{"type":"PING","message_id":"again"}')
    assert (await client.closed())[0] == 4029
    limited = [json.loads(frame) for frame in client.frames if "RATE_LIMITED" in frame]
    assert limited
    assert all(message["reply_to"] == "again" for message in limited)


async def test_binary_frames_are_rate_limited_too(connect: Connect) -> None:
    client = await connect()
    for _ in range(400):
        await client.send_raw(b"x")
    assert (await client.closed())[0] == 4029
