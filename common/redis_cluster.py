"""Redis Cluster: commands that find the server of their slot, and follow it when it moves.

Which server has which slot, and the connections to each, are redis-py's. What it does not do, or not so that nothing is
lost, is done here: ASKING goes over the connection of the command that it is for; a command whose reply was lost is not
sent again; a transaction costs one trip. Every command that is used here has its first key as first argument, and all
keys of a script lie in one slot (common/shards.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Self

from redis.asyncio.cluster import ClusterNode, PipelineCommand, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncCoreCommands
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ConnectionError,
    MaxConnectionsError,
    MovedError,
    NoScriptError,
    RedisClusterException,
    TimeoutError,
    TryAgainError,
)

from common.redis import (
    PROBE_KEY,
    PROBE_SECONDS,
    ForeignLayout,
    Parser,
    RedisServer,
    Restarted,
    cluster_of,
    is_cluster,
    parts_of,
)
from common.shards import OF_A_CLUSTER, Shards
from common.trips import Trips

#: Seconds between two attempts while a slot is on its way, and between two looks at who has which slot.
_PAUSE = 0.02
_LOOK_SECONDS = 0.25
#: Connections to each server beyond those of the calls: limits, timers, streams.
_SPARE = 50
#: Of each shard, the run that it was checked in.
_SHARD_KEY = "quizserver:shard"
#: Parts of the shards, one of which is looked at with each beat.
_PARTS = 8
_KEYLESS = {"TIME", "INFO", "PING"}
_OF_ANY_SLOT = {"MULTI", "EXEC", "SCRIPT"}
_REDIRECTIONS = (AskError, TryAgainError, NoScriptError)

Connected = Callable[[AbstractConnection], Awaitable[None]]


class ClusterClient(RedisCluster):
    """Commands and batches of commands."""

    def __init__(
        self, url: str, *, timeout: float | None, connections: int, connected: Connected | None = None
    ) -> None:
        """:param timeout: seconds a command, or a connection, may take; ``None`` for subscriptions.
        :param connections: connections to each server, at most.
        :param connected: has the say about each new connection.
        """
        nodes, options = cluster_of(url)
        super().__init__(
            startup_nodes=[ClusterNode(host, port) for host, port in nodes],
            decode_responses=True,
            protocol=2,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
            max_connections=connections,
            **options,
        )
        # The same mapping makes every connection from here on.
        self.connection_kwargs["parser_class"] = Parser
        if connected is not None:
            self.connection_kwargs["redis_connect_func"] = connected
        self._given = dict(self.nodes_manager.startup_nodes)
        #: Seconds for which a command follows a slot that moves.
        self.patience = 2 * (timeout or 1.0)
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()
        self._sources: dict[str, str] = {}

    # -- who has which slot ---------------------------------------------------------------------------------------

    async def initialize(self, *_: Any, **__: Any) -> Self:
        """Ask the cluster again, unless that was done just now.

        :raises ClusterDownError: when nobody answers, or nobody has some slot.
        :raises ForeignLayout: when the servers are no cluster.
        """
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if self._initialize and now - self._looked_at >= _LOOK_SECONDS:
                self._looked_at = now
                await self._ask_for_slots()
                self._initialize = False
        if self.nodes_manager.default_node is None:
            raise ClusterDownError("The cluster cannot be reached.")
        return self

    async def _ask_for_slots(self) -> None:
        manager = self.nodes_manager
        # Where all servers got new addresses, those of the settings may still lead there.
        for name, node in self._given.items():
            manager.startup_nodes.setdefault(name, node)
        try:
            await manager.initialize()
        except RedisClusterException as error:
            if "not enabled" in str(error):
                raise ForeignLayout("REDIS_URL: this Redis is no cluster; its address begins with redis://") from error
            raise ClusterDownError(str(error)) from error

    async def look_again(self) -> None:
        """Ask the cluster now."""
        self._initialize, self._looked_at = True, float("-inf")
        await self.initialize()

    async def make_sure(self) -> None:
        """Ask the cluster where something has gone wrong since it was asked."""
        if self._initialize:
            await self.initialize()

    def node_of(self, slot: int) -> ClusterNode:
        """The server that takes the writes of a slot."""
        nodes = self.nodes_manager.slots_cache.get(slot)
        if not nodes:
            raise ClusterDownError(f"Nobody has slot {slot}.")
        return nodes[0]

    def masters(self) -> list[ClusterNode]:
        """The servers that have slots, in the order of these."""
        found = {nodes[0].name: nodes[0] for _, nodes in sorted(self.nodes_manager.slots_cache.items())}
        return list(found.values())

    def forget_slots(self) -> None:
        """Ask the cluster before the next command."""
        self._initialize = True

    async def note_failure(self, node: ClusterNode) -> None:
        """The server did not answer: another one may have its slots."""
        self._initialize = True
        node.update_active_connections_for_reconnect()
        await node.disconnect_free_connections()

    async def aclose(self) -> None:
        """End the connections."""
        manager = self.nodes_manager
        nodes = (*manager.nodes_cache.values(), *manager.startup_nodes.values(), *self._given.values())
        await asyncio.gather(*(node.disconnect() for node in nodes), return_exceptions=True)
        self._initialize = True

    # -- commands -------------------------------------------------------------------------------------------------

    def register_script(self, script: Any) -> Any:
        registered = super().register_script(script)
        self._sources[registered.sha] = script
        return registered

    def pipeline(self, transaction: Any = None, shard_hint: Any = None) -> Any:
        return Batch(self, transaction=transaction is not False)

    async def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        slot = slot_of(args)
        until = asyncio.get_running_loop().time() + self.patience
        while True:
            await self.make_sure()
            node = self.node_of(slot)
            try:
                try:
                    return await node.execute_command(*args, **kwargs)
                except NoScriptError:
                    await node.execute_command("SCRIPT LOAD", self._sources[args[1]])
                except MovedError as moved:
                    await self.nodes_manager.move_slot(moved)
                except AskError as ask:
                    return await self._ask(ask, *args, **kwargs)
            except MaxConnectionsError:
                raise
            except (ConnectionError, TimeoutError):
                await self.note_failure(node)
                raise
            except ClusterDownError:
                self._initialize = True
                raise
            except TryAgainError:
                # Some of a script's keys are on their way.
                if asyncio.get_running_loop().time() > until:
                    raise
                await asyncio.sleep(_PAUSE)
            if asyncio.get_running_loop().time() > until:
                raise TryAgainError(f"Slot {slot} does not come to rest.")

    async def _ask(self, ask: AskError, *args: Any, **kwargs: Any) -> Any:
        """Send a command to where its keys are going."""
        node = self.node_asked(ask)
        commands = [PipelineCommand(0, "ASKING"), PipelineCommand(1, *args, **kwargs)]
        if args[0] == "EVALSHA":
            commands.insert(0, PipelineCommand(0, "SCRIPT LOAD", self._sources[args[1]]))
        await node.execute_pipeline(commands)
        result = commands[-1].result
        if isinstance(result, MovedError):
            # It came to rest meanwhile.
            raise TryAgainError(str(result))
        if isinstance(result, Exception):
            raise result
        return result

    def node_asked(self, ask: AskError) -> ClusterNode:
        """The server that keys are going to."""
        node: ClusterNode | None = self.get_node(host=ask.host, port=ask.port)
        if node is None:
            # It has no slot yet.
            node = ClusterNode(ask.host, ask.port, "primary", **self.connection_kwargs)
            self.nodes_manager.set_nodes(self.nodes_manager.nodes_cache, {node.name: node})
        return node

    async def _determine_slot(self, command: str, *args: Any) -> int:
        return slot_of((command, *args))


def slot_of(args: Sequence[Any]) -> int:
    """The slot of a command's keys."""
    command = args[0]
    if command in _KEYLESS:
        return 0
    key = args[3] if command in {"EVALSHA", "EVAL"} else args[1]
    return key_slot(key.encode() if isinstance(key, str) else key)


