"""Redis connections: time limits, a waiting pool, and the knowledge that the server is not what it was.

A server that was restarted, emptied, or failed over to a replica, may have lost its last writes. So what the live state
was checked against is a *run*: one process of Redis (its run id, which a restart changes) with one *epoch*, a key of
ours that an emptied Redis has lost, and that is renewed by whoever finds that Redis lacks something it had. Every new
connection asks for both before it is used, scripts compare the run with the one each session was merged into, and each
second every instance looks at the epoch and moves on a mark of its own, which must never go back. Whoever finds another
run uses it for nothing (:class:`Restarted`) until the state was rebuilt.

Epochs are counted, so that of two Redises at once, as when a replica is promoted while the old master lives, the one
with the later epoch is used.

Of the three kinds of client (commands, blocking reads, pub/sub) two are used: commands here, pub/sub in the channel
layer. Nothing reads blocking.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, NoReturn, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, DefaultParser, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from common import metrics
from common.shards import OF_ONE_REDIS
from common.trips import Script, Trips

logger = logging.getLogger(__name__)

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

_IN_A_CLUSTER = "REDIS_URL: this Redis is one of a cluster, whose address begins with redis+cluster://"
_LAYOUT_KEY = "quizserver:layout"
#: Written to find out whether Redis takes writes: a full or demoted one still answers whoever reads.
PROBE_KEY = "quizserver:probe"
PROBE_SECONDS = 60
#: Each process moves its own on.
_MARK_KEY = "quizserver:mark"
_MARK_SECONDS = 86_400
_EPOCH_KEY = "quizserver:epoch"
#: Characters of a server's run id that tell it from others: a run is written where there is room for 40.
_PROCESS = 16
#: Renews the epoch unless somebody has done so already; tells which one holds, and whether it is the given one.
_RENEW = """
local found = redis.call('GET', KEYS[1])
if found and found ~= ARGV[1] then return { found, 0 } end
redis.call('SET', KEYS[1], ARGV[2])
return { ARGV[2], 1 }
"""
#: Writes a value unless somebody has written another one.
_SWAP = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""
#: Grows when the meaning of a key changes.
_LAYOUT = "3"
#: Of a cluster, over TLS with the second one.
_CLUSTER_SCHEMES = ("redis+cluster", "rediss+cluster")
SCHEMES = ("redis", "rediss", "unix", "sentinel", *_CLUSTER_SCHEMES)


class Parser(DefaultParser):  # type: ignore[misc, valid-type]  # one of two classes, by whether hiredis is there
    """Tells refusals from other errors."""

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


class OutdatedMaster(ConnectionError):
    """Other instances use a later Redis than the one that is reached from here."""


class ForeignLayout(ConnectionError):
    """This Redis holds the keys of another program, or of another version of this one. It is as good as away."""


def describe(error: BaseException) -> str:
    """What an error says, for the log; redis-py shows some of its own by class alone."""
    return f"{type(error).__name__}: {error}"


def check_url(url: str) -> None:
    """Refuse an address that can never work.

    :raises SystemExit: with one line.
    """
    try:
        parts, _hosts = split_address(url)
    except ValueError as error:
        raise SystemExit(f"The settings are wrong. REDIS_URL: {error}") from None
    if parts.scheme not in SCHEMES:
        raise SystemExit(
            f"The settings are wrong. REDIS_URL: unknown scheme {parts.scheme!r}; use one of {', '.join(SCHEMES)}"
        )
    try:
        if parts.scheme == "sentinel":
            sentinel_of(url)
        elif is_cluster(url):
            cluster_of(url)
        else:
            parse_url(url)
    except ValueError as error:
        raise SystemExit(f"The settings are wrong. REDIS_URL: {error}") from None


def sentinel_of(url: str) -> tuple[list[tuple[str, int]], str, dict[str, Any]]:
    """Sentinels, name of the master, and connection options of ``sentinel://[:password@]host:port,host:port/NAME?db=0``.

    :raises ValueError: when it has no host or no name.
    """
    parts, hosts = split_address(url)
    name = parts.path.strip("/")
    if not hosts or not name:
        raise ValueError("a sentinel address has hosts and a name: sentinel://host:26379,host:26379/NAME")
    sentinels = _addresses(hosts, 26_379)
    options: dict[str, Any] = {"db": int(parse_qs(parts.query).get("db", ["0"])[0])}
    if parts.password:
        options["password"] = parts.password
    return sentinels, name, options


def is_cluster(url: str) -> bool:
    """Whether the address is of a Redis Cluster."""
    return split_address(url)[0].scheme in _CLUSTER_SCHEMES


def split_address(url: str) -> tuple[SplitResult, str]:
    """The address, and the hosts in it: there may be several, and :func:`urlsplit` takes brackets for the first alone.

    :raises ValueError: when it cannot be taken apart.
    """
    scheme, separator, rest = url.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    credentials, at, hosts = authority.rpartition("@")
    if not separator:
        return urlsplit(url), ""
    return urlsplit(f"{scheme}://{credentials}{at}host{rest[len(authority) :]}"), hosts


def cluster_of(url: str) -> tuple[list[tuple[str, int]], dict[str, Any]]:
    """Some servers of the cluster, and connection options, of ``redis+cluster://[user:password@]host:port,host:port``.

    :raises ValueError: when it has no host, or what a cluster does not have.
    """
    parts, hosts = split_address(url)
    if not hosts or parts.path.strip("/") not in {"", "0"} or parts.query:
        raise ValueError(
            "a cluster address has some of its servers and no database number: redis+cluster://host:6379,host:6379"
        )
    options: dict[str, Any] = {"ssl": True} if parts.scheme == "rediss+cluster" else {}
    credentials = {"username": parts.username, "password": parts.password}
    options |= {name: unquote(value) for name, value in credentials.items() if value}
    return _addresses(hosts, 6_379), options


def _addresses(hosts: str, port: int) -> list[tuple[str, int]]:
    """Host and port of each part between commas.

    :param port: where none is given.
    """
    found = []
    for each in hosts.split(","):
        parts = urlsplit(f"//{each}")
        if not parts.hostname:
            raise ValueError(f"{each!r} is no host and port")
        found.append((parts.hostname, parts.port or port))
    return found


def layer_host(url: str) -> dict[str, Any]:
    """The host entry of channels_redis for this address.

    Reads of an idle subscription wait for ever (redis-py's default would end them), so that a connection that died
    without a word is found by pinging it when it has been quiet.
    """
    common = {"socket_timeout": None, "socket_connect_timeout": 2, "health_check_interval": 10}
    if split_address(url)[0].scheme == "sentinel":
        sentinels, name, options = sentinel_of(url)
        return {"sentinels": sentinels, "master_name": name, **options, **common}
    return {"address": url, **common}


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
        #: How far this process has moved its mark on in that run.
        self._mark = 0
        self._marking = asyncio.Lock()
        self.connections = connections
        #: Milliseconds after which whoever sent a command has given it up: connecting may take the time of another one.
        self.patience_ms = round(2 * timeout * 1_000)
        #: How far our clock is ahead of that of the machine of Redis, which may step; milliseconds.
        self.ahead_ms = 0
        #: Measures that, see common/shared_time.py.
        self.agree_on_time: Callable[[], Awaitable[None]] | None = None
        self._timeout = timeout
        #: For everything but the second one, which looks at a server before anything else uses it: apart from the
        #: others, so that none of theirs goes unchecked.
        self.client, self._scout = self._clients(url, timeout, connections)
        #: The way for whatever many do at the same time.
        self.trips: Any = self._make_trips(timeout)

    def _clients(self, url: str, timeout: float, connections: int) -> tuple[Any, Any]:
        options: dict[str, Any] = {
            "decode_responses": True,
            # redis-py reads the order of thousands, or their answers, two to three times as fast as over RESP3.
            "protocol": 2,
            "parser_class": Parser,
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            # Whoever sends a command decides whether to send it again (sessions/stores/failover/store.py).
            "retry": Retry(NoBackoff(), 0),
        }

        def client(connections: int, **more: Any) -> Any:
            if split_address(url)[0].scheme == "sentinel":
                sentinels, name, named = sentinel_of(url)
                sentinel: Any = cast(Any, Sentinel)(sentinels, sentinel_kwargs={"socket_timeout": timeout})
                pool: Any = cast(Any, SentinelConnectionPool)(name, sentinel, **options, **named, **more)
            else:
                pool = BlockingConnectionPool.from_url(
                    url, max_connections=connections, timeout=timeout, **options, **more
                )
            return Redis(connection_pool=pool)

        return client(connections, redis_connect_func=self._connected), client(1)

    def script(self, source: str) -> Script:
        """A script of this server, by way of the trips."""
        return Script(self.trips, source)

    def _make_trips(self, timeout: float) -> Any:
        return Trips(self.client.connection_pool, timeout=timeout)

    async def _connected(self, connection: AbstractConnection) -> None:
        await connection.on_connect()
        if not self.run_id:
            return
        await connection.send_command("INFO", "server")
        process = _process_of(await connection.read_response())
        await connection.send_command("GET", _EPOCH_KEY)
        epoch = await connection.read_response()
        if f"{process}:{epoch.decode() if isinstance(epoch, bytes) else epoch}" != self.run_id:
            raise Restarted("Redis is not what it was.")

    async def current_run(self) -> str:
        """The run of Redis that is there now and takes writes, whatever the live state was checked against.

        Its epoch is renewed when this is another process than before, or one that was emptied: others then know it too.

        :raises redis.exceptions.RedisError, OSError: when there is none.
        """
        # Connecting is several round trips, each of which may take the time of one.
        async with asyncio.timeout(2 * self._timeout):
            process = await self._process()
            epoch = await self._scout.get(_EPOCH_KEY)
            before, known = parts_of(self.run_id)
            if epoch is None:
                epoch = await self._renew(known, "redis_emptied" if before else "")
            elif before and before != process and epoch_number(epoch) <= epoch_number(known):
                epoch = await self._renew(epoch, "redis_replaced", above=known)
            return f"{process}:{epoch}"

    async def _process(self) -> str:
        """Which process of Redis is there now and takes writes."""
        # A connection from before the restart would fail once more.
        await self._scout.connection_pool.disconnect()
        process = _process_of(await self._scout.execute_command("INFO", "server"))
        try:
            await self._scout.set(PROBE_KEY, process, ex=PROBE_SECONDS)
        except MovedError as error:
            raise ForeignLayout(_IN_A_CLUSTER) from error
        return process

    async def check(self, tag: str = "") -> None:
        """Make sure that Redis is the run that the live state was checked against.

        :param tag: hash tag of the shard whose server is meant, where there are several.
        :raises Restarted: when it is not.
        """
        if self.run_id and await self.client.get(_EPOCH_KEY) != parts_of(self.run_id)[1]:
            raise Restarted("Redis is not what it was.")

    async def beat(self, server_id: str) -> None:
        """As :meth:`check`; and move on the mark of this process, which shows a Redis that went back in time."""
        mark = f"{_MARK_KEY}:{server_id}"
        async with self._marking, self.client.pipeline(transaction=False) as pipe:
            pipe.get(_EPOCH_KEY).incr(mark).expire(mark, _MARK_SECONDS)
            epoch, count, _ = await pipe.execute()
            if epoch != parts_of(self.run_id)[1]:
                raise Restarted("Redis is not what it was.")
            before, self._mark = self._mark, count
        if before >= count:
            await self.disown("redis_went_back")

    async def disown(self, what: str) -> NoReturn:
        """This Redis lacks something that it had: all instances are to bring in what they hold.

        :param what: a value of the metric ``store_losses_total``.
        :raises Restarted: always.
        """
        await self._renew(parts_of(self.run_id)[1], what)
        raise Restarted(f"Redis lacks something that it had ({what}).")

    async def renew(self, run: str) -> str:
        """The run from now on, where this one lacks what was played without it; nothing is lost with that."""
        process, epoch = parts_of(run)
        return f"{process}:{await self._renew(epoch, '')}"

    async def adopt(self, run: str) -> None:
        """The live state is being checked against this run. Connections to another one end."""
        moved = self.run_id and parts_of(self.run_id)[0] != parts_of(run)[0]
        if run != self.run_id:
            self._mark = 0
        self.run_id = run
        if moved:
            # To a server that still lives, and was demoted, or is one of two.
            await self._hang_up()

    async def _hang_up(self) -> None:
        await self.client.connection_pool.disconnect(inuse_connections=True)

    async def swap(self, key: str, before: str | None, after: str) -> bool:
        """Write a value unless another one than ``before`` is there; whether it was written."""
        return bool(await self.client.eval(_SWAP, 1, key, before or "", after))

    async def _renew(self, before: str, what: str, *, above: str = "") -> str:
        """The epoch from now on."""
        fresh = f"{max(epoch_number(before), epoch_number(above)) + 1}-{secrets.token_hex(4)}"
        epoch, ours = await self._scout.eval(_RENEW, 1, _EPOCH_KEY, before, fresh)
        if ours and what:
            metrics.store_losses.labels(what).inc()
            logger.error("store_lost_something", extra={"what": what, "epoch": epoch})
        return str(epoch)

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
        except MovedError as error:
            raise ForeignLayout(_IN_A_CLUSTER) from error
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


def epoch_number(epoch: str) -> int:
    """Which epoch an epoch is, or the one of a run; 0 for what has none."""
    number = epoch.rpartition(":")[2].partition("-")[0]
    return int(number) if number.isdigit() else 0


def parts_of(run: str) -> tuple[str, str]:
    """Process and epoch of a run."""
    process, _, epoch = run.partition(":")
    return process, epoch


def _process_of(info: Any) -> str:
    if isinstance(info, dict):
        return str(info["run_id"])[:_PROCESS]
    text: str = info.decode() if isinstance(info, bytes) else info
    found = next(line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("run_id:"))
    return found[:_PROCESS]
