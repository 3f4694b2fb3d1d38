"""Messages nobody meant to send. FUZZ_MESSAGES sets how many; `make fuzz` sends a million."""

from __future__ import annotations

import asyncio
import json
import os
import random
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from sessions.protocol import inbound
from tests.processes.quizserver.test_metrics import scrape
from tests.support.prometheus import eventually
from tests.support.serving import Server, ask, start_server, stop_server

MESSAGES = int(os.environ.get("FUZZ_MESSAGES", "4000"))
_BATCH = 100
_RATES = ("MESSAGES_PER_SECOND", "ANSWERS_PER_SECOND", "BOARDS_PER_SECOND", "JOINS_PER_MINUTE")
#: What a process may grow by while it reads messages, in bytes: caches and the allocator's slack, not a leak.
_GROWTH = 150 * 1024 * 1024

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(), values, max_size=4),
    max_leaves=12,
)


@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    try:
        inbound.parse(text)
    except inbound.BadMessage as error:
        assert error.code in ("INVALID_MESSAGE", "UNKNOWN_TYPE")


@given(st.sampled_from([*inbound.TYPES, "NO_SUCH_TYPE"]), json_values)
def test_any_payload_is_read_or_refused(name: str, payload: Any) -> None:
    try:
        message, reply_to = inbound.parse(json.dumps({"type": name, "payload": payload, "message_id": "m"}))
    except inbound.BadMessage as error:
        assert error.code in ("INVALID_MESSAGE", "UNKNOWN_TYPE")
    else:
        assert isinstance(message, inbound.TYPES[name])
        assert reply_to == "m"


class Mutator:
    """Makes messages: most are nearly right, since those reach furthest."""

    def __init__(self, seed: int, sessions: list[str], questions: list[str]) -> None:
        self._random = random.Random(seed)
        self._sessions = sessions
        self._questions = questions

    def _any(self) -> Any:
        pick = self._random
        return pick.choice(
            [None, True, 0, -1, 2**63, 1e308, "", "x", "\x00", "\ud83d", "𝄞" * 40, "a" * 400, [], {}, [[[]]], {"a": {}}]
        )

    def message(self) -> str | bytes:
        pick = self._random
        kind = pick.random()
        if kind < 0.03:
            return bytes(pick.randrange(256) for _ in range(pick.randrange(40)))
        if kind < 0.06:
            return "".join(chr(pick.randrange(1, 0xD7FF)) for _ in range(pick.randrange(60)))
        text = json.dumps(self._envelope())
        if kind < 0.25:
            at = pick.randrange(len(text))
            text = text[:at] + pick.choice(["", '"', "{", "}", "\\", "\\ud800", "1e999", "[" * 200]) + text[at + 1 :]
        return text

    def _envelope(self) -> dict[str, Any]:
        pick = self._random
        session = pick.choice([*self._sessions, "unknown", "ABC234"])
        question = pick.choice([*self._questions, "unknown"])
        payloads: dict[str, dict[str, Any]] = {
            "JOIN_SESSION": {
                "session_id": session,
                "username": pick.choice(["Ann", "", "x" * 31, "\u202e", "Zoë", f"P{pick.randrange(999)}"]),
                "role": pick.choice(["player", "screen", "host"]),
                "last_seq": pick.choice([0, 5, 10**9]),
                "leaderboard": pick.choice(["full", "delta", "none"]),
            },
            "SUBMIT_ANSWER": {
                "session_id": session,
                "question_id": question,
                "answer": pick.choice(["Apple", "", "x" * 3000, ["a", "b"], [], "1e400", "NaN", "\u0000", "½"]),
                "time_taken_ms": pick.choice([0, 1, 86_400_000]),
            },
            "GET_LEADERBOARD": {
                "session_id": session,
                "limit": pick.choice([1, 100]),
                "offset": pick.choice([0, 10**12]),
            },
        }
        name = pick.choice(list(inbound.TYPES))
        payload = payloads.get(name, {"session_id": session})
        for key in list(payload):
            roll = pick.random()
            if roll < 0.05:
                payload[key] = self._any()
            elif roll < 0.08:
                del payload[key]
        if pick.random() < 0.05:
            payload[pick.choice(["extra", "answer", "role"])] = self._any()
        envelope: dict[str, Any] = {"type": name, "payload": payload, "message_id": "m"}
        if pick.random() < 0.1:
            envelope[pick.choice(["type", "payload", "message_id", "timestamp"])] = self._any()
        return envelope


