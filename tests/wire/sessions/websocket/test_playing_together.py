"""Teams and a common goal over the wire: who is in which, how they stand, and that a goal leaves no rank behind."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.support.ws_client import Client
from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def test_players_choose_a_team_until_the_start(connect: Connect, new_game: NewGame) -> None:
    game = new_game(options={"teams": "chosen", "team_count": 3})
    ann, bob = await connect("ann"), await connect("bob")
    first = (await ann.join(game.id))["your_team"]
    second = (await bob.join(game.id))["your_team"]
    assert first != second
    changed = await ann.ask("CHOOSE_TEAM", session_id=game.id, team=second)
    assert (changed["type"], changed["payload"]["team"]) == ("TEAM_CHANGED", second)
    told = await bob.next("TEAM_CHANGED", user_id="ann")
    assert told["payload"]["team"] == second
    for team in (0, 4, 1_000):
        refused = await ann.refused("CHOOSE_TEAM", session_id=game.id, team=team)
        assert (refused["code"], refused["reason"]) == ("INVALID_TEAM", "unknown")
    game.do("start")
    refused = await ann.refused("CHOOSE_TEAM", session_id=game.id, team=first)
    assert (refused["code"], refused["reason"]) == ("INVALID_TEAM", "started")
    assert (await (await connect("late")).join(game.id))["your_team"] not in {second}


async def test_the_host_sets_teams_and_they_stand_by_their_average(connect: Connect, new_game: NewGame) -> None:
    game = new_game(reveal="immediately", scoring="flat", options={"teams": "host", "team_count": 2})
    players = {name: await connect(name) for name in ("ann", "bob", "cem")}
    for player in players.values():
        await player.join(game.id, leaderboard="full")
    for name, team in {"ann": 1, "bob": 2, "cem": 2}.items():
        assert game.call("PATCH", f"/participants/{name}", {"team": team}).json["team"] == team
    reply = game.call("PATCH", "/participants/ann", {"team": 3})
    assert (reply.status, reply.json["code"]) == (400, "INVALID_TEAM")
    assert game.call("PATCH", "/participants/ann", {"team": 2, "username": "Al"}).status == 400
    assert game.call("PATCH", "/participants/nobody", {"team": 2}).status == 404
    refused = await players["ann"].refused("CHOOSE_TEAM", session_id=game.id, team=2)
    assert (refused["code"], refused["reason"]) == ("INVALID_TEAM", "not_chosen")
    game.do("start", "next")
    for name, answer in {"ann": "Paris", "bob": "Paris", "cem": "Rome"}.items():
        await players[name].ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer=answer)
    expected = [
        {"team": 1, "place": 1, "average": 10.0, "members": 1, "score": 10},
        {"team": 2, "place": 2, "average": 5.0, "members": 2, "score": 10},
    ]
    board = await players["ann"].get(
        lambda message: message["type"] == "LEADERBOARD_UPDATED" and message["payload"]["teams"] == expected, "teams"
    )
    assert {line["user_id"]: line["team"] for line in board["payload"]["leaderboard"]} == {"ann": 1, "bob": 2, "cem": 2}
    game.do("end")
    assert (await players["cem"].next("SESSION_ENDED"))["payload"]["teams"] == expected
    results = game.results()
    assert results["teams"] == expected
    assert {line["user_id"]: line["team"] for line in results["participants"]} == {"ann": 1, "bob": 2, "cem": 2}


async def test_without_teams_nothing_tells_of_any(connect: Connect, new_game: NewGame) -> None:
    game = new_game(reveal="immediately")
    ann = await connect("ann")
    assert (await ann.join(game.id))["your_team"] is None
    game.do("start", "next")
    await ann.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer="Paris")
    board = (await ann.next("LEADERBOARD_UPDATED"))["payload"]
    assert not {"teams", "goal"} & set(board)
    assert all("team" not in line for line in board["leaderboard"])
    reply = game.call("PATCH", "/participants/ann", {"team": 1})
    assert (reply.status, reply.json["reason"]) == (400, "none")


def _ranks(client: Client) -> list[Any]:
    """Every rank and place that a client was ever told."""
    found: list[Any] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.extend(value[key] for key in ("rank", "place", "your_rank", "your_place") if value.get(key))
            for part in value.values():
                look(part)
        elif isinstance(value, list):
            for part in value:
                look(part)

    for frame in client.frames:
        look(json.loads(frame))
    return found


@pytest.mark.parametrize(("goal", "reached"), [("points", 20), ("right", 2)])
async def test_a_common_goal_is_told_to_all_and_no_rank_to_anybody(
    connect: Connect, new_game: NewGame, goal: str, reached: int
) -> None:
    game = new_game(scoring="flat", options={"goal": goal, "goal_amount": reached})
    names = ("ann", "bob", "cem")
    players = [await connect(name) for name in names]
    screen = await connect()
    await screen.join(game.id, None, role="screen")
    for player in players:
        await player.join(game.id)
    game.do("start", "next")
    for player, answer in zip(players, ("Paris", "Paris", "Rome"), strict=True):
        await player.ask("SUBMIT_ANSWER", session_id=game.id, question_id="q1", answer=answer)
    # Nobody is told how many were right while the question is open.
    for client in (*players, screen):
        for message in await client.sync():
            if message["type"] == "LEADERBOARD_UPDATED":
                assert message["payload"]["goal"]["reached"] == 0
    game.do("close-question")
    for client in (*players, screen):
        board = await client.get(
            lambda message: message["type"] == "LEADERBOARD_UPDATED" and message["payload"]["goal"]["reached"] > 0,
            "the goal",
        )
        assert board["payload"]["goal"] == {"kind": goal, "amount": reached, "reached": reached}
        assert board["payload"]["leaderboard"] == []
    page = await players[0].ask("GET_LEADERBOARD", session_id=game.id)
    assert page["payload"]["leaderboard"] == []
    game.do("end")
    for client in (*players, screen):
        ended = (await client.next("SESSION_ENDED"))["payload"]
        assert (ended["goal"]["reached"], ended["leaderboard"]) == (reached, [])
    for player in players:
        await player.ask("GET_SUMMARY", session_id=game.id)
    await asyncio.gather(*(client.sync() for client in players))
    assert [_ranks(client) for client in (*players, screen)] == [[], [], [], []]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"goal": "points"}, "goal_amount"),
        ({"goal": "points", "goal_amount": 0}, "goal_amount"),
        ({"goal": "right", "goal_amount": -1}, "goal_amount"),
        ({"goal_amount": 5}, "goal_amount"),
        ({"goal": "points", "goal_amount": 5, "teams": "drawn"}, "teams"),
        ({"goal": "points", "goal_amount": 5, "board": "own"}, "board"),
        ({"team_count": 3}, "team_count"),
        ({"cards_only": True}, "cards_only"),
        ({"guests": False}, "guests"),
        ({"teams": "drawn", "team_count": 1}, "team_count"),
        ({"teams": "drawn", "team_count": 13}, "team_count"),
        ({"teams": "even"}, "teams"),
    ],
)
async def test_what_cannot_be_arranged_is_named(new_game: NewGame, options: dict[str, Any], named: str) -> None:
    server = new_game().server
    reply = server.rest("POST", "/api/v1/sessions", {"quiz_id": "protocol-quiz", "pace": "host", "options": options})
    assert reply.status == 400
    assert named in json.dumps(reply.json), reply.json
