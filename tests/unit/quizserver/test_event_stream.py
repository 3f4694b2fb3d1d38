"""Streams that stand in for WebSockets: each message once and in order, whichever instance it comes to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from channels.layers import InMemoryChannelLayer

from common.config import CONFIG
from quizserver import event_stream
from quizserver.event_stream import EventStreams

Event = dict[str, Any]


async def echo(_scope: Any, receive: Callable[[], Awaitable[Event]], send: Callable[[Event], Awaitable[None]]) -> None:
    """A WebSocket application that says everything back, and closes when it is told to."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] != "websocket.disconnect":
        text = event.get("text", "binary")
        if text == "close":
            await send({"type": "websocket.close", "code": 4001, "reason": "elsewhere"})
        else:
            await send({"type": "websocket.send", "text": text})


class Opened:
    """An open stream of an instance, and what came over it."""

    def __init__(self, streams: EventStreams) -> None:
        self.events: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.status = 0
        self._gone = asyncio.Event()
        self._asked = False
        self.task = asyncio.create_task(streams(scope("/ws/stream"), self._receive, self._send))

    async def _receive(self) -> Event:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self.status = event["status"]
            return
        for block in event["body"].decode().split("\n\n"):
            if block.startswith("event: "):
                name, _, data = block.removeprefix("event: ").partition("\ndata: ")
                self.events.put_nowait((name, data))

    async def identifier(self) -> str:
        name, data = await self.events.get()
        assert name == "open"
        return str(json.loads(data)["connection"])

    def leave(self) -> None:
        self._gone.set()


def scope(path: str, query: str = "", method: str = "POST") -> dict[str, Any]:
    headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
        "scheme": "http",
    }


async def post(streams: EventStreams, identifier: str, number: object, text: bytes) -> int:
    status = 0

    async def receive() -> Event:
        return {"type": "http.request", "body": text, "more_body": False}

    async def send(event: Event) -> None:
        nonlocal status
        status = event.get("status", status)

    await streams(scope(f"/ws/stream/{identifier}", f"n={number}"), receive, send)
    return status


@pytest_asyncio.fixture
async def opened() -> AsyncIterator[tuple[EventStreams, Opened]]:
    streams = EventStreams(echo)
    stream = Opened(streams)
    yield streams, stream
    stream.leave()
    await stream.task


async def test_a_message_that_is_sent_again_is_taken_once(opened: tuple[EventStreams, Opened]) -> None:
    streams, stream = opened
    identifier = await stream.identifier()
    statuses = [await post(streams, identifier, number, b"m%d" % number) for number in (1, 1, 2, 1, 2, 3)]
    assert statuses == [202] * 6
    assert [await stream.events.get() for _ in range(3)] == [("message", f"m{number}") for number in (1, 2, 3)]
    assert stream.events.empty()


async def test_a_message_before_its_turn_is_refused_and_may_come_again(opened: tuple[EventStreams, Opened]) -> None:
    streams, stream = opened
    identifier = await stream.identifier()
    assert await post(streams, identifier, 2, b"second") == 409
    assert await post(streams, identifier, 1, b"first") == 202
    assert await post(streams, identifier, 2, b"second") == 202
    assert [await stream.events.get(), await stream.events.get()] == [("message", "first"), ("message", "second")]


async def test_a_close_tells_code_and_reason_and_ends_the_stream(opened: tuple[EventStreams, Opened]) -> None:
    streams, stream = opened
    identifier = await stream.identifier()
    assert await post(streams, identifier, 1, b"close") == 202
    name, data = await stream.events.get()
    assert (name, json.loads(data)) == ("close", {"code": 4001, "reason": "elsewhere"})
    await stream.task
    assert await post(streams, identifier, 2, b"late") == 404


async def test_a_message_over_the_bound_is_cut_just_above_it(opened: tuple[EventStreams, Opened]) -> None:
    streams, stream = opened
    identifier = await stream.identifier()
    assert await post(streams, identifier, 1, b"x" * (CONFIG.ws_max_message_bytes * 3)) == 202
    _, data = await stream.events.get()
    assert len(data) == CONFIG.ws_max_message_bytes + 1


