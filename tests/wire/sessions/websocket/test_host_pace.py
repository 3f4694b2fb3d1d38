"""A session the host runs: events in sequence, answers in time, results at the close."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.game import QUIZ, RIGHT, WRONG, Game
from tests.support.ws_client import Client
from tests.wire.sessions.websocket.conftest import Connect, NewGame


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def answer(client: Client, game: Game, question: str, given: Any = None) -> dict[str, Any]:
    """Submit an answer, the right one by default; returns the whole message it is answered with."""
    return await client.ask(
        "SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=RIGHT[question] if given is None else given
    )


def seqs(client: Client) -> list[int]:
    """The sequence numbers of the session events the client was sent."""
    return [message["seq"] for message in map(json.loads, client.frames) if "seq" in message]


async def test_a_whole_session_is_told_in_sequence(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    ann, bob = await connect("ann"), await connect("bob")
    assert (await ann.join(game.id, "Ann"))["seq"] == 0
    await bob.join(game.id, "Bob")
    game.do("start")
    for question in ("q1", "q2", "q3"):
        game.do("next")
        for client in (ann, bob):
            opened = (await client.next("QUESTION_OPENED"))["payload"]
            assert opened["question_id"] == question
            given = RIGHT[question] if client is ann else WRONG[question]
            assert (await answer(client, game, question, given))["type"] == "ANSWER_ACCEPTED"
        await ann.next("ANSWERS_PROGRESS", question_id=question, answered_count=2)
        game.do("close-question")
        for client, right in ((ann, True), (bob, False)):
            closed = (await client.next("QUESTION_CLOSED"))["payload"]
            assert closed["question_id"] == question
            assert closed["is_correct"] is right
            assert bool(closed["points_earned"]) is right
            assert closed["reason"] == ("correct" if right else "wrong")
            assert closed["answered_count"] == sum(closed["distribution"].values()) == 2
    game.do("next")
    ended = {client: (await client.next("SESSION_ENDED"))["payload"] for client in (ann, bob)}
    points = (10 + 5) + (20 + 5) + (10 + 5)
    assert ended[ann]["leaderboard"] == [
        {"rank": 1, "user_id": "ann", "username": "Ann", "score": points, "place": 1},
        {"rank": 2, "user_id": "bob", "username": "Bob", "score": 0, "place": 2},
    ]
    assert (ended[ann]["your_rank"], ended[ann]["your_score"], ended[ann]["total_participants"]) == (1, points, 2)
    assert (ended[bob]["your_rank"], ended[bob]["your_score"]) == (2, 0)
    for client in (ann, bob):
        await client.sync()
        assert seqs(client) == list(range(1, 9))
    assert [row["score"] for row in game.results()["participants"]] == [points, 0]


async def test_a_question_shows_all_but_the_answer(connect: Connect, new_game: NewGame) -> None:
    game = new_game(time_limit_ms=30_000)
    client = await connect()
    await client.join(game.id)
    game.do("start", "next")
    opened = (await client.next("QUESTION_OPENED"))["payload"]
    given = QUIZ["questions"][0]
    assert opened == {
        "session_id": game.id,
        "question_id": "q1",
        "index": 0,
        "total": 3,
        "kind": "choice",
        "text": given["text"],
        "options": given["options"],
        "media": None,
        "points": 10,
        "time_limit_ms": 30_000,
        "opened_at": opened["opened_at"],
        "deadline": opened["deadline"],
        "server_time": opened["server_time"],
        "again_of": None,
    }
    assert moment(opened["deadline"]) - moment(opened["opened_at"]) == timedelta(seconds=30)


async def test_a_close_tells_the_answer_and_who_gave_none(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect()
    await client.join(game.id)
    game.do("start", "next", "close-question")
    closed = (await client.next("QUESTION_CLOSED"))["payload"]
    assert closed["correct_answers"] == ["Paris"]
    assert closed["explanation"] == "It is on the Seine."
    assert (closed["distribution"], closed["answered_count"]) == ({}, 0)
    assert (closed["your_answer"], closed["is_correct"], closed["points_earned"]) == (None, False, 0)


async def test_next_closes_what_is_open_and_opens_the_next(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect()
    await client.join(game.id)
    game.do("start", "next")
    await answer(client, game, "q1")
    game.do("next")
    closed = (await client.next("QUESTION_CLOSED"))["payload"]
    assert (closed["question_id"], closed["your_answer"], closed["points_earned"]) == ("q1", "Paris", 15)
    assert closed["your_score"] == 15
    assert (await client.next("QUESTION_OPENED", question_id="q2"))["payload"]["index"] == 1
    board = await client.ask("GET_LEADERBOARD", session_id=game.id)
    assert board["payload"]["your_score"] == 15


async def test_answers_that_do_not_fit_are_refused_by_name(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    clients = [await connect() for _ in range(2)]
    for client in clients:
        await client.join(game.id)
    turns = itertools.cycle(clients)  # so that none of them answers more often than the rate limit lets it

    async def refused(question: str, given: Any = None) -> tuple[str, str | None]:
        error = (await answer(next(turns), game, question, given))["payload"]
        return error["code"], error.get("reason")

    assert await refused("q1") == ("QUESTION_NOT_OPEN", None)
    game.do("start")
    assert await refused("q1") == ("QUESTION_NOT_OPEN", None)
    game.do("next")
    assert await refused("q2") == ("QUESTION_NOT_OPEN", None)
    assert await refused("q9", "x") == ("INVALID_QUESTION", None)
    for given in ("London", "", ["Paris"], "Paris\u0000"):
        assert await refused("q1", given) == ("INVALID_ANSWER", None)
    game.do("pause")
    assert await refused("q1") == ("QUESTION_NOT_OPEN", None)
    game.do("resume", "close-question")
    assert await refused("q1") == ("QUESTION_NOT_OPEN", "late")
    game.do("next")
    assert await refused("q1") == ("QUESTION_NOT_OPEN", "late")
    error = await client.refused("NEXT_QUESTION", session_id=game.id)
    assert error["code"] == "QUESTION_NOT_OPEN"
    game.do("end")
    assert await refused("q2") == ("SESSION_COMPLETED", None)
    assert game.results()["answers"] == []


async def test_a_second_answer_changes_nothing(connect: Connect, new_game: NewGame) -> None:
    game = new_game(reveal="immediately")
    client = await connect()
    await client.join(game.id)
    game.do("start", "next")
    first = (await answer(client, game, "q1"))["payload"]
    assert first == {
        "session_id": game.id,
        "user_id": client.user_id,
        "new_score": 15,
        "points_earned": 15,
        "is_correct": True,
        "question_id": "q1",
        "reason": "correct",
        "rule": "right_fast",
    }
    again = (await answer(client, game, "q1", "Rome"))["payload"]
    assert again["code"] == "ALREADY_ANSWERED"
    assert again["result"] == again["result"] | {
        "question_id": "q1",
        "answer": "Paris",
        "is_correct": True,
        "points_earned": 15,
        "reason": "correct",
        "new_score": 15,
    }
    assert [row["answer"] for row in game.results()["answers"]] == ["Paris"]


async def test_a_question_closes_by_itself_at_its_deadline(connect: Connect, new_game: NewGame) -> None:
    game = new_game(time_limit_ms=1_000)
    client = await connect()
    await client.join(game.id)
    game.do("start", "next")
    opened = (await client.next("QUESTION_OPENED"))["payload"]
    closed = await client.next("QUESTION_CLOSED")
    assert moment(closed["timestamp"]) >= moment(opened["deadline"])
    error = (await answer(client, game, "q1"))["payload"]
    assert (error["code"], error["reason"]) == ("QUESTION_NOT_OPEN", "late")
    assert game.call("GET").json["phase"] == "closed"


async def test_a_pause_moves_the_deadline(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect()
    await client.join(game.id)
    game.do("start", "next")
    opened = (await client.next("QUESTION_OPENED"))["payload"]
    game.do("pause")
    paused = (await client.next("SESSION_PAUSED"))["payload"]
    late = await connect()
    joined = await late.join(game.id)
    assert joined["paused"]
    assert joined["question"]["question_id"] == "q1"
    game.do("resume")
    resumed = (await client.next("SESSION_RESUMED"))["payload"]
    moved = moment(resumed["deadline"]) - moment(opened["deadline"])
    assert moved == moment(resumed["server_time"]) - moment(paused["server_time"])
    assert moment(game.call("GET").json["deadline"]) == moment(resumed["deadline"])
    assert (await answer(client, game, "q1"))["type"] == "ANSWER_ACCEPTED"


async def test_the_host_gives_more_time_and_locks_the_door(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    client = await connect()
    await client.join(game.id)
    game.do("start", "next")
    opened = (await client.next("QUESTION_OPENED"))["payload"]
    game.do("extend", by_ms=5_000)
    changed = (await client.next("DEADLINE_CHANGED"))["payload"]
    assert moment(changed["deadline"]) - moment(opened["deadline"]) == timedelta(seconds=5)
    game.do("lock", "lock")
    assert (await client.next("SESSION_LOCK_CHANGED"))["payload"]["locked"] is True


async def test_who_joins_late_gets_the_open_question(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    game.do("start", "next")
    client = await connect()
    joined = await client.join(game.id)
    assert (joined["status"], joined["question"]["question_id"]) == ("active", "q1")
    assert joined["seq"] == 2
    assert (await answer(client, game, "q1"))["type"] == "ANSWER_ACCEPTED"
    game.do("close-question")
    assert (await client.next("QUESTION_CLOSED"))["seq"] == 3


@pytest.mark.parametrize("given", ["Paris", "Rome"])
async def test_every_player_is_told_its_own_result(connect: Connect, new_game: NewGame, given: str) -> None:
    game = new_game()
    player, silent = await connect(), await connect()
    await player.join(game.id)
    await silent.join(game.id)
    game.do("start", "next")
    await answer(player, game, "q1", given)
    game.do("close-question")
    mine = (await player.next("QUESTION_CLOSED"))["payload"]
    other = (await silent.next("QUESTION_CLOSED"))["payload"]
    assert (mine["your_answer"], mine["is_correct"]) == (given, given == "Paris")
    assert (other["your_answer"], other["is_correct"]) == (None, False)
    assert mine["distribution"] == other["distribution"] == {given: 1}
