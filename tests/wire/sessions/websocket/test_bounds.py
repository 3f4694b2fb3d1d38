"""A server at its bounds turns away what is too much, and goes on serving what it has."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from tests.support.game import Game
from tests.support.live_server import Kind, LiveServer
from tests.support.ws_client import PATIENCE
from tests.wire.sessions.websocket.conftest import Connect


@pytest.fixture(scope="module")
def narrow(wire: str, new_server: Callable[..., LiveServer]) -> LiveServer:
    """A server with narrow bounds."""
    kind: Kind = "daphne" if wire == "daphne" else "uvicorn"
    return new_server(
        kind, MAX_CONNECTIONS="2", RATE_MESSAGES_PER_SECOND="0", WS_FRAMES_PER_SECOND="0", WS_OUTBOX_BYTES="4096"
    )


async def emptied(server: LiveServer) -> None:
    """Wait until the server has seen all clients go."""
    async with asyncio.timeout(PATIENCE):
        while (await asyncio.to_thread(server.rest, "GET", "/health")).json["active_connections"]:
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def small_server(narrow: LiveServer) -> LiveServer:
    """The server with narrow bounds, and nobody on it."""
    await emptied(narrow)
    return narrow


async def test_it_turns_away_who_comes_over_the_bound_of_connections(
    small_server: LiveServer, connect_to: Connect
) -> None:
    inside = [await connect_to(small_server) for _ in range(2)]
    if small_server.kind == "uvicorn":
        with pytest.raises(InvalidStatus) as refused:
            await connect_to(small_server)
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "5"
        assert not small_server.log_lines(level="error")
    else:
        outside = await connect_to(small_server)
        assert (await outside.closed())[0] == 1013
    for client in inside:
        assert (await client.ask("PING"))["type"] == "PONG"
    await inside[0].close()
    assert small_server.rest("GET", "/health").json["status"]


@pytest.mark.frames
async def test_it_closes_a_client_that_does_not_read_with_4008(small_server: LiveServer, connect_to: Connect) -> None:
    if small_server.kind == "daphne":
        pytest.skip("daphne takes all that is sent to it and tells nobody how much waits")
    client = await connect_to(small_server, max_queue=1)
    frame = json.dumps({"type": "X" * 50, "message_id": "m" * 100})

    async def talk() -> None:
        while True:
            await client.send_raw(frame)
            await asyncio.sleep(0)  # sending alone never gives the others a turn

    # The client's library stops reading when its queue is full; the server closes when its own buffer is.
    talking = asyncio.create_task(talk())
    await emptied(small_server)
    talking.cancel()
    assert (await client.closed())[0] == 4008


async def test_without_a_durable_place_nothing_counts_and_a_retry_works(
    small_server: LiveServer, connect_to: Connect
) -> None:
    game = Game(small_server, pace="self", auto_start=True)
    client = await connect_to(small_server)
    await client.join(game.id)
    answer = {"session_id": game.id, "question_id": "q1", "answer": "Paris"}
    with sqlite3.connect(small_server.folder / "quiz.sqlite3") as database:
        database.execute("ALTER TABLE answer_submissions RENAME TO away")
    try:
        error = await client.refused("SUBMIT_ANSWER", **answer)
    finally:
        with sqlite3.connect(small_server.folder / "quiz.sqlite3") as database:
            database.execute("ALTER TABLE away RENAME TO answer_submissions")
    database.close()
    assert error["code"] == "SERVICE_UNAVAILABLE"
    assert error["recoverable"]
    assert (await client.join(game.id))["answered"] == []
    assert (await client.ask("SUBMIT_ANSWER", **answer))["type"] == "SCORE_UPDATED"
    assert len(game.results()["answers"]) == 1
