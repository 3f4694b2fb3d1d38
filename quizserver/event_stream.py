"""WebSockets for browsers that get none: server-sent events one way, POST requests the other.

Some school networks let HTTP through and cut WebSockets. The same application then serves a client over two ordinary
requests, with the same messages, limits, close codes and promise:

    POST /ws/stream?user_id=ID    text/event-stream. The first event, `open`, has the connection's id. Each message is a
                                  `message` event. `close` has code and reason, as a WebSocket's close frame.
    POST /ws/stream/ID?n=N        one message, N counting from 1. 202: the server has it. A message that was sent again
                                  because its reply was lost is taken once.

A balancer may bring the POST to another instance. The connection's id names the instance that has the stream; the
message is handed over to it through the channel layer, and 202 is answered when it has been taken there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import secrets
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from channels.layers import get_channel_layer

from common import metrics
from common.config import CONFIG
from common.redis import REDIS_DOWN
from quizserver.websocket_origin import origin_allowed
from sessions.protocol.outbound import CLOSE_SLOW

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_PATH = "/ws/stream"
_ID = re.compile(r"^([0-9a-f]{12})\.([A-Za-z0-9_-]{22})$")
#: Messages of one client that may wait for the application.
_INBOX = 64
#: Seconds after which another instance counts as one that does not answer.
_HAND_OVER_SECONDS = 3.0
_RETRY_SECONDS = 1.0
#: Seconds a client may leave a full buffer unread.
_STALLED_SECONDS = 20.0
#: Proxies that gather a response until it fills a buffer give the first event away at once with this in front.
_PADDING = b": " + b" " * 2_048 + b"\n\n"
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


class _Refused(Exception):
    """The request gets this status and text."""

    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status


class _Stream:
    """One client's stream, as the WebSocket application sees it: events to receive, and a place to send them."""

    def __init__(self, identifier: str, send: Send) -> None:
        self.identifier = identifier
        self.inbox: asyncio.Queue[Event] = asyncio.Queue(_INBOX)
        self._send = send
        self._received = 0
        self._started = False
        self._over = False

    def take(self, number: int, data: bytes) -> HTTPStatus:
        """Give the application a message, once and in order."""
        if number <= self._received:
            return HTTPStatus.ACCEPTED
        if number != self._received + 1:
            return HTTPStatus.CONFLICT
        try:
            self.inbox.put_nowait(_received(data))
        except asyncio.QueueFull:
            return HTTPStatus.TOO_MANY_REQUESTS
        self._received = number
        return HTTPStatus.ACCEPTED

    async def send(self, event: Event) -> None:
        """What the application sends, as it would to a WebSocket."""
        match event["type"]:
            case "websocket.accept":
                await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
                self._started = True
                await self._write(_PADDING + _event("open", json.dumps({"connection": self.identifier})))
            case "websocket.send":
                await self._write(_event("message", event["text"]))
            case "websocket.close":
                await self.close(event.get("code") or 1000, event.get("reason") or "")
            case kind if kind.startswith("websocket.http.response"):
                # A refused handshake is an ordinary answer, after which there is nothing to close.
                self._started = True
                await self._send({**event, "type": kind.removeprefix("websocket.")})
                if kind.endswith("body") and not event.get("more_body"):
                    self.end()

    async def ping(self) -> None:
        """Show the client and the proxies in between that the stream lives."""
        if self._started:
            await self._write(b": ping\n\n")

    async def close(self, code: int, reason: str) -> None:
        """End the stream and say why."""
        if self._over:
            return
        if not self._started:
            await self._send({"type": "http.response.start", "status": 403, "headers": []})
            self._started = True
        await self._write(_event("close", json.dumps({"code": code, "reason": reason})), more=False)
        self.end(code)

    def end(self, code: int = 1006) -> None:
        """Tell the application that the client is gone."""
        if self._over:
            return
        self._over = True
        with contextlib.suppress(asyncio.QueueEmpty):
            # What waits is for nobody any more; and there is room for the end.
            while True:
                self.inbox.get_nowait()
        self.inbox.put_nowait({"type": "websocket.disconnect", "code": code})

    async def _write(self, data: bytes, *, more: bool = True) -> None:
        if self._over:
            return
        try:
            async with asyncio.timeout(_STALLED_SECONDS):
                await self._send({"type": "http.response.body", "body": data, "more_body": more})
        except TimeoutError:
            # Nobody reads. What waits meanwhile is bounded by the application (WS_OUTBOX_BYTES).
            self.end(CLOSE_SLOW)
            raise


