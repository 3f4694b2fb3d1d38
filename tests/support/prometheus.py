"""A real Prometheus beside two instances on PostgreSQL and Valkey, and the failures that are planted in them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import yaml
from websockets.exceptions import ConnectionClosed

from common.shards import OF_ONE_REDIS
from quizserver.cluster.servers import Postgres, Valkey
from sessions.stores.redis.layout import Keyspace
from tests.support.serving import KEY, ROOT, Server, ask, free_port, start_server, stop_server

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
#: Seconds anything may take to show.
_PATIENCE = 90
_WINDOW = "15s"
_MANY = 8_001


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Until it holds; fails with ``what`` when it does not."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def quick_rules() -> dict[str, Any]:
    """The rules as they are deployed, but they look back for seconds and do not wait: promtool tests the waiting."""
    rules: dict[str, Any] = yaml.safe_load(RULES.read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            rule["for"] = "0s"
            rule["expr"] = re.sub(r"\[\w+\]", f"[{_WINDOW}]", rule["expr"])
    return rules


class Prometheus:
    """Debian's, on loopback."""

    def __init__(self, folder: Path, targets: list[str]) -> None:
        (folder / "alerts.yml").write_text(yaml.safe_dump(quick_rules()))
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "900ms", "evaluation_interval": "1s"},
            "rule_files": ["alerts.yml"],
            "scrape_configs": [{"job_name": "quiz", "static_configs": [{"targets": targets}]}],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._port = free_port()
        command = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        with (folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, f"--web.listen-address=127.0.0.1:{self._port}"], cwd=folder, stdout=log, stderr=log
            )

    def query(self, expression: str) -> list[Any]:
        """The series it evaluates to."""
        url = f"http://127.0.0.1:{self._port}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return list(json.load(answer)["data"]["result"])
        except OSError:
            return []

    def value(self, expression: str) -> float:
        """The value of its first series; 0 when there is none."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else 0.0

    def fires(self, alert: str) -> bool:
        return bool(self.query(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'))

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)


class Told:
    """A target whose figures are made up: what cannot be brought about on the machine that runs the tests."""

    def __init__(self) -> None:
        self.figures: dict[str, float] = {}
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write("".join(f"{name} {value}\n" for name, value in told.figures.items()).encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing to say."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.target = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Watched:
    """Everything that runs."""

    prometheus: Prometheus
    valkey: Valkey
    postgres: Postgres
    instances: list[Server]
    told: Told


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Two instances that share what they run on, and whoever watches them."""
    with ExitStack() as stack:
        valkey, postgres, told = Valkey(), Postgres(), Told()
        for server in (valkey, postgres, told):
            stack.callback(server.stop)
        valkey.start()
        postgres.start()
        settings = {
            "REDIS_URL": valkey.url,
            "DATABASE_URL": postgres.url,
            "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(64)),
            "DATABASE_POOL_SIZE": "8",
            "REDIS_TIMEOUT_SECONDS": "0.5",
            "BREAKER_SECONDS": "2",
            "METRICS_SECONDS": "0.5",
            "LOG_LEVEL": "ERROR",
            "RATE_JOINS_PER_MINUTE": "0",
            "RATE_MESSAGES_PER_SECOND": "0",
            "WS_FRAMES_PER_SECOND": "0",
        }
        instances = []
        for number in range(2):
            own = folder / f"instance-{number}"
            own.mkdir()
            instances.append(start_server(own, **settings))
            stack.callback(stop_server, instances[-1])
        told.figures = {"memory_used_ratio": 0.5, "websocket_active_connections": 0}
        prometheus = Prometheus(folder, [*(f"127.0.0.1:{server.port}" for server in instances), told.target])
        stack.callback(prometheus.stop)
        yield Watched(prometheus, valkey, postgres, instances, told)


def simulate(server: Server, *arguments: str) -> subprocess.Popen[str]:
    """`make simulate` against a running instance."""
    command = [sys.executable, "manage.py", "simulate", "--url", server.url, "--api-key", KEY, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


# -- failures ---------------------------------------------------------------------------------------------------------
@contextmanager
def _answering(server: Server, user_id: str) -> Iterator[Callable[[], None]]:
    """A player with a question; what is given sends one answer and does not wait for what it comes to."""
    made = server.session()
    with server.client(user_id) as player:
        ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "username": user_id})
        question = ask(player, "NEXT_QUESTION", {"session_id": made["session_id"]})["payload"]
        payload = {"session_id": made["session_id"], "question_id": question["question_id"]}

        def answer() -> None:
            player.send(json.dumps({"type": "SUBMIT_ANSWER", "payload": {**payload, "answer": question["options"][0]}}))

        yield answer


@contextmanager
def _repeating(work: Callable[[], object]) -> Iterator[None]:
    """Over and over, on a thread."""
    ended = threading.Event()

    def run() -> None:
        while not ended.is_set():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def lose_the_database(world: Watched) -> Iterator[None]:
    """PostgreSQL is gone, while somebody answers and hosts try to begin sessions."""
    here = world.instances[0]
    with _answering(here, "ann") as answer:
        world.postgres.kill()
        answer()
        try:
            with _repeating(lambda: here.request("POST", "/api/v1/sessions", {"quiz_id": "vocab-101"})):
                yield
        finally:
            world.postgres.start()


@contextmanager
def hang_redis(world: Watched) -> Iterator[None]:
    """Valkey takes connections and does not answer, while somebody waits for what their answer came to."""
    with _answering(world.instances[0], "bob") as answer:
        world.valkey.pause()
        answer()
        try:
            yield
        finally:
            world.valkey.go_on()


