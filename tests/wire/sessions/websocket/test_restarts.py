"""Killed in the middle, or asked to go: what was acknowledged is there, and players go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.support.game import Game
from tests.support.live_server import LiveServer
from tests.wire.sessions.websocket.conftest import Connect


@pytest.fixture(scope="module", params=["uvicorn", "daphne"])
def mortal(request: pytest.FixtureRequest, new_server: Callable[..., LiveServer]) -> LiveServer:
    """A server that tests may kill; they leave it running."""
    return new_server(request.param)


async def test_a_kill_in_the_middle_of_a_question_loses_nothing(mortal: LiveServer, connect_to: Connect) -> None:
    game = Game(mortal, time_limit_ms=8_000)
    ann, bob = await connect_to(mortal, "ann"), await connect_to(mortal, "bob")
    await ann.join(game.id, "Ann")
    await bob.join(game.id, "Bob")
    game.do("start", "next")
    opened = (await ann.next("QUESTION_OPENED"))["payload"]
    accepted = await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert accepted["type"] == "ANSWER_ACCEPTED"
    mortal.restart()
    again, other = await connect_to(mortal, "ann"), await connect_to(mortal, "bob")
    back = await again.join(game.id, None, session_token=ann.token, last_seq=1)
    assert (back["resumed"], back["username"], back["answered"]) == (True, "Ann", ["q1"])
    assert back["question"]["deadline"] == opened["deadline"]
    assert (await again.next("QUESTION_OPENED"))["seq"] == 2
    second = await again.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Rome")
    assert second["code"] == "ALREADY_ANSWERED"
    assert second["result"]["answer"] == "Paris"
    assert (await other.join(game.id, None, session_token=bob.token))["resumed"]
    closed = await again.next("QUESTION_CLOSED")
    assert closed["seq"] == 3
    assert datetime.fromisoformat(closed["timestamp"]) >= datetime.fromisoformat(opened["deadline"])
    assert (closed["payload"]["your_answer"], closed["payload"]["is_correct"]) == ("Paris", True)
    results = game.results()
    assert [(row["user_id"], row["answer"]) for row in results["answers"]] == [("ann", "Paris")]
    assert {row["user_id"]: row["score"] for row in results["participants"]} == {
        "ann": closed["payload"]["points_earned"],
        "bob": 0,
    }


async def test_a_kill_in_self_pace_loses_nothing(mortal: LiveServer, connect_to: Connect) -> None:
    game = Game(mortal, pace="self", auto_start=True)
    ann = await connect_to(mortal)
    await ann.join(game.code, "Ann")
    answer = {"session_id": game.id, "question_id": "q1", "answer": "Paris"}
    told = (await ann.ask("SUBMIT_ANSWER", **answer))["payload"]
    mortal.restart()
    again = await connect_to(mortal)
    back = await again.join(game.code, None, session_token=ann.token)
    assert (back["your_score"], back["answered"]) == (told["new_score"], ["q1"])
    assert (await again.refused("SUBMIT_ANSWER", **answer))["result"]["new_score"] == told["new_score"]
    assert (await again.ask("NEXT_QUESTION", session_id=game.id))["payload"]["question_id"] == "q2"


async def test_a_question_whose_deadline_passed_in_the_outage_is_closed(
    mortal: LiveServer, connect_to: Connect
) -> None:
    game = Game(mortal, time_limit_ms=1_000)
    ann = await connect_to(mortal, "ann")
    await ann.join(game.id, "Ann")
    game.do("start", "next")
    mortal.restart()
    again = await connect_to(mortal, "ann")
    await again.join(game.id, None, session_token=ann.token, last_seq=2)
    assert (await again.next("QUESTION_CLOSED"))["seq"] == 3


async def test_a_server_that_is_asked_to_go_says_so_first(
    new_server: Callable[..., LiveServer], connect_to: Connect
) -> None:
    server = new_server("uvicorn", DRAIN_SECONDS="1")
    game = Game(server)
    client = await connect_to(server)
    await client.join(game.id)
    server.terminate()
    hint = await client.next("RECONNECT")
    assert 0 <= hint["payload"]["after_ms"] <= 1_000
    assert (await client.closed())[0] == 1012
    server.wait()
    assert json.loads(client.frames[-1])["type"] in {"RECONNECT", "USER_LEFT", "USER_JOINED", "HEARTBEAT"}
    server.start()
    again = await connect_to(server)
    assert (await again.join(game.id, None, session_token=client.token))["resumed"]
    server.stop()
