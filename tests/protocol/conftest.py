"""Real servers for the protocol tests: each test runs on uvicorn and on daphne."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.protocol.game import QUIZ, Game
from tests.support.live_server import Kind, LiveServer, prepare_data
from tests.support.ws_client import Client

Connect = Callable[..., Awaitable[Client]]
NewGame = Callable[..., Game]


@pytest.fixture(scope="session")
def data_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder to copy."""
    folder = tmp_path_factory.mktemp("template") / "data"
    prepare_data(folder)
    return folder


@pytest.fixture(scope="session")
def new_server(data_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LiveServer]]:
    """Starts servers with settings of their own; stops them at the end."""
    servers: list[LiveServer] = []

    def start(kind: Kind, **settings: str) -> LiveServer:
        folder = tmp_path_factory.mktemp(kind) / "data"
        server = LiveServer(kind, data_template, folder, **settings)
        servers.append(server)
        server.start()
        made = server.rest("POST", "/api/v1/quizzes", QUIZ)
        assert made.status == 201, made.data
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session", params=["uvicorn", "daphne"])
def server(request: pytest.FixtureRequest, new_server: Callable[..., LiveServer]) -> LiveServer:
    """A server as it comes, but for bounds per address and user: all tests come from one, often by one name."""
    unbound = dict.fromkeys(("RATE_JOINS_PER_MINUTE", "RATE_LOOKUPS_PER_MINUTE", "RATE_FAILED_KEYS_PER_MINUTE"), "0")
    return new_server(request.param, PRESENCE_GRACE_MS="100", **unbound)


@pytest.fixture
def new_game(server: LiveServer) -> NewGame:
    """Makes sessions on the server."""

    def make(**options: Any) -> Game:
        return Game(server, **options)

    return make


@pytest_asyncio.fixture
async def connect_to() -> AsyncIterator[Connect]:
    """Connects clients to any server; closes them after the test."""
    clients: list[Client] = []

    async def make(server: LiveServer, user_id: str = "", **options: Any) -> Client:
        client = await server.ws(user_id, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.drop()


@pytest.fixture
def connect(server: LiveServer, connect_to: Connect) -> Connect:
    """Connects clients to the server; closes them after the test."""
    return functools.partial(connect_to, server)
