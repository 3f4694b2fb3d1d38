"""Looking at Redis from threads, for health and metrics: does it take writes, and how many are connected?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self, cast

import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import ClusterDownError, ConnectionError

from common.redis import PROBE_KEY, PROBE_SECONDS, cluster_of, is_cluster, sentinel_of, split_address
from common.shards import OF_A_CLUSTER, Shards


class RedisWatch:
    """One Redis, or the master that sentinels name."""

    def __init__(self, url: str, *, timeout: float) -> None:
        """:param timeout: seconds an answer may take."""
        self._client = watching_client(url, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def probe(self) -> None:
        """Make sure that Redis takes writes.

        :raises redis.exceptions.RedisError: when it does not, or cannot be reached.
        """
        self._client.set(PROBE_KEY, "health", ex=PROBE_SECONDS)

    def clients(self) -> int:
        """How many are connected to it."""
        return int(self._client.info("clients")["connected_clients"])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class ClusterWatch(RedisWatch):
    """All masters of a cluster."""

    def __init__(self, url: str, *, timeout: float) -> None:
        self._given, options = cluster_of(url)
        self._options = {**options, "socket_timeout": timeout, "socket_connect_timeout": timeout}

    def probe(self) -> None:
        places = {key_slot(tag.encode()): tag for tag in Shards(OF_A_CLUSTER).tags}
        slots = 0
        for begin, end, host, port in self._masters():
            slots += end - begin + 1
            tag = next((tag for slot, tag in places.items() if begin <= slot <= end), None)
            if tag is not None:
                with self._client_of(host, port) as client:
                    client.set(f"{PROBE_KEY}:{tag}", "health", ex=PROBE_SECONDS)
        if slots < REDIS_CLUSTER_HASH_SLOTS:
            raise ClusterDownError(f"The cluster lacks {REDIS_CLUSTER_HASH_SLOTS - slots} slots.")

    def clients(self) -> int:
        total = 0
        for host, port in sorted({(host, port) for _, _, host, port in self._masters()}):
            with self._client_of(host, port) as client:
                total += int(client.info("clients")["connected_clients"])
        return total

    def close(self) -> None:
        """There is nothing to close: each look has connections of its own."""

    def _masters(self) -> list[tuple[int, int, str, int]]:
        """First and last slot, host and port, as the first server says that answers."""
        error: Exception = ConnectionError("no server was given")
        for host, port in self._given:
            try:
                with self._client_of(host, port) as client:
                    client.response_callbacks.clear()
                    found: Any = client.execute_command("CLUSTER SLOTS")  # type: ignore[no-untyped-call]
            except (redis.RedisError, OSError) as failed:
                error = failed
                continue
            return [(int(row[0]), int(row[1]), str(row[2][0] or host), int(row[2][1])) for row in found]
        raise error

    @contextmanager
    def _client_of(self, host: str, port: int) -> Iterator[redis.Redis]:
        with redis.Redis(host=host, port=port, decode_responses=True, protocol=2, **self._options) as client:
            yield client


def watching_client(url: str, *, timeout: float) -> redis.Redis:
    """A client of one Redis, which waits for an answer for ``timeout`` seconds."""
    if split_address(url)[0].scheme == "sentinel":
        sentinels, name, options = sentinel_of(url)
        watchers = cast(Any, redis.Sentinel)(sentinels, sentinel_kwargs={"socket_timeout": timeout})
        client: redis.Redis = watchers.master_for(
            name, socket_timeout=timeout, socket_connect_timeout=timeout, **options
        )
        return client
    return redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)


def redis_watch(url: str, *, timeout: float) -> RedisWatch:
    """The one for this address."""
    return (ClusterWatch if is_cluster(url) else RedisWatch)(url, timeout=timeout)
