"""The channel layer over a real cluster: what is sent arrives, also after a slot has moved and a master has died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from redis.crc import key_slot
from redis.exceptions import RedisError

from quizserver.cluster.shards import ValkeyCluster
from sessions.fanout.broadcaster import group_of
from sessions.fanout.sharded_layer import ShardedPubSubLayer
from sessions.stores.redis.layout import Keyspace

pytestmark = pytest.mark.timeout(120)
PATIENCE = 30


@pytest.fixture(scope="module")
def shards() -> Iterator[ValkeyCluster]:
    made = ValkeyCluster(3)
    made.start()
    yield made
    made.stop()


@pytest_asyncio.fixture
async def layers(shards: ValkeyCluster) -> AsyncIterator[tuple[ShardedPubSubLayer, ShardedPubSubLayer]]:
    """Those of two processes."""
    made = ShardedPubSubLayer(shards.url, timeout=2), ShardedPubSubLayer(shards.url, timeout=2)
    yield made
    for layer in made:
        await layer.close()


async def heard(layer: ShardedPubSubLayer, channel: str) -> Any:
    return await asyncio.wait_for(layer.receive(channel), PATIENCE)


async def send_until_heard(sender: ShardedPubSubLayer, layer: ShardedPubSubLayer, channel: str, group: str) -> Any:
    """Messages may be lost while a subscription is on its way; from some moment on they are not."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await sender.group_send(group, {"type": "again"})
                return await asyncio.wait_for(layer.receive(channel), 0.3)
            except (RedisError, OSError, TimeoutError):
                await asyncio.sleep(0.1)


def test_a_group_lies_in_the_slot_of_its_session() -> None:
    layer = ShardedPubSubLayer("redis+cluster://127.0.0.1:1", timeout=1)
    for session_id in ("a", "0197a3f2"):
        topic, key = layer.topic(group_of(session_id)), Keyspace(256)(session_id).session
        assert key_slot(topic.encode()) == key_slot(key.encode())


async def test_groups_on_all_servers_are_told_and_others_are_not(
    layers: tuple[ShardedPubSubLayer, ShardedPubSubLayer],
) -> None:
    here, there = layers
    channel = await here.new_channel("hub")
    for number in range(30):
        await here.group_add(f"quiz.{number}", channel)
    for number in range(60):
        await there.group_send(f"quiz.{number}", {"type": "x", "number": number, "body": b"\x00"})
    found = [await heard(here, channel) for _ in range(30)]
    assert sorted(message["number"] for message in found) == list(range(30))
    assert found[0]["body"] == b"\x00"
    await here.group_discard("quiz.1", channel)
    await there.group_send("quiz.1", {"type": "x", "number": 1})
    await there.group_send("quiz.2", {"type": "x", "number": 2})
    assert (await heard(here, channel))["number"] == 2


async def test_a_group_is_told_after_its_slot_has_moved(
    layers: tuple[ShardedPubSubLayer, ShardedPubSubLayer], shards: ValkeyCluster
) -> None:
    here, there = layers
    channel = await here.new_channel("hub")
    await here.group_add("quiz.moves", channel)
    topic = here.topic("quiz.moves")
    move = await asyncio.to_thread(shards.begin_move, topic)
    await asyncio.to_thread(shards.end_move, topic, *move)
    assert (await send_until_heard(there, here, channel, "quiz.moves"))["type"] == "again"


async def test_a_group_is_told_after_its_master_has_died(
    layers: tuple[ShardedPubSubLayer, ShardedPubSubLayer], shards: ValkeyCluster
) -> None:
    here, there = layers
    channel = await here.new_channel("hub")
    await here.group_add("quiz.stays", channel)
    await here.group_add("quiz.dies", channel)
    dead = await asyncio.to_thread(shards.fail_over, here.topic("quiz.dies"))
    assert (await send_until_heard(there, here, channel, "quiz.dies"))["type"] == "again"
    dead.start()
    await asyncio.to_thread(shards.settle)


async def test_nobody_to_subscribe_at_is_an_error_and_not_a_wait() -> None:
    layer = ShardedPubSubLayer("redis+cluster://127.0.0.1:1", timeout=1)
    channel = await layer.new_channel("hub")
    with pytest.raises((RedisError, OSError)):
        await layer.group_add("quiz.x", channel)
    await layer.close()
