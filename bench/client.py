"""The load client: many WebSocket players in one process, driven by JSON lines on stdin, answering on stdout.

It counts what it receives by message type and notes when, so that what never came shows. Built on picows, whose receive
side costs less than the server's send; frames are told apart by their first bytes and parsed only where needed.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import sys
import time
from collections import Counter
from typing import Any

import picows
import uvloop

#: Handshakes under way at a time.
_AT_ONCE = 200
_TYPE = slice(9, 40)  # {"type":"..."


def percentiles(values: list[float]) -> dict[str, float]:
    """P50, P99 and the largest of a list of milliseconds."""
    if not values:
        return {"n": 0}
    ordered = sorted(values)
    p50, p99 = (round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) for share in (0.50, 0.99))
    return {"n": len(ordered), "p50": p50, "p99": p99, "max": round(ordered[-1], 2)}


class Player(picows.WSListener):
    """One connection."""

    def __init__(self, load: Load, number: int) -> None:
        super().__init__()
        self.load = load
        self.number = number
        self.sent_at = 0.0
        self.transport: Any = None

    def on_ws_connected(self, transport: Any) -> None:
        self.transport = transport

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type != picows.WSMsgType.TEXT:
            if frame.msg_type == picows.WSMsgType.CLOSE:
                self.load.closes[frame.get_close_code()] += 1
            return
        self.load.received(self, frame)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message and remember when."""
        self.sent_at = time.perf_counter()
        self.transport.send(picows.WSMsgType.TEXT, json.dumps(message).encode())


class Load:
    """All players of this process, and the tally of what they got."""

    def __init__(self) -> None:
        self.players: list[Player] = []
        self.closes: Counter[int] = Counter()
        #: Players who take nothing any more, the first ones.
        self.stalled = 0
        self.reset()

    def reset(self) -> None:
        """Forget the tally."""
        self.counts: Counter[str] = Counter()
        self.first: dict[str, float] = {}
        self.last: dict[str, float] = {}
        self.latencies: dict[str, list[float]] = {}
        self.question: dict[str, Any] | None = None
        self.bytes = 0

    def received(self, player: Player, frame: Any) -> None:
        """Count a message."""
        now = time.perf_counter()
        head = bytes(frame.get_payload_as_memoryview()[:48])
        self.bytes += frame.payload_size
        kind = head[_TYPE].split(b'"', 1)[0].decode()
        self.counts[kind] += 1
        self.first.setdefault(kind, now)
        self.last[kind] = now
        if kind in {"SCORE_UPDATED", "ANSWER_ACCEPTED", "PONG", "SESSION_JOINED", "ERROR"}:
            self.latencies.setdefault(kind, []).append((now - player.sent_at) * 1_000)
        if kind == "QUESTION_OPENED" and self.question is None:
            self.question = json.loads(frame.get_payload_as_utf8_text())["payload"]

    async def connect(self, url: str, count: int, prefix: str = "p", *, far: bool = False) -> float:
        """Open connections; seconds it took. ``far``: as over a network, not over loopback."""
        started = time.perf_counter()
        gate = asyncio.Semaphore(_AT_ONCE)
        base = len(self.players)

        async def one(number: int) -> Player:
            async with gate:
                player = Player(self, number)
                await picows.ws_connect(
                    lambda: player,
                    f"{url}?user_id={prefix}{number}",
                    websocket_handshake_timeout=60,
                    use_aiofastnet=False,
                    read_buffer_init_size=2048,
                    socket_factory=lambda _: far_socket() if far else near_socket(number),
                )
                return player

        self.players += await asyncio.gather(*(one(base + number) for number in range(count)))
        return time.perf_counter() - started

    async def until(self, kind: str, count: int, seconds: float) -> bool:
        """Wait until a type has been counted this often."""
        deadline = time.perf_counter() + seconds
        while self.counts[kind] < count:
            if time.perf_counter() > deadline:
                return False
            await asyncio.sleep(0.005)
        return True

    async def spread(self, players: list[Player], message: Any, seconds: float) -> None:
        """Send from each player, evenly over the time."""
        started = time.perf_counter()
        for index, player in enumerate(players):
            if seconds:
                ahead = started + seconds * index / len(players) - time.perf_counter()
                if ahead > 0.001:
                    await asyncio.sleep(ahead)
            player.send(message(player))
            if index % 100 == 99:
                await asyncio.sleep(0)

    def tally(self) -> dict[str, Any]:
        """What came in since the last reset."""
        return {
            "counts": dict(self.counts),
            "latency_ms": {kind: percentiles(values) for kind, values in self.latencies.items()},
            "span_ms": {kind: round((self.last[kind] - self.first[kind]) * 1_000, 2) for kind in self.first},
            "first": self.first,
            "last": self.last,
            "bytes": self.bytes,
            "closes": dict(self.closes),
            "now": time.perf_counter(),
        }


