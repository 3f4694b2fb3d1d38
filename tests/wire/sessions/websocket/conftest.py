"""Real servers for the protocol tests: each test runs on uvicorn and daphne, and over the way without WebSockets."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.support.game import Game
from tests.support.live_server import Kind, LiveServer
from tests.support.ws_client import Client

Connect = Callable[..., Awaitable[Client]]
NewGame = Callable[..., Game]

#: A server, and how its clients reach it: by WebSocket, or by events and POST requests (on uvicorn).
WIRES = ["uvicorn", "daphne", "stream"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is about frames runs over WebSockets alone."""
    if "wire" in metafunc.fixturenames:
        frames = any(mark.name == "frames" for mark in metafunc.definition.iter_markers())
        metafunc.parametrize("wire", ["uvicorn", "daphne"] if frames else WIRES, scope="session")


@pytest.fixture(scope="session")
def server(wire: str, live_servers: Callable[[Kind], LiveServer]) -> LiveServer:
    """The server of each kind that all tests share."""
    return live_servers("daphne" if wire == "daphne" else "uvicorn")


@pytest.fixture
def new_game(server: LiveServer) -> NewGame:
    """Makes sessions on the server."""

    def make(**options: Any) -> Game:
        return Game(server, **options)

    return make


@pytest_asyncio.fixture
async def connect_to(wire: str) -> AsyncIterator[Connect]:
    """Connects clients to any server; closes them after the test."""
    clients: list[Client] = []

    async def make(server: LiveServer, user_id: str = "", **options: Any) -> Client:
        client = await (server.stream if wire == "stream" else server.ws)(user_id, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.drop()


@pytest.fixture
def connect(server: LiveServer, connect_to: Connect) -> Connect:
    """Connects clients to the server; closes them after the test."""
    return functools.partial(connect_to, server)
