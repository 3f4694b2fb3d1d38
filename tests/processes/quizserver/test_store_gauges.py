"""Several processes, and what they tell of the servers they share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from common import metrics
from common.redis_watch import watching_client
from sessions.wiring.store_gauges import StoreGauges
from tests.processes.quizserver.test_metrics import scrape, wait_for
from tests.support.servers import redis_url
from tests.support.serving import Server, ask, free_port, start_server, stop_server


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[list[Server]]:
    """Two that answer for each other, as behind one port."""
    shared = tmp_path / "shared"
    shared.mkdir()
    running: list[Server] = []
    try:
        for number in range(2):
            folder = tmp_path / f"process-{number}"
            folder.mkdir()
            running.append(start_server(folder, PROMETHEUS_MULTIPROC_DIR=str(shared)))
        yield running
    finally:
        for server in running:
            stop_server(server)


def test_processes_behind_one_port_tell_the_figures_of_all(processes: list[Server]) -> None:
    one, other = processes
    with one.client("one") as first, other.client("two") as second, one.client("three") as third:
        for client in (first, second, third):
            ask(client, "PING")
        for server in processes:
            wait_for(lambda server=server: scrape(server)["websocket_active_connections"] == 3)  # type: ignore[misc]
            assert scrape(server)["websocket_total_connections"] == 3
            assert scrape(server)["websocket_messages_received_total"] == 3
        stop_server(other)
    wait_for(lambda: scrape(one)["websocket_active_connections"] == 0)
    assert scrape(one)["websocket_total_connections"] == 3


def test_a_process_that_was_killed_is_not_counted_any_more(processes: list[Server]) -> None:
    one, other = processes
    with other.client("one") as client:
        ask(client, "PING")
        wait_for(lambda: scrape(one)["websocket_active_connections"] == 1)
        other.process.kill()
        other.process.wait()
    assert scrape(one)["websocket_active_connections"] == 0
    assert scrape(one)["websocket_total_connections"] == 1


async def writable() -> None:
    """A database that takes writes."""


async def test_the_gauges_tell_when_redis_is_there_and_when_it_is_not(transactional_db: None) -> None:
    there = StoreGauges(redis_url(), writable)
    await there.sample()
    assert metrics.redis_down._value.get() == 0
    assert metrics.redis_clients._value.get() >= 1
    there.close()
    gone = StoreGauges(f"redis://127.0.0.1:{free_port()}", writable)
    await gone.sample()
    assert metrics.redis_down._value.get() == 1
    gone.close()
    metrics.redis_down.set(0)


def test_a_sentinel_address_is_understood() -> None:
    client = watching_client("sentinel://127.0.0.1:1/main?db=2", timeout=0.1)
    with pytest.raises(redis.exceptions.ConnectionError):
        client.ping()
    client.close()
