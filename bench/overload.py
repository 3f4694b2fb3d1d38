"""What players who were there first notice of an attack: round trips of a PING and of an answer, quiet and under each.

    .venv/bin/python -m bench.overload [--attempts 10000]

Starts a server of its own on loopback with MAX_CONNECTIONS=300, players in a second process and the attackers in this
one. Attackers on the same machine take processor time from the server that on the network they would not have: look at
what the attack costs the server (its processor time) beside what players notice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from tests.operations.serving import Server, start_server, stop_server

PLAYERS = 20
AT_ONCE = 50
_PAUSE = 0.1
_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Watch:
    """Players of a session who in turn send a PING and an answer, ten messages a second, and time what comes back."""

    def __init__(self, port: int, session_id: str) -> None:
        self._url = f"ws://127.0.0.1:{port}/ws"
        self._session_id = session_id
        self.seconds: dict[str, list[float]] = {"PING": [], "SUBMIT_ANSWER": []}

    async def play(self, number: int) -> None:
        """Until cancelled."""
        async with connect(f"{self._url}?user_id=player-{number}", proxy=None, ping_interval=None) as socket:
            session = {"session_id": self._session_id}
            await self._ask(socket, "JOIN_SESSION", {**session, "username": f"Player {number}", "leaderboard": "none"})
            question = (await self._ask(socket, "NEXT_QUESTION", session))["payload"]
            # Answering again goes the same way to the store, and never runs out of questions.
            answer = {**session, "question_id": question["question_id"], "answer": question["options"][0]}
            while True:
                for kind, payload in (("PING", {}), ("SUBMIT_ANSWER", answer)):
                    started = time.perf_counter()
                    await self._ask(socket, kind, payload)
                    self.seconds[kind].append(time.perf_counter() - started)
                    await asyncio.sleep(_PAUSE)

    async def _ask(self, socket: ClientConnection, kind: str, payload: dict[str, Any]) -> Any:
        await socket.send(json.dumps({"type": kind, "payload": payload, "message_id": "p"}))
        while (answer := json.loads(await socket.recv())).get("reply_to") != "p":
            pass
        return answer


async def watch(port: int, session_id: str) -> None:
    """Play until stdin ends; print what was measured."""
    players = Watch(port, session_id)
    tasks = [asyncio.create_task(players.play(number)) for number in range(PLAYERS)]
    await asyncio.sleep(1)
    for times in players.seconds.values():
        times.clear()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    lost = sum(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps({"lost": lost, "seconds": players.seconds}), flush=True)


async def refused_connections(server: Server, attempts: int) -> str:
    """Connections over the bound."""
    outcomes = {"let in": 0, "refused": 0}
    held = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def attempt() -> None:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(_HANDSHAKE)
            if b" 101 " in await reader.readline():
                outcomes["let in"] += 1
                held.append(writer)
            else:
                outcomes["refused"] += 1
                writer.close()

    await asyncio.gather(*(attempt() for _ in range(attempts)))
    for writer in held:
        writer.close()
    return str(outcomes)


async def guessed_codes(server: Server, attempts: int) -> str:
    """Joins with made-up codes, as fast as they are answered, over 20 connections."""
    codes: dict[str, int] = {}

    async def guess(number: int) -> None:
        done = 0
        while done < attempts // 20:
            try:
                async with connect(f"ws://127.0.0.1:{server.port}/ws", proxy=None) as socket:
                    while done < attempts // 20:
                        payload = {"session_id": f"X{number:02}{done:03}", "username": "G"}
                        await socket.send(json.dumps({"type": "JOIN_SESSION", "payload": payload}))
                        code = json.loads(await socket.recv())["payload"]["code"]
                        codes[code] = codes.get(code, 0) + 1
                        done += 1
            except Exception:
                codes["closed"] = codes.get("closed", 0) + 1
                await asyncio.sleep(0.05)

    await asyncio.gather(*(guess(number) for number in range(20)))
    return str(codes)


async def slow_requests(server: Server, attempts: int) -> str:
    """200 requests that send a byte a second."""

    async def drip() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\n")
        try:
            for _ in range(30):
                writer.write(b"X")
                await writer.drain()
                if await asyncio.wait_for(reader.read(1), 1) == b"":
                    break
        except (TimeoutError, ConnectionError):
            pass  # nothing to read yet, or cut off by the server
        writer.close()

    async def keep_on() -> None:
        for _ in range(5):
            await drip()

    await asyncio.gather(*(keep_on() for _ in range(200)))
    return "1000 slow requests"


async def never_reading(server: Server, attempts: int) -> str:
    """50 players who ask for leaderboards as fast as they may, and read nothing."""
    session = {"session_id": (await asyncio.to_thread(server.session))["session_id"]}
    writers = []
    for number in range(50):
        _reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(_HANDSHAKE.replace(b"/ws", b"/ws?user_id=deaf-%d" % number))
        writer.write(_frame("JOIN_SESSION", {**session, "username": f"Deaf {number}"}))
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writers.append(writer)
    sent = 0
    for _ in range(240):
        for writer in writers:
            if not writer.transport.is_closing():
                writer.write(_frame("GET_LEADERBOARD", session) * 5)
                sent += 5
        await asyncio.sleep(0.05)
    _, text = await asyncio.to_thread(server.request, "GET", "/metrics", key="")
    closed = [line for line in text.splitlines() if line.startswith('connection_errors_total{reason="slow_consumer"}')]
    for writer in writers:
        writer.transport.abort()
    return f"{sent} questions for boards nobody reads; {closed}"


def _frame(kind: str, payload: dict[str, Any]) -> bytes:
    """A message of a client as a frame, the mask all zeros."""
    body = json.dumps({"type": kind, "payload": payload}).encode()
    length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + body


async def quiet(server: Server, attempts: int) -> str:
    """Nobody attacks."""
    await asyncio.sleep(5)
    return "no attack"


async def measure(server: Server, attack: Callable[[Server, int], Awaitable[str]], attempts: int) -> None:
    """Run an attack and print what it came to."""
    session_id = server.session()["session_id"]
    command = [sys.executable, "-m", "bench.overload", "--watch", str(server.port), session_id]
    process = psutil.Process(server.process.pid)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdin is not None
        assert watching.stdout is not None
        watching.stdout.readline()
        started, cpu = time.perf_counter(), sum(process.cpu_times()[:2])
        told = await attack(server, attempts)
        took, cost = time.perf_counter() - started, sum(process.cpu_times()[:2]) - cpu
        watching.stdin.close()
        seen = json.loads(watching.stdout.readline())
    figures = []
    for kind, times in seen["seconds"].items():
        cuts = statistics.quantiles(times, n=100)
        figures.append(f"{kind} {len(times):5}: half {cuts[49] * 1e3:5.1f} ms, 99 % {cuts[98] * 1e3:6.1f} ms")
    print(
        f"{attack.__name__:20} {took:5.1f} s  server {cost:5.1f} s  {'  '.join(figures)}  "
        f"lost players {seen['lost']}  ({told})",
        flush=True,
    )


def main() -> None:
    """Each attack after the other, against one server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=10_000)
    parser.add_argument("--watch", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watch:
        uvloop.run(watch(int(options.watch[0]), options.watch[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(Path(folder), MAX_CONNECTIONS="300", REQUEST_TIMEOUT_SECONDS="3")
        try:
            for attack in (quiet, refused_connections, guessed_codes, slow_requests, never_reading, quiet):
                uvloop.run(measure(server, attack, options.attempts))
        finally:
            stop_server(server)


if __name__ == "__main__":
    main()