async def test_what_is_no_text_reaches_the_application_as_binary(opened: tuple[EventStreams, Opened]) -> None:
    streams, stream = opened
    identifier = await stream.identifier()
    assert await post(streams, identifier, 1, b"\xff\xfe") == 202
    assert await stream.events.get() == ("message", "binary")


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "1" * 20, "²"])
async def test_a_number_that_is_none_is_refused(opened: tuple[EventStreams, Opened], number: str) -> None:
    streams, stream = opened
    assert await post(streams, await stream.identifier(), number.encode().decode("latin-1"), b"x") == 400


@pytest.mark.parametrize("identifier", ["x", "../../etc", "0" * 12 + ".short", "0" * 12 + "." + "A" * 22])
async def test_an_unknown_stream_is_not_found(opened: tuple[EventStreams, Opened], identifier: str) -> None:
    streams, _ = opened
    assert await post(streams, identifier, 1, b"x") == 404


async def test_a_client_that_does_not_read_ends_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_STALLED_SECONDS", 0.01)
    over = asyncio.Event()

    async def talk(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        with pytest.raises(TimeoutError):
            await send({"type": "websocket.send", "text": "x"})
        assert await receive() == {"type": "websocket.disconnect", "code": 4008}
        over.set()

    async def send(event: Event) -> None:
        if event.get("body", b"").startswith(b"event: message"):
            await asyncio.Event().wait()

    async def receive() -> Event:
        if over.is_set() or received:
            await asyncio.Event().wait()
        received.append(1)
        return {"type": "http.request", "body": b""}

    received: list[int] = []
    await EventStreams(talk)(scope("/ws/stream"), receive, send)
    assert over.is_set()


async def test_a_message_that_comes_to_another_instance_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = InMemoryChannelLayer()
    monkeypatch.setattr(event_stream, "get_channel_layer", lambda: layer)
    monkeypatch.setattr(event_stream, "CONFIG", CONFIG.model_copy(update={"redis_url": "redis://unused"}))
    monkeypatch.setattr(event_stream, "_HAND_OVER_SECONDS", 5)
    here, there = EventStreams(echo), EventStreams(echo)
    streams = [Opened(here), Opened(there)]
    identifier, _ = [await stream.identifier() for stream in streams]
    while len(layer.groups) < 2:
        await asyncio.sleep(0)
    assert await post(there, identifier, 1, b"over there") == 202
    assert await post(here, identifier, 2, b"back here") == 202
    assert await streams[0].events.get() == ("message", "over there")
    assert await streams[0].events.get() == ("message", "back here")
    assert await post(there, f"{identifier[:13]}{'A' * 22}", 1, b"x") == 404
    for stream in streams:
        stream.leave()
        await stream.task
    for instance in (here, there):
        await instance.close_all(1012, "restart")


async def test_an_instance_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "get_channel_layer", InMemoryChannelLayer)
    monkeypatch.setattr(event_stream, "CONFIG", CONFIG.model_copy(update={"redis_url": "redis://unused"}))
    monkeypatch.setattr(event_stream, "_HAND_OVER_SECONDS", 0.01)
    streams = EventStreams(echo)
    assert await post(streams, f"{'0' * 12}.{'A' * 22}", 1, b"x") == 503
    await streams.close_all(1012, "restart")


async def test_a_refused_stream_is_answered_once() -> None:
    async def refuse(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b"no"})

    sent: list[Event] = []

    async def send(event: Event) -> None:
        sent.append(event)

    async def receive() -> Event:
        return {"type": "http.request", "body": b""} if not sent else {"type": "http.disconnect"}

    await EventStreams(refuse)(scope("/ws/stream"), receive, send)
    assert [event["type"] for event in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 403


async def test_closing_all_tells_each_client_why() -> None:
    streams = EventStreams(echo)
    stream = Opened(streams)
    await stream.identifier()
    await streams.close_all(1012, "restart")
    name, data = await stream.events.get()
    assert (name, json.loads(data)["code"]) == ("close", 1012)
    await stream.task
