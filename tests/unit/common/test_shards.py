"""Virtual shards: who belongs to which, and where a cluster puts them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from common.shards import Shards


@given(st.text(), st.integers(1, 300))
def test_a_name_is_always_in_the_same_shard(name: str, count: int) -> None:
    assert Shards(count).of(name) == Shards(count).of(name) < count


def test_names_that_are_stored_stay_in_their_shards() -> None:
    shards = Shards(256)
    found = [shards.tag(name) for name in ("0197a3", "abc", "x-1")]
    assert found == ["{237}", "{13}", "{216}"]


@pytest.mark.parametrize("servers", [1, 3, 5, 16])
def test_shards_lie_evenly_over_the_servers_of_a_cluster(servers: int) -> None:
    tags = Shards(256).tags
    slots = [key_slot(f"session:{tag}:x".encode()) for tag in tags]
    held = Counter(slot * servers // REDIS_CLUSTER_HASH_SLOTS for slot in slots)
    assert len(set(tags)) == 256
    assert max(held.values()) - min(held.values()) <= 2


def test_sessions_lie_evenly_over_the_shards() -> None:
    shards = Shards(16)
    held = Counter(shards.of(f"session-{number}") for number in range(16_000))
    assert min(held.values()) > 900
