"""Asking again over REST: what it takes, what it refuses, and what it says of the questions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.game import Game
from tests.support.live_server import LiveServer, Reply
from tests.wire.sessions.rest.test_sessions_rest import problem


async def played(server: LiveServer, answer: str = "Rome") -> Game:
    """A session whose first question one player answered."""
    game = Game(server)
    client = await server.ws("ann")
    await client.join(game.id)
    game.do("start", "next")
    await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer=answer)
    game.do("close-question")
    client.drop()
    return game


def ask(game: Game, **body: Any) -> Reply:
    return game.call("POST", "/ask-again", body or None)


async def test_it_answers_with_the_longer_session_and_twice_is_once(server: LiveServer) -> None:
    game = await played(server)
    first = ask(game)
    assert (first.status, first.json["question_count"]) == (200, 4)
    second = ask(game)
    assert (second.status, second.json) == (200, first.json)


async def test_the_questions_are_told_with_those_that_come_back(server: LiveServer) -> None:
    game = await played(server)
    assert [each["again_of"] for each in game.call("GET", "/questions").json["questions"]] == [None] * 3
    ask(game)
    told = game.call("GET", "/questions").json
    assert [(each["id"], each["again_of"]) for each in told["questions"]][-1] == ("q1.2", "q1")
    assert told["questions"][3]["correct_answers"] == ["Paris"]


async def test_when_everything_was_right_it_says_so(server: LiveServer) -> None:
    game = await played(server, "Paris")
    refused = problem(ask(game), 409)
    assert refused["code"] == "NOTHING_TO_ASK_AGAIN"
    assert "nothing to ask again" in refused["detail"]
    assert game.call("GET").json["question_count"] == 3


@pytest.mark.parametrize("share", [0, -1, 1.01, 60, "many", None, []])
async def test_a_share_that_is_none_is_named(server: LiveServer, share: Any) -> None:
    game = await played(server)
    assert "share" in str(problem(ask(game, share=share), 400))
    assert game.call("GET").json["question_count"] == 3


async def test_the_share_and_the_revision_are_the_host_s(server: LiveServer) -> None:
    game = await played(server)
    stale = problem(ask(game, revision=1), 409)
    assert stale["session"]["question_count"] == 3
    assert ask(game, share=1, revision=stale["session"]["revision"]).json["question_count"] == 4


def test_before_a_question_is_closed_and_after_the_end_it_does_not_fit(server: LiveServer) -> None:
    game = Game(server)
    for commands in ((), ("start",), ("next",), ("end",)):
        game.do(*commands) if commands else None
        refused = problem(ask(game), 409)
        assert refused["session_status"] == game.call("GET").json["status"]
        assert "ask-again" not in game.call("GET").json["allowed"]


def test_of_a_session_that_there_is_not_it_is_a_404(server: LiveServer) -> None:
    assert server.rest("POST", "/api/v1/sessions/none/ask-again", None).status == 404
    assert server.rest("GET", "/api/v1/sessions/none/questions", None).status == 404