async def _settled(socket: ClientConnection, codes: set[str]) -> None:
    """Until everything sent before is answered; collects the error codes."""
    await socket.send('{"type":"PING","message_id":"the-end"}')
    while True:
        message = json.loads(await socket.recv())
        if message["type"] == "ERROR":
            codes.add(message["payload"]["code"])
        if message.get("reply_to") == "the-end":
            return


async def _bombard(server: Server, seed: int, count: int, sessions: list[str], questions: list[str]) -> set[str]:
    mutator, codes = Mutator(seed, sessions, questions), set[str]()
    url = f"ws://127.0.0.1:{server.port}/ws?user_id=fuzz-{seed}"
    sent = 0
    while sent < count:
        try:
            # The answers tell that it lives; a ping would wait behind them.
            async with connect(url, proxy=None, max_size=None, ping_interval=None) as socket:
                while sent < count:
                    for _ in range(_BATCH):
                        await socket.send(mutator.message())
                    sent += _BATCH
                    await _settled(socket, codes)
        except ConnectionClosed as closed:
            # Text that is not UTF-8 or a binary frame is the client's fault, and says so; never 1011.
            assert closed.rcvd is not None
            assert closed.rcvd.code in (1007, 1009, 4001)
    return codes


@pytest.mark.timeout(3600)
def test_no_message_breaks_the_server(tmp_path: Path) -> None:
    unbounded = {"WS_FRAMES_PER_SECOND": "0", **{f"RATE_{name}": "0" for name in _RATES}}
    server = start_server(tmp_path, RATE_LOOKUPS_PER_MINUTE="0", LOG_LEVEL="WARNING", **unbounded)
    try:
        made = [server.session(), server.session(pace="host")]
        for command in ("next",):
            server.request("POST", f"/api/v1/sessions/{made[1]['session_id']}/{command}")
        sessions = [value for session in made for value in (session["session_id"], session["join_code"])]
        quiz = server.request("GET", "/api/v1/quizzes/vocab-101")[1]
        questions = [question["id"] for question in quiz["questions"]]

        async def all_clients(seed: int, count: int) -> set[str]:
            work = (_bombard(server, seed + number, count // 4, sessions, questions) for number in range(4))
            return set().union(*await asyncio.gather(*work))

        asyncio.run(all_clients(0, 1_000))  # warm: what is cached now is no leak
        before = psutil.Process(server.process.pid).memory_info().rss
        codes = asyncio.run(all_clients(100, MESSAGES))
        assert "INTERNAL_ERROR" not in codes
        assert {"INVALID_MESSAGE", "INVALID_SESSION", "NOT_JOINED"} <= codes
        assert psutil.Process(server.process.pid).memory_info().rss - before < _GROWTH
        assert server.request("GET", "/health")[1]["status"] == "ok"
        lines = [json.loads(line) for line in server.log.read_text().splitlines()]
        assert [line for line in lines if line["level"] == "error"] == []
    finally:
        stop_server(server)


# -- below the messages -----------------------------------------------------------------------------------------------
_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_TEXT, _BINARY, _CONTINUATION, _CLOSE, _PING, _PONG = 1, 2, 0, 8, 9, 10


def frame(payload: bytes, *, opcode: int = _TEXT, last: bool = True, masked: bool = True, length: int = -1) -> bytes:
    """A frame of a client (RFC 6455, section 5.2), the mask all zeros. ``length`` may lie."""
    said = len(payload) if length < 0 else length
    head, mask_bit = bytes([(0x80 if last else 0) | opcode]), 0x80 if masked else 0
    if said < 126:
        head += bytes([mask_bit | said])
    elif said < 65_536:
        head += bytes([mask_bit | 126]) + said.to_bytes(2, "big")
    else:
        head += bytes([mask_bit | 127]) + said.to_bytes(8, "big")
    return head + (b"\0\0\0\0" if masked else b"") + payload


def some_bytes(pick: random.Random, messages: Mutator) -> bytes:
    """What one connection sends after its handshake: frames, most of them in order."""
    sent = []
    for _ in range(pick.randrange(1, 12)):
        text = messages.message()
        payload = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
        kind = pick.random()
        if kind < 0.6:
            made = frame(payload)
        elif kind < 0.7:
            at = pick.randrange(len(payload) + 1)
            made = frame(payload[:at], last=False) + frame(payload[at:], opcode=_CONTINUATION)
        elif kind < 0.8:
            made = frame(payload[:125], opcode=pick.choice([_PING, _PONG, _CLOSE, _BINARY, 3, 11, 15]))
        elif kind < 0.85:
            made = frame(payload, masked=False)
        elif kind < 0.9:
            made = frame(payload, length=pick.choice([0, 125, 126, 65_535, 65_536, 2**31, 2**63 - 1]))
        elif kind < 0.95:
            made = bytearray(frame(payload))  # type: ignore[assignment]
            made[pick.randrange(min(14, len(made)))] ^= 1 << pick.randrange(8)  # type: ignore[index]
        else:
            made = bytes(pick.randrange(256) for _ in range(pick.randrange(200)))
        sent.append(bytes(made))
    return b"".join(sent)


async def _send_bytes(server: Server, seed: int, connections: int, sessions: list[str], questions: list[str]) -> None:
    pick, messages = random.Random(seed), Mutator(seed, sessions, questions)
    for _ in range(connections):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        early = pick.random() < 0.1
        data = (_HANDSHAKE if early else b"") + some_bytes(pick, messages)
        try:
            if not early:
                writer.write(_HANDSHAKE)
                await reader.readuntil(b"\r\n\r\n")
            while data:
                at = pick.choice([1, 2, 7, 64, len(data)])
                writer.write(data[:at])
                await writer.drain()
                data = data[at:]
            if pick.random() < 0.5:
                writer.write(frame(b"\x03\xe8", opcode=_CLOSE))
                writer.write_eof()
                async with asyncio.timeout(0.2):
                    while await reader.read(65_536):
                        pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # closed by the server, or waiting for the rest of a frame
        finally:
            writer.transport.abort()


@pytest.mark.timeout(3600)
def test_no_bytes_break_the_server_and_every_connection_ends(tmp_path: Path) -> None:
    unbounded = {"WS_FRAMES_PER_SECOND": "0", **{f"RATE_{name}": "0" for name in _RATES}}
    server = start_server(tmp_path, RATE_LOOKUPS_PER_MINUTE="0", LOG_LEVEL="WARNING", **unbounded)
    try:
        made = server.session()

        async def all_clients() -> None:
            work = (_send_bytes(server, seed, MESSAGES // 80, [made["session_id"]], ["q1"]) for seed in range(4))
            await asyncio.gather(*work)

        asyncio.run(all_clients())
        # What clients sent before they went is still being read.
        eventually(lambda: scrape(server)["websocket_active_connections"] == 0, "connections stay")
        assert scrape(server)["websocket_total_connections"] > 0
        with server.client("after") as player:
            assert ask(player, "PING")["type"] == "PONG"
        assert server.request("GET", "/health")[1]["status"] == "ok"
        lines = [json.loads(line) for line in server.log.read_text().splitlines()]
        assert [line for line in lines if line["level"] == "error"] == []
    finally:
        stop_server(server)
