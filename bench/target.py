"""The server under test: the project's own, with a control channel on stdin that can make its hub broadcast."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizserver.settings")
import django

django.setup()

from common.config import CONFIG
from quizserver.server.run import server
from sessions.wiring import runtime as runtime_module


async def _broadcast(session_id: str, count: int, size: int) -> float:
    hub = runtime_module.runtime().hub
    room = hub.rooms[session_id]
    body = (b'{"type":"BENCH","payload":{"filler":"%b"}}' % (b"x" * size))[:size]
    started = time.perf_counter()
    for _ in range(count):
        await room.fan_out(body)
    return time.perf_counter() - started


def _control() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        seconds = runtime_module.call(_broadcast(command["session_id"], command["count"], command["size"]))
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(None)
    threading.Thread(target=_control, daemon=True).start()
    server(CONFIG).run()
