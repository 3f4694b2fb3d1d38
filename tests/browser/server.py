"""A server of the tests' own, in a process and a data folder of its own, that can be killed and started again."""

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
from pathlib import Path
from typing import Any

from tests.support.prepared_data import prepare_data

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "browser-tests"
START_SECONDS = 60


class Server:
    """``manage.py serve`` on a free port. Operators' calls go over its REST API."""

    def __init__(self, data_dir: Path, *, below: str = "", **settings: str) -> None:
        """:param below: the path below which it lives, with a slash in front.
        :param settings: environment variables of the server.
        """
        self._environment = {
            **os.environ,
            "DATA_DIR": str(data_dir),
            "PORT": str(_free_port()),
            "OPERATOR_API_KEY": API_KEY,
            "DRAIN_SECONDS": "1",
            "PRESENCE_GRACE_MS": "300",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            **settings,
        }
        self.data_dir = data_dir
        self.port = int(self._environment["PORT"])
        self.url = f"http://127.0.0.1:{self.port}{below}"
        if below:
            self._environment["PUBLIC_URL"] = self.url
        self._log = data_dir / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Migrate, load the demo quizzes, collect the static files."""
        prepare_data(self.data_dir, self._environment)

    def add_host(self, name: str) -> str:
        """Make an account; its password."""
        command = [sys.executable, "manage.py", "add_host", name]
        told = subprocess.run(command, cwd=ROOT, env=self._environment, check=True, capture_output=True, timeout=60)
        return told.stdout.decode().split()[-1]

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "manage.py", "serve"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/health/live", timeout=5):
                    return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.1)
        raise RuntimeError(f"The server did not start:\n{self._log.read_text()[-3000:]}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def head(self, path: str) -> dict[str, str]:
        """Headers of a page, whatever its status; names in lower case."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=20) as response:
                headers = response.headers
        except urllib.error.HTTPError as error:
            headers = error.headers
        return {name.lower(): value for name, value in headers.items()}

    # -- operators ------------------------------------------------------------------------------------------------

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One REST call; its JSON, or ``None`` for an empty answer."""
        request = urllib.request.Request(
            f"{self.url}/api/v1/{path}",
            method=method,
            data=None if body is None and method != "POST" else json.dumps(body or {}).encode(),
            headers={"Authorization": f"Api-Key {API_KEY}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        return json.loads(text) if text else None

    def add_quiz(self, quiz: dict[str, Any]) -> None:
        """Add a quiz in the exchange format."""
        self.call("POST", "quizzes", quiz)

    def open_session(self, quiz_id: str, **options: Any) -> Session:
        """A new session."""
        return Session(self, self.call("POST", "sessions", {"quiz_id": quiz_id, **options}))


class Session:
    """A session, run by its operator."""

    def __init__(self, server: Server, data: dict[str, Any]) -> None:
        self.server = server
        self.id: str = data["session_id"]
        self.code: str = data["join_code"]

    def do(self, command: str) -> dict[str, Any]:
        """``start``, ``next``, ``close-question``, ``pause``, ``resume``, ``end``, ``lock`` or ``unlock``."""
        answer: dict[str, Any] = self.server.call("POST", f"sessions/{self.id}/{command}")
        return answer

    def extend(self, by_ms: int) -> None:
        """Give the open question more time."""
        self.server.call("POST", f"sessions/{self.id}/extend", {"by_ms": by_ms})

    def participants(self) -> list[dict[str, Any]]:
        """Everybody who joined."""
        found: list[dict[str, Any]] = self.server.call("GET", f"sessions/{self.id}/participants")["participants"]
        return found

    def remove(self, username: str) -> None:
        """Take a player out."""
        self.server.call("DELETE", self._path(username))

    def rename(self, username: str, to: str) -> None:
        """Give a player another name."""
        self.server.call("PATCH", self._path(username), {"username": to})

    def _path(self, username: str) -> str:
        user_id = next(one["user_id"] for one in self.participants() if one["username"] == username)
        return f"sessions/{self.id}/participants/{user_id}"

    def results(self) -> dict[str, Any]:
        """What the database holds."""
        found: dict[str, Any] = self.server.call("GET", f"sessions/{self.id}/results?wait=true")
        return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
