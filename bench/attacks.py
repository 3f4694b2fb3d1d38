"""Attacks of bench.overload that need no session code to hurt: frames, requests, text, files, codes and passwords.

Each goes on for :data:`SECONDS`, over as many connections as it is given here, and says what became of it.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import sqlite3
import tempfile
import time
import urllib.parse
import zipfile
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.client import connect

from tests.support.serving import KEY, Server

SECONDS = 8.0
_MASK = b"\0\0\0\0"
_MEGABYTE = 1 << 20
_HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
#: Frames that cost their sender six bytes: an empty ping, pong, continuation (of a text), text and binary.
_FRAMES = {"ping": b"\x89", "pong": b"\x8a", "continuation": b"\x00", "text": b"\x81", "binary": b"\x82"}


async def _repeat(work: Callable[[], Awaitable[str]], at_once: int) -> str:
    """What became of each go, in words."""
    ends = time.monotonic() + SECONDS
    outcomes: Counter[str] = Counter()

    async def go_on() -> None:
        while time.monotonic() < ends:
            try:
                async with asyncio.timeout(30):
                    outcomes[await work()] += 1
            except (OSError, TimeoutError, EOFError) as error:
                outcomes[type(error).__name__] += 1
                await asyncio.sleep(0.05)

    await asyncio.gather(*(go_on() for _ in range(at_once)))
    return ", ".join(f"{number:,} {name}" for name, number in outcomes.most_common(4))


async def _exchange(server: Server, *parts: bytes) -> bytes:
    """Send, and read until the server closes or an answer is whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    answer = b""
    try:
        with suppress(ConnectionError):
            for part in parts:
                writer.write(part)
                await writer.drain()
        with suppress(ConnectionError):
            answer = await reader.read(4_096)
    finally:
        writer.close()
    return answer


def _status(answer: bytes) -> str:
    return answer[9:12].decode("latin-1") or "cut off"


async def frame_floods(server: Server, session_id: str, attempts: int) -> str:
    """Four sockets that each send a megabyte of empty frames of one kind, and come again."""
    kinds = iter(range(1 << 30))

    async def flood() -> str:
        name, first = list(_FRAMES.items())[next(kinds) % len(_FRAMES)]
        begin = b"\x01\x80" + _MASK if name == "continuation" else b""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(_HANDSHAKE)
            await reader.readuntil(b"\r\n\r\n")
            with suppress(ConnectionError):
                writer.write(begin + (first + b"\x80" + _MASK) * (_MEGABYTE // 6))
                while await reader.read(65_536):
                    pass
        finally:
            writer.close()
        return "floods closed"

    return f"frame floods: {await _repeat(flood, 4)}"


async def endless_requests(server: Server, session_id: str, attempts: int) -> str:
    """Eight clients with heads and bodies of tens of megabytes."""
    turns = iter(range(1 << 30))
    requests = (
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"x" * _MEGABYTE),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-Name: value\r\n" * 70_000),
        (b"POST /health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000000\r\n\r\n", b"x" * _MEGABYTE),
        (
            b"POST /j/ABC123 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"100000\r\n" + b"x" * _MEGABYTE + b"\r\n",
        ),
    )

    async def send() -> str:
        head, piece = requests[next(turns) % len(requests)]
        return _status(await _exchange(server, head, *[piece] * 30))

    return f"endless requests: {await _repeat(send, 8)}"


async def piled_up_text(server: Server, session_id: str, attempts: int) -> str:
    """Eight players within their limits who answer with 9 KB of marks on one letter."""
    pile = "a" + "\u0300\u0327" * 2_300
    numbers = iter(range(1 << 30))

    async def play() -> str:
        async with connect(
            f"ws://127.0.0.1:{server.port}/ws?user_id=piled-{next(numbers)}", proxy=None, ping_interval=None
        ) as player:

            async def ask(kind: str, payload: dict[str, str]) -> None:
                body = {"type": kind, "payload": payload, "message_id": "m"}
                await player.send(json.dumps(body, ensure_ascii=False))
                while json.loads(await player.recv()).get("reply_to") != "m":
                    pass

            await ask("JOIN_SESSION", {"session_id": session_id, "username": f"P{next(numbers)}"})
            for _ in range(20):
                await ask("SUBMIT_ANSWER", {"session_id": session_id, "question_id": "q1", "answer": pile})
                await asyncio.sleep(0.11)
        return "times 20 answers"

    return f"piled-up answers: {await _repeat(play, 8)}"


def _deep_package() -> bytes:
    """An Anki package whose notes are long, unclosed tags and brackets."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collection.anki21"
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE col (models TEXT, decks TEXT)")
        base.execute(
            "INSERT INTO col VALUES (?, '{}')", ['{"1": {"name": "Basic", "flds": [{"name": "F"}, {"name": "B"}]}}']
        )
        base.execute("CREATE TABLE notes (id INTEGER, mid INTEGER, flds TEXT, tags TEXT)")
        nasty = "<a " * 20_000 + "[sound:" * 20_000
        base.executemany("INSERT INTO notes VALUES (?, 1, ?, '')", [(n, f"{nasty}\x1f{nasty}") for n in range(20)])
        base.commit()
        base.close()
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, "collection.anki21")
    return data.getvalue()


def hard_files() -> dict[str, bytes]:
    """Files that are hard to read, by what is in them."""
    return {
        "commas": b"," * 30_000 + b"\n" * 10,
        "brackets": b'{"words": ' + b"[" * 50_000,
        "a deep package": _deep_package(),
        "very many lines": b"a\tb\n" * 200_000,
    }


async def heavy_files(server: Server, session_id: str, attempts: int) -> str:
    """Two hosts who import files that are hard to read, again and again."""
    files = tuple(hard_files().values())
    turns = iter(range(1 << 30))

    async def send() -> str:
        data = files[next(turns) % len(files)]
        head = (
            f"POST /api/v1/wordlists/import?preview=true HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Api-Key {KEY}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        return _status(await _exchange(server, head.encode(), data))

    return f"files that are hard to read: {await _repeat(send, 2)}"


async def guessed_pages(server: Server, session_id: str, attempts: int) -> str:
    """Twenty clients that try join codes on /screen/, /j/ and /play/."""
    numbers = iter(range(1 << 30))

    async def guess() -> str:
        number = next(numbers)
        path = f"/{('screen', 'j', 'play')[number % 3]}/Z{number:05}"
        return _status(await _exchange(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()))

    return f"codes tried on pages: {await _repeat(guess, 20)}"


async def sprayed_passwords(server: Server, session_id: str, attempts: int) -> str:
    """Ten clients that try a password on one account after the other."""
    numbers = iter(range(1 << 30))
    page = await _exchange(server, b"GET /admin/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    cookie = re.search(rb"csrftoken=([^;]+)", page)
    token = cookie[1].decode() if cookie else ""

    async def spray() -> str:
        form = {"username": f"account-{next(numbers)}", "password": "wrong", "csrfmiddlewaretoken": token}
        body = urllib.parse.urlencode(form).encode()
        head = (
            f"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken={token}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return _status(await _exchange(server, head.encode(), body))

    return f"sprayed passwords: {await _repeat(spray, 10)}"
