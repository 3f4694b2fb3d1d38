"""What players who were there first notice of an attack: round trips of a PING and of an answer, before and under it.

    .venv/bin/python -m bench.overload [--attempts 10000] [--only NAME] [--nginx]

Starts a server of its own on loopback, players in a second process and the attackers in this one; prints rows for the
table in docs/performance.md. Server and players share a core and the attackers have another, as they would have
machines of their own; the row "a neighbour" is what a process costs the players that only uses a processor there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from bench import attacks
from bench.client import far_socket
from quizserver.cluster.balancer import Nginx
from tests.support.serving import Server, start_server, stop_server

PLAYERS = 20
AT_ONCE = 50
#: Seconds that are measured before each attack, and that an attack lasts which has no number of attempts.
SECONDS = 8.0
#: Bounds of the server that the attacks are to reach; the others are as they come.
BOUNDS = {
    "MAX_CONNECTIONS": "300",
    "REQUEST_TIMEOUT_SECONDS": "3",
    "MAX_SLOW_REQUESTS": "400",
    "WS_OUTBOX_BYTES": "65536",
}
_PAUSE = 0.05
_KINDS = ("PING", "SUBMIT_ANSWER")
_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


# -- players ----------------------------------------------------------------------------------------------------------
class Watch:
    """Players of a session who in turn send a PING and an answer, and time what comes back."""

    def __init__(self, port: int, session_id: str) -> None:
        self._url = f"ws://127.0.0.1:{port}/ws"
        self._session_id = session_id
        self.seconds: dict[str, list[float]] = {kind: [] for kind in _KINDS}

    async def play(self, number: int) -> None:
        """Until cancelled."""
        async with connect(f"{self._url}?user_id=player-{number}", proxy=None, ping_interval=None) as player:
            session = {"session_id": self._session_id}
            await self._ask(player, "JOIN_SESSION", {**session, "username": f"Player {number}", "leaderboard": "none"})
            question = (await self._ask(player, "NEXT_QUESTION", session))["payload"]
            # Answering again goes the same way to the store, and never runs out of questions.
            answer = {**session, "question_id": question["question_id"], "answer": question["options"][0]}
            while True:
                for kind in _KINDS:
                    started = time.perf_counter()
                    await self._ask(player, kind, answer if kind == "SUBMIT_ANSWER" else {})
                    self.seconds[kind].append(time.perf_counter() - started)
                    # Fewer than RATE_ANSWERS_PER_SECOND.
                    await asyncio.sleep(_PAUSE)

    async def _ask(self, player: ClientConnection, kind: str, payload: dict[str, Any]) -> Any:
        await player.send(json.dumps({"type": kind, "payload": payload, "message_id": "p"}))
        while (answer := json.loads(await player.recv())).get("reply_to") != "p":
            pass
        return answer


async def watch(port: int, session_id: str) -> None:
    """Play until stdin ends; for each line there print what was measured since the line before."""
    players = Watch(port, session_id)
    tasks = [asyncio.create_task(players.play(number)) for number in range(PLAYERS)]
    await asyncio.sleep(1)
    while await asyncio.to_thread(sys.stdin.readline):
        lost = sum(task.done() for task in tasks)
        print(json.dumps({"lost": lost, "seconds": players.seconds}), flush=True)
        for times in players.seconds.values():
            times.clear()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# -- attacks ----------------------------------------------------------------------------------------------------------
async def nobody(server: Server, session_id: str, attempts: int) -> str:
    """Nobody attacks: how far two measurements of the same lie apart."""
    await asyncio.sleep(SECONDS)
    return "nobody"


async def neighbour(server: Server, session_id: str, attempts: int) -> str:
    """A process beside the server that only uses a processor: what the attackers' own work costs the players."""
    command = [sys.executable, "-c", "while True: pass"]
    with subprocess.Popen(command) as busy:
        await asyncio.sleep(SECONDS)
        busy.kill()
    return "a neighbour that uses a processor"


async def refused_connections(server: Server, session_id: str, attempts: int) -> str:
    """Connections over the bound."""
    outcomes: Counter[str] = Counter()
    held = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def attempt() -> None:
        async with gate:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(_HANDSHAKE)
                status = (await reader.readline()).split()[1].decode()
            except (OSError, IndexError):
                outcomes["cut off"] += 1
                return
            outcomes[status] += 1
            if status == "101":
                held.append(writer)
            else:
                writer.close()

    await asyncio.gather(*(attempt() for _ in range(attempts)))
    for writer in held:
        writer.close()
    return f"{attempts:,} connections: {_told(outcomes)}"


