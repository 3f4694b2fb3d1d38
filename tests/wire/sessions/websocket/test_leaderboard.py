"""LEADERBOARD_UPDATED: whole, in deltas, or on demand."""

from __future__ import annotations

from typing import Any

import pytest

from leaderboards.ranking import Board, BoardDelta, BoardLine
from tests.support.boards import apply_delta
from tests.support.game import RIGHT, Game
from tests.support.ws_client import Client
from tests.wire.sessions.websocket.conftest import Connect, NewGame


async def players(connect: Connect, game: Game, count: int) -> list[Client]:
    clients = []
    for number in range(count):
        client = await connect(f"user-{number}")
        await client.join(game.id, f"Player {number}", leaderboard="none")
        clients.append(client)
    return clients


async def score(client: Client, game: Game, question: str, given: Any) -> int:
    result = await client.ask("SUBMIT_ANSWER", session_id=game.id, question_id=question, answer=given)
    assert result["type"] == "SCORE_UPDATED", result
    return int(result["payload"]["new_score"])


def entries(payload: dict[str, Any]) -> tuple[BoardLine, ...]:
    return tuple(BoardLine(**line) for line in payload["leaderboard"])


async def test_it_tells_every_player_the_board_and_the_own_place(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    [other] = await players(connect, game, 1)
    client = await connect("ann")
    await client.join(game.id, "Ann")
    await score(other, game, "q1", "Paris")
    board = (await client.next("LEADERBOARD_UPDATED", your_rank=2, total_participants=2))["payload"]
    mine = await score(client, game, "q2", "casa")
    board = (await client.next("LEADERBOARD_UPDATED", your_score=mine))["payload"]
    assert board["your_rank"] == 1
    assert [(line["rank"], line["username"]) for line in board["leaderboard"]] == [(1, "Ann"), (2, "Player 0")]
    assert "delta" not in board
    assert "LEADERBOARD_UPDATED" not in {message["type"] for message in await other.sync()}


async def test_deltas_put_together_are_the_whole_board(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    clients = await players(connect, game, 4)
    watcher = await connect()
    await watcher.join(game.id, None, role="screen", leaderboard="delta")
    first = (await watcher.next("LEADERBOARD_UPDATED"))["payload"]
    board = Board(first["version"], entries(first), first["total_participants"])
    for client, (question, given) in zip(
        clients, [("q1", "Paris"), ("q2", "casa"), ("q1", "Rome"), ("q3", ["2", "4"])], strict=True
    ):
        total = await score(client, game, question, given)
        while not any(entry.user_id == client.user_id and entry.score == total for entry in board.entries):
            change = (await watcher.next("LEADERBOARD_UPDATED"))["payload"]
            assert change["delta"] is True
            board = apply_delta(
                board,
                BoardDelta(
                    change["base_version"],
                    change["version"],
                    entries(change),
                    tuple(change["removed"]),
                    change["total_participants"],
                ),
            )
    assert game.call("DELETE", "/participants/user-1").status == 204
    change = (await watcher.next("LEADERBOARD_UPDATED"))["payload"]
    assert change["removed"] == ["user-1"]
    assert change["base_version"] == board.version
    whole = (await watcher.ask("GET_LEADERBOARD", session_id=game.id))["payload"]
    gone = apply_delta(
        board, BoardDelta(board.version, change["version"], entries(change), ("user-1",), change["total_participants"])
    )
    assert (gone.entries, gone.total) == (entries(whole), whole["total_participants"])


async def test_a_client_asks_for_any_page(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    clients = await players(connect, game, 3)
    await score(clients[2], game, "q1", "Paris")
    page = (await clients[0].ask("GET_LEADERBOARD", session_id=game.id, limit=1, offset=1))["payload"]
    assert [(line["rank"], line["user_id"]) for line in page["leaderboard"]] == [(2, "user-0")]
    assert (page["your_rank"], page["your_score"], page["total_participants"]) == (2, 0, 3)
    beyond = (await clients[0].ask("GET_LEADERBOARD", session_id=game.id, offset=10**6))["payload"]
    assert beyond["leaderboard"] == []


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"limit": "10"}, {"limit": 1.5}])
async def test_it_refuses_a_page_that_is_none(connect: Connect, new_game: NewGame, page: dict[str, Any]) -> None:
    game = new_game()
    client = await connect()
    await client.join(game.id)
    assert (await client.refused("GET_LEADERBOARD", session_id=game.id, **page))["code"] == "INVALID_MESSAGE"


async def test_a_late_joiner_is_never_told_a_board_without_a_place(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True)
    first, late = await connect(), await connect()
    await first.join(game.id)
    await first.next("LEADERBOARD_UPDATED", total_participants=1)
    await late.join(game.id)
    board = (await late.next("LEADERBOARD_UPDATED"))["payload"]
    assert (board["your_rank"], board["your_score"], board["total_participants"]) == (2, 0, 2)


async def test_equal_scores_share_a_place_wherever_a_rank_is_told(connect: Connect, new_game: NewGame) -> None:
    game = new_game(pace="self", auto_start=True, scoring="flat")
    players = [await connect() for _ in range(3)]
    for number, player in enumerate(players):
        await player.join(game.id, f"Player {number}")
    answer = {"session_id": game.id, "question_id": "q1"}
    for player in players[:2]:
        assert (await player.ask("SUBMIT_ANSWER", **answer, answer=RIGHT["q1"]))["payload"]["is_correct"]
    told = []
    for player in players:
        board = (await player.ask("GET_LEADERBOARD", session_id=game.id))["payload"]
        assert [(line["rank"], line["place"]) for line in board["leaderboard"]] == [(1, 1), (2, 1), (3, 3)]
        told.append((board["your_rank"], board["your_place"]))
    assert told == [(1, 1), (2, 1), (3, 3)]
    late = await connect()
    joined = await late.join(game.id, "Late")
    assert (joined["your_rank"], joined["your_place"]) == (4, 3)
    again = await connect(players[1].user_id)
    joined = await again.join(game.id, "Player 1", session_token=players[1].token)
    assert (joined["your_rank"], joined["your_place"]) == (2, 1)
