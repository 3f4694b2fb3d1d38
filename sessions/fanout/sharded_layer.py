"""A Channels layer over the sharded publish and subscribe of a Redis Cluster.

A group is a channel in the slot of its session's shard, so that a message goes to the one server that has the session,
and not over the cluster's bus to all of them. Like every layer it may lose messages: when a slot moves or a master
dies, until the group is subscribed to at the new one. Sequence numbers show it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from channels.layers import BaseChannelLayer
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import ClusterDownError, ConnectionError, RedisError

from common.redis import cluster_of
from common.redis_cluster import ClusterClient
from common.shards import OF_A_CLUSTER, Shards

logger = logging.getLogger(__name__)

#: Seconds between two attempts to subscribe where it did not work.
_RETRY_SECONDS = 0.25
#: Seconds without a message after which a subscription's connection is tried.
_HEALTH_SECONDS = 10
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class ShardedPubSubLayer(BaseChannelLayer):
    """For one event loop, whose channels all get what any of them is subscribed to by group."""

    extensions: tuple[str, ...] = ("groups",)

    def __init__(self, url: str, *, timeout: float, shards: int = 0, prefix: str = "quiz", **kwargs: Any) -> None:
        """:param timeout: seconds a publication may take.
        :param shards: virtual shards that sessions are spread over; 0 for as many as a cluster has.
        """
        super().__init__(**kwargs)
        self._prefix = prefix
        self._shards = Shards(shards or OF_A_CLUSTER)
        self._client = ClusterClient(url, timeout=timeout, connections=50)
        self._options = cluster_of(url)[1]
        self._queues: dict[str, asyncio.Queue[Mapping[str, Any]]] = {}
        #: Channels here, by the group's channel in Redis.
        self._members: dict[str, set[str]] = {}
        #: Where each is subscribed to, and who waits for that.
        self._placed: dict[str, Listener] = {}
        self._listeners: dict[tuple[str, int], Listener] = {}
        self._mending: asyncio.Task[None] | None = None

    def topic(self, group: str) -> str:
        """A group's channel in Redis. The group of a session is named ``KIND.SESSION``."""
        return f"{self._prefix}:{self._shards.tag(group.partition('.')[2])}:{group}"

    async def new_channel(self, prefix: str = "specific.") -> str:
        """A channel of our own."""
        name = f"{prefix}.{uuid.uuid4().hex}"
        self._queues[name] = asyncio.Queue()
        return name

    async def receive(self, channel: str) -> Mapping[str, Any]:
        """The next message."""
        return await self._queues[channel].get()

    async def send(self, channel: str, message: Mapping[str, Any]) -> None:
        """To a channel of this process: others cannot be reached by name."""
        self._queues[channel].put_nowait(message)

    async def group_add(self, group: str, channel: str) -> None:
        """Subscribe; when this returns, nothing that is sent from now on is missed.

        :raises redis.exceptions.RedisError, OSError: when it did not work; it is tried again by itself.
        """
        topic = self.topic(group)
        self._members.setdefault(topic, set()).add(channel)
        if topic not in self._placed:
            await self._subscribe(topic)

    async def group_discard(self, group: str, channel: str) -> None:
        """Get nothing more of this group."""
        topic = self.topic(group)
        members = self._members.get(topic, set())
        members.discard(channel)
        if not members:
            self._members.pop(topic, None)
            listener = self._placed.pop(topic, None)
            if listener is not None:
                with contextlib.suppress(RedisError, OSError):
                    await listener.unsubscribe(topic)

    async def group_send(self, group: str, message: Mapping[str, Any]) -> None:
        """Tell all members, on every instance.

        :raises redis.exceptions.RedisError, OSError: when the message may be lost.
        """
        await self._client.execute_command(*self.publication(group, message))

    def publication(self, group: str, message: Mapping[str, Any]) -> tuple[str, str, bytes]:
        """The command that tells all members of a group."""
        return "SPUBLISH", self.topic(group), _encode(message)

    async def close(self) -> None:
        """End the connections."""
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.gather(self._mending, return_exceptions=True)
        await asyncio.gather(*(listener.close() for listener in self._listeners.values()))
        await self._client.aclose()

    def deliver(self, topic: str, data: bytes) -> None:
        """A message came."""
        message = _decode(data)
        for channel in self._members.get(topic, ()):
            self._queues[channel].put_nowait(message)

    def lost(self, listener: Listener, topic: str = "") -> None:
        """The server no longer tells of a channel, or of any: its slot has moved, or its connection is gone."""
        for each, place in list(self._placed.items()):
            if place is listener and topic in {"", each}:
                del self._placed[each]
        if self._mending is None or self._mending.done():
            self._mending = asyncio.create_task(self._mend(), name="layer-mend")

    async def _mend(self) -> None:
        """Subscribe again to what was lost."""
        while missing := [topic for topic in self._members if topic not in self._placed]:
            try:
                await self._client.look_again()
                for topic in missing:
                    if topic in self._members and topic not in self._placed:
                        await self._subscribe(topic)
            except (RedisError, OSError, TimeoutError) as error:
                logger.warning("layer_unreachable", extra={"error": f"{type(error).__name__}: {error}"})
                await asyncio.sleep(_RETRY_SECONDS)

    async def _subscribe(self, topic: str) -> None:
        await self._client.initialize()
        node = self._client.node_of(key_slot(topic.encode()))
        place = str(node.host), int(node.port)
        listener = self._listeners.get(place)
        if listener is None or listener.over:
            listener = self._listeners[place] = Listener(self, *place, self._options)
        await listener.subscribe(topic)
        self._placed[topic] = listener


