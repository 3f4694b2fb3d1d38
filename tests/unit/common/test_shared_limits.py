"""Every adapter of RateLimit keeps its promise; over Redis for all instances, and without Redis for each."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError

from common.limits import Buckets, RateLimit, TokenBucket
from common.redis import RedisServer
from common.shared_limits import LocalLimit, RedisLimit, ThreadedLimit
from tests.support.servers import redis_url

NOW = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE


class Instances:
    """Processes with limits of the same name."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.server = RedisServer(redis_url(), timeout=20, connections=4) if kind == "redis" else None
        self.there = True

    def limit(self, rate: float, *, name: str = "", period_ms: int = MINUTE) -> RateLimit:
        """A limit of a process; without a name one of its own."""
        if self.server is None:
            return LocalLimit(Buckets(rate, period_ms))
        return RedisLimit(
            name or secrets.token_hex(8),
            rate,
            period_ms,
            server=self.server,
            available=lambda: self.there,
            secret="s",
        )

    async def close(self) -> None:
        if self.server is not None:
            await self.server.close()


@pytest_asyncio.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.servers)])
async def instances(request: pytest.FixtureRequest) -> AsyncIterator[Instances]:
    made = Instances(request.param)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[Instances]:
    """Processes that share a Redis."""
    made = Instances("redis")
    yield made
    await made.close()


async def taken(limit: RateLimit, count: int, key: str = "ann", now: int = NOW) -> int:
    """How many of so many got a token."""
    return [await limit.take(key, now) for _ in range(count)].count(0)


# -- both -------------------------------------------------------------------------------------------------------------
async def test_a_burst_goes_through_and_then_the_rate(instances: Instances) -> None:
    limit = instances.limit(5)
    assert await taken(limit, 8) == 5
    assert await taken(limit, 8, now=NOW + 12_000) == 1
    assert await taken(limit, 8, now=NOW + 36_500) == 2
    assert await taken(limit, 8, now=NOW + 10 * MINUTE) == 5


async def test_it_waits_as_long_as_a_token_bucket_says(instances: Instances) -> None:
    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.floats(0.5, 30), st.lists(st.integers(0, 40_000), max_size=20))
    def check(rate: float, gaps: list[int]) -> None:
        cases.append((rate, gaps))

    cases: list[tuple[float, list[int]]] = []
    await asyncio.to_thread(check)
    assert cases
    for rate, gaps in cases:
        # An hour: Redis forgets a bucket by its own clock, which goes on while a slow machine does not.
        limit, bucket, now = instances.limit(rate, period_ms=HOUR), TokenBucket(rate, HOUR), NOW
        for gap in gaps:
            now += gap * 60
            wait = await limit.take("ann", now)
            assert wait == pytest.approx(bucket.take(now), abs=1)
            if wait:
                now += wait
                bucket.take(now)
                assert await limit.take("ann", now) == 0


async def test_every_key_has_a_bucket_of_its_own(instances: Instances) -> None:
    limit = instances.limit(1)
    assert [await taken(limit, 2, key) for key in ("ann", "bob", "ann bob", "\ud83d")] == [1] * 4


async def test_a_clock_that_goes_back_shuts_nobody_out_for_long(instances: Instances) -> None:
    limit = instances.limit(2)
    await taken(limit, 2)
    earlier = NOW - 60 * MINUTE
    wait = await limit.take("ann", earlier)
    assert wait <= MINUTE
    assert await limit.take("ann", earlier + wait) == 0


async def test_those_who_ask_at_once_get_no_more_than_one_after_the_other(instances: Instances) -> None:
    limit = instances.limit(5)
    waits = await asyncio.gather(*(limit.take("ann", NOW) for _ in range(1_200)))
    assert waits.count(0) == 5


