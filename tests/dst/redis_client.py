"""redis-py's client over a network that loses, delays, refuses and partitions, in place of the real one."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import hiredis
from redis import exceptions
from redis._parsers import helpers
from redis.commands import AsyncCoreCommands

from tests.dst.redis_server import SimulatedRedis

_helpers: Any = helpers
_CALLBACKS: dict[str, Callable[..., Any]] = {**_helpers._RedisCallbacks, **_helpers._RedisCallbacksRESP2}
#: The methods that make commands, without types that another client could keep to.
_Commands: Any = AsyncCoreCommands


@dataclass(slots=True)
class Link:
    """The way from one instance to its Redis. What it is named after stands in the address."""

    server: SimulatedRedis
    chance: random.Random
    #: Packets are dropped both ways.
    cut: bool = False
    #: Share of the requests, and of the replies, that are lost.
    loss: float = 0.0
    #: The longest way of a packet; seconds.
    slow: float = 0.0
    #: Wakes whoever waits for a server that hangs.
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def way(self) -> float:
        """How long a packet takes."""
        return self.chance.uniform(0.0001, self.slow or 0.001)

    def lost(self) -> bool:
        """Whether a packet gets lost."""
        return self.cut or (self.loss > 0 and self.chance.random() < self.loss)


async def gate() -> None:
    """Whether the caller's process may go on; the world sets it."""


#: By host name in the address.
links: dict[str, Link] = {}


class Connection:
    """One connection: it belongs to the server it was made to, whoever bears the address since."""

    def __init__(self, link: Link, timeout: float) -> None:
        self.link = link
        self.server = link.server
        self._run = link.server.run_id
        self._timeout = timeout
        self._reply: Any = None
        self._replies: deque[Any] = deque()
        self.broken = False

    async def on_connect(self) -> None:
        """What redis-py does first."""
        await self.ask(lambda: "PONG")

    async def send_command(self, *words: Any) -> None:
        self._reply = await self.ask(lambda: self.server.execute(words))

    async def send_packed_command(self, packed: bytes, check_health: bool = True) -> None:
        """Several commands, one right after the other; :meth:`read_response` then tells each reply."""
        reader = hiredis.Reader()
        reader.feed(packed)
        commands = []
        while (words := reader.gets()) is not False:
            commands.append(words)
        self._replies = deque(await self.ask(lambda: self.server.execute_all(commands)))

    async def read_response(self, **options: Any) -> Any:
        if not self._replies:
            return self._reply
        reply = self._replies.popleft()
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def disconnect(self, nowait: bool = False) -> None:
        """It is not used again."""
        self.broken = True

    async def ask(self, work: Callable[[], Any]) -> Any:
        """What the server replies. The server does the work even when nobody waits for the reply any more."""
        await gate()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        link, server = self.link, self.server

        def arrive() -> None:
            if not server.up or server.run_id != self._run:
                answer(None, exceptions.ConnectionError("Connection reset by peer"))
            elif server.paused:
                loop.call_later(0.05, arrive)
            else:
                try:
                    answer(work(), None)
                except Exception as error:
                    answer(None, error)

        def answer(result: Any, error: Exception | None) -> None:
            if not link.lost():
                loop.call_later(link.way(), tell, result, error)

        def tell(result: Any, error: Exception | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)

        if not link.lost():
            loop.call_later(link.way(), arrive)
        self.broken, self._replies = True, deque()
        try:
            async with asyncio.timeout(self._timeout):
                result = await future
        except TimeoutError:
            raise exceptions.TimeoutError("Timeout reading from socket") from None
        except exceptions.ConnectionError:
            raise
        except BaseException:
            self.broken = not future.done()
            raise
        self.broken = False
        await gate()
        return result


class Pool:
    """Stands for redis-py's pool."""

    def __init__(self, host: str, *, max_connections: int, timeout: float, connect: Any) -> None:
        self._link = links[host]
        self._timeout = timeout
        self._connect = connect
        self._free: list[Connection] = []
        self._in_use: list[Connection] = []
        self._slots = asyncio.Semaphore(max_connections)

    @classmethod
    def from_url(cls, url: str, *, max_connections: int, timeout: float, **options: Any) -> Self:
        """As redis-py's."""
        host = url.partition("//")[2].partition(":")[0]
        return cls(host, max_connections=max_connections, timeout=timeout, connect=options.get("redis_connect_func"))

    async def get_connection(self) -> Connection:
        """A connection of one's own, until it is released."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._slots.acquire()
        except TimeoutError:
            raise exceptions.ConnectionError("No connection available.") from None
        try:
            connection = self._free.pop() if self._free else None
            if connection is None:
                connection = Connection(self._link, self._timeout)
                if not connection.server.up:
                    await asyncio.sleep(self._link.way())
                    raise exceptions.ConnectionError("Connection refused")
                await (self._connect(connection) if self._connect else connection.on_connect())
        except BaseException:
            self._slots.release()
            raise
        self._in_use.append(connection)
        return connection

    async def release(self, connection: Connection) -> None:
        """Give it back."""
        self._in_use.remove(connection)
        self._slots.release()
        if not connection.broken:
            self._free.append(connection)

    @asynccontextmanager
    async def connection(self) -> Any:
        """A connection for as long as it takes."""
        connection = await self.get_connection()
        try:
            yield connection
        finally:
            await self.release(connection)

    async def disconnect(self, inuse_connections: bool = True) -> None:
        """Drop all connections."""
        self._free.clear()
        for connection in self._in_use:
            connection.broken = True


class Client(_Commands):
    """Stands for redis.asyncio.Redis."""

    def __init__(self, connection_pool: Pool) -> None:
        self.connection_pool = connection_pool

    async def execute_command(self, *words: Any, **options: Any) -> Any:
        async with self.connection_pool.connection() as connection:
            reply = await connection.ask(lambda: connection.server.execute(words))
        return _parsed(words, reply, options)

    def pipeline(self, transaction: bool = True) -> Pipeline:
        """Several commands at one moment."""
        return Pipeline(self.connection_pool)

    def register_script(self, source: str) -> Script:
        """A script, to be called with keys and arguments."""
        return Script(self, source)

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await self.connection_pool.disconnect()


class Script:
    """Stands for redis-py's script."""

    def __init__(self, client: Client, source: str) -> None:
        self._client = client
        self.script = source
        self.sha = hashlib.sha1(source.encode()).hexdigest()

    async def __call__(self, keys: Sequence[Any] = (), args: Sequence[Any] = (), client: Any = None) -> Any:
        return await self._client.execute_command("EVAL", self.script, len(keys), *keys, *args)


class Pipeline(_Commands):
    """Stands for redis-py's pipeline."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._commands: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        self._commands.clear()

    def execute_command(self, *words: Any, **options: Any) -> Self:
        self._commands.append((words, options))
        return self

    async def execute(self) -> list[Any]:
        """All of them."""
        commands = list(self._commands)
        async with self._pool.connection() as connection:
            replies = await connection.ask(lambda: [connection.server.execute(words) for words, _ in commands])
        return [_parsed(words, reply, options) for (words, options), reply in zip(commands, replies, strict=True)]


def _parsed(words: Sequence[Any], reply: Any, options: dict[str, Any]) -> Any:
    options = {name: value for name, value in options.items() if name != "keys"}
    callback = _CALLBACKS.get(words[0])
    return callback(reply, **options) if callback is not None else reply