async def guessed_codes(server: Server, session_id: str, attempts: int) -> str:
    """Joins with made-up codes, as fast as they are answered, over 20 connections."""
    codes: Counter[str] = Counter()

    async def guess(number: int) -> None:
        done = 0
        while done < attempts // 20:
            with suppress(Exception):
                async with connect(f"ws://127.0.0.1:{server.port}/ws", proxy=None) as guesser:
                    while done < attempts // 20:
                        payload = {"session_id": f"X{number:02}{done:03}", "username": "G"}
                        await guesser.send(json.dumps({"type": "JOIN_SESSION", "payload": payload}))
                        codes[json.loads(await guesser.recv())["payload"]["code"]] += 1
                        done += 1
                continue
            # Closed for it: come again.
            codes["closed"] += 1
            await asyncio.sleep(_PAUSE)

    await asyncio.gather(*(guess(number) for number in range(20)))
    return f"{attempts:,} joins with guessed codes: {_told(codes)}"


async def slow_requests(server: Server, session_id: str, attempts: int) -> str:
    """Half as many requests again as may be slow at a time, each of which sends a byte now and then."""
    ends = time.monotonic() + SECONDS
    begun: Counter[str] = Counter()

    async def drip() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        begun["begun"] += 1
        closed = asyncio.ensure_future(reader.read(1))
        while not closed.done() and time.monotonic() < ends:
            writer.write(b"X")
            await asyncio.wait([closed], timeout=0.5)
        begun["cut off"] += closed.done()
        closed.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await closed
        writer.close()

    async def keep_on() -> None:
        while time.monotonic() < ends:
            with suppress(OSError):
                await drip()

    await asyncio.gather(*(keep_on() for _ in range(int(BOUNDS["MAX_SLOW_REQUESTS"]) * 3 // 2)))
    return f"600 slow requests at a time: {_told(begun)}"


async def never_reading(server: Server, session_id: str, attempts: int) -> str:
    """50 players of the same session who ask for leaderboards as fast as they may, and read nothing."""
    session, name = {"session_id": session_id}, "Deaf to everything said here"
    writers = []
    for number in range(50):
        far = far_socket()
        await asyncio.get_running_loop().sock_connect(far, ("127.0.0.1", server.port))
        reader, writer = await asyncio.open_connection(sock=far, limit=1_024)
        writer.write(_HANDSHAKE.replace(b"/ws", b"/ws?user_id=deaf-%d" % number))
        # What comes before the answer, the server need not read.
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_frame("JOIN_SESSION", {**session, "username": f"{name} {number}"}))
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writers.append(writer)
    before = await _slow_consumers(server)
    sent = 0
    # Their windows and the kernel fill up first.
    ends = time.monotonic() + 3 * SECONDS
    while time.monotonic() < ends:
        for writer in writers:
            if not writer.transport.is_closing():
                writer.write(_frame("GET_LEADERBOARD", session))
                sent += 1
        await asyncio.sleep(_PAUSE)
    closed = await _slow_consumers(server) - before
    for writer in writers:
        writer.transport.abort()
    return f"50 players who read nothing and asked {sent:,} times: {closed:.0f} closed"


async def _slow_consumers(server: Server) -> float:
    _, text = await asyncio.to_thread(server.request, "GET", "/metrics", key="")
    head = 'connection_errors_total{reason="slow_consumer"} '
    return sum(float(line.removeprefix(head)) for line in text.splitlines() if line.startswith(head))


def _told(outcomes: Counter[str]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in outcomes.most_common())


def _frame(kind: str, payload: dict[str, Any]) -> bytes:
    """A message of a client as a frame, the mask all zeros."""
    body = json.dumps({"type": kind, "payload": payload}).encode()
    length = bytes([0x80 | len(body)]) if len(body) < 126 else b"\xfe" + len(body).to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + body


Attack = Callable[[Server, str, int], Awaitable[str]]
ATTACKS: tuple[Attack, ...] = (
    nobody,
    neighbour,
    refused_connections,
    guessed_codes,
    slow_requests,
    never_reading,
    attacks.frame_floods,
    attacks.endless_requests,
    attacks.piled_up_text,
    attacks.heavy_files,
    attacks.guessed_pages,
    attacks.sprayed_passwords,
)


# -- measuring --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Seen:
    """What the players saw in a stretch of time: of each kind of message half and 99 % of the round trips, in ms."""

    trips: dict[str, tuple[float, float]]
    lost: int


class Players:
    """The process that plays and measures."""

    def __init__(self, port: int, session_id: str) -> None:
        command = [sys.executable, "-m", "bench.overload", "--watch", str(port), session_id]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    async def start_over(self) -> None:
        """Forget what was seen."""
        await asyncio.to_thread(self._ask)

    async def seen(self) -> Seen:
        """Since this was asked, or started over, the last time."""
        told = json.loads(await asyncio.to_thread(self._ask))
        cuts = {kind: statistics.quantiles(times, n=100) for kind, times in told["seconds"].items()}
        return Seen({kind: (cut[49] * 1e3, cut[98] * 1e3) for kind, cut in cuts.items()}, told["lost"])

    def _ask(self) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("seen\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    def stop(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)


async def measure(server: Server, session_id: str, players: Players, attack: Attack, attempts: int) -> str:
    """Run an attack; the row that it comes to."""
    process = psutil.Process(server.process.pid)
    await players.start_over()
    quiet_cpu, began = _cpu(process), time.monotonic()
    await asyncio.sleep(SECONDS)
    quiet_cpu = (_cpu(process) - quiet_cpu) / (time.monotonic() - began)
    before = await players.seen()
    cpu, began = _cpu(process), time.monotonic()
    told = await attack(server, session_id, attempts)
    took = time.monotonic() - began
    cost = max(0.0, _cpu(process) - cpu - quiet_cpu * took)
    during = await players.seen()
    trips = [_change(before.trips[kind], during.trips[kind]) for kind in _KINDS]
    return f"| {told} | {' | '.join(trips)} | {took:.1f} s | {cost:.2f} s | {during.lost} |"


async def measure_all(server: Server, chosen: Sequence[Attack], attempts: int, *, nginx: bool) -> None:
    """Print the row of each attack, all on the same players: they are the ones who were there first.

    :param nginx: whether players and attackers reach the server through nginx.
    """
    session_id = server.session()["session_id"]
    front = Nginx([server.port]) if nginx else None
    if front is not None:
        await front.start()
        # What is asked of it now goes through nginx; the process that is measured stays the server's.
        server = replace(server, port=front.port)
        await asyncio.sleep(1)
    players = Players(server.port, session_id)
    _pin(1)
    try:
        await asyncio.sleep(3)
        for attack in chosen:
            print(await measure(server, session_id, players, attack, attempts), flush=True)
    finally:
        players.stop()
        if front is not None:
            await front.stop()


def _pin(core: int) -> None:
    """Stay on this core from now on, where there are several; so do processes started from here."""
    with suppress(OSError, AttributeError):
        os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _change(before: tuple[float, float], during: tuple[float, float]) -> str:
    """Half and 99 % of the round trips, as "before -> during (times as long)"."""
    return " | ".join(f"{a:.1f} -> {b:.1f} ({b / a:.1f})" for a, b in zip(before, during, strict=True))


def main() -> None:
    """Each attack after the other, against one server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=10_000, help="connections and joins, 100 to 100000")
    parser.add_argument("--only", choices=[attack.__name__ for attack in ATTACKS], action="append")
    parser.add_argument("--nginx", action="store_true", help="with nginx in front, as in deploy/")
    parser.add_argument("--watch", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.watch:
        uvloop.run(watch(int(options.watch[0]), options.watch[1]))
        return
    if not 100 <= options.attempts <= 100_000:
        parser.error("--attempts: 100 to 100000")
    print(f"{os.cpu_count()} cores, load before: {os.getloadavg()[0]:.1f}; ms before -> under attack (times as long)\n")
    columns = ["attack", "PING, half", "PING, 99 %", "answer, half", "answer, 99 %", "lasted", "server", "players lost"]
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|", flush=True)
    chosen = [attack for attack in ATTACKS if not options.only or attack.__name__ in options.only]
    _pin(0)
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(Path(folder), **BOUNDS)
        try:
            uvloop.run(measure_all(server, chosen, options.attempts, nginx=options.nginx))
        finally:
            stop_server(server)


if __name__ == "__main__":
    main()
