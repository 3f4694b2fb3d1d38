"""The client of the protocol: how it comes back, and what it does when the network loses something."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from playwright.sync_api import WebSocketRoute, expect

from leaderboards.ranking import Standing, Standings, board_delta, rank
from tests.browser.players import Player, Visitor
from tests.browser.server import Server

NewPlayer = Callable[..., Player]
Filter = Callable[[WebSocketRoute, dict[str, Any]], bool]


def between(visitor: Visitor, passes: Filter) -> None:
    """Stand between a page and the server: what ``passes`` refuses never arrives at the page."""

    def connected(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def forward(message: str | bytes) -> None:
            if passes(route, json.loads(message)):
                route.send(message)

        server.on_message(forward)

    visitor.page.route_web_socket("**/ws", connected)


def test_it_reconnects_with_full_jitter_and_only_where_it_is_welcome(server: Server, new_player: NewPlayer) -> None:
    player = new_player()
    player.visit("/")
    waits, retried = player.page.evaluate(
        """async () => {
            const {backoff, RETRIED} = await import("/static/shared/connection.js");
            const waits = [];
            for (let attempt = 0; attempt < 12; attempt++) {
                waits.push([backoff(attempt, () => 0), backoff(attempt, () => 1)]);
            }
            return [waits, [...RETRIED].sort()];
        }"""
    )
    assert retried == [1001, 1006, 1011, 1012, 1013, 4008]
    assert {low for low, _ in waits} == {500}
    assert [high for _, high in waits] == sorted(high for _, high in waits)
    assert waits[-1][1] == 10_000


def test_the_board_it_builds_from_deltas_is_the_servers(server: Server, new_player: NewPlayer) -> None:
    def standings(version: int, scores: list[int]) -> Standings:
        people = [Standing(f"u{index}", f"Player {index}", score, index) for index, score in enumerate(scores)]
        return Standings(version, rank(people))

    rounds = [[0, 0, 0, 0], [0, 15, 0, 0], [15, 15, 0, 10], [15, 15, 40, 10], [15, 30, 40, 55]]
    boards = [standings(version, scores).board(3) for version, scores in enumerate(rounds)]

    def lines(entries: Any) -> list[dict[str, Any]]:
        return [
            {"rank": one.rank, "user_id": one.user_id, "username": one.username, "score": one.score} for one in entries
        ]

    messages: list[dict[str, Any]] = [{"version": 0, "leaderboard": lines(boards[0].entries), "total_participants": 4}]
    for old, new in pairwise(boards):
        delta = board_delta(old, new)
        messages.append(
            {
                "delta": True,
                "base_version": delta.base_version,
                "version": delta.version,
                "leaderboard": lines(delta.changed),
                "removed": list(delta.removed),
                "total_participants": delta.total,
            }
        )
    player = new_player()
    player.visit("/")
    built = player.page.evaluate(
        """async (messages) => {
            const {Board} = await import("/static/shared/board.js");
            const board = new Board();
            return messages.map((message) => [board.apply(message), board.entries]);
        }""",
        messages,
    )
    assert built == [[True, lines(board.entries)] for board in boards]
    gap = player.page.evaluate(
        """async ([first, , third]) => {
            const {Board} = await import("/static/shared/board.js");
            const board = new Board();
            board.apply(first);
            return board.apply(third);
        }""",
        messages,
    )
    assert gap is False


def test_an_event_that_was_lost_is_noticed_and_fetched(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    lost: list[int] = []

    def lose_first_question(_: WebSocketRoute, message: dict[str, Any]) -> bool:
        if message["type"] == "QUESTION_OPENED" and not lost:
            lost.append(message["seq"])
            return False
        return True

    ana = new_player()
    between(ana, lose_first_question)
    ana.join(session, "Ana")
    session.do("next")
    ana.see_heading("Which word means “very happy”?")
    assert lost


def test_a_lost_acknowledgement_counts_once(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host", auto_start=True)
    cut: list[str] = []

    def cut_instead_of_acknowledging(route: WebSocketRoute, message: dict[str, Any]) -> bool:
        if message["type"] == "ANSWER_ACCEPTED" and not cut:
            cut.append(message["type"])
            route.close(code=4008, reason="cut by the test")
            return False
        return True

    ana = new_player()
    between(ana, cut_instead_of_acknowledging)
    ana.join(session, "Ana")
    session.do("next")
    ana.choose("delighted")
    ana.see_heading("Locked in")
    session.do("close-question")
    ana.see_heading("Correct")
    assert cut
    ana.has_points("15")
    assert len(session.results()["answers"]) == 1


def test_a_lost_acknowledgement_still_brings_the_solution_in_self_pace(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="self", auto_start=True)
    seen: list[str] = []

    def drop_the_score(route: WebSocketRoute, message: dict[str, Any]) -> bool:
        seen.append(message["type"])
        if message["type"] == "SCORE_UPDATED":
            route.close(code=1012, reason="cut by the test")
            return False
        return True

    ana = new_player()
    between(ana, drop_the_score)
    ana.join(session, "Ana")
    ana.choose("delighted")
    ana.see_heading("Correct")
    ana.see("Furious is very angry")
    ana.page.get_by_role("button", name="Next question").click()
    ana.see_heading("Which of these mean nearly the same as “big”?")
    assert seen.count("SCORE_UPDATED") == 1
    ana.has_points("15")


def test_it_hangs_up_for_good_where_it_is_not_welcome(server: Server, new_player: NewPlayer) -> None:
    session = server.open_session("every-kind", pace="host")
    opened: list[WebSocketRoute] = []

    def throw_out(route: WebSocketRoute, message: dict[str, Any]) -> bool:
        opened.append(route)
        if message["type"] == "PONG":
            route.close(code=4029, reason="kept on")
        return True

    ana = new_player()
    between(ana, throw_out)
    ana.join(session, "Ana")
    ana.see_heading("Too many messages")
    first = len({id(route) for route in opened})
    expect(ana.page.get_by_role("button", name="Connect again")).to_be_visible()
    assert first == 1
