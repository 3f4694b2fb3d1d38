"""Processes of a benchmark: started, pinned to a core each, spoken to by JSON lines, measured, and ended by id."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil

from quizserver.cluster.servers import free_port

ROOT = Path(__file__).resolve().parent.parent
API_KEY = "bench-key"


class Process:
    """A child on a core of its own where there is one."""

    def __init__(self, module: str, *, core: int, env: dict[str, str] | None = None) -> None:
        self._module, self._core, self._env = module, core, env or {}
        self._spawn()
        _running.append(self)

    def _spawn(self) -> None:
        module = self._module
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-m", module],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=open(tempfile.mkstemp(prefix=f"bench-{module}-", suffix=".log")[0], "wb"),  # noqa: SIM115
            text=True,
            env={**os.environ, **self._env},
        )
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setaffinity(self.process.pid, {self._core % (os.cpu_count() or 1)})
        self.ps = psutil.Process(self.process.pid)

    def ask(self, **command: Any) -> Any:
        """Send a command and wait for its answer."""
        self.begin(**command)
        return self.answer(command)

    def begin(self, **command: Any) -> None:
        """Send a command; :meth:`answer` waits for what it comes to."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def answer(self, command: object = "") -> Any:
        """What the command that was begun last came to."""
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline() or '{"error": "the process ended"}')
        if "error" in answer:
            raise RuntimeError(f"{command}: {answer['error']}")
        return answer

    def rss_mb(self) -> float:
        """Resident memory."""
        return self.ps.memory_info().rss / 1_048_576

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        times = self.ps.cpu_times()
        return times.user + times.system

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        if self in _running:
            _running.remove(self)


_prepared: dict[str, str] = {}


def _data(settings: dict[str, str]) -> str:
    """A folder with a database that is ready, or the folder of a server whose database is elsewhere and ready."""
    url = settings.get("DATABASE_URL", "")
    if url not in _prepared:
        folder = _prepared[url] = tempfile.mkdtemp(prefix="bench-prepared-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        quiet = {"stdout": subprocess.DEVNULL, "cwd": ROOT, "env": {**os.environ, **settings, "DATA_DIR": folder}}
        for command in ("migrate", "load_quizzes"):
            subprocess.run([sys.executable, "manage.py", command, "-v0"], check=True, **quiet)  # type: ignore[call-overload]
    return shutil.copytree(_prepared[url], tempfile.mkdtemp(prefix="bench-data-"), dirs_exist_ok=True)


_running: list[Process] = []


def stop_all() -> None:
    """End what a scenario that broke off has left running."""
    for process in _running:
        process.stop()


class Server(Process):
    """A server under test."""

    #: Its folder.
    data = ""

    def __init__(self, module: str = "bench.target", *, core: int = 0, env: dict[str, str] | None = None) -> None:
        self.port = free_port()
        settings = {
            "PORT": str(self.port),
            "OPERATOR_API_KEY": API_KEY,
            "SECRET_KEY": "the-benches-play-on-loopback-only-and-keep-nothing",
            "LOG_LEVEL": "WARNING",
            **(env or {}),
        }
        if module == "bench.target":
            settings["DATA_DIR"] = self.data = _data(settings)
        super().__init__(module, core=core, env=settings)
        self._wait()

    def kill_and_start(self) -> float:
        """End it as a crash does, and start it again on what it left; when it was started (``perf_counter``)."""
        self.process.kill()
        self.process.wait()
        started = time.perf_counter()
        self._spawn()
        self._wait()
        return started

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise RuntimeError("the server did not start")

    def metric(self, name: str) -> float:
        """The sum over a metric's labels, as Prometheus would scrape it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=60) as response:
            lines = response.read().decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def stop(self) -> None:
        super().stop()
        if self.data:
            shutil.rmtree(self.data, ignore_errors=True)

    @property
    def ws(self) -> str:
        """Address of the WebSocket."""
        return f"ws://127.0.0.1:{self.port}/ws"

    def rest(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the REST API."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/{path}",
            method=method,
            data=None if method == "GET" else json.dumps(body or {}).encode(),
            headers={"Authorization": f"Api-Key {API_KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read() or b"null")

    def session(self, **options: Any) -> str:
        """Open a session; its id."""
        body = {"quiz_id": "vocab-101", "max_participants": 10_000, **options}
        session_id: str = self.rest("POST", "sessions", body)["session_id"]
        return session_id


def client(module: str = "bench.client") -> Process:
    """The load client, on the other core."""
    return Process(module, core=1)
