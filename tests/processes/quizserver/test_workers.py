"""Several workers behind one port."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.processes.quizserver.test_metrics import scrape, wait_for
from tests.support.servers import postgres_url, redis_url
from tests.support.serving import ROOT, Server, ask, start_server, stop_server


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Server]:
    """Two of them."""
    settings = {"REDIS_URL": redis_url(), "DATABASE_URL": postgres_url(), "SECRET_KEY": "the-same-for-both-workers" * 2}
    server = start_server(tmp_path, "--workers", "2", **settings)
    yield server
    stop_server(server)


def pids(server: Server) -> set[int]:
    """The workers that serve."""
    return {child.pid for child in psutil.Process(server.process.pid).children()}


def holders(server: Server) -> set[int]:
    """The workers that have clients."""

    def has_clients(child: psutil.Process) -> bool:
        links = child.net_connections()
        return any(link.status == psutil.CONN_ESTABLISHED and link.laddr.port == server.port for link in links)

    return {child.pid for child in psutil.Process(server.process.pid).children() if has_clients(child)}


def test_they_share_a_session_and_tell_their_figures_together(workers: Server) -> None:
    session = workers.session(max_participants=50)
    with contextlib.ExitStack() as connected:
        # Which of them takes a connection is the system's choice: until both have one.
        count = 0
        while len(holders(workers)) < 2:
            assert count < 40
            client = connected.enter_context(workers.client(f"player-{count}"))
            count += 1
            join = {"session_id": session["session_id"], "username": f"Player {count}"}
            assert ask(client, "JOIN_SESSION", join)["type"] == "SESSION_JOINED"
        wait_for(lambda: scrape(workers)["websocket_active_connections"] == count)


def test_one_that_dies_is_started_again_and_all_end_with_the_parent(workers: Server) -> None:
    wait_for(lambda: len(pids(workers)) == 2)
    before = pids(workers)
    psutil.Process(min(before)).kill()
    wait_for(lambda: len(pids(workers) - before) == 1 and len(pids(workers)) == 2)
    # At any time somebody answers.
    assert workers.request("GET", "/health/live")[0] == 200
    running = pids(workers)
    workers.process.send_signal(signal.SIGKILL)
    workers.process.wait()
    deadline = time.monotonic() + 60
    while any(psutil.pid_exists(pid) for pid in running):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_they_are_started_again_one_after_the_other(workers: Server) -> None:
    wait_for(lambda: len(pids(workers)) == 2)
    before = pids(workers)
    workers.process.send_signal(signal.SIGHUP)
    wait_for(lambda: not pids(workers) & before and len(pids(workers)) == 2)
    assert workers.request("GET", "/health/live")[0] == 200


def test_without_redis_it_says_why_it_cannot(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--workers", "2"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "REDIS_URL" in done.stderr
