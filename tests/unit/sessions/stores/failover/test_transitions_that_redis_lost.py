"""What Redis alone had decided, and the events it kept, when it loses them: nobody goes on from a state before that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.db import InternalError

from scoring.ports import ServiceUnavailable
from sessions.database.session_log import DatabaseSessionLog
from sessions.models import FinalStanding
from sessions.rules.commands import CloseQuestion, End, SetLock
from sessions.services.ports import Decision
from tests.support.agreeing_instances import Watched, leave, lose_redis, playing
from tests.support.redis_store import Instance, RedisHarness

Pair = tuple[Instance, Instance]


@contextmanager
def read_only() -> Iterator[None]:
    """The database answers, and takes nothing."""
    with (
        mock.patch("sessions.stores.redis.database_sink._write", side_effect=InternalError("read-only")),
        mock.patch.object(DatabaseSessionLog, "commit", side_effect=ServiceUnavailable("read-only")),
    ):
        yield


async def test_a_session_whose_key_was_lost_goes_on_from_the_transitions_in_its_stream(
    redis: RedisHarness, pair: Pair, register: Watched
) -> None:
    one, other = pair
    game = await playing(redis, pace="host")
    with read_only():
        before = await game.do(CloseQuestion())
        assert await one.server.client.delete(one.keys(game.id).session) == 1
        # This one holds no record of the session, and can read what the database has.
        assert await other.primary.state(game.id) == before
        assert [event.seq for event in await other.primary.events_since(game.id, 0)] == [1, 2, 3]


async def test_an_emptied_redis_learns_the_transitions_that_an_instance_holds(
    redis: RedisHarness, pair: Pair, register: Watched
) -> None:
    one, _ = pair
    game = await playing(redis, pace="host")
    with read_only():
        before = await game.do(CloseQuestion())
        await one.server.client.flushall()
        await one.store._merger.merge(await one.server.current_run())
        assert await one.primary.state(game.id) == before


async def test_events_that_redis_lost_are_read_from_the_database(redis: RedisHarness) -> None:
    game = await playing(redis, pace="host")
    await redis.instance.server.client.delete(redis.instance.keys(game.id).events)
    await game.do(SetLock(True))
    assert [event.seq for event in await game.store.events_since(game.id, 0)] == [1, 2, 3]
    assert [event.seq for event in await game.store.events_since(game.id, 1)] == [2, 3]


async def test_without_redis_whoever_asks_for_events_gets_those_that_were_not_heard_of(
    redis: RedisHarness, pair: Pair, register: Watched
) -> None:
    one, other = pair
    game = await playing(redis)
    await lose_redis(one, other)
    await leave(one, other)
    assert [event.seq for event in await other.store.fallback.events_since(game.id, 0)] == [1]
    assert await game.commit(await game.transition(SetLock(True)), store=one.store.fallback)
    assert [event.seq for event in await other.store.fallback.events_since(game.id, 1)] == [2]


async def test_an_end_whose_players_were_lost_brings_them_back_for_the_standings(redis: RedisHarness) -> None:
    game = await playing(redis, pace="host")
    await game.accepted("ann")
    await redis.settle()
    await redis.instance.server.client.delete(redis.instance.keys(game.id).participants)
    await game.do(End())
    await redis.settle()
    # Whoever brought the end into Redis left it to the first that looks for records of nobody.
    await redis.instance.take_over(older_than_ms=-1)
    final = await redis.query(lambda: dict(FinalStanding.objects.values_list("user_id", "score")))
    assert final == {"ann": 10, "bob": 0}


async def test_an_end_that_only_the_database_has_gets_its_standings_though_redis_lost_the_session(
    redis: RedisHarness,
) -> None:
    game = await playing(redis)
    await game.accepted("ann")
    await redis.settle()
    transition = await game.transition(End())
    decision = Decision(transition.state, transition.events, command="End", actor="test")
    # Whoever gave the command died before the standings.
    assert await redis.instance.primary._log.commit(game.id, decision)
    await redis.instance.server.client.flushall()
    assert (await game.state()).status == "completed"
    await redis.instance.take_over(older_than_ms=-1)
    final = await redis.query(lambda: dict(FinalStanding.objects.values_list("user_id", "score")))
    assert final == {"ann": 10, "bob": 0}


async def test_of_two_transitions_of_one_revision_the_end_counts(redis: RedisHarness) -> None:
    """Instances that could not reach each other took both, the one in the database, the other one in Redis."""
    game = await playing(redis)
    lock, end = await game.transition(SetLock(True)), await game.transition(End())
    log = redis.instance.primary._log
    assert await log.commit(game.id, Decision(lock.state, lock.events, command="SetLock", actor="test"))
    with mock.patch.object(DatabaseSessionLog, "commit", side_effect=ServiceUnavailable("away")):
        assert await game.commit(end)
    await redis.settle()
    state = await log.state(game.id)
    assert state is not None
    assert (state.status, state.revision) == ("completed", lock.state.revision)