#: IP_BIND_ADDRESS_NO_PORT of Linux, which the socket module has no name for: the port is chosen when the peer is known.
_PORT_LATER = 24
#: Sockets from one address of the loopback network: far fewer than there are ports for one peer.
_PER_ADDRESS = 1_000


def near_socket(number: int) -> socket.socket:
    """A socket of the client with this number, from one of many addresses of the loopback network.

    A closed connection keeps its port for a minute. Nine thousand who come, go and come back have more connections in
    a minute than one address has ports.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_IP, _PORT_LATER, 1)
    made.bind((f"127.0.1.{1 + number // _PER_ADDRESS % 250}", 0))
    made.setblocking(False)
    return made


def far_socket() -> socket.socket:
    """With a network's segments and a small window: over loopback the kernel takes megabytes for who takes nothing."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1_448)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    made.setblocking(False)
    return made


async def _perform(load: Load, command: dict[str, Any]) -> Any:
    name = command.pop("do")
    match name:
        case "connect":
            return {"seconds": await load.connect(**command)}
        case "join":
            load.reset()
            players = load.players[command.get("start", 0) :]
            payload = {"session_id": command["session_id"], "leaderboard": command.get("leaderboard", "full")}
            before = time.perf_counter()
            await load.spread(
                players,
                lambda p: {"type": "JOIN_SESSION", "payload": {**payload, "username": f"Player {p.number}"}},
                command.get("seconds", 0),
            )
            done = await load.until("SESSION_JOINED", len(players), 60)
            return {"done": done, "seconds": time.perf_counter() - before, **load.tally()}
        case "ping":
            load.reset()
            rounds = command["rounds"]
            for number in range(rounds):
                await load.spread(load.players, lambda p: {"type": "PING", "payload": {}}, command["seconds"])
                await load.until("PONG", len(load.players) * (number + 1), 30)
            return load.tally()
        case "answer":
            question = command.get("question") or load.question or {}
            players = load.players[load.stalled :]
            load.counts.clear()
            load.latencies.clear()
            load.bytes = 0
            options = question["options"]
            payload = {"session_id": question["session_id"], "question_id": question["question_id"]}
            before = time.perf_counter()
            await load.spread(
                players,
                lambda p: {
                    "type": "SUBMIT_ANSWER",
                    "payload": {**payload, "answer": options[p.number % len(options)]},
                },
                command["seconds"],
            )
            want = len(players)
            deadline = time.perf_counter() + 30
            while load.counts["SCORE_UPDATED"] + load.counts["ANSWER_ACCEPTED"] + load.counts["ERROR"] < want:
                if time.perf_counter() > deadline:
                    break
                await asyncio.sleep(0.002)
            return {"seconds": time.perf_counter() - before, **load.tally()}
        case "stall":
            load.stalled = command["count"]
            for player in load.players[: load.stalled]:
                player.transport.underlying_transport.pause_reading()
            return {}
        case "until":
            done = await load.until(command["kind"], command["count"], command["seconds"])
            return {"done": done, **load.tally()}
        case "reset":
            load.reset()
            return {"now": time.perf_counter()}
        case "tally":
            return load.tally()
    raise ValueError(name)


async def main() -> None:
    """Until stdin ends."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    load = Load()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            result = await _perform(load, json.loads(line))
        except Exception as error:
            result = {"error": repr(error)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
