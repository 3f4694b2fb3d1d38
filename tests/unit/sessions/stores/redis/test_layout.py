"""Where the keys of a session lie."""

from __future__ import annotations

import pytest
from redis.crc import key_slot

from sessions.stores.redis.layout import Keys, Keyspace


def all_keys(keys: Keys) -> list[str]:
    return [
        *(key for key in vars(keys).values() if ":" in key and not key.startswith("{")),
        keys.answers_to("q1"),
        keys.of_server("one"),
    ]


@pytest.mark.parametrize("shards", [1, 3, 256])
def test_all_keys_of_a_session_and_its_shard_lie_in_one_slot(shards: int) -> None:
    space = Keyspace(shards)
    for session_id in ("a", "0197a3f2", "{x}y", "}{"):
        slots = {key_slot(key.encode()) for key in all_keys(space(session_id))}
        assert len(slots) == 1, session_id


def test_keys_of_two_sessions_of_a_shard_differ() -> None:
    space = Keyspace(1)
    shared = set(all_keys(space("a"))) & set(all_keys(space("b")))
    assert shared == {"timers:{0}", "streams:{0}", "connections:{0}:one"}


def test_a_session_s_timers_streams_and_connections_are_among_those_of_all_shards() -> None:
    space = Keyspace(256)
    keys = space("0197a3f2")
    assert keys.timers in space.timers
    assert keys.streams in space.streams
    assert keys.of_server("one") in space.of_server("one")
