"""Running uvicorn: its settings, and a SIGTERM that drains before it stops."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from types import FrameType

import uvicorn

from common.config import Config
from common.files import connections_allowed, raise_limit
from quizserver.server.garbage import GarbageKeeper
from quizserver.server.http import TimedProtocol
from quizserver.server.protocol import FramesProtocol
from sessions.protocol.outbound import CLOSE_RESTART
from sessions.wiring.runtime import current_runtime

#: For how long a thread may keep the interpreter while another waits for it. A commit takes it half a dozen times, and
#: under load would wait Python's 5 ms each time.
_SWITCH_SECONDS = 0.0005


logger = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """On the first signal tells clients to reconnect and waits for them to go; on the second stops at once."""

    _draining = False
    _drain: asyncio.Task[None] | None = None
    _garbage: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        sys.setswitchinterval(_SWITCH_SECONDS)
        await super().startup(sockets)
        runtime = await current_runtime()
        keeper = GarbageKeeper(busy=lambda: runtime.hub.playing)
        self._garbage = asyncio.create_task(keeper.run(), name="garbage")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        from quizserver.asgi import streams

        await streams.close_all(CLOSE_RESTART, "restart")
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and not self._draining and self.started:
            self._draining = True
            # A signal handler may run in the middle of anything: only this call is safe in it.
            asyncio.get_running_loop().call_soon_threadsafe(self._begin_drain, sig, frame)
        else:
            super().handle_exit(sig, frame)

    def _begin_drain(self, sig: int, frame: FrameType | None) -> None:
        self._drain = asyncio.create_task(self._drain_then_exit(sig, frame))

    async def _drain_then_exit(self, sig: int, frame: FrameType | None) -> None:
        try:
            await (await current_runtime()).drain()
        finally:
            super().handle_exit(sig, frame)


def server(config: Config) -> uvicorn.Server:
    """The server of this process."""
    raise_limit()
    allowed = connections_allowed(config.max_connections)
    if allowed < config.max_connections:
        # Players who are let in must not lack a file for the database or Redis.
        logger.warning("open_files_bound_connections", extra={"connections": allowed, "wanted": config.max_connections})
    return DrainingServer(
        uvicorn.Config(
            "quizserver.asgi:application",
            host=config.bind,
            port=config.port,
            loop="uvloop",
            http=TimedProtocol,
            ws=FramesProtocol,
            ws_max_size=config.ws_max_message_bytes,
            ws_per_message_deflate=False,
            ws_ping_interval=config.ws_ping_seconds or None,
            ws_ping_timeout=config.ws_ping_seconds or None,
            lifespan="on",
            access_log=False,
            log_config=None,
            proxy_headers=True,
            forwarded_allow_ips=config.trusted_proxies,
            server_header=False,
            backlog=4096,
            timeout_graceful_shutdown=5,
        )
    )