def _event(name: str, data: str) -> bytes:
    # Messages are JSON, in which a line break is written as \n.
    return f"event: {name}\ndata: {data}\n\n".encode()


class EventStreams:
    """Serves the two requests with a WebSocket application, and hands over what is another instance's."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._instance = uuid.uuid4().hex[:12]
        self._streams: dict[str, _Stream] = {}
        self._answers: dict[str, asyncio.Future[int]] = {}
        self._listener: asyncio.Task[None] | None = None

    def serves(self, scope: Scope) -> bool:
        """Whether a request is for a stream."""
        path = _path(scope)
        return path == _PATH or path.startswith(f"{_PATH}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._listen()
        try:
            if scope["method"] != "POST":
                # Of a GET browsers do not say which page asks.
                raise _Refused(HTTPStatus.METHOD_NOT_ALLOWED, "POST /ws/stream opens, POST /ws/stream/ID sends.")
            if _path(scope) == _PATH:
                await _body(receive)
                await self._open(scope, receive, send)
                return
            if not origin_allowed(scope["headers"], _scheme(scope)):
                metrics.connection_errors.labels("origin").inc()
                raise _Refused(HTTPStatus.FORBIDDEN, "This page's origin is not the server's own.")
            status = await self._post(scope, receive)
            if status != HTTPStatus.ACCEPTED:
                raise _Refused(status, status.description or status.phrase)
            await _answer(send, status, "")
        except _Refused as refused:
            await _answer(send, refused.status, str(refused))

    async def close_all(self, code: int, reason: str) -> None:
        """End every stream, as a server that stops closes its WebSockets."""
        await asyncio.gather(*(stream.close(code, reason) for stream in list(self._streams.values())))
        if self._listener is not None:
            self._listener.cancel()

    async def _open(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = _Stream(f"{self._instance}.{secrets.token_urlsafe(16)}", send)
        self._streams[stream.identifier] = stream
        stream.inbox.put_nowait({"type": "websocket.connect"})
        watching = [
            asyncio.create_task(self._watch(stream, receive), name="stream-watch"),
            asyncio.create_task(self._keep_alive(stream), name="stream-ping"),
        ]
        try:
            await self._application(_as_websocket(scope), stream.inbox.get, stream.send)
        finally:
            del self._streams[stream.identifier]
            for task in watching:
                task.cancel()
            await stream.close(1011, "the server met an error")

    @staticmethod
    async def _watch(stream: _Stream, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        stream.end()

    @staticmethod
    async def _keep_alive(stream: _Stream) -> None:
        seconds = CONFIG.ws_ping_seconds
        while seconds:
            await asyncio.sleep(seconds)
            await stream.ping()

    async def _post(self, scope: Scope, receive: Receive) -> HTTPStatus:
        identifier = _path(scope).removeprefix(f"{_PATH}/")
        found = _ID.match(identifier)
        number = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("n", [""])[0]
        if found is None:
            return HTTPStatus.NOT_FOUND
        if not (number.isascii() and number.isdecimal() and len(number) <= 9 and int(number)):
            raise _Refused(HTTPStatus.BAD_REQUEST, "n: the number of the message, from 1")
        data = await _body(receive)
        if found[1] == self._instance:
            return self._take(identifier, int(number), data)
        return await self._hand_over(found[1], identifier, int(number), data)

    def _take(self, identifier: str, number: int, data: bytes) -> HTTPStatus:
        stream = self._streams.get(identifier)
        return HTTPStatus.NOT_FOUND if stream is None else stream.take(number, data)

    # -- instances ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        if CONFIG.redis_url and self._listener is None:
            self._listener = asyncio.create_task(self._hear_others(), name="stream-listen")

    async def _hear_others(self) -> None:
        layer, channel = get_channel_layer(), ""
        assert layer is not None
        while True:
            try:
                if not channel:
                    channel = await layer.new_channel("stream")
                    await layer.group_add(_group(self._instance), channel)
                await self._heard(await layer.receive(channel))
            except REDIS_DOWN as error:
                logger.warning("stream_layer_unreachable", extra={"error": repr(error)})
                channel = ""
                await asyncio.sleep(_RETRY_SECONDS)

    async def _heard(self, message: Event) -> None:
        if message["type"] == "stream.taken":
            waiting = self._answers.get(message["ask"])
            if waiting is not None and not waiting.done():
                waiting.set_result(message["status"])
            return
        status = self._take(message["connection"], message["number"], message["data"])
        answer = {"type": "stream.taken", "ask": message["ask"], "status": int(status)}
        layer = get_channel_layer()
        assert layer is not None
        await layer.group_send(_group(message["reply_to"]), answer)

    async def _hand_over(self, instance: str, identifier: str, number: int, data: bytes) -> HTTPStatus:
        layer = get_channel_layer()
        if not CONFIG.redis_url or layer is None:
            return HTTPStatus.NOT_FOUND
        ask = uuid.uuid4().hex
        answer = self._answers[ask] = asyncio.get_running_loop().create_future()
        message: Event = {"type": "stream.message", "ask": ask, "reply_to": self._instance}
        message |= {"connection": identifier, "number": number, "data": data}
        try:
            async with asyncio.timeout(_HAND_OVER_SECONDS):
                await layer.group_send(_group(instance), message)
                return HTTPStatus(await answer)
        except TimeoutError:
            return HTTPStatus.SERVICE_UNAVAILABLE
        except REDIS_DOWN:
            # The other instance is gone, or Redis is: the client tries again, and opens another stream if that fails.
            return HTTPStatus.SERVICE_UNAVAILABLE
        finally:
            del self._answers[ask]


def _group(instance: str) -> str:
    return f"stream.{instance}"


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path") or "")


def _scheme(scope: Scope) -> str:
    return "wss" if scope.get("scheme") == "https" else "ws"


def _as_websocket(scope: Scope) -> Scope:
    """The scope of the WebSocket handshake that this request stands for."""
    shared = ("asgi", "headers", "query_string", "client", "server", "root_path")
    return {
        **{key: scope[key] for key in shared if key in scope},
        "type": "websocket",
        "path": f"{scope.get('root_path') or ''}/ws",
        "scheme": _scheme(scope),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
        "state": scope.get("state", {}),
    }


async def _body(receive: Receive) -> bytes:
    """The message of a POST. One that is too large comes out just large enough for the application to say so."""
    data: bytes = b""
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise _Refused(HTTPStatus.BAD_REQUEST, "The request broke off.")
        data += event.get("body", b"")
        if len(data) > CONFIG.ws_max_message_bytes:
            return data[: CONFIG.ws_max_message_bytes + 1]
        if not event.get("more_body"):
            return data


def _received(data: bytes) -> Event:
    """What the application receives; what is no text is for it to refuse, as a binary frame."""
    try:
        return {"type": "websocket.receive", "text": data.decode()}
    except UnicodeDecodeError:
        return {"type": "websocket.receive", "bytes": data}


async def _answer(send: Send, status: HTTPStatus, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode() if text else b""})
