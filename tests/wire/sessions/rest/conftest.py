"""The server that the REST tests talk to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.game import Game
from tests.support.live_server import Kind, LiveServer


@pytest.fixture(scope="session")
def server(live_servers: Callable[[Kind], LiveServer]) -> LiveServer:
    """The server that all tests share."""
    return live_servers("uvicorn")


@pytest.fixture
def new_game(server: LiveServer) -> Callable[..., Game]:
    """Makes sessions on the server."""
    return lambda **options: Game(server, **options)
