"""What a process of the server has around it: its life, its clients' connections, and its way to the channel layer."""

from __future__ import annotations

import asyncio
import base64
import pickle
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessions.websocket.consumer import QuizConsumer
from tests.dst.redis_client import Link

if TYPE_CHECKING:
    from tests.dst.world import World


@dataclass(slots=True)
class Life:
    """One process: from its start to its death."""

    name: str
    runtime: Any = None
    dead: bool = False
    frozen: bool = False
    stopping: bool = False
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    connections: list[Connection] = field(default_factory=list)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def serves(self) -> bool:
        """Whether it takes connections."""
        return self.runtime is not None and not self.dead and not self.stopping


class Connection:
    """A client's connection to an instance; each way takes its time, and what is sent stays in order."""

    def __init__(self, world: World, life: Life, chance: random.Random) -> None:
        self._world = world
        self._life = life
        self._chance = chance
        self._to_server: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_client: asyncio.Queue[str | None] = asyncio.Queue()
        self._last = [0.0, 0.0]
        self.closed = False
        self._to_server.put_nowait({"type": "websocket.connect"})
        life.connections.append(self)
        consumer: Any = QuizConsumer()
        scope = {"type": "websocket", "query_string": b"", "headers": [], "client": ("127.0.0.1", 1)}
        world.run_in(life, consumer(scope, self._receive, self._send))

    def _way(self, direction: int, work: Callable[..., None], *arguments: Any) -> None:
        loop = asyncio.get_running_loop()
        # Timers of one moment come in any order.
        at = max(self._last[direction] + 1e-6, loop.time() + self._chance.uniform(0.0005, 0.01))
        self._last[direction] = at
        loop.call_at(at, work, *arguments)

    async def _receive(self) -> dict[str, Any]:
        message = await self._to_server.get()
        await self._world.gate()
        return message

    async def _send(self, event: Mapping[str, Any]) -> None:
        await self._world.gate()
        if event["type"] == "websocket.send":
            self._way(1, self._to_client.put_nowait, event["text"])
        elif event["type"] == "websocket.close":
            self._way(1, self.cut)

    def send(self, text: str) -> None:
        """From the client."""
        if not self.closed:
            self._way(0, self._to_server.put_nowait, {"type": "websocket.receive", "text": text})

    async def receive(self) -> str | None:
        """For the client: the next message, ``None`` when the connection is over."""
        return await self._to_client.get()

    def hang_up(self) -> None:
        """The client goes."""
        if not self.closed:
            self.closed = True
            self._way(0, self._to_server.put_nowait, {"type": "websocket.disconnect", "code": 1006})

    def cut(self) -> None:
        """It breaks: both sides hear of it."""
        if not self.closed:
            self.hang_up()
            self._to_client.put_nowait(None)


class Layer:
    """A channel layer over the Redis of an instance: it may lose messages, and let one overtake another."""

    def __init__(self, world: World, link: Link) -> None:
        self._world = world
        self.link = link
        self._queue: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._groups: set[str] = set()
        world.layers.append(self)

    def _check(self) -> None:
        if not self.link.server.up or self.link.cut:
            raise ConnectionError("The layer is away.")

    async def new_channel(self, prefix: str) -> str:
        await self._world.gate()
        self._check()
        return prefix

    async def receive(self, channel: str) -> Mapping[str, Any]:
        message = await self._queue.get()
        await self._world.gate()
        return message

    async def group_add(self, group: str, channel: str) -> None:
        await self._world.gate()
        self._check()
        self._groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._world.gate()
        self._groups.discard(group)

    def _get_group_channel_name(self, group: str) -> str:
        return group

    def serialize(self, message: Mapping[str, Any]) -> bytes:
        return base64.b64encode(pickle.dumps(message))

    def deliver(self, group: str, data: str) -> bool:
        """What Redis has for whoever subscribed; whether this one did."""
        if group not in self._groups:
            return False
        world = self._world
        lost = self.link.cut or (world.layer_loss and world.chance.random() < world.layer_loss)
        if not lost:
            slowest = 0.05 if world.layer_loss else 0.004
            way, message = world.chance.uniform(0.0005, slowest), pickle.loads(base64.b64decode(data))
            world.loop.call_later(way, self._queue.put_nowait, message)
        return True

    async def close_pools(self) -> None:
        """As channels_redis has it."""