class Listener:
    """The subscriptions at one server, over one connection."""

    def __init__(self, layer: ShardedPubSubLayer, host: str, port: int, options: Mapping[str, Any]) -> None:
        self._layer = layer
        self._client = Redis(
            host=host, port=port, socket_timeout=None, socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0), protocol=2, **options,
        )  # fmt: skip
        self._pubsub: PubSub = self._client.pubsub()
        self._asked: dict[str, asyncio.Future[None]] = {}
        self._reading: asyncio.Task[None] | None = None
        #: Whether its connection is gone for good.
        self.over = False

    async def subscribe(self, topic: str) -> None:
        """Returns when the server has confirmed it.

        :raises ClusterDownError: when the server does not have the slot, or is gone.
        """
        confirmed = self._asked[topic] = asyncio.get_running_loop().create_future()
        try:
            await self._pubsub.ssubscribe(topic)
            if self._reading is None:
                self._reading = asyncio.create_task(self._read(), name="layer-listen")
            await confirmed
        finally:
            self._asked.pop(topic, None)

    async def unsubscribe(self, topic: str) -> None:
        """Get no more of it."""
        await self._pubsub.sunsubscribe(topic)

    async def close(self) -> None:
        """End the connection."""
        self.over = True
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._pubsub.aclose()  # type: ignore[no-untyped-call]
        await self._client.aclose()

    async def _read(self) -> None:
        quiet = False
        try:
            while True:
                message = await self._pubsub.parse_response(block=False, timeout=_HEALTH_SECONDS)
                if message is not None:
                    quiet = False
                    self._take(message)
                elif quiet:
                    raise ConnectionError("The server does not answer.")
                else:
                    quiet = True
                    await self._pubsub.ping("quiet")
        except (RedisError, OSError) as error:
            self._end(error)

    def _take(self, message: Any) -> None:
        kind, topic = bytes(message[0]), message[1].decode() if len(message) > 1 and message[1] else ""
        match kind:
            case b"smessage":
                self._layer.deliver(topic, message[2])
            case b"ssubscribe":
                if topic in self._asked and not self._asked[topic].done():
                    self._asked[topic].set_result(None)
            case b"sunsubscribe":
                # The server says so by itself when it gives the slot away.
                self._layer.lost(self, topic)

    def _end(self, error: Exception) -> None:
        """Nothing more comes: also when one subscription was refused, for the reply does not say which."""
        self.over = True
        for asked in self._asked.values():
            if not asked.done():
                asked.set_exception(ClusterDownError(f"The subscription was lost: {error}"))
        self._layer.lost(self)
        closing = asyncio.create_task(self._hang_up())
        _closing.add(closing)
        closing.add_done_callback(_closing.discard)

    async def _hang_up(self) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self._pubsub.aclose()  # type: ignore[no-untyped-call]
            await self._client.aclose()


#: Connections that are being closed.
_closing: set[asyncio.Task[None]] = set()
