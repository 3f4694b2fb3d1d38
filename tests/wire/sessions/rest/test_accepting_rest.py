"""What was typed, by frequency, and accepting one of it, over REST."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.game import Game
from tests.support.live_server import LiveServer
from tests.support.ws_client import Client
from tests.wire.sessions.rest.test_sessions_rest import problem

TYPED = ["casa", "the Casa", "hogar", "Hogar", "hogar", "perro", "cassa"]


async def play(server: LiveServer, game: Game) -> list[Client]:
    """A player for each answer."""
    clients = []
    for number, answer in enumerate(TYPED):
        client = await server.ws(f"player-{number}")
        clients.append(client)
        await client.join(game.id)
        if number == 0 and game.made["pace"] == "host":
            game.do("start", "next", "next")
        told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer=answer)
        assert told["type"] in {"SCORE_UPDATED", "ANSWER_ACCEPTED"}, told
    return clients


@pytest_asyncio.fixture
async def played(server: LiveServer) -> AsyncIterator[Game]:
    """A session in self pace whose typed question was answered."""
    game = Game(server, pace="self", scoring="flat", auto_start=True)
    clients = await play(server, game)
    yield game
    for client in clients:
        client.drop()


def given(game: Game, **page: int) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in page.items())
    reply = game.call("GET", f"/questions/q2/answers?{query}")
    assert reply.status == 200, reply.data
    return dict(reply.json)


def accept(game: Game, answer: Any, question: str = "q2") -> Any:
    return game.call("POST", f"/questions/{question}/accept", {"answer": answer})


def scores(game: Game) -> list[int]:
    by_user = {row["user_id"]: row["score"] for row in game.results()["participants"]}
    return [by_user[f"player-{number}"] for number in range(len(TYPED))]


def test_what_was_typed_is_told_by_frequency(played: Game) -> None:
    told = given(played)
    assert told == {
        "session_id": played.id,
        "question_id": "q2",
        "text": "Spanish for house?",
        "correct_answers": ["casa"],
        "accepted": [],
        "answered": 7,
        "different": 5,
        "answers": [
            {"answer": "hogar", "verdict": "wrong", "count": 3, "difference": None, "gap": None},
            {"answer": "casa", "verdict": "correct", "count": 1, "difference": None, "gap": None},
            {
                "answer": "cassa",
                "verdict": "almost",
                "count": 1,
                "difference": [["same", "cas"], ["extra", "s"], ["same", "a"]],
                "gap": None,
            },
            {"answer": "perro", "verdict": "wrong", "count": 1, "difference": None, "gap": None},
            {"answer": "the Casa", "verdict": "correct", "count": 1, "difference": None, "gap": None},
        ],
    }
    page = given(played, limit=1, offset=2)
    assert (page["different"], [answer["answer"] for answer in page["answers"]]) == (5, ["cassa"])
    problem(played.call("GET", "/questions/q2/answers?limit=0"), 400)


def test_who_gave_an_accepted_answer_has_its_points_once(played: Game) -> None:
    before = scores(played)
    assert before == [20, 20, 0, 0, 0, 0, 10]
    first = accept(played, "hogar")
    assert first.status == 200, first.data
    assert first.json["accepted"] == ["hogar"]
    right = {"answer": "hogar", "verdict": "correct", "count": 3, "difference": None, "gap": None}
    assert right in first.json["answers"]
    assert scores(played) == [20, 20, 20, 20, 20, 0, 10]
    seq = played.call("GET").json["seq"]
    for again in ("hogar", "the HOGAR", "casa"):
        assert accept(played, again).json == first.json
    assert played.call("GET").json["seq"] == seq
    assert scores(played) == [20, 20, 20, 20, 20, 0, 10]
    assert accept(played, "cassa").status == 200
    assert scores(played)[6] == 20
    board = played.call("GET", "/leaderboard").json["leaderboard"]
    assert [line["score"] for line in board] == [20] * 6 + [0]


@pytest.mark.parametrize(
    ("question", "answer", "status"),
    [
        ("q9", "hogar", 404),
        ("%00", "hogar", 404),
        ("q1", "Rome", 409),
        ("q3", "3", 409),
        ("q2", "", 400),
        ("q2", "   ", 400),
        ("q2", "\u200b", 400),
        ("q2", "a\x00b", 400),
        ("q2", "a\x07b", 400),
        ("q2", "x" * 301, 400),
        ("q2", None, 400),
        ("q2", ["hogar"], 400),
    ],
)
def test_what_cannot_be_accepted_is_a_problem(server: LiveServer, question: str, answer: Any, status: int) -> None:
    game = Game(server, pace="self", auto_start=True)
    problem(accept(game, answer, question), status)
    assert game.call("GET").json["revision"] == 1


@pytest.mark.parametrize(("question", "status"), [("q9", 404), ("%00", 404), ("q1", 409)])
def test_only_what_was_typed_is_told(server: LiveServer, question: str, status: int) -> None:
    problem(Game(server).call("GET", f"/questions/{question}/answers"), status)


def test_in_host_pace_the_question_has_to_be_over(server: LiveServer) -> None:
    game = Game(server, pace="host")
    assert "not started" in problem(accept(game, "hogar"), 409)["detail"]
    game.do("start", "next")
    assert "not been asked" in problem(accept(game, "hogar"), 409)["detail"]
    game.do("next")
    assert "still open" in problem(accept(game, "hogar"), 409)["detail"]
    game.do("close-question")
    assert accept(game, "hogar").json["accepted"] == ["hogar"]
