"""Redis connections: time limits, a waiting pool, and the knowledge that the server was restarted.

A server that was restarted, or failed over to a replica, may have lost its last writes. Every new connection therefore
asks for the server's run id before it is used, and refuses to be used when that is not the one the live state was
checked against (:class:`Restarted`): nothing reads or writes such a server until the state was rebuilt.

Of the three kinds of client (commands, blocking reads, pub/sub) two are used: commands here, pub/sub in the channel
layer. Nothing reads blocking.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, cast
from urllib.parse import parse_qs, urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, DefaultParser, parse_url
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
    TryAgainError,
)

from common.shards import OF_ONE_REDIS

#: NOPERM, as a script is told it.
_SCRIPT_FORBIDDEN = "ERR The user executing the script can't run"


class Refusing(ConnectionError):
    """Redis answers, and does not do what it is asked: its disk or its replicas are gone, a script holds it up, rights
    are missing. It is as good as away."""


#: What an answer says by which Redis refuses to write, or to do anything.
REFUSES: tuple[type[Exception], ...] = (Refusing, ReadOnlyError, OutOfMemoryError)
#: What Redis raises when it cannot be reached or refuses; another time it may not.
REDIS_DOWN: tuple[type[Exception], ...] = (
    ConnectionError,
    TimeoutError,
    ReadOnlyError,
    OutOfMemoryError,
    MasterDownError,
    ClusterDownError,
    TryAgainError,
    OSError,
)
#: Words with which Redis refuses, and for which redis-py has no class that tells it from a wrong command. The others
#: (LOADING, NOAUTH, WRONGPASS, READONLY, OOM, MASTERDOWN, CLUSTERDOWN) are among REDIS_DOWN as they are.
_REFUSALS = ("MISCONF", "NOREPLICAS", "BUSY", "UNKILLABLE", "NOPERM", "DENIED", "IOERR", "INPROG", "NOMASTERLINK")

_LAYOUT_KEY = "quizserver:layout"
#: Written to find out whether Redis takes writes: a full or demoted one still answers whoever reads.
_PROBE_KEY = "quizserver:probe"
_PROBE_SECONDS = 60
#: Grows when the meaning of a key changes.
_LAYOUT = "3"
SCHEMES = ("redis", "rediss", "unix", "sentinel")


class _Parser(DefaultParser):  # type: ignore[misc, valid-type]  # one of two classes, by whether hiredis is there
    EXCEPTION_CLASSES: ClassVar[dict[str, Any]] = {
        **DefaultParser.EXCEPTION_CLASSES,
        **dict.fromkeys(_REFUSALS, Refusing),
    }

    @classmethod
    def parse_error(cls, response: str) -> Exception:
        if response.startswith(_SCRIPT_FORBIDDEN):
            return Refusing(response)
        error: Exception = super().parse_error(response)
        return error


class Restarted(ConnectionError):
    """The server is not the run that the live state was checked against."""


class ForeignLayout(ConnectionError):
    """This Redis holds the keys of another program, or of another version of this one. It is as good as away."""


def describe(error: BaseException) -> str:
    """What an error says, for the log; redis-py shows some of its own by class alone."""
    return f"{type(error).__name__}: {error}"


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


def probe_writing(client: redis.Redis) -> None:
    """Make sure that Redis takes writes.

    :raises redis.exceptions.RedisError: when it does not, or cannot be reached.
    """
    client.set(_PROBE_KEY, "health", ex=_PROBE_SECONDS)


class RedisServer:
    """The commands client of a process."""

    def __init__(self, url: str, *, timeout: float, connections: int, shards: int = 0) -> None:
        """:param timeout: seconds a command, or a connection, may take.
        :param connections: connections of the pool; who finds none free waits for one.
        :param shards: virtual shards that keys are spread over; 0 for as many as fit the kind of server.
        """
        self.shards = shards or OF_ONE_REDIS
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
            "parser_class": _Parser,
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
        """The run id of the server that is there now and takes writes, whatever the live state was checked against.

        :raises redis.exceptions.RedisError, OSError: when there is none.
        """
        # A connection from before the restart would fail once more.
        await self._scout.connection_pool.disconnect()
        # Connecting is several round trips, each of which may take the time of one.
        async with asyncio.timeout(2 * self._timeout):
            run = _run_id(await self._scout.execute_command("INFO", "server"))
            await self._scout.set(_PROBE_KEY, run, ex=_PROBE_SECONDS)
            return run

    async def check_layout(self) -> None:
        """Make sure that the keys in the server that is there now are ours, and mark an empty one.

        :raises ForeignLayout: when they are not.
        """
        try:
            await self._scout.set(_LAYOUT_KEY, f"{_LAYOUT}/{self.shards}", nx=True)
            found = await self._scout.get(_LAYOUT_KEY)
            kind = await self._scout.type("servers")
        except REDIS_DOWN:
            raise
        except ResponseError as error:
            raise ForeignLayout(f"REDIS_URL: {error}") from error
        version, _, shards = found.partition("/")
        if version != _LAYOUT:
            raise ForeignLayout(f"REDIS_URL: its keys have layout {version}, this version reads {_LAYOUT}")
        if shards != str(self.shards):
            raise ForeignLayout(
                f"REDIS_SHARDS: the data in Redis is spread over {shards}, the settings say {self.shards}; "
                "their number is fixed for as long as there is data (docs/operations.md, Upgrading)"
            )
        if kind not in {"none", "zset"}:
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