class Batch(AsyncCoreCommands):
    """Commands that go together: as one step where all keys lie in one slot, or each for itself."""

    #: The mixin wants it for what is not used here.
    _event_dispatcher: Any = None

    def __init__(self, client: ClusterClient, *, transaction: bool) -> None:
        self._client = client
        self._transaction = transaction
        self._commands: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._commands.clear()

    def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        # Something of redis-py's own, for a cache that is not used here.
        kwargs.pop("keys", None)
        self._commands.append((args, kwargs))
        return self

    async def execute(self) -> list[Any]:
        """The results, in the order of the commands.

        :raises redis.exceptions.RedisError: the first error among them.
        """
        if not self._commands:
            return []
        await self._client.make_sure()
        if self._transaction:
            return await self._execute_as_one()
        by_node: dict[str, tuple[ClusterNode, list[PipelineCommand]]] = {}
        commands = [
            PipelineCommand(number, *args, **dict(kwargs)) for number, (args, kwargs) in enumerate(self._commands)
        ]
        for command in commands:
            node = self._client.node_of(slot_of(command.args))
            by_node.setdefault(node.name, (node, []))[1].append(command)
        await asyncio.gather(*(self._send(node, some) for node, some in by_node.values()))
        return await self._settle([command.result for command in commands])

    async def _execute_as_one(self) -> list[Any]:
        slots = {slot_of(args) for args, _ in self._commands}
        if len(slots) > 1:
            raise ValueError("CROSSSLOT: a transaction is for the keys of one shard")
        # Named by bytes, for which redis-py has no forms: what comes at once is only that they are queued.
        inner = [PipelineCommand(0, name.encode(), *args) for (name, *args), _ in self._commands]
        commands = [PipelineCommand(0, "MULTI"), *inner, PipelineCommand(0, "EXEC")]
        await self._send(self._client.node_of(slots.pop()), commands)
        for command in commands:
            if isinstance(command.result, _REDIRECTIONS):
                # The slot has moved, or is on its way: then each for itself, which finds its key.
                return await self._settle([command.result] * len(inner))
        for command in commands:
            if isinstance(command.result, Exception):
                raise command.result
        replies: Any = commands[-1].result
        results = []
        for result, (args, kwargs) in zip(replies, self._commands, strict=True):
            callback = self._client.response_callbacks.get(args[0])
            raw = isinstance(result, Exception) or callback is None
            results.append(result if raw else callback(result, **kwargs))
        return await self._settle(results)

    async def _send(self, node: ClusterNode, commands: list[PipelineCommand]) -> None:
        try:
            await node.execute_pipeline(commands)
        except MaxConnectionsError:
            raise
        except (ConnectionError, TimeoutError):
            await self._client.note_failure(node)
            raise

    async def _settle(self, results: list[Any]) -> list[Any]:
        """Send again what was sent to the wrong place, and raise what went wrong."""
        for number, (result, (args, kwargs)) in enumerate(zip(results, self._commands, strict=True)):
            if isinstance(result, _REDIRECTIONS):
                results[number] = await self._client.execute_command(*args, **kwargs)
            elif isinstance(result, Exception):
                raise result
        return results


