"""A database that came back without its last seconds is noticed by the instances' own rows, and learns again."""

from __future__ import annotations

from typing import Any

import pytest

from common import metrics
from scoring.models import AnswerSubmission
from scoring.rules.answers import Accepted, Refused
from sessions.models import FinalStanding, Participant, QuizSession, ServerInstance
from sessions.services.ports import Joined
from sessions.stores.failover import instances
from sessions.stores.failover.restoring import Restorer
from sessions.stores.redis.write_behind import StreamRecord
from tests.support.agreeing_instances import Watched, answer, playing
from tests.support.redis_store import Instance, RedisHarness
from tests.support.store_game import Game, new_game

Pair = tuple[Instance, Instance]


def restorer(instance: Instance, register: Watched) -> Restorer:
    return Restorer(instance.store, instance.writer, instance.primary._log, register)


def has_lost(register: Watched) -> bool:
    return register.lost


def forget(game: Game, *, whole: bool) -> None:
    """What a standby that became the master lacks."""
    AnswerSubmission.objects.filter(session_id=game.id).delete()
    if whole:
        QuizSession.objects.filter(id=game.id).delete()
    else:
        Participant.objects.filter(session_id=game.id, user_id="bob").delete()
        QuizSession.objects.filter(id=game.id).update(revision=0)
    ServerInstance.objects.update(seen_at=1)


async def stored(redis: RedisHarness, game: Game) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        players = Participant.objects.filter(session_id=game.id)
        return {
            "answers": AnswerSubmission.objects.filter(session_id=game.id).count(),
            "scores": dict(players.values_list("user_id", "score")),
            "revision": QuizSession.objects.values_list("revision", flat=True).get(id=game.id),
            "standings": list(
                FinalStanding.objects.filter(session_id=game.id).order_by("rank").values_list("user_id", "score")
            ),
        }

    return await redis.query(read)


async def test_what_it_lost_is_written_again_from_redis(redis: RedisHarness, pair: Pair, register: Watched) -> None:
    one, _ = pair
    for whole in (False, True):
        game = await playing(redis)
        assert isinstance(await answer(game, one), Accepted)
        await redis.settle()
        await one.store.exchange_heartbeat()
        before = await stored(redis, game)
        await restorer(one, register).round()  # the control: nothing is missing
        assert not has_lost(register)
        await redis.query(lambda: forget(game, whole=whole))  # noqa: B023 - called at once
        losses = metrics.store_losses.labels("database_went_back")._value.get()
        redis.clock.advance(1_000)
        await one.store.exchange_heartbeat()
        assert has_lost(register)
        await restorer(one, register).round()
        assert await stored(redis, game) == before
        assert (before["answers"], before["scores"]) == (1, {"ann": 10, "bob": 0})
        assert metrics.store_losses.labels("database_went_back")._value.get() - losses == 1
        assert not has_lost(register)


async def test_another_server_is_told_what_the_one_before_may_have_had_since_the_last_heartbeat(
    redis: RedisHarness, pair: Pair, register: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = pair
    server = "the master"
    monkeypatch.setattr(instances, "server_process", lambda: server)
    game = await playing(redis)
    await one.store.exchange_heartbeat()
    register.lost = register.changed = False
    assert isinstance(await answer(game, one), Accepted)
    await redis.settle()
    before = await stored(redis, game)
    # What came after the heartbeat is gone, and no row of an instance shows it.
    await redis.query(lambda: AnswerSubmission.objects.filter(session_id=game.id).delete())
    await one.store.exchange_heartbeat()
    await restorer(one, register).round()
    assert (await stored(redis, game))["answers"] == 0  # the control: the same server is believed
    server = "the standby"
    losses = metrics.store_losses.labels("database_went_back")._value.get()
    await one.store.exchange_heartbeat()
    assert not has_lost(register)
    await restorer(one, register).round()
    assert await stored(redis, game) == before
    assert before["answers"] == 1
    # A restart is no loss, and nobody is called for it.
    assert metrics.store_losses.labels("database_went_back")._value.get() == losses
    await redis.query(lambda: AnswerSubmission.objects.filter(session_id=game.id).delete())
    await one.store.exchange_heartbeat()
    await restorer(one, register).round()
    assert (await stored(redis, game))["answers"] == 0


async def test_a_join_that_is_sent_again_is_recorded_again(
    redis: RedisHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = await new_game(redis)
    store, kept = redis.instance.primary, list[StreamRecord]()
    monkeypatch.setattr(store, "_keep", kept.append)
    wish = game.wish("ann")
    await store.join(game.id, [wish])
    # The reply was lost, and with it what this instance would have written.
    kept.clear()
    again = await store.join(game.id, [wish], again=True)
    assert isinstance(again[0], Joined)
    assert [(record.kind, "ann" in record.data) for record in kept] == [("joins", True)]


async def test_a_session_that_ended_in_those_seconds_ends_again(
    redis: RedisHarness, pair: Pair, register: Watched
) -> None:
    one, _ = pair
    game = await playing(redis)
    await answer(game, one)
    await game.end()
    await redis.settle()
    before = await stored(redis, game)
    await redis.query(lambda: forget(game, whole=True))
    register.lost = True
    await restorer(one, register).round()
    assert await stored(redis, game) == before
    assert before["standings"] == [("ann", 10), ("bob", 0)]


async def test_without_redis_it_learns_again_from_whoever_plays(redis: RedisHarness) -> None:
    game = await new_game(redis, pace="self", scoring="flat")
    await game.players("ann", "bob")
    await game.start()
    await redis.settle()
    redis.instance.connections = {game.id: {"ann": "server/1"}}
    redis.instance.cut(redis=True, database=False)
    first = await game.accepted("ann")
    await redis.query(lambda: forget(game, whole=False))
    await redis.instance.store.fallback.refresh([game.id])
    assert await game.submit("ann", right=False, text="b") == Refused("ALREADY_ANSWERED", first.stored, 10)
    assert (await stored(redis, game))["scores"] == {"ann": 10, "bob": 0}
