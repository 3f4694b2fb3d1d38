"""An almost right typed answer is shown beside the right one, and never before that may be told."""

from __future__ import annotations

from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def test_a_close_shows_what_parts_an_almost_right_answer_from_the_right_one(
    connect: Connect, new_game: NewGame
) -> None:
    game = new_game(pace="host", reveal="immediately")
    near, right = await connect("near"), await connect("right")
    await near.join(game.id, "Near")
    await right.join(game.id, "Right")
    game.do("start", "next", "next")
    told = await near.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="cassa")
    assert told["payload"]["reason"] == "almost"
    # Others may still answer.
    assert "difference" not in told["payload"]
    await right.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="casa")
    game.do("close-question")
    closed = (await near.next("QUESTION_CLOSED", question_id="q2"))["payload"]
    assert "".join(letters for part, letters in closed["difference"] if part != "missing") == "cassa"
    assert "".join(letters for part, letters in closed["difference"] if part != "extra") == "casa"
    assert "difference" not in (await right.next("QUESTION_CLOSED", question_id="q2"))["payload"]


async def test_in_self_pace_it_comes_with_the_solution(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    told = (await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="cassa"))["payload"]
    assert told["correct_answers"] == ["casa"]
    assert "".join(letters for part, letters in told["difference"] if part != "extra") == "casa"


async def test_in_self_pace_it_waits_until_answers_are_told(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", reveal="on_close", auto_start=True)
    client = await connect()
    await client.join(game.id)
    told = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="cassa")
    assert told["type"] == "ANSWER_ACCEPTED"
    assert "difference" not in told["payload"]