class ClusterTrips:
    """See :class:`common.trips.Trips`: trips to each server, of which a caller's commands go to that of their slot."""

    def __init__(self, client: ClusterClient, *, timeout: float) -> None:
        self._client = client
        self._timeout = timeout
        self._trips: dict[str, tuple[ClusterNode, Trips]] = {}

    async def run(self, *commands: tuple[Any, ...]) -> list[Any]:
        """As there. All keys lie in one slot.

        :raises redis.exceptions.TryAgainError: when the slot does not come to rest.
        """
        slot = next(slot_of(command) for command in commands if command[0] not in _OF_ANY_SLOT)
        until = asyncio.get_running_loop().time() + self._client.patience
        while True:
            await self._client.make_sure()
            node = self._client.node_of(slot)
            try:
                return await self._to(node).run(*commands)
            except MovedError as moved:
                await self._client.nodes_manager.move_slot(moved)
            except AskError as ask:
                with contextlib.suppress(TryAgainError, MovedError):
                    return await self._ask(self._client.node_asked(ask), commands)
                await asyncio.sleep(_PAUSE)
            except TryAgainError:
                await asyncio.sleep(_PAUSE)
            except MaxConnectionsError:
                raise
            except (ConnectionError, TimeoutError):
                await self._client.note_failure(node)
                raise
            except ClusterDownError:
                self._client.forget_slots()
                raise
            if asyncio.get_running_loop().time() > until:
                raise TryAgainError(f"Slot {slot} does not come to rest.")

    async def _ask(self, node: ClusterNode, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """To where the keys are going. A transaction cannot be asked for there; it is of reads, which go one by one."""
        inner = [command for command in commands if command[0] not in {"MULTI", "EXEC"}]
        replies = await self._to(node).run(*(each for command in inner for each in (("ASKING",), command)))
        return replies[1::2] if len(inner) == len(commands) else [replies[1::2]]

    def _to(self, node: ClusterNode) -> Trips:
        known = self._trips.get(node.name)
        if known is None or known[0] is not node:
            known = self._trips[node.name] = node, Trips(_NodePool(node), timeout=self._timeout)
        return known[1]


class _NodePool:
    """The connections to one server, as a pool of redis-py."""

    def __init__(self, node: ClusterNode) -> None:
        self._node = node

    async def get_connection(self) -> Any:
        """A connection that nobody uses."""
        connection = self._node.acquire_connection()
        await self._node.disconnect_if_needed(connection)
        return connection

    async def release(self, connection: Any) -> None:
        """It is free again."""
        self._node.release(connection)


class ClusterServer(RedisServer):
    """See :class:`common.redis.RedisServer`. A run of a cluster is what all its masters are: when one was restarted, or
    a replica took its place, it is another run.
    """

    def __init__(self, url: str, *, timeout: float, connections: int, shards: int = 0) -> None:
        self._marks_of: tuple[str, dict[str, str]] = "", {}
        self._tags = Shards(shards or OF_A_CLUSTER).tags
        self._beats = 0
        super().__init__(url, timeout=timeout, connections=connections, shards=shards or OF_A_CLUSTER)

    def _clients(self, url: str, timeout: float, connections: int) -> tuple[Any, Any]:
        client = ClusterClient(url, timeout=timeout, connections=connections + _SPARE, connected=self._connected)
        return client, ClusterClient(url, timeout=timeout, connections=2)

    def _make_trips(self, timeout: float) -> Any:
        return ClusterTrips(self.client, timeout=timeout)

    async def _connected(self, connection: AbstractConnection) -> None:
        await connection.on_connect()
        if not self.run_id:
            return
        await connection.send_command("INFO", "server", "replication")
        info = _fields(await connection.read_response())
        if info["role"] != "master":
            # It may become one while this connection stands: looked at again then.
            connection.mark_for_reconnect()  # type: ignore[no-untyped-call]
        elif _mark(info) not in self._marks().values():
            raise Restarted("A server of the cluster was restarted, or took the place of another one.")

    def _marks(self) -> dict[str, str]:
        """What each master is, in the run that the live state was checked against."""
        process, marks = self._marks_of
        return marks if process == parts_of(self.run_id)[0] else {}

    async def _process(self) -> str:
        await self._scout.look_again()
        masters = self._scout.masters()
        marks = dict(zip((node.name for node in masters), await self._look_at(masters), strict=True))
        process = hashlib.blake2b("|".join(sorted(marks.values())).encode(), digest_size=8).hexdigest()
        places = {self._scout.node_of(key_slot(tag.encode())).name: tag for tag in self._tags}
        for tag in places.values():
            await self._scout.set(f"{PROBE_KEY}:{tag}", process, ex=PROBE_SECONDS)
        self._marks_of = process, marks
        self.client.forget_slots()
        return process

    async def beat(self, server_id: str) -> None:
        # A connection that stands through two failovers would not tell.
        marks = self._marks()
        nodes = [node for node in self._scout.masters() if node.name in marks]
        if marks and set(await self._look_at(nodes)) != set(marks.values()):
            raise Restarted("A server of the cluster was restarted, or took the place of another one.")
        await super().beat(server_id)

        self._beats += 1
        # Every server has some of each part: the shards lie along the slots in their order.
        found = await self._runs_of_shards(self._tags[self._beats % _PARTS :: _PARTS])
        if None in found.values():
            await self.disown("redis_emptied")
        if set(found.values()) - {self.run_id}:
            raise Restarted("The cluster is not what it was.")

    async def check(self, tag: str = "") -> None:
        await super().check(tag)
        if self.run_id and tag and await self.client.get(f"{_SHARD_KEY}:{tag}") != self.run_id:
            await self.disown("redis_emptied")

    async def adopt(self, run: str) -> None:
        await super().adopt(run)
        found = await self._runs_of_shards(self._tags)
        if run in found.values() and None in found.values():
            await self.disown("redis_emptied")
        async with self.client.pipeline(transaction=False) as pipe:
            for key, value in found.items():
                if value != run:
                    pipe.set(key, run)
            await pipe.execute()

    async def _runs_of_shards(self, tags: Sequence[str]) -> dict[str, str | None]:
        """Each shard bears the run, so that it shows when one server was emptied and not the one with the epoch."""
        keys = [f"{_SHARD_KEY}:{tag}" for tag in tags]
        async with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.get(key)
            return dict(zip(keys, await pipe.execute(), strict=True))

    async def _hang_up(self) -> None:
        await self.client.aclose()

    @staticmethod
    async def _look_at(nodes: Sequence[ClusterNode]) -> list[str]:
        async def look(node: ClusterNode) -> str:
            info = await node.execute_command("INFO", "server", "replication")
            if info["role"] != "master":
                raise ClusterDownError(f"{node.name} is no master any more.")
            return _mark(info)

        return [str(mark) for mark in await asyncio.gather(*(look(node) for node in nodes))]

    async def close(self) -> None:
        await self.client.aclose()
        await self._scout.aclose()


def _mark(info: dict[str, Any]) -> str:
    """What a master is: another one after a restart, and after it was a replica meanwhile."""
    return f"{info['run_id']}{info['master_replid']}"


def _fields(info: Any) -> dict[str, Any]:
    if isinstance(info, dict):
        return info
    text: str = info.decode() if isinstance(info, bytes) else info
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def redis_server(url: str, *, timeout: float, connections: int, shards: int = 0) -> RedisServer:
    """The commands client for this address; for the parameters see :class:`common.redis.RedisServer`."""
    kind = ClusterServer if is_cluster(url) else RedisServer
    return kind(url, timeout=timeout, connections=connections, shards=shards)
