"""What is arranged for a session, as its players and screens meet it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from tests.wire.sessions.websocket.conftest import Connect, NewGame


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_everybody_who_joins_is_told_what_is_arranged(connect: Connect, new_game: NewGame) -> None:
    game = new_game(options={"accent_keys": False})
    for role in ("player", "screen"):
        told = (await (await connect()).join(game.id, "Ann", role=role))["options"]
        assert (told["accent_keys"], told["suggested_names"]) == (False, True)


async def test_a_suggested_name_is_refused_where_players_bring_their_own(connect: Connect, new_game: NewGame) -> None:
    game, other = new_game(options={"suggested_names": False}), new_game()
    client = await connect()
    error = await client.refused("JOIN_SESSION", session_id=game.code, username="Brave Otter", name_suggested=True)
    assert (error["code"], error["reason"], error["recoverable"]) == ("INVALID_USERNAME", "suggested", True)
    assert (await client.join(game.code, "Brave Otter"))["username"] == "Brave Otter"
    assert (await (await connect()).join(other.code, "Brave Otter", name_suggested=True))["username"] == "Brave Otter"


async def test_a_question_closes_when_all_have_answered_and_gives_way_by_itself(
    connect: Connect, new_game: NewGame
) -> None:
    game = new_game(options={"close_when_all_answered": True, "advance_after_ms": 1_000})
    ann, bob = await connect("ann"), await connect("bob")
    await ann.join(game.id, "Ann")
    await bob.join(game.id, "Bob")
    game.do("start", "next")
    for client in (ann, bob):
        await client.next("QUESTION_OPENED", question_id="q1")
        await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    closed = (await ann.next("QUESTION_CLOSED"))["payload"]
    assert closed["answered_count"] == 2
    assert closed["advance_at"]
    assert (await ann.next("QUESTION_OPENED"))["payload"]["question_id"] == "q2"
    # Who goes is not waited for.
    await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q2", answer="casa")
    await bob.ask("LEAVE_SESSION", session_id=game.id)
    assert (await ann.next("QUESTION_CLOSED"))["payload"]["question_id"] == "q2"
    # The host holds: the result stays, and what is told to whoever comes says so.
    assert game.do("hold")["held"] is True
    await ann.next("SESSION_HELD")
    late = await (await connect("cleo")).join(game.id, "Cleo")
    assert (late["phase"], late["held"], late["advance_at"]) == ("closed", True, None)
    assert game.do("next")["held"] is False


async def test_a_hidden_ranking_is_in_no_message_before_the_end(connect: Connect, new_game: NewGame) -> None:
    game = new_game(options={"board": "end"})
    ann, bob, screen = await connect("ann"), await connect("bob"), await connect()
    joined = await ann.join(game.id, "Ann")
    assert (joined["your_rank"], joined["your_place"], joined["your_score"]) == (None, None, 0)
    await bob.join(game.id, "Bob", leaderboard="delta")
    await screen.join(game.id, None, role="screen")
    game.do("start", "next")
    for client, given in ((ann, "Paris"), (bob, "Rome")):
        await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer=given)
    game.do("close-question")
    for client in (ann, bob, screen):
        await client.next("QUESTION_CLOSED")
        page = (await client.ask("GET_LEADERBOARD", session_id=game.id))["payload"]
        assert (page["leaderboard"], page["total_participants"]) == ([], 2)
        assert (page.get("your_rank"), page.get("your_place")) == (None, None)
    summary = (await ann.ask("GET_SUMMARY", session_id=game.id))["payload"]
    assert (summary["your_rank"], summary["your_place"]) == (None, None)
    back = await connect("ann")
    assert (await back.join(game.id, None, session_token=joined["session_token"], last_seq=0))["your_rank"] is None
    await back.sync()
    for client in (bob, screen, back):
        told = [json.loads(frame)["payload"] for frame in client.frames]
        assert all(not payload.get("leaderboard") for payload in told)
        assert all(payload.get("your_rank") is payload.get("your_place") is None for payload in told)
    # The control: hosts see it over REST all the while, and everybody sees it at the end.
    assert len(game.call("GET", "/leaderboard").json["leaderboard"]) == 2
    game.do("end")
    for client in (back, bob):
        ended = (await client.next("SESSION_ENDED"))["payload"]
        assert [line["username"] for line in ended["leaderboard"]] == ["Ann", "Bob"]
        assert ended["your_rank"] == ended["your_place"] == (1 if client is back else 2)


async def test_points_come_with_the_rule_that_gave_them(connect: Connect, new_game: NewGame) -> None:
    game = new_game(scoring="scaled", time_limit_ms=600_000)
    ann, bob, cleo = await connect("ann"), await connect("bob"), await connect("cleo")
    for client in (ann, bob, cleo):
        joined = await client.join(game.id, client.user_id)
        assert joined["scoring"] == "scaled"
    game.do("start", "next")
    for client, given in ((ann, "Paris"), (bob, "Rome")):
        await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer=given)
    game.do("close-question")
    for client, rule, points in ((ann, "right_fast", 15), (bob, "wrong", 0), (cleo, "unanswered", 0)):
        closed = (await client.next("QUESTION_CLOSED"))["payload"]
        assert (closed["rule"], closed["points_earned"]) == (rule, points)
        [line] = (await client.ask("GET_SUMMARY", session_id=game.id))["payload"]["questions"]
        assert (line["rule"], line["points_earned"], line["points"]) == (rule, points, 10)
    rules = {answer["user_id"]: answer["rule"] for answer in game.results()["answers"]}
    assert rules == {"ann": "right_fast", "bob": "wrong"}


async def test_options_are_on_no_wire_before_their_time(connect: Connect, new_game: NewGame) -> None:
    game = new_game(options={"options_after_ms": 60_000})
    ann, screen = await connect("ann"), await connect()
    token = (await ann.join(game.id, "Ann"))["session_token"]
    await screen.join(game.id, None, role="screen")
    assert game.do("start", "next")["phase"] == "asked"
    asked = (await ann.next("QUESTION_ASKED"))["payload"]
    assert (asked["question_id"], asked["text"], asked["index"]) == ("q1", "The capital of France?", 0)
    early = await ann.refused("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert (early["code"], early.get("reason")) == ("QUESTION_NOT_OPEN", None)
    late, back = await connect("bob"), await connect("ann")
    told = [await late.join(game.id, "Bob"), await back.join(game.id, None, session_token=token, last_seq=0)]
    for joined in told:
        assert (joined["phase"], joined["question"], joined["asked"]["text"]) == ("asked", None, asked["text"])
    await screen.sync()
    for client in (late, back, screen):
        assert "Rome" not in "".join(client.frames)
    # The host need not wait. Then everybody has them, and the whole time.
    game.do("next")
    for client in (late, back, screen):
        opened = (await client.next("QUESTION_OPENED"))["payload"]
        assert sorted(opened["options"]) == ["Paris", "Rome"]
        assert moment(opened["deadline"]) - moment(opened["opened_at"]) == timedelta(milliseconds=20_000)
    assert (await late.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris"))["type"] == (
        "ANSWER_ACCEPTED"
    )
    # A question that is answered by typing has none to wait for.
    assert game.do("next")["phase"] == "open"


async def test_options_come_by_themselves(connect: Connect, new_game: NewGame) -> None:
    game = new_game(options={"options_after_ms": 1_000})
    ann = await connect("ann")
    await ann.join(game.id, "Ann")
    game.do("start", "next")
    await ann.next("QUESTION_ASKED")
    assert (await ann.next("QUESTION_OPENED"))["payload"]["question_id"] == "q1"


@pytest.mark.parametrize("pace", ["host", "self"])
async def test_each_player_has_an_order_of_their_own_that_stays(connect: Connect, new_game: NewGame, pace: str) -> None:
    game = new_game(options={"own_order": True}, pace=pace)
    clients = [await connect(f"user-{number}") for number in range(12)]
    tokens = [(await client.join(game.id, f"Player {n}"))["session_token"] for n, client in enumerate(clients)]
    game.do("start")
    if pace == "host":
        game.do("next")
        opened = [(await client.next("QUESTION_OPENED"))["payload"] for client in clients]
    else:
        opened = [(await client.ask("NEXT_QUESTION", session_id=game.id))["payload"] for client in clients]
    orders = {tuple(question["options"]) for question in opened}
    assert orders == {("Paris", "Rome"), ("Rome", "Paris")}
    for question in opened:
        assert [("Paris", "Rome")[place] for place in question["shapes"]] == question["options"]
    back = await connect("user-0")
    again = (await back.join(game.id, None, session_token=tokens[0]))["question"]
    assert (again["options"], again["shapes"]) == (opened[0]["options"], opened[0]["shapes"])
    result = await back.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    assert result["type"] == ("ANSWER_ACCEPTED" if pace == "host" else "SCORE_UPDATED")
    if pace == "host":
        # The hall sees the session's order.
        seen = (await (await connect()).join(game.id, None, role="screen"))["question"]
        assert (seen["options"], seen.get("shapes")) == (["Paris", "Rome"], None)
