"""What players who were there first notice of an attack: round trips of a PING, quiet and under each attack.

    .venv/bin/python -m bench.overload [--attempts 10000]

Starts a server of its own on loopback with MAX_CONNECTIONS=300 and plays attacker and player in one process, so that
the attacker's work is in the figures too: look at them on an idle machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake

from tests.operations.serving import Server, start_server, stop_server

PLAYERS = 20
AT_ONCE = 50


class Watch:
    """Players who send a PING ten times a second and time the answer."""

    def __init__(self, server: Server) -> None:
        self._url = f"ws://127.0.0.1:{server.port}/ws"
        self.seconds: list[float] = []
        self.lost = 0

    async def play(self) -> None:
        async with connect(self._url, proxy=None, ping_interval=None) as socket:
            while True:
                started = time.perf_counter()
                await socket.send('{"type":"PING","message_id":"p"}')
                while json.loads(await socket.recv()).get("reply_to") != "p":
                    pass
                self.seconds.append(time.perf_counter() - started)
                await asyncio.sleep(0.1)


async def refused_connections(server: Server, attempts: int) -> str:
    """Connections over the bound."""
    url = f"ws://127.0.0.1:{server.port}/ws"
    outcomes = {"let in": 0, "refused": 0}
    held = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def attempt() -> None:
        async with gate:
            try:
                held.append(await connect(url, proxy=None, ping_interval=None, open_timeout=30))
                outcomes["let in"] += 1
            except InvalidHandshake:
                outcomes["refused"] += 1

    await asyncio.gather(*(attempt() for _ in range(attempts)))
    await asyncio.gather(*(socket.close() for socket in held))
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
    """50 clients that ask for much and read nothing."""
    ask = b'{"type":"PING","payload":{}}'
    frame = b"\x81" + bytes([0x80 | len(ask)]) + b"\0\0\0\0" + ask
    sent = 0
    writers = []
    for _ in range(50):
        _reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
        writer.write(
            b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writers.append(writer)
    for _ in range(60):
        for writer in writers:
            writer.write(frame * 5)
            sent += 5
        await asyncio.sleep(0.05)
    for writer in writers:
        writer.transport.abort()
    return f"{sent} messages that nobody reads the answers to"


async def quiet(server: Server, attempts: int) -> str:
    """Nobody attacks."""
    await asyncio.sleep(5)
    return "no attack"


async def measure(server: Server, attack: Callable[[Server, int], Awaitable[str]], attempts: int) -> None:
    watch = Watch(server)
    players = [asyncio.create_task(watch.play()) for _ in range(PLAYERS)]
    await asyncio.sleep(0.5)
    started = time.perf_counter()
    told = await attack(server, attempts)
    took = time.perf_counter() - started
    lost = sum(player.done() for player in players)
    for player in players:
        player.cancel()
    await asyncio.gather(*players, return_exceptions=True)
    times = sorted(watch.seconds)
    cuts = statistics.quantiles(times, n=100)
    print(
        f"{attack.__name__:20} {took:6.1f} s  pings {len(times):5}  half {cuts[49] * 1e3:6.1f} ms  "
        f"99 % {cuts[98] * 1e3:6.1f} ms  lost players {lost}  ({told})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=10_000)
    attempts = parser.parse_args().attempts
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(Path(folder), MAX_CONNECTIONS="300", REQUEST_TIMEOUT_SECONDS="3", LOG_LEVEL="WARNING")
        try:
            for attack in (quiet, refused_connections, guessed_codes, slow_requests, never_reading):
                asyncio.run(measure(server, attack, attempts))
        finally:
            stop_server(server)


if __name__ == "__main__":
    main()
