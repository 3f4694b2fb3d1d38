"""A Valkey cluster on loopback, from the wheel: masters that share the slots, each with replicas."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from quizserver.cluster.servers import Valkey, free_port

_PATIENCE_SECONDS = 60
_LOOK_SECONDS = 0.05
#: Milliseconds of silence after which the others take a server for dead, and a replica takes its place.
_SILENCE_MS = 1_000
_MIGRATED_AT_ONCE = 10_000


class ValkeyCluster:
    """Masters and replicas, each a process."""

    def __init__(self, masters: int, *, replicas: int = 1) -> None:
        """:param masters: 1 or more; a replica takes a dead one's place where there are three.
        :param replicas: of each master.
        """
        self._masters = masters
        self.servers = [self._server() for _ in range(masters * (1 + replicas))]

    @staticmethod
    def _server() -> Valkey:
        return Valkey(
            *("--cluster-enabled", "yes", "--cluster-node-timeout", str(_SILENCE_MS)),
            *("--cluster-port", str(free_port()), "--repl-diskless-sync-delay", "0"),
        )

    @property
    def url(self) -> str:
        """``redis+cluster://`` address."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{server.port}" for server in self.servers)

    @property
    def pids(self) -> list[int]:
        """Of those that run."""
        return [server.pid for server in self.servers if server.running]

    def start(self) -> None:
        """Start all, let them meet, and share out the slots; returns when every replica is in step."""
        for server in self.servers:
            server.start()
        first, count = self.servers[0], REDIS_CLUSTER_HASH_SLOTS
        for number, server in enumerate(self.servers[: self._masters]):
            begin, end = number * count // self._masters, (number + 1) * count // self._masters - 1
            _ask(server, "CLUSTER", "ADDSLOTSRANGE", begin, end)
            _ask(server, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for server in self.servers[1:]:
            _ask(server, "CLUSTER", "MEET", "127.0.0.1", first.port, _bus_port(first))
        for server in self.servers:
            _until(lambda server=server: _known(server) == len(self.servers))  # type: ignore[misc]
        for number, server in enumerate(self.servers[self._masters :]):
            master = _ask(self.servers[number % self._masters], "CLUSTER", "MYID")
            _until(lambda server=server, master=master: _ask(server, "CLUSTER", "REPLICATE", master) == "OK")  # type: ignore[misc]
        self.settle()

    def settle(self) -> None:
        """Wait until each running server knows an owner for every slot, and replicas are in step."""
        for server in self.servers:
            if server.running:
                _until(lambda server=server: _in_order(server))  # type: ignore[misc]

    def stop(self) -> None:
        """End all and remove their data."""
        for server in self.servers:
            server.stop()

    # -- what may happen to a cluster -----------------------------------------------------------------------------

    def master_of(self, key: str) -> Valkey:
        """The server that takes the writes of a key."""
        slot = key_slot(key.encode())
        asked = next(server for server in self.servers if server.running)
        for begin, end, master, *_ in _ask(asked, "CLUSTER", "SLOTS"):
            if begin <= slot <= end:
                return next(server for server in self.servers if server.port == int(master[1]))
        raise LookupError(f"nobody has slot {slot}")

    def fail_over(self, key: str) -> Valkey:
        """Kill the master of a key; returns it when a replica has taken its place."""
        dead = self.master_of(key)
        dead.kill()
        _until(lambda: self.master_of(key) is not dead)
        self.settle()
        return dead

    def other_master(self, key: str) -> Valkey:
        """A master that does not have the key."""
        owner = self.master_of(key)
        asked = next(server for server in self.servers if server.running)
        ports = {int(master[1]) for _, _, master, *_ in _ask(asked, "CLUSTER", "SLOTS")} - {owner.port}
        return next(server for server in self.servers if server.port in ports)

    def begin_move(self, key: str) -> tuple[Valkey, Valkey]:
        """The slot of a key is on its way to another master, with nothing of it there yet; from where, to where."""
        source, target, slot = self.master_of(key), self.other_master(key), key_slot(key.encode())
        _ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", _ask(source, "CLUSTER", "MYID"))
        _ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", _ask(target, "CLUSTER", "MYID"))
        return source, target

    def move_keys(
        self, key: str, source: Valkey, target: Valkey, *, only: Sequence[str] = (), most: int = _MIGRATED_AT_ONCE
    ) -> None:
        """Keys of the slot go over: these alone, or so many of them."""
        keys = only or _ask(source, "CLUSTER", "GETKEYSINSLOT", key_slot(key.encode()), most)
        if keys:
            _ask(source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "REPLACE", "KEYS", *keys)

    def end_move(self, key: str, source: Valkey, target: Valkey) -> None:
        """The slot is the other's."""
        slot, target_id = key_slot(key.encode()), _ask(target, "CLUSTER", "MYID")
        self.move_keys(key, source, target)
        for server in (target, source):
            _ask(server, "CLUSTER", "SETSLOT", slot, "NODE", target_id)

    def lose_slot(self, key: str) -> Callable[[], None]:
        """Nobody has the slot of a key any more; call what it returns to give it back."""
        owner, slot = self.master_of(key), key_slot(key.encode())
        running = [server for server in self.servers if server.running]
        for server in running:
            _ask(server, "CLUSTER", "DELSLOTS", slot)

        def give_back() -> None:
            _ask(owner, "CLUSTER", "ADDSLOTS", slot)
            _ask(owner, "CLUSTER", "BUMPEPOCH")
            self.settle()

        return give_back


def _ask(server: Valkey, *command: Any) -> Any:
    with redis.Redis(port=server.port, decode_responses=True, protocol=2) as client:
        client.response_callbacks.clear()
        return client.execute_command(*command)


def _bus_port(server: Valkey) -> str:
    return str(_ask(server, "CONFIG", "GET", "cluster-port")[1])


def _known(server: Valkey) -> int:
    return sum("handshake" not in line for line in _ask(server, "CLUSTER", "NODES").splitlines())


def _in_order(server: Valkey) -> bool:
    info = dict(line.split(":", 1) for line in _ask(server, "CLUSTER", "INFO").splitlines() if ":" in line)
    replication = dict(line.split(":", 1) for line in _ask(server, "INFO", "replication").splitlines() if ":" in line)
    in_step = replication["role"] == "master" or replication["master_link_status"] == "up"
    return in_step and info["cluster_state"] == "ok" and int(info["cluster_slots_assigned"]) == REDIS_CLUSTER_HASH_SLOTS


def _until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            if condition():
                return
        except (redis.RedisError, OSError, LookupError):
            pass
        if time.monotonic() > give_up:
            raise TimeoutError("The cluster does not come together.")
        time.sleep(_LOOK_SECONDS)
