"""A player's needs over the wire: the player plays by them, and no message to anybody else tells of them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.game import Game
from tests.wire.sessions.websocket.conftest import Connect, NewGame

NEEDS: dict[str, Any] = {
    "time": 200,
    "no_speed_loss": True,
    "large_text": True,
    "text_for_sound": True,
    "ignore_accents": True,
}


def arrange(game: Game, user: str, **needs: Any) -> None:
    reply = game.call("PATCH", f"/participants/{user}", {"needs": needs})
    assert reply.status == 200, reply.data
    assert needs.items() <= reply.json["needs"].items()


def seconds(question: dict[str, Any]) -> float:
    opened, deadline = (datetime.fromisoformat(question[name]) for name in ("opened_at", "deadline"))
    return (deadline - opened).total_seconds()


async def test_the_own_deadline_is_told_at_the_opening_at_more_time_and_on_coming_back(
    connect: Connect, new_game: NewGame
) -> None:
    game = new_game(time_limit_ms=60_000)
    ann, bob = await connect("ann"), await connect("bob")
    joined = await ann.join(game.id)
    assert joined["your_needs"] is None
    await bob.join(game.id)
    arrange(game, "ann", **NEEDS)
    assert (await ann.next("NEEDS_CHANGED"))["payload"]["needs"] == NEEDS
    game.do("start", "next")
    own = (await ann.next("QUESTION_OPENED"))["payload"]
    others = (await bob.next("QUESTION_OPENED"))["payload"]
    assert (seconds(own), own["time_limit_ms"]) == (120, 120_000)
    assert (seconds(others), others["time_limit_ms"]) == (60, 60_000)
    game.do("extend", by_ms=10_000)
    more = (await ann.next("DEADLINE_CHANGED"))["payload"]
    assert seconds({**own, **more}) == 140
    assert seconds({**others, **(await bob.next("DEADLINE_CHANGED"))["payload"]}) == 70
    back = await (await connect("ann")).join(game.id, None, session_token=joined["session_token"])
    assert back["your_needs"] == NEEDS
    assert seconds(back["question"]) == 140


async def test_a_missed_question_that_is_over_is_told_with_the_own_deadline(
    connect: Connect, new_game: NewGame
) -> None:
    game = new_game(time_limit_ms=60_000)
    ann = await connect("ann")
    joined = await ann.join(game.id)
    arrange(game, "ann", time=150)
    ann.drop()
    game.do("start", "next", "close-question")
    back = await connect("ann")
    await back.join(game.id, None, session_token=joined["session_token"], last_seq=joined["seq"])
    missed = (await back.next("QUESTION_OPENED"))["payload"]
    assert (seconds(missed), missed["time_limit_ms"]) == (90, 90_000)


async def test_without_a_limit_there_is_no_deadline(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    ann = await connect("ann")
    await ann.join(game.id)
    arrange(game, "ann", time=0)
    game.do("start", "next")
    own = (await ann.next("QUESTION_OPENED"))["payload"]
    assert (own["deadline"], own["time_limit_ms"]) == (None, 0)


async def test_a_question_is_told_to_nobody_while_somebody_with_more_time_may_answer(
    connect: Connect, new_game: NewGame
) -> None:
    game = new_game(time_limit_ms=1_000)
    ann, bob = await connect("ann"), await connect("bob")
    await ann.join(game.id)
    await bob.join(game.id)
    arrange(game, "ann", time=0)
    game.do("start", "next")
    others = (await bob.next("QUESTION_OPENED"))["payload"]
    while (await bob.ask("PING"))["payload"]["server_time"] <= others["deadline"]:
        await asyncio.sleep(0.05)  # the time of the others runs
    refused = await bob.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Rome")
    assert (refused["code"], refused["reason"]) == ("QUESTION_NOT_OPEN", "late")
    assert game.call("GET").json["phase"] == "open"
    assert not [message for message in await bob.sync() if message["type"] == "QUESTION_CLOSED"]
    accepted = await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert accepted["type"] == "ANSWER_ACCEPTED"
    # Nobody is left: it closes by itself.
    assert (await bob.next("QUESTION_CLOSED"))["payload"]["correct_answers"] == ["Paris"]


async def test_no_message_to_anybody_else_tells_of_needs(connect: Connect, new_game: NewGame) -> None:
    game = new_game(reveal="immediately")
    ann, bob, screen = await connect("ann"), await connect("bob"), await connect()
    await ann.join(game.id)
    await bob.join(game.id, leaderboard="full")
    await screen.join(game.id, None, role="screen")
    arrange(game, "ann", **NEEDS)
    game.do("start", "next")
    game.do("pause", "resume")
    for player in (ann, bob):
        await player.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    game.do("close-question", "next", "end")
    for client in (bob, screen):
        await client.next("SESSION_ENDED")
        await client.ask("GET_LEADERBOARD", session_id=game.id)
        told = " ".join(client.frames)
        for name in (*NEEDS, "NEEDS_CHANGED"):
            if name == "time":
                continue
            assert f'"{name}"' not in told, name
        for frame in client.frames:
            message = json.loads(frame)
            assert message["payload"].get("your_needs") is None
            if message["type"] == "QUESTION_OPENED":
                assert seconds(message["payload"]) == message["payload"]["time_limit_ms"] / 1_000
    assert '"large_text"' in " ".join(ann.frames)


@pytest.mark.parametrize(
    "needs", [{"time": 300}, {"time": "150"}, {"large_text": "yes"}, {"faster": True}, [], "all", None]
)
async def test_needs_that_there_are_not_are_refused_and_change_nothing(
    connect: Connect, new_game: NewGame, needs: Any
) -> None:
    game = new_game()
    await (await connect("ann")).join(game.id)
    assert game.call("PATCH", "/participants/ann", {"needs": needs}).status == 400
    assert game.call("GET", "/participants").json["participants"][0]["needs"]["time"] == 100
    assert game.call("PATCH", "/participants/nobody", {"needs": {"time": 150}}).status == 404


def accents_quiz(new_game: NewGame) -> None:
    """A quiz of one word with accents is there."""
    quiz = {
        "id": "accents-of-one",
        "title": "Accents",
        "language": "fr",
        "questions": [{"id": "q1", "kind": "typed", "text": "summer", "correct_answers": ["été"]}],
    }
    assert new_game().server.rest("POST", "/api/v1/quizzes", quiz).status in {201, 409}


async def test_accents_do_not_matter_to_whom_they_do_not(connect: Connect, new_game: NewGame) -> None:
    accents_quiz(new_game)
    game = new_game(quiz_id="accents-of-one", reveal="immediately")
    ann, bob = await connect("ann"), await connect("bob")
    await ann.join(game.id)
    await bob.join(game.id)
    arrange(game, "ann", ignore_accents=True)
    await ann.next("NEEDS_CHANGED")
    game.do("start", "next")
    reasons = []
    for player in (ann, bob):
        told = await player.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="ete")
        reasons.append(told["payload"]["reason"])
    assert reasons == ["correct", "almost"]


async def test_needs_hold_in_the_attempt_that_is_under_way(connect: Connect, new_game: NewGame) -> None:
    accents_quiz(new_game)
    closes_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    homework = {"closes_at": closes_at, "attempts": 3}
    game = new_game(quiz_id="accents-of-one", pace="self", homework=homework)
    ann = await connect("ann")
    await ann.join(game.id)
    reasons = []
    for attempt in (1, 2, 3):
        if attempt > 1:
            assert (await ann.ask("START_ATTEMPT", session_id=game.id, attempt=attempt))["type"] == "ATTEMPT_STARTED"
        if attempt == 2:
            arrange(game, "ann", ignore_accents=True)
            await ann.next("NEEDS_CHANGED")
        told = await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="ete", attempt=attempt)
        reasons.append(told["payload"]["reason"])
    assert reasons == ["almost", "correct", "correct"]
