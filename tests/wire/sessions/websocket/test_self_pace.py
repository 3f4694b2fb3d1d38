"""A session in which players go at their own pace: NEXT_QUESTION until FINISHED."""

from __future__ import annotations

from tests.support.game import RIGHT, WRONG
from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def test_a_player_goes_through_all_questions(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self")
    client = await connect()
    joined = await client.join(game.id)
    assert (joined["pace"], joined["question"]) == ("self", None)
    assert (await client.refused("NEXT_QUESTION", session_id=game.id))["code"] == "QUESTION_NOT_OPEN"
    game.do("start")
    assert (await client.next("SESSION_STARTED"))["seq"] == 1
    score = 0
    for index, question in enumerate(RIGHT):
        opened = await client.ask("NEXT_QUESTION", session_id=game.id)
        assert opened["type"] == "QUESTION_OPENED"
        shown = opened["payload"]
        assert (shown["question_id"], shown["index"], shown["total"], shown["deadline"]) == (question, index, 3, None)
        result = await client.ask(
            "SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=RIGHT[question], time_taken_ms=5_000
        )
        score += result["payload"]["points_earned"]
        assert (result["type"], result["payload"]["new_score"]) == ("SCORE_UPDATED", score)
    finished = await client.ask("NEXT_QUESTION", session_id=game.id)
    assert finished["type"] == "FINISHED"
    assert finished["payload"] == {"session_id": game.id, "answered_count": 3, "total": 3, "your_score": score}
    board = await client.next("LEADERBOARD_UPDATED", your_score=score)
    assert (board["payload"]["your_rank"], board["payload"]["total_participants"]) == (1, 1)


async def test_questions_are_answered_in_any_order_once(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    for question in ("q3", "q1", "q2"):
        result = await client.ask(
            "SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=WRONG[question], time_taken_ms=100
        )
        assert (result["type"], result["payload"]["reason"]) == ("SCORE_UPDATED", "wrong")
        again = await client.refused("SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=RIGHT[question])
        assert again["code"] == "ALREADY_ANSWERED"
        assert again["result"]["is_correct"] is False
    assert (await client.ask("NEXT_QUESTION", session_id=game.id))["type"] == "FINISHED"
    assert [answer["time_taken_ms"] for answer in game.results()["answers"]] == [10_000] * 3


async def test_a_skipped_question_comes_back(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    shown = []
    for _ in range(4):
        opened = await client.ask("NEXT_QUESTION", session_id=game.id)
        shown.append(opened["payload"]["question_id"])
    assert shown == ["q1", "q2", "q3", "q1"]


async def test_a_pause_holds_answers_and_questions_back(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    game.do("pause")
    await client.next("SESSION_PAUSED")
    assert (await client.refused("NEXT_QUESTION", session_id=game.id))["code"] == "QUESTION_NOT_OPEN"
    error = await client.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert error["code"] == "QUESTION_NOT_OPEN"
    game.do("resume")
    await client.next("SESSION_RESUMED")
    assert (await client.ask("NEXT_QUESTION", session_id=game.id))["type"] == "QUESTION_OPENED"


async def test_the_end_ends_it_for_everybody(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    game.do("end")
    await client.next("SESSION_ENDED", your_rank=1)
    assert (await client.refused("NEXT_QUESTION", session_id=game.id))["code"] == "SESSION_COMPLETED"
    error = await client.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert error["code"] == "SESSION_COMPLETED"


async def test_an_almost_right_answer_is_told_so(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    client = await connect()
    await client.join(game.id)
    result = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q3", answer=["2", "3", "4"])
    assert result["payload"]["reason"] in {"almost", "wrong"}
    assert result["payload"]["is_correct"] is False


async def test_a_refresh_shows_the_same_question(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    first = await connect()
    await first.join(game.id)
    await first.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    opened = await first.ask("NEXT_QUESTION", session_id=game.id)
    shown = (await first.ask("PING"))["payload"]["server_time"]
    second = await connect()
    back = await second.join(game.id, None, session_token=first.token)
    assert back["question"]["question_id"] == opened["payload"]["question_id"] == "q2"
    # The player's time has run since the first showing.
    assert back["question"]["opened_at"] <= shown <= back["question"]["server_time"]
    assert back["answered"] == ["q1"]
    assert back["your_score"] > 0
