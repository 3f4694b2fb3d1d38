"""The ASGI application: HTTP to Django, WebSockets to the consumers, lifespan to the runtime."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from typing import IO, Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizserver.settings")
django_application = get_asgi_application()

from channels.routing import URLRouter
from django.conf import settings

from common import tracing
from common.config import CONFIG
from quizserver.event_stream import EventStreams
from quizserver.public_address import at_public_address
from quizserver.routing import websocket_urlpatterns
from quizserver.startup_checks import claim_data, require_safe
from quizserver.static_files import serve_static
from quizserver.websocket_origin import OriginCheck
from sessions.wiring.runtime import current_runtime, stop_runtime

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

if "daphne.server" in sys.modules:
    # Where daphne serves it is loaded by now; elsewhere loading it would cost every process 20 MB.
    from quizserver.server import daphne

    daphne.install()
http_application = serve_static(django_application, settings.STATIC_ROOT, settings.STATIC_URL)
websocket_application = OriginCheck(URLRouter(websocket_urlpatterns))
streams = EventStreams(websocket_application)


async def _lifespan(receive: Receive, send: Send) -> None:
    lock: IO[str] | None = None
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            try:
                tracing.start(CONFIG.otel_exporter_otlp_endpoint)
                require_safe(CONFIG, os.environ)
                lock = claim_data(CONFIG)
                (await current_runtime()).observe()
            except Exception as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        else:
            await stop_runtime()
            tracing.stop()
            if lock is not None:
                lock.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _route(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by the kind of connection. Channels' router has no place for ``lifespan``."""
    match scope["type"]:
        case "http":
            # Servers without lifespan (daphne) start the runtime with their first request.
            (await current_runtime()).observe()
            await (streams if streams.serves(scope) else http_application)(scope, receive, send)
        case "websocket":
            await websocket_application(scope, receive, send)
        case "lifespan":
            await _lifespan(receive, send)


application = at_public_address(_route)
