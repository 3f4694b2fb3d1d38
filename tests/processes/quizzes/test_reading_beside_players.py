"""What players notice while the hardest files are read: their round trips, as a ratio of those before."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.sync.client import ClientConnection

from bench.attacks import hard_files
from tests.support.serving import Server, ask, start_server, stop_server

#: Seconds that are looked at before, and seconds after which a file that is still read is given up.
_BEFORE, _IMPORT_SECONDS = 2, 3
#: A server that reads in its own process answers nothing for seconds where a round trip takes a millisecond: hundreds
#: of times as long. Where files are read in it bit by bit (IMPORT_SECONDS=0) it is about three times.
_RATIO = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = start_server(
        tmp_path_factory.mktemp("reading"),
        RATE_MESSAGES_PER_SECOND="0",
        WS_FRAMES_PER_SECOND="0",
        IMPORT_SECONDS=str(_IMPORT_SECONDS),
    )
    yield made
    stop_server(made)


def round_trips(player: ClientConnection, goes_on: Callable[[], bool]) -> list[float]:
    """Seconds that each PING took, for as long as something goes on."""
    took = []
    while goes_on():
        began = time.perf_counter()
        ask(player, "PING")
        took.append(time.perf_counter() - began)
    return took


def p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98]


@pytest.mark.parametrize("name", hard_files())
def test_players_round_trips_grow_by_a_small_factor_while_a_hard_file_is_read(server: Server, name: str) -> None:
    data = hard_files()[name]
    with server.client("ann") as ann:
        ends = time.monotonic() + _BEFORE
        before = round_trips(ann, lambda: time.monotonic() < ends)
        statuses: list[int] = []

        def read() -> None:
            # The same file again, where it is read quickly: there are enough round trips to look at.
            until = time.monotonic() + _BEFORE
            while time.monotonic() < until:
                statuses.append(server.upload("/api/v1/wordlists/import?preview=true", data))

        reading = threading.Thread(target=read)
        reading.start()
        during = round_trips(ann, reading.is_alive)
        reading.join()
    assert statuses
    assert set(statuses) <= {200, 400, 413, 422}, statuses
    assert p99(during) / p99(before) < _RATIO
