"""A server that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.operations.serving import Server, start_server, stop_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of this folder share."""
    running = start_server(tmp_path_factory.mktemp("server"))
    yield running
    stop_server(running)
