"""The origin check of WebSockets: browsers always say which page connects, and only our own pages may."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from common import metrics
from common.config import CONFIG

logger = logging.getLogger(__name__)


def origin_allowed(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether a client with these headers may connect. Without an Origin it is no browser: a setting decides."""
    origin = next((value for name, value in headers if name == b"origin"), None)
    if origin is None:
        return not CONFIG.ws_require_origin
    try:
        page = urlsplit(origin.decode("latin-1"))
        host = page.hostname
    except ValueError:
        return False
    # A page that came over plain HTTP may have been written by whoever is in between.
    if not host or (CONFIG.secure and page.scheme != "https"):
        return False
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)


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
        if origin_allowed(scope.get("headers", [])):
            await self._application(scope, receive, send)
            return
        metrics.connection_errors.labels("origin").inc()
        logger.info("origin_refused")
        await receive()
        await refuse(scope, send, HTTPStatus.FORBIDDEN, "This origin is not among the server's ALLOWED_HOSTS.")