@contextmanager
def leave_a_record_no_database_takes(world: Watched) -> Iterator[None]:
    """An instance that died left it; whoever takes it over finds out."""
    session_id = world.instances[0].session()["session_id"]
    with redis.Redis.from_url(world.valkey.url) as client:
        keys = Keyspace(OF_ONE_REDIS)(session_id)
        client.sadd(keys.streams, session_id)
        client.xadd(keys.stream, {"kind": "answers", "data": "no JSON"})
    yield


@contextmanager
def empty_redis(world: Watched) -> Iterator[None]:
    """Somebody takes it for a cache."""
    with redis.Redis.from_url(world.valkey.url) as client:
        client.flushall()
    yield


@contextmanager
def lock_a_table(world: Watched) -> Iterator[None]:
    """Somebody works on a table by hand, again and again, while its users wait with all connections."""

    def hold() -> None:
        with psycopg.connect(world.postgres.url) as connection:
            connection.execute("LOCK TABLE quizzes IN ACCESS EXCLUSIVE MODE")
            time.sleep(2)

    with ThreadPoolExecutor(20) as users, _repeating(hold):
        asking = threading.Event()

        def use() -> None:
            while not asking.is_set():
                world.instances[0].request("GET", "/api/v1/quizzes")

        for _ in range(20):
            users.submit(use)
        try:
            yield
        finally:
            asking.set()


@contextmanager
def hold_up_the_loop(world: Watched) -> Iterator[None]:
    """An instance gets no processor for half a second, again and again."""

    def hold() -> None:
        os.kill(world.instances[0].process.pid, signal.SIGSTOP)
        time.sleep(0.5)
        os.kill(world.instances[0].process.pid, signal.SIGCONT)
        time.sleep(0.5)

    with _repeating(hold):
        yield


@contextmanager
def send_what_is_refused(world: Watched) -> Iterator[None]:
    """Clients that are closed, and one that reads nothing."""
    server = world.instances[1]
    with server.client("big") as client:
        client.send(json.dumps({"type": "PING", "payload": {"x": "y" * 11_000}}))
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=20)
    made = server.session()
    ping = b'{"type":"GET_LEADERBOARD","payload":{"session_id":"%b"}}' % made["session_id"].encode()
    frame = b"\x81" + bytes([0x80 | len(ping)]) + b"\0\0\0\0" + ping
    with socket.socket() as deaf:
        # Small, so that what it does not read soon waits in the server.
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )

        def send() -> None:
            # In the end it is closed for not reading.
            with contextlib.suppress(OSError):
                deaf.sendall(frame * 200)
            time.sleep(0.1)

        with _repeating(send):
            yield


@contextmanager
def fill_with_connections(world: Watched) -> Iterator[None]:
    """More than eight thousand real ones."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    writers: list[asyncio.StreamWriter] = []
    gate = asyncio.Semaphore(50)

    async def connect() -> None:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", world.instances[0].port)
            writers.append(writer)
            writer.write(
                b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            await reader.readuntil(b"\r\n\r\n")

    async def connect_all() -> None:
        await asyncio.gather(*(connect() for _ in range(_MANY)))

    async def close_all() -> None:
        for writer in writers:
            writer.transport.abort()

    asyncio.run_coroutine_threadsafe(connect_all(), loop).result()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(close_all(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def tell_of_a_full_memory(world: Watched) -> Iterator[None]:
    """Told, not brought about: it would take the machine's memory."""
    world.told.figures["memory_used_ratio"] = 0.81
    yield
    world.told.figures["memory_used_ratio"] = 0.5


@contextmanager
def end_an_instance(world: Watched) -> Iterator[None]:
    """It crashes."""
    world.instances[1].process.kill()
    world.instances[1].process.wait()
    yield


@dataclass(frozen=True)
class Plant:
    """A failure, the alerts it raises, and the least that figures come to while it lasts."""

    failure: Callable[[Watched], Any]
    alerts: frozenset[str] = frozenset()
    figures: dict[str, float] = field(default_factory=dict)
    #: Whether it is over in seconds and light enough for every run of the tests.
    short: bool = False
    #: Whether what it raised ends with it.
    ends: bool = True


PLANTS = [
    Plant(
        hang_redis,
        frozenset({"RedisDown", "AnswersSlow"}),
        {'max(circuit_breaker_state{name="redis"})': 1, "max(redis_down)": 1},
        short=True,
    ),
    Plant(hold_up_the_loop, frozenset({"EventLoopSlow"}), short=True),
    Plant(tell_of_a_full_memory, frozenset({"MemoryHigh"}), short=True),
    Plant(
        send_what_is_refused,
        figures={"sum(connection_errors_total)": 1, "max(websocket_outbox_bytes)": 1, "sum(error_total)": 1},
    ),
    Plant(
        lose_the_database,
        frozenset({"DatabaseDown", "WriteBehindLag", "ErrorRateHigh"}),
        {
            "sum(database_errors_total)": 1,
            "max(answer_stream_entries)": 1,
            "max(write_behind_lag_seconds)": 1,
            "sum(write_behind_queue_answers)": 1,
        },
    ),
    Plant(leave_a_record_no_database_takes, frozenset({"RecordsSetAside"}), short=True),
    Plant(empty_redis, frozenset({"StoreLostData"}), short=True),
    Plant(lock_a_table, frozenset({"QueriesSlow", "DatabasePoolExhausted"})),
    Plant(fill_with_connections, frozenset({"ConnectionsHigh"})),
    Plant(end_an_instance, frozenset({"InstanceDown"}), short=True, ends=False),
]
