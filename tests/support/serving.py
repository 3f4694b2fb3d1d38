"""A server of its own process, as an operator runs it, and a WebSocket client for it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.prepared_data import prepare_data

ROOT = Path(__file__).resolve().parent.parent.parent
KEY = "the-operator-key-of-the-tests"


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(self, method: str, path: str, body: Any = None, *, key: str = KEY) -> tuple[int, Any]:
        """Status and body of a REST call."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Api-Key {key}"} if key else {})
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, raw = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, raw = error.code, error.read()
        try:
            return status, json.loads(raw or b"null")
        except ValueError:
            return status, raw.decode()

    def upload(self, path: str, data: bytes) -> int:
        """Status of a file that is sent."""
        headers = {"Content-Type": "application/octet-stream", "Authorization": f"Api-Key {KEY}"}
        request = urllib.request.Request(self.url + path, data, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status: int = response.status
                return status
        except urllib.error.HTTPError as error:
            return error.code

    def client(self, user_id: str = "", **options: Any) -> ClientConnection:
        """A WebSocket client."""
        url = f"ws://127.0.0.1:{self.port}/ws?user_id={user_id}"
        client: ClientConnection = connect(url, proxy=None, **options)
        return client

    def session(self, **options: Any) -> dict[str, Any]:
        """A new, started session of a demo quiz."""
        status, made = self.request("POST", "/api/v1/sessions", {"quiz_id": "vocab-101", "auto_start": True, **options})
        assert status == 201, made
        return dict(made)


def ask(client: ClientConnection, kind: str, payload: dict[str, Any] | None = None, *, until: str = "") -> Any:
    """Send a message and wait for its answer (or for the first message of type ``until``)."""
    client.send(json.dumps({"type": kind, "payload": payload or {}, "message_id": kind}))
    while True:
        message = json.loads(client.recv(timeout=20))
        if message["type"] == until if until else message.get("reply_to") == kind:
            return message


def start_server(folder: Path, *arguments: str, **environment: str) -> Server:
    """A server on fresh data; the caller stops it."""
    port = free_port()
    env = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "OPERATOR_API_KEY": KEY,
        "DRAIN_SECONDS": "0",
        "METRICS_SECONDS": "0.2",
        **environment,
    }
    prepare_data(folder, env)
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", *arguments], cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    server = Server(port, process, log)
    deadline = time.monotonic() + 60
    while True:
        try:
            server.request("GET", "/health/live")
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise AssertionError(log.read_text()) from None
            time.sleep(0.05)
        else:
            return server


def stop_server(server: Server) -> None:
    """Stop it, by force when it does not go."""
    server.process.terminate()
    try:
        server.process.wait(20)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait()
