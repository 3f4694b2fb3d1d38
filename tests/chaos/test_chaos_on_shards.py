"""The same on a Redis Cluster, three masters and three replicas: the fate of one of them touches nobody's answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import psycopg
import pytest

from quizserver.cluster.cluster import Cluster
from quizserver.cluster.shards import ValkeyCluster
from sessions.stores.redis.layout import Keyspace
from tests.chaos.conftest import LONG, SETTINGS, Loop
from tests.chaos.test_chaos import PLAYERS, play, stored_twice

Fault = Callable[[Cluster], Awaitable[None]]

#: Seconds between two steps of what an operator does.
_STEP = 0.2


@pytest.fixture(scope="module")
def sharded(loop: Loop) -> Iterator[Cluster]:
    """Two instances on the cluster."""
    made = Cluster(instances=2, settings=SETTINGS, shards=3)
    loop.run(made.__aenter__())
    yield made
    loop.run(made.__aexit__(None, None, None))


async def _played_keys(cluster: Cluster) -> tuple[ValkeyCluster, str]:
    """The servers, and a key of the session that is played."""
    assert cluster.shards is not None
    session_id = await asyncio.to_thread(newest_session, cluster)
    return cluster.shards, Keyspace(256)(session_id).session


def newest_session(cluster: Cluster) -> str:
    with psycopg.connect(cluster.postgres.url) as connection:
        row = connection.execute("SELECT id FROM quiz_sessions ORDER BY created_at DESC LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


async def the_session_s_master_dies(cluster: Cluster) -> None:
    """kill -9; its replica takes its place, and it comes back as a replica."""
    shards, key = await _played_keys(cluster)
    dead = await asyncio.to_thread(shards.fail_over, key)
    await asyncio.to_thread(dead.start)
    await asyncio.to_thread(shards.settle)


async def another_master_dies(cluster: Cluster) -> None:
    """The same to one that does not have the session."""
    shards, key = await _played_keys(cluster)
    other = await asyncio.to_thread(shards.other_master, key)
    other.kill()
    await asyncio.sleep(3)
    await asyncio.to_thread(other.start)
    await asyncio.to_thread(shards.settle)


async def the_session_s_slot_moves(cluster: Cluster) -> None:
    """To another master and on, its keys a few at a time: scripts find some of them here, some there."""
    shards, key = await _played_keys(cluster)
    for _ in range(3):
        source, target = await asyncio.to_thread(shards.begin_move, key)
        for _ in range(4):
            await asyncio.to_thread(shards.move_keys, key, source, target, most=3)
            await asyncio.sleep(_STEP / 4)
        await asyncio.to_thread(shards.end_move, key, source, target)
        await asyncio.sleep(_STEP)


async def nobody_has_the_session_s_slot(cluster: Cluster) -> None:
    """For 3 s the cluster lacks a slot, and serves nothing; then an operator gives it back, empty."""
    shards, key = await _played_keys(cluster)
    give_back = await asyncio.to_thread(shards.lose_slot, key)
    await asyncio.sleep(3)
    await asyncio.to_thread(give_back)


SHORT: list[Fault] = [the_session_s_master_dies, the_session_s_slot_moves]
ALL: list[Fault] = [*SHORT, another_master_dies, nobody_has_the_session_s_slot]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("pace", ["host", "self"] if LONG else ["host"])
@pytest.mark.parametrize("fault", ALL if LONG else SHORT, ids=lambda fault: fault.__name__)
def test_nothing_acknowledged_is_lost_on_a_cluster_when(sharded: Cluster, loop: Loop, fault: Fault, pace: str) -> None:
    played, back = loop.run(play(sharded, fault, pace))
    counts: Counter[str] = played.table.counts
    print(  # noqa: T201 - the report of a run with -s, and of `make chaos`
        f"\n{fault.__name__} ({pace} pace, {PLAYERS} players): {counts['acknowledged']} acknowledged, "
        f"{counts['refused']} refused, {counts['retried']} retried, {counts['resumed']} resumed, "
        f"everybody back after {back:.1f} s"
    )
    assert played.findings == [], [str(finding) for finding in played.findings[:20]]
    assert counts["acknowledged"] > PLAYERS
    assert stored_twice(sharded, played.table.session_id) == 0
