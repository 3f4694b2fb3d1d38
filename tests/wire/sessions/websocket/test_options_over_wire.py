"""What is arranged for a session, as its players and screens meet it."""

from __future__ import annotations

from tests.wire.sessions.websocket.conftest import Connect, NewGame


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
