"""Virtual shards: a fixed number of parts that sessions are spread over, so that many Redis servers can share them.

A shard is placed by its hash tag: whatever bears it lies in one slot of a Redis Cluster. The tags are chosen so that
the shards lie evenly over the slots. With one Redis there is one shard.
"""

from __future__ import annotations

import functools
import itertools
import zlib

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

#: Shards where the settings leave their number open.
OF_ONE_REDIS = 1
OF_A_CLUSTER = 256
MOST = 4096


class Shards:
    """So many shards; whoever asks with the same name gets the same one."""

    def __init__(self, count: int) -> None:
        """:param count: 1 to :data:`MOST`. Fixed for as long as there is data."""
        self.count = count
        self.tags = _tags(count)

    def of(self, name: str) -> int:
        """The number of the shard of a name, from 0."""
        return zlib.crc32(name.encode()) % self.count

    def tag(self, name: str) -> str:
        """The hash tag of a name's shard, in its braces."""
        return self.tags[self.of(name)]


@functools.cache
def _tags(count: int) -> tuple[str, ...]:
    """For each shard the smallest number whose slot lies in the shard's part of all slots."""
    found: dict[int, str] = {}
    for number in itertools.count():
        text = str(number)
        found.setdefault(key_slot(text.encode()) * count // REDIS_CLUSTER_HASH_SLOTS, text)
        if len(found) == count:
            break
    return tuple(f"{{{found[shard]}}}" for shard in range(count))
