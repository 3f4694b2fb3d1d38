"""Coming back: by token, with what was missed, in sequence."""

from __future__ import annotations

import json

from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def test_who_comes_back_is_told_what_was_missed(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect("ann")
    await client.join(game.id, "Ann")
    game.do("start", "next")
    await client.next("QUESTION_OPENED")
    await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    client.drop()
    game.do("close-question", "next")
    again = await connect("ann")
    back = await again.join(game.id, None, session_token=client.token, last_seq=2)
    assert (back["resumed"], back["seq"], back["username"]) == (True, 4, "Ann")
    assert (back["answered"], back["your_score"], back["question"]["question_id"]) == (["q1"], 15, "q2")
    game.do("close-question")
    closed = await again.next("QUESTION_CLOSED", question_id="q1")
    assert (closed["seq"], closed["payload"]["your_answer"], closed["payload"]["points_earned"]) == (3, "Paris", 15)
    assert (await again.next("QUESTION_OPENED"))["seq"] == 4
    assert (await again.next("QUESTION_CLOSED", question_id="q2"))["seq"] == 5
    assert [json.loads(frame)["seq"] for frame in again.frames if '"seq":' in frame.split('"payload"')[0]] == [3, 4, 5]


async def test_an_event_is_the_same_message_each_time_it_is_sent(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect("ann")
    await client.join(game.id, "Ann")
    game.do("start")
    live = await client.next("SESSION_STARTED")
    again = await connect("ann")
    await again.join(game.id, None, session_token=client.token, last_seq=0)
    assert await again.next("SESSION_STARTED") == live


async def test_without_last_seq_nothing_is_sent_again(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect("ann")
    await client.join(game.id, "Ann")
    game.do("start", "next")
    again = await connect("ann")
    assert (await again.join(game.id, None, session_token=client.token))["seq"] == 2
    for last_seq in (2, 99):
        await again.join(game.id, None, last_seq=last_seq)
    assert not [message for message in await again.sync() if "seq" in message]


async def test_the_same_connection_comes_again_without_a_token(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect("ann")
    await client.join(game.id, "Ann")
    game.do("start")
    back = await client.join(game.id, "Ann", last_seq=0)
    assert (back["resumed"], back["participant_count"]) == (True, 1)
    game.do("next")
    assert (await client.next("QUESTION_OPENED"))["seq"] == 2
    assert (await client.ask("PING"))["payload"]["seq"] == 2


async def test_a_resume_brings_the_leaderboard(connect: Connect, new_game: NewGame) -> None:
    game = new_game(reveal="immediately")
    client = await connect("ann")
    await client.join(game.id, "Ann")
    game.do("start", "next")
    await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    client.drop()
    again = await connect("ann")
    await again.join(game.id, None, session_token=client.token)
    assert (await again.next("LEADERBOARD_UPDATED"))["payload"]["your_score"] == 15
