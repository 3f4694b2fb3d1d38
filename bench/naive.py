"""The baseline (a): the usual Channels way. Each socket joins the session's group; each score is a `group_send`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from typing import Any

import uvicorn
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings

settings.configure(
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["BENCH_REDIS"]]},
        }
        if os.environ.get("BENCH_REDIS")
        else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1_000_000}}
    }
)
_loop: asyncio.AbstractEventLoop | None = None


class Consumer(AsyncJsonWebsocketConsumer):
    """A player as tutorials write it."""

    group = ""

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        """Without blanks, as the load client reads it."""
        return json.dumps(content, separators=(",", ":"))

    async def connect(self) -> None:
        global _loop
        _loop = asyncio.get_running_loop()
        await self.accept()

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        match content["type"]:
            case "JOIN_SESSION":
                self.group = content["payload"]["session_id"]
                await self.channel_layer.group_add(self.group, self.channel_name)
                await self.send_json({"type": "SESSION_JOINED", "payload": {}})
            case "PING":
                await self.send_json({"type": "PONG", "payload": {}})
            case "SUBMIT_ANSWER":
                await self.send_json({"type": "SCORE_UPDATED", "payload": {"new_score": 10}})
                score = {"type": "LEADERBOARD_UPDATED", "payload": {"user": self.channel_name, "score": 10}}
                await self.channel_layer.group_send(self.group, {"type": "tell", "message": score})

    async def tell(self, event: dict[str, Any]) -> None:
        """A broadcast reached this socket."""
        await self.send_json(event["message"])


async def _broadcast(count: int, size: int) -> float:
    layer = get_channel_layer()
    message = {"type": "BENCH", "payload": {"filler": "x" * (size - 42)}}
    started = time.perf_counter()
    for _ in range(count):
        await layer.group_send("session", {"type": "tell", "message": message})
    return time.perf_counter() - started


def _control() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        assert _loop is not None
        future = asyncio.run_coroutine_threadsafe(_broadcast(command["count"], command["size"]), _loop)
        print(json.dumps({"seconds": future.result()}), flush=True)


if __name__ == "__main__":
    threading.Thread(target=_control, daemon=True).start()
    uvicorn.run(
        Consumer.as_asgi(),
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="warning",
        lifespan="off",
        backlog=4096,
    )