async def test_guessing_ends_while_what_was_found_stays_open(instances: Instances) -> None:
    limit = instances.limit(2)
    assert await limit.enter("school", "CODE", NOW) == 0
    for _ in range(2):
        assert await limit.peek("school", "WRONG", NOW) == 0
        assert await limit.take("school", NOW) == 0
    assert await limit.take("school", NOW) > 0  # a guess that was under way is told nothing
    assert await limit.peek("school", "OTHER", NOW) > 0
    assert await limit.enter("school", "OTHER", NOW) > 0
    assert await limit.peek("school", "CODE", NOW) == await limit.enter("school", "CODE", NOW) == 0
    assert await limit.peek("elsewhere", "OTHER", NOW) == await limit.enter("elsewhere", "OTHER", NOW) == 0
    assert await limit.enter("school", "OTHER", NOW + MINUTE // 2) == 0


async def test_what_is_there_costs_nothing(instances: Instances) -> None:
    limit = instances.limit(2)
    for number in range(20):
        assert await limit.enter("school", f"CODE{number}", NOW) == 0
    assert await taken(limit, 3, "school") == 2


# -- several instances ------------------------------------------------------------------------------------------------
async def test_instances_count_together(cluster: Instances) -> None:
    name = secrets.token_hex(8)
    here, there = cluster.limit(5, name=name), cluster.limit(5, name=name)
    assert await taken(here, 3) == 3
    assert await taken(there, 5) == 2
    assert await taken(here, 5) == 0


async def test_what_a_class_found_on_one_instance_is_open_on_the_others(cluster: Instances) -> None:
    name = secrets.token_hex(8)
    here, there = cluster.limit(2, name=name), cluster.limit(2, name=name)
    assert await here.enter("school", "CODE", NOW) == 0
    assert await taken(there, 5, "school") == 2
    assert await there.peek("school", "CODE", NOW) == await there.enter("school", "CODE", NOW) == 0
    assert await there.peek("school", "OTHER", NOW) > 0
    assert await here.enter("school", "OTHER", NOW) > 0


async def test_limits_of_other_names_are_others(cluster: Instances) -> None:
    assert [await taken(cluster.limit(1), 2) for _ in range(2)] == [1, 1]


async def test_no_address_is_stored_and_nothing_stays_longer_than_it_is_needed(cluster: Instances) -> None:
    assert cluster.server is not None
    name = secrets.token_hex(8)
    limit = cluster.limit(5, name=name)
    await limit.take("192.0.2.7 ann", NOW)
    await limit.enter("192.0.2.7", "CODE", NOW)
    found = [key async for key in cluster.server.client.scan_iter(f"limit:{{{name}}}:*")]
    assert len(found) == 2
    for key in found:
        assert "192" not in key
        assert "CODE" not in key
        assert 0 < await cluster.server.client.pttl(key) <= (7_200_000 if key.endswith("found") else 12_000)


# -- without Redis ----------------------------------------------------------------------------------------------------
async def test_a_process_counts_alone_while_redis_is_not_in_use(cluster: Instances) -> None:
    limit = cluster.limit(2)
    await taken(limit, 2)
    cluster.there = False
    assert await taken(limit, 5) == 2  # it lets through rather too many than too few
    assert await limit.enter("school", "CODE", NOW) == 0
    assert await taken(limit, 5, "school") == 2
    assert await limit.enter("school", "OTHER", NOW) > 0
    assert await limit.peek("school", "OTHER", NOW) > 0
    assert await limit.enter("school", "CODE", NOW) == 0
    cluster.there = True
    assert await taken(limit, 5) == 0


async def test_a_redis_that_fails_loses_nobody_and_is_left_alone_for_a_while(
    cluster: Instances, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster.server is not None
    asked = 0

    async def refuse(*_: Any, **__: Any) -> Any:
        nonlocal asked
        asked += 1
        raise ConnectionError("Redis is away")

    limit = cluster.limit(3)
    monkeypatch.setattr(cluster.server.client.connection_pool, "get_connection", refuse)
    waits = await asyncio.gather(*(limit.take("ann", NOW) for _ in range(1_000)))
    assert waits.count(0) == 3
    assert await taken(limit, 2, "bob") == 2
    assert asked == 1


async def test_views_ask_from_their_threads(instances: Instances) -> None:
    limit = ThreadedLimit(instances.limit(1), asyncio.get_running_loop())

    def view() -> list[bool]:
        answers = [
            limit.peek("a", "KEY", NOW),
            limit.enter("a", "KEY", NOW),
            limit.take("a", NOW),
            limit.take("a", NOW),
        ]
        return [wait > 0 for wait in answers]

    assert await asyncio.to_thread(view) == [False, False, False, True]
