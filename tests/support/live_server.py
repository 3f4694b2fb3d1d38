"""A server in a process of its own, on either ASGI server, that tests may kill and start again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message as EmailMessage
from pathlib import Path
from typing import Any, Literal

from websockets.asyncio.client import connect

from simulation.stream import StreamConnection
from tests.support.prepared_data import prepare_data
from tests.support.ws_client import Client

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "the-operator-key-of-the-tests"
Kind = Literal["uvicorn", "daphne"]


@dataclass(frozen=True)
class Reply:
    """The answer to a REST call."""

    status: int
    headers: EmailMessage  # looks names up whatever their case
    data: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a server: nothing of the tests' own settings, and data in ``folder``."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return {**kept, "DATA_DIR": str(folder), "OPERATOR_API_KEY": KEY, "PYTHONUNBUFFERED": "1", **settings}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LiveServer:
    """A server on a data folder and a port that stay the same over its restarts."""

    def __init__(self, kind: Kind, folder: Path, **settings: str) -> None:
        """:param folder: the server's own data folder; made here.
        :param settings: environment variables of the server.
        """
        self.kind = kind
        self.folder = folder
        self.port = _free_port()
        self._env = environment(folder, **{"PORT": str(self.port), "DRAIN_SECONDS": "1", **settings})
        prepare_data(folder, self._env)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What all runs of the server wrote."""
        return self.folder / "server.log"

    def start(self) -> None:
        """Start and wait until it answers."""
        arguments = {
            "uvicorn": ["manage.py", "serve"],
            "daphne": ["-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port), "quizserver.asgi:application"],
        }
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, *arguments[self.kind]], cwd=ROOT, env=self._env, stdout=out, stderr=subprocess.STDOUT
            )
        give_up = time.monotonic() + 60
        while True:
            try:
                self.rest("GET", "/health/live")
            except OSError:
                if self._process.poll() is not None or time.monotonic() > give_up:
                    self.stop()
                    raise AssertionError(self.log.read_text()) from None
                time.sleep(0.05)
            else:
                return

    def kill9(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def terminate(self) -> None:
        """Ask it to go (SIGTERM); :meth:`wait` for it."""
        assert self._process is not None
        self._process.terminate()

    def wait(self) -> int:
        """Its exit status."""
        assert self._process is not None
        return self._process.wait(30)

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill9()
        self.start()

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill9()

    def rest(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = KEY,
        raw: bytes | None = None,
        media_type: str = "application/json",
        practice: str | None = None,
    ) -> Reply:
        """A REST call with the operator's key.

        :param practice: the token of a deck, instead of the key.
        :param raw: the body as it is, instead of ``body`` as JSON.
        """
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": media_type}
        if practice or key:
            sent["Authorization"] = f"Practice {practice}" if practice else f"Api-Key {key}"
        request = urllib.request.Request(self.url + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Reply(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    async def ws(self, user_id: str = "", *, path: str = "/ws", **options: Any) -> Client:
        """A WebSocket client, connected; the test's ``players`` fixture closes those it made."""
        address = f"ws://127.0.0.1:{self.port}{path}" + (f"?user_id={user_id}" if user_id else "")
        given = {"proxy": None, "max_queue": None, "max_size": None, "compression": None, "ping_interval": None}
        return Client(await connect(address, **{**given, **options}))

    async def stream(self, user_id: str = "", **options: Any) -> Client:
        """A client of the way for networks without WebSockets, connected."""
        query = f"?user_id={user_id}" if user_id else ""
        return Client(await StreamConnection.open(f"{self.url}/ws/stream{query}", **options))

    def log_lines(self, **fields: Any) -> list[dict[str, Any]]:
        """The JSON lines of the log that have these fields."""
        lines = []
        for text in self.log.read_text().splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and fields.items() <= line.items():
                lines.append(line)
        return lines
