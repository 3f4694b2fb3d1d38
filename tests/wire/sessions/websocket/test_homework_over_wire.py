"""Homework over the wire: everybody is told when it opens and closes, nobody what was right before its time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.game import RIGHT, WRONG, Game
from tests.support.ws_client import Client
from tests.wire.sessions.websocket.conftest import Connect, NewGame

DAY = 86_400


def at(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def homework(new_game: NewGame, *, closes: float = 7 * DAY, **options: Any) -> Game:
    return new_game(pace="self", homework={"closes_at": at(closes), **options})


async def submit(client: Client, game: Game, question: str, answer: Any, **more: Any) -> Any:
    return await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=answer, **more)


async def do_all(client: Client, game: Game, answers: dict[str, Any]) -> Any:
    for question, answer in answers.items():
        await submit(client, game, question, answer)
    return (await client.ask("NEXT_QUESTION", session_id=game.id))["payload"]


async def test_it_is_open_at_once_and_says_until_when(connect: Connect, new_game: NewGame) -> None:
    game = homework(new_game, attempts=2, counts="last")
    client = await connect("ann")
    joined = await client.join(game.id)
    assert (joined["status"], joined["phase"], joined["attempt"]) == ("active", "playing", 1)
    assert joined["closes_at"] == game.made["closes_at"]
    assert joined["opens_at"] is None
    assert (joined["options"]["attempts"], joined["options"]["counts"]) == (2, "last")
    screen = await connect()
    assert (await screen.join(game.id, None, role="screen"))["closes_at"] == game.made["closes_at"]


async def test_it_opens_by_itself_for_those_who_wait(connect: Connect, new_game: NewGame) -> None:
    game = homework(new_game, opens_at=at(1.5))
    client = await connect("ann")
    joined = await client.join(game.id)
    assert (joined["status"], joined["opens_at"]) == ("waiting", game.made["opens_at"])
    refused = await client.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert refused["code"] == "QUESTION_NOT_OPEN"
    started = await client.next("SESSION_STARTED")
    assert started["payload"]["closes_at"] == game.made["closes_at"]
    assert (await submit(client, game, "q1", RIGHT["q1"]))["type"] == "SCORE_UPDATED"


async def test_it_closes_by_itself_and_only_then_tells_the_solutions(connect: Connect, new_game: NewGame) -> None:
    game = homework(new_game, closes=2.5, solutions="after_deadline")
    client = await connect("ann")
    await client.join(game.id)
    assert (await submit(client, game, "q1", RIGHT["q1"]))["type"] == "ANSWER_ACCEPTED"
    withheld = (await client.ask("GET_SUMMARY", session_id=game.id))["payload"]
    assert (withheld["questions"], withheld["your_score"]) == ([], 0)
    ended = await client.next("SESSION_ENDED")
    assert ended["payload"]["your_score"] == 10
    told = (await client.ask("GET_SUMMARY", session_id=game.id))["payload"]
    assert told["questions"][0]["correct_answers"] == ["Paris"]
    refused = await client.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="casa")
    assert refused["code"] == "SESSION_COMPLETED"


async def test_who_has_longer_goes_on_while_the_others_are_late_and_learn_nothing(
    connect: Connect, new_game: NewGame
) -> None:
    game = homework(new_game, closes=2, solutions="after_deadline")
    ann, bob = await connect("ann"), await connect("bob")
    await ann.join(game.id)
    await bob.join(game.id)
    until = game.call("POST", "/closing", {"closes_at": at(60), "user_id": "ann"}).json["extensions"][0]["closes_at"]
    assert (await ann.next("CLOSING_CHANGED"))["payload"]["your_closes_at"] == until
    told = (await bob.next("CLOSING_CHANGED"))["payload"]
    assert told["your_closes_at"] == told["closes_at"] == game.made["closes_at"]
    while (await bob.ask("NEXT_QUESTION", session_id=game.id))["type"] != "ERROR":
        # No event tells the others that their time is over: their clock does.
        await asyncio.sleep(0.1)
    late = await bob.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer=RIGHT["q1"])
    assert (late["code"], late["reason"]) == ("QUESTION_NOT_OPEN", "late")
    assert (await bob.refused("NEXT_QUESTION", session_id=game.id))["reason"] == "late"
    assert (await bob.ask("GET_SUMMARY", session_id=game.id))["payload"]["questions"] == []
    assert (await submit(ann, game, "q2", RIGHT["q2"]))["type"] == "ANSWER_ACCEPTED"
    game.do("end")
    assert (await ann.next("SESSION_ENDED"))["payload"]["your_score"] == 20


async def test_it_is_done_again_from_the_first_question_and_the_best_counts(
    connect: Connect, new_game: NewGame
) -> None:
    game = homework(new_game, attempts=2)
    client = await connect("ann")
    joined = await client.join(game.id)
    unfinished = await client.refused("START_ATTEMPT", session_id=game.id, attempt=2)
    assert (unfinished["code"], unfinished["reason"]) == ("ATTEMPT_REFUSED", "unfinished")
    first = await do_all(client, game, {"q1": RIGHT["q1"], "q2": RIGHT["q2"], "q3": WRONG["q3"]})
    assert (first["answered_count"], first["your_score"]) == (3, 30)
    for _ in range(2):
        begun = await client.ask("START_ATTEMPT", session_id=game.id, attempt=2)
        assert (begun["type"], begun["payload"]["attempt"]) == ("ATTEMPT_STARTED", 2)
    again = await submit(client, game, "q1", WRONG["q1"], attempt=2)
    assert again["payload"]["new_score"] == 0
    # A copy of an answer to the first attempt is told what that came to.
    copy = await submit(client, game, "q1", RIGHT["q1"], attempt=1)
    assert (copy["payload"]["code"], copy["payload"]["result"]["is_correct"]) == ("ALREADY_ANSWERED", True)
    assert (await submit(client, game, "q1", RIGHT["q1"], attempt=3))["payload"]["code"] == "NOT_JOINED"
    board = (await client.ask("GET_LEADERBOARD", session_id=game.id))["payload"]
    assert [(line["user_id"], line["score"]) for line in board["leaderboard"]] == [("ann", 30)]
    assert board["total_participants"] == 1
    # Another device goes on where this one was.
    other = await connect("ann")
    resumed = await other.join(game.id, None, session_token=joined["session_token"])
    assert (resumed["attempt"], resumed["answered"], resumed["your_score"], resumed["resumed"]) == (2, ["q1"], 0, True)
    await do_all(other, game, {"q2": RIGHT["q2"], "q3": RIGHT["q3"]})
    none_left = await other.refused("START_ATTEMPT", session_id=game.id, attempt=3)
    assert none_left["reason"] == "none_left"
    game.do("end")
    assert (await other.next("SESSION_ENDED"))["payload"]["your_score"] == 30
    summary = (await other.ask("GET_SUMMARY", session_id=game.id))["payload"]
    assert [line["is_correct"] for line in summary["questions"]] == [True, True, False]
    results = game.results()
    assert [(line["score"], line["attempts"]) for line in results["participants"]] == [(30, 2)]
    assert sum(answer["points"] for answer in results["answers"] if answer["counts"]) == 30


async def test_no_client_is_a_further_attempt_of_somebody(connect: Connect, new_game: NewGame) -> None:
    game = homework(new_game, attempts=2)
    client = await connect("ann~2")
    assert (await client.join(game.id))["user_id"] != "ann~2"
