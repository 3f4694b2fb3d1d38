"""Real servers for the tests: those of TEST_REDIS_URL and TEST_DATABASE_URL, or ones from wheels."""

from __future__ import annotations

import atexit
import functools
import os

from quizserver.cluster.servers import Postgres, Valkey
from quizserver.cluster.shards import ValkeyCluster


@functools.cache
def redis_url() -> str:
    """A Redis-protocol server whose data may be thrown away; the same one for the whole run."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        return given
    server = Valkey()
    server.start()
    atexit.register(server.stop)
    return server.url


@functools.cache
def cluster_url() -> str:
    """A cluster of three masters and three replicas whose data may be thrown away; the same one for the whole run."""
    cluster = ValkeyCluster(3)
    cluster.start()
    atexit.register(cluster.stop)
    return cluster.url


@functools.cache
def postgres_url() -> str:
    """A PostgreSQL server whose data may be thrown away; the same one for the whole run."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    server = Postgres()
    server.start()
    atexit.register(server.stop)
    return server.url
