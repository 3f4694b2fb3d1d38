"""A server that the tests in processes share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.serving import Server, start_server, stop_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests in processes share."""
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    stop_server(running)
