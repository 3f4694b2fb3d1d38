"""The origin check of WebSockets: browsers always say which page connects, and only our own pages may."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from common import metrics
from common.config import CONFIG
from quizserver.public_address import from_own_page

logger = logging.getLogger(__name__)


def origin_allowed(headers: list[tuple[bytes, bytes]], scheme: str = "ws") -> bool:
    """Whether a client with these headers may connect. Without an Origin it is no browser: a setting decides.

    The origin is compared whole: another port of this machine is another program's.
    """
    origin = next((value for name, value in headers if name == b"origin"), None)
    if origin is None:
        return not CONFIG.ws_require_origin
    # A page that came over plain HTTP may have been written by whoever is in between.
    if CONFIG.secure and not origin.startswith(b"https://"):
        return False
    return from_own_page(headers, scheme)


async def refuse(scope: dict[str, Any], send: Any, status: HTTPStatus, text: str) -> None:
    """Answer a WebSocket handshake with an HTTP error; with 403 where the server below knows no other."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": text})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "websocket.http.response.start", "status": int(status), "headers": headers})
    await send({"type": "websocket.http.response.body", "body": f"{text}\n".encode()})


class OriginCheck:
    """Refuses WebSocket handshakes from foreign pages with 403."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if origin_allowed(scope.get("headers", []), scope.get("scheme", "ws")):
            await self._application(scope, receive, send)
            return
        metrics.connection_errors.labels("origin").inc()
        logger.info("origin_refused")
        await receive()
        text = "This page's origin is not the server's own. Behind a proxy that changes the address, set PUBLIC_URL."
        await refuse(scope, send, HTTPStatus.FORBIDDEN, text)
