"""A server process of the simulation's own: on a free port, with a data folder that is thrown away."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

#: The folder of manage.py: the server is started as a person would, and nothing of it is imported.
_ROOT = Path(__file__).resolve().parent.parent
#: Seconds a server may take to answer, and to go after SIGTERM.
_START_PATIENCE = 60
_STOP_PATIENCE = 20


class ServerFailed(Exception):
    """The server did not start. The text ends with what it said."""


class OwnServer:
    """``manage.py serve`` in a process of its own. ``DATABASE_URL`` and ``REDIS_URL`` are passed on to it."""

    def __init__(self) -> None:
        self.api_key = secrets.token_urlsafe(24)
        self._folder = tempfile.TemporaryDirectory(prefix="quiz-simulation-")
        self._log = Path(self._folder.name) / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._port = _free_port()

    @property
    def folder(self) -> Path:
        """Its data folder."""
        return Path(self._folder.name)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        try:
            await asyncio.to_thread(self._prepare)
            await self.start()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._stop)
        self._folder.cleanup()

    async def start(self) -> None:
        """Start it and wait until it is ready.

        :raises ServerFailed: when it is not in time.
        """
        await asyncio.to_thread(self._start)

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATA_DIR": self._folder.name,
            "BIND": "127.0.0.1",
            "PORT": str(self._port),
            "PUBLIC_URL": "",
            "ALLOWED_HOSTS": "127.0.0.1",
            "OPERATOR_API_KEY": self.api_key,
        }

    def _prepare(self) -> None:
        for command in ("migrate", "load_quizzes"):
            done = subprocess.run(
                [sys.executable, "manage.py", command],
                cwd=_ROOT,
                env=self._environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise ServerFailed(f"manage.py {command} failed: {done.stderr.strip()[-2_000:]}")

    def _start(self) -> None:
        with self._log.open("ab") as log:
            process = self._process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"], cwd=_ROOT, env=self._environment(), stdout=log, stderr=log
            )
        until = time.monotonic() + _START_PATIENCE
        # Past any proxy: the server is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < until and process.poll() is None:
            try:
                with opener.open(f"{self.url}/health/ready", timeout=2):
                    return
            except OSError:
                time.sleep(0.05)
        raise ServerFailed(f"The server did not start: {self._log.read_text()[-2_000:]}")

    def _stop(self) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
