"""Questions are asked again: everybody hears of it, and plays them like the others, at both paces."""

from __future__ import annotations

from typing import Any

from tests.support.game import Game
from tests.support.ws_client import Client
from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def answer(client: Client, game: Game, question_id: str, given: Any) -> dict[str, Any]:
    told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id=question_id, answer=given)
    assert told["type"] in {"SCORE_UPDATED", "ANSWER_ACCEPTED"}, told
    return dict(told["payload"])


async def test_in_host_pace_what_was_missed_comes_back_at_the_end(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    ann, bob = await connect("ann"), await connect("bob")
    screen = await connect("screen")
    for client in (ann, bob):
        await client.join(game.id)
    await screen.join(game.id, None, role="screen")
    game.do("start", "next")
    await answer(ann, game, "q1", "Rome")
    await answer(bob, game, "q1", "Rome")
    game.do("next")
    await answer(ann, game, "q2", "casa")
    await answer(bob, game, "q2", "casa")
    session = game.do("close-question", "ask-again")
    assert (session["question_count"], session["phase"]) == (4, "closed")
    for client in (ann, bob, screen):
        added = await client.next("QUESTIONS_ADDED")
        assert {name: added["payload"][name] for name in ("added", "total")} == {"added": 1, "total": 4}
    # At the end of the session, after what is left of it.
    game.do("next")
    assert (await ann.next("QUESTION_OPENED", index=2))["payload"]["total"] == 4
    game.do("next")
    opened = (await ann.next("QUESTION_OPENED", index=3))["payload"]
    assert (opened["question_id"], opened["again_of"]) == ("q1.2", "q1")
    assert sorted(opened["options"]) == ["Paris", "Rome"]
    await answer(ann, game, "q1.2", "Paris")
    game.do("close-question")
    closed = (await ann.next("QUESTION_CLOSED", question_id="q1.2"))["payload"]
    assert (closed["is_correct"], closed["answered_count"], closed["correct_answers"]) == (True, 1, ["Paris"])
    assert game.do("next")["status"] == "completed"
    results = game.results()
    assert [question["question_id"] for question in results["questions"]] == ["q1", "q2", "q3", "q1.2"]
    scores = {row["user_id"]: row["score"] for row in results["participants"]}
    for user in ("ann", "bob"):
        assert scores[user] == sum(row["points"] for row in results["answers"] if row["user_id"] == user)


async def test_at_their_own_pace_who_had_finished_gets_more(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    ann, bob = await connect("ann"), await connect("bob")
    for client in (ann, bob):
        await client.join(game.id)
        await answer(client, game, "q1", "Rome")
        await answer(client, game, "q2", "casa")
        await answer(client, game, "q3", ["2", "4"])
    assert (await ann.ask("NEXT_QUESTION", session_id=game.id))["type"] == "FINISHED"
    game.do("ask-again")
    assert (await ann.next("QUESTIONS_ADDED"))["payload"]["total"] == 4
    shown = (await ann.ask("NEXT_QUESTION", session_id=game.id))["payload"]
    assert (shown["question_id"], shown["index"], shown["total"]) == ("q1.2", 3, 4)
    assert (await answer(ann, game, "q1.2", "Paris"))["is_correct"] is True
    finished = (await ann.ask("NEXT_QUESTION", session_id=game.id))["payload"]
    assert (finished["answered_count"], finished["total"]) == (4, 4)
    # Bob lost the connection before he heard of it, and finds it when he is back.
    bob.drop()
    back = await connect("bob")
    joined = await back.join(game.id, None, session_token=bob.token, last_seq=1)
    assert joined["question_count"] == 4
    assert (await back.next("QUESTIONS_ADDED"))["payload"]["added"] == 1
    shown = (await back.ask("NEXT_QUESTION", session_id=game.id))["payload"]
    assert shown["question_id"] == "q1.2"
    summary = (await ann.ask("GET_SUMMARY", session_id=game.id))["payload"]
    assert [line["question_id"] for line in summary["questions"]][-1] == "q1.2"


async def test_who_joins_late_is_told_the_whole_length(connect: Connect, new_game: NewGame) -> None:
    game = new_game()
    ann = await connect("ann")
    await ann.join(game.id)
    game.do("start", "next", "close-question", "ask-again")
    late = await connect("late")
    assert (await late.join(game.id))["question_count"] == 4
    game.do("next", "next", "next")
    assert (await late.next("QUESTION_OPENED", index=3))["payload"]["again_of"] == "q1"
    later = await connect("later")
    assert (await later.join(game.id))["question"]["question_id"] == "q1.2"
