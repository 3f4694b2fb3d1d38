"""A host accepts one more typed answer: what players, screens and hosts are told of it, and what not."""

from __future__ import annotations

from typing import Any

from tests.support.game import Game
from tests.wire.sessions.websocket.conftest import Connect, NewGame

UNTOLD = {"correct_answers": None, "correct_count": None}
NOTHING = dict.fromkeys(("your_answer", "is_correct", "points_earned", "reason", "rule", "new_score"))


def accept(game: Game, answer: str, question: str = "q2") -> dict[str, Any]:
    """Accept an answer, which must work."""
    reply = game.call("POST", f"/questions/{question}/accept", {"answer": answer})
    assert reply.status == 200, reply.data
    return dict(reply.json)


async def test_in_host_pace_each_player_learns_what_the_own_answer_is_worth_now(
    connect: Connect, new_game: NewGame
) -> None:
    game = new_game(pace="host", scoring="flat")
    ann, bob, late, screen = await connect("ann"), await connect("bob"), await connect("cem"), await connect()
    for client, name in ((ann, "Ann"), (bob, "Bob"), (late, "Cem")):
        await client.join(game.id, name)
    await screen.join(game.id, None, role="screen")
    game.do("start", "next", "next")
    await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="Hogar")
    await bob.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="perro")
    game.do("close-question")
    assert (await ann.next("QUESTION_CLOSED", question_id="q2"))["payload"]["points_earned"] == 0
    accept(game, "the hogar")
    event = await ann.next("ANSWERS_REGRADED")
    assert event["payload"] == {
        "session_id": game.id,
        "question_id": "q2",
        "correct_answers": ["casa", "the hogar"],
        "correct_count": 1,
        "your_answer": "Hogar",
        "is_correct": True,
        "points_earned": 20,
        "reason": "correct",
        "rule": "right",
        "new_score": 20,
    }
    assert (await bob.next("ANSWERS_REGRADED"))["payload"] == event["payload"] | {
        "your_answer": "perro",
        "is_correct": False,
        "points_earned": 0,
        "reason": "wrong",
        "rule": "wrong",
        "new_score": 0,
    }
    assert (await late.next("ANSWERS_REGRADED"))["payload"].items() >= NOTHING.items()
    told = await screen.next("ANSWERS_REGRADED")
    assert (told["seq"], set(told["payload"])) == (
        event["seq"],
        {"session_id", "question_id", "correct_answers", "correct_count"},
    )
    board = await ann.next("LEADERBOARD_UPDATED", your_score=20)
    assert board["payload"]["leaderboard"][0]["user_id"] == "ann"
    # Whoever comes back is told again, as it is now.
    again = await connect("ann")
    await again.join(game.id, None, session_token=ann.token, last_seq=event["seq"] - 1)
    assert (await again.next("ANSWERS_REGRADED"))["payload"] == event["payload"]
    summary = (await again.ask("GET_SUMMARY", session_id=game.id))["payload"]
    assert [line["correct_answers"] for line in summary["questions"]][1] == ["casa", "the hogar"]
    assert [line["is_correct"] for line in summary["questions"]][1] is True


async def test_in_self_pace_nobody_learns_an_answer_to_a_question_that_is_still_to_come(
    connect: Connect, new_game: NewGame
) -> None:
    game = new_game(pace="self", scoring="flat", auto_start=True)
    ann, bob = await connect("ann"), await connect("bob")
    await ann.join(game.id)
    await bob.join(game.id)
    await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="hogar")
    accept(game, "hogar")
    mine = (await ann.next("ANSWERS_REGRADED"))["payload"]
    assert (mine["is_correct"], mine["points_earned"], mine["new_score"], mine["correct_answers"]) == (
        True,
        20,
        20,
        None,
    )
    other = await bob.next("ANSWERS_REGRADED")
    assert other["payload"] == {"session_id": game.id, "question_id": "q2"} | UNTOLD | NOTHING
    assert not [frame for frame in bob.frames if "hogar" in frame]
    # Who gives it now has it right, and learns of both answers.
    result = (await bob.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="HOGAR"))["payload"]
    assert (result["reason"], result["points_earned"], result["correct_answers"]) == ("correct", 20, ["casa", "hogar"])


async def test_while_results_are_withheld_nobody_is_told_anything(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", reveal="on_close", scoring="flat", auto_start=True)
    ann = await connect("ann")
    await ann.join(game.id)
    await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="hogar")
    accept(game, "hogar")
    told = (await ann.next("ANSWERS_REGRADED"))["payload"]
    assert told == {"session_id": game.id, "question_id": "q2"} | UNTOLD | NOTHING
    game.do("end")
    await ann.next("SESSION_ENDED", your_score=20)


async def test_after_the_end_it_still_counts(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", scoring="flat", auto_start=True)
    ann = await connect("ann")
    await ann.join(game.id)
    await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="hogar")
    game.do("end")
    accept(game, "hogar")
    assert (await ann.next("ANSWERS_REGRADED"))["payload"]["new_score"] == 20
    await ann.next("LEADERBOARD_UPDATED", your_score=20)
    results = game.results()
    assert results["participants"][0]["score"] == 20
    assert results["answers"][0] == results["answers"][0] | {"is_correct": True, "verdict": "correct", "points": 20}
