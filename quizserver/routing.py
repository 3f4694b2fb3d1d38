"""WebSocket routes."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.urls import re_path

from common import metrics
from quizserver.websocket_origin import refuse
from sessions.routing import websocket_urlpatterns as quiz

logger = logging.getLogger(__name__)


async def _no_such_path(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    metrics.connection_errors.labels("path").inc()
    logger.info("path_refused")
    await refuse(scope, send, HTTPStatus.NOT_FOUND, "WebSockets are at /ws.")


websocket_urlpatterns = [*quiz, re_path(r"", _no_such_path)]  # type: ignore[arg-type]  # typed for HTTP
