"""Redis connections: time limits, a waiting pool, and the knowledge that the server was restarted.

A server that was restarted, or failed over to a replica, may have lost its last writes. Every new connection therefore
asks for the server's run id before it is used, and refuses to be used when that is not the one the live state was
checked against (:class:`Restarted`): nothing reads or writes such a server until the state was rebuilt.

Of the three kinds of client (commands, blocking reads, pub/sub) two are used: commands here, pub/sub in the channel
layer. Nothing reads blocking.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
)

#: What Redis raises when it cannot be reached or cannot take writes; another time it may.
REDIS_DOWN: tuple[type[Exception], ...] = (
    ConnectionError,
    TimeoutError,
    ReadOnlyError,
    OutOfMemoryError,
    MasterDownError,
    ClusterDownError,
    OSError,
)

_LAYOUT_KEY = "quizserver:layout"
#: Grows when the meaning of a key changes.
_LAYOUT = "2"
SCHEMES = ("redis", "rediss", "unix", "sentinel")


class Restarted(ConnectionError):
    """The server is not the run that the live state was checked against."""


class ForeignLayout(ConnectionError):
    """This Redis holds the keys of another program, or of another version of this one. It is as good as away."""


def check_url(url: str) -> None:
    """Refuse an address that can never work.

    :raises SystemExit: with one line.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise SystemExit(
            f"The settings are wrong. REDIS_URL: unknown scheme {parts.scheme!r}; use one of {', '.join(SCHEMES)}"
        )
    try:
        if parts.scheme == "sentinel":
            sentinel_of(url)
        else:
            parse_url(url)
    except ValueError as error:
        raise SystemExit(f"The settings are wrong. REDIS_URL: {error}") from None


def sentinel_of(url: str) -> tuple[list[tuple[str, int]], str, dict[str, Any]]:
    """Sentinels, name of the master, and connection options of ``sentinel://[:password@]host:port,host:port/NAME?db=0``.

    :raises ValueError: when it has no host or no name.
    """
    parts = urlsplit(url)
    name = parts.path.strip("/")
    hosts = parts.netloc.rpartition("@")[2]
    if not hosts or not name:
        raise ValueError("a sentinel address has hosts and a name: sentinel://host:26379,host:26379/NAME")
    sentinels = []
    for host in hosts.split(","):
        address, _, port = host.rpartition(":") if ":" in host else (host, "", "26379")
        sentinels.append((address, int(port)))
    options: dict[str, Any] = {"db": int(parse_qs(parts.query).get("db", ["0"])[0])}
    if parts.password:
        options["password"] = parts.password
    return sentinels, name, options


def layer_host(url: str) -> dict[str, Any]:
    """The host entry of channels_redis for this address.

    Reads of an idle subscription wait for ever (redis-py's default would end them), so that a connection that died
    without a word is found by pinging it when it has been quiet.
    """
    common = {"socket_timeout": None, "socket_connect_timeout": 2, "health_check_interval": 10}
    if urlsplit(url).scheme == "sentinel":
        sentinels, name, options = sentinel_of(url)
        return {"sentinels": sentinels, "master_name": name, **options, **common}
    return {"address": url, **common}


def watching_client(url: str, *, timeout: float) -> redis.Redis:
    """A client for health and metrics, which run on threads: it waits for an answer, for ``timeout`` seconds."""
    if urlsplit(url).scheme == "sentinel":
        sentinels, name, options = sentinel_of(url)
        watchers = cast(Any, redis.Sentinel)(sentinels, sentinel_kwargs={"socket_timeout": timeout})
        client: redis.Redis = watchers.master_for(
            name, socket_timeout=timeout, socket_connect_timeout=timeout, **options
        )
        return client
    return redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)


class RedisServer:
    """The commands client of a process."""

    def __init__(self, url: str, *, timeout: float, connections: int) -> None:
        """:param timeout: seconds a command, or a connection, may take.
        :param connections: connections of the pool; who finds none free waits for one.
        """
        #: The run the live state was checked against; empty before the first check.
        self.run_id = ""
        self.connections = connections
        #: Milliseconds after which whoever sent a command has given it up: connecting may take the time of another one.
        self.patience_ms = round(2 * timeout * 1_000)
        self._timeout = timeout
        options: dict[str, Any] = {
            "decode_responses": True,
            # redis-py reads the order of thousands, or their answers, two to three times as fast as over RESP3.
            "protocol": 2,
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            # Whoever sends a command decides whether to send it again (sessions/stores/failover/store.py).
            "retry": Retry(NoBackoff(), 0),
        }

        def client(connections: int, **more: Any) -> Any:
            if urlsplit(url).scheme == "sentinel":
                sentinels, name, named = sentinel_of(url)
                sentinel: Any = cast(Any, Sentinel)(sentinels, sentinel_kwargs={"socket_timeout": timeout})
                pool: Any = cast(Any, SentinelConnectionPool)(name, sentinel, **options, **named, **more)
            else:
                pool = BlockingConnectionPool.from_url(
                    url, max_connections=connections, timeout=timeout, **options, **more
                )
            return Redis(connection_pool=pool)

        self.client: Any = client(connections, redis_connect_func=self._connected)
        #: Looks at a server before anything else uses it. Apart from the others, so that none of theirs goes unchecked.
        self._scout: Any = client(1)

    async def _connected(self, connection: AbstractConnection) -> None:
        await connection.on_connect()
        if not self.run_id:
            return
        await connection.send_command("INFO", "server")
        if _run_id(await connection.read_response()) != self.run_id:
            raise Restarted("Redis was restarted.")

    async def current_run(self) -> str:
        """The run id of the server that is there now, whatever the live state was checked against."""
        # A connection from before the restart would fail once more.
        await self._scout.connection_pool.disconnect()
        # Connecting is several round trips, each of which may take the time of one.
        async with asyncio.timeout(2 * self._timeout):
            return _run_id(await self._scout.execute_command("INFO", "server"))

    async def check_layout(self) -> None:
        """Make sure that the keys in the server that is there now are ours, and mark an empty one.

        :raises ForeignLayout: when they are not.
        """
        await self._scout.set(_LAYOUT_KEY, _LAYOUT, nx=True)
        try:
            found = await self._scout.get(_LAYOUT_KEY)
            kinds = [await self._scout.type(key) for key in ("timers", "servers", "streams")]
        except ResponseError as error:
            raise ForeignLayout(f"REDIS_URL: {error}") from error
        if found != _LAYOUT:
            raise ForeignLayout(f"REDIS_URL: its keys have layout {found}, this version reads {_LAYOUT}")
        if any(kind not in {"none", expected} for kind, expected in zip(kinds, ("zset", "zset", "set"), strict=True)):
            raise ForeignLayout("REDIS_URL: it holds keys of another program; use another database number")

    async def close(self) -> None:
        """End the connections."""
        await self.client.aclose(close_connection_pool=True)
        await self._scout.aclose(close_connection_pool=True)


def _run_id(info: Any) -> str:
    if isinstance(info, dict):
        return str(info["run_id"])
    text: str = info.decode() if isinstance(info, bytes) else info
    return next(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("run_id:"))
