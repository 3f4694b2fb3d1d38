"""Without Redis an instance hears of the others' answers by looking into the database now and then.

What it tells when a question or the session is over lacks none of them, and none comes in afterwards.
"""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.db import connection, transaction

from scoring.answer_log import Batch
from scoring.models import AnswerSubmission
from scoring.rules.answers import Accepted, AnswerRefusal, Refused, StoredAnswer
from sessions.database.rows import add_answers
from sessions.models import FinalStanding
from sessions.rules.commands import CloseQuestion, Command, End, Next, SetLock
from sessions.rules.state import Pace
from tests.support.agreeing_instances import Watched, answer, leave, lose_redis, playing
from tests.support.redis_store import Instance, RedisHarness
from tests.support.store_game import Game
from tests.support.stores import BreakableThread


async def answered_elsewhere(redis: RedisHarness, pair: tuple[Instance, Instance], pace: Pace) -> Game:
    """One instance knows the session already when the other one takes an answer of Ann's."""
    one, other = pair
    game = await playing(redis, pace=pace)
    await lose_redis(one, other)
    await leave(one, other)
    assert (await one.store.fallback.standings(game.id)).order[0].score == 0
    [taken] = await other.store.fallback.record(game.id, [game.answer("ann")])
    assert isinstance(taken, Accepted)
    assert taken.score > 0
    assert (await one.store.fallback.standings(game.id)).order[0].score == 0, "it has not looked yet"
    return game


@pytest.mark.parametrize(
    ("pace", "command"), [("self", End()), ("host", End()), ("host", CloseQuestion()), ("host", Next())]
)
async def test_what_is_told_at_a_close_has_the_answers_that_another_instance_took(
    redis: RedisHarness,
    pair: tuple[Instance, Instance],
    register: Watched,
    pace: Pace,
    command: Command,
) -> None:
    one, _ = pair
    game = await answered_elsewhere(redis, pair, pace)
    assert await game.commit(await game.transition(command), store=one.store.fallback)
    scores = {standing.user_id: standing.score for standing in (await one.store.fallback.standings(game.id)).order}
    assert scores["ann"] > 0
    assert set(await one.store.fallback.answers_to(game.id, "q1")) == {"ann"}
    if isinstance(command, End):
        final = await redis.query(lambda: dict(FinalStanding.objects.values_list("user_id", "score")))
        assert final == scores


async def moved_on_elsewhere(
    redis: RedisHarness, pair: tuple[Instance, Instance], pace: Pace, command: Command
) -> tuple[Game, Instance]:
    """One instance gives a command; the other one, which knows the session, has not heard of it."""
    one, other = pair
    game = await playing(redis, pace=pace)
    await lose_redis(one, other)
    await leave(one, other)
    known = await other.store.fallback.state(game.id)
    assert await game.commit(await game.transition(command), store=one.store.fallback)
    assert await other.store.fallback.state(game.id) == known, "it has not looked yet"
    other.store.fallback.moved()
    return game, other


@pytest.mark.parametrize(
    ("pace", "command", "code"),
    [
        ("self", End(), "SESSION_COMPLETED"),
        ("host", End(), "SESSION_COMPLETED"),
        ("host", CloseQuestion(), "QUESTION_NOT_OPEN"),
        ("host", Next(), "QUESTION_NOT_OPEN"),
    ],
)
async def test_no_answer_counts_after_an_end_that_its_instance_has_not_heard_of(
    redis: RedisHarness,
    pair: tuple[Instance, Instance],
    register: Watched,
    pace: Pace,
    command: Command,
    code: AnswerRefusal,
) -> None:
    game, other = await moved_on_elsewhere(redis, pair, pace, command)
    assert await other.store.fallback.record(game.id, [game.answer("ann")]) == [Refused(code)]
    assert await redis.query(AnswerSubmission.objects.count) == 0
    assert other.store.fallback.moved() == [game.id], "its players would not be told what happened"


async def test_an_answer_counts_that_whatever_moved_the_session_on_lets_count(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    game, other = await moved_on_elsewhere(redis, pair, "host", SetLock(True))
    [taken] = await other.store.fallback.record(game.id, [game.answer("ann")])
    assert isinstance(taken, Accepted)
    assert await redis.query(AnswerSubmission.objects.count) == 1


async def close_while_written(redis: RedisHarness, pair: tuple[Instance, Instance]) -> dict[str, int]:
    """Close a question while a transaction that inserts an answer to it is under way; the scores known then."""
    one, other = pair
    game = await playing(redis, pace="host")
    await lose_redis(one, other)
    await leave(one, other)
    state = await one.store.fallback.state(game.id)
    assert state is not None
    stored = StoredAnswer("ann", "q1", "a", "correct", 10, 0, game.now)
    inserted, closed = threading.Event(), threading.Event()
    writer = BreakableThread("database-test-writer")

    def insert() -> None:
        with transaction.atomic():
            add_answers([Batch(game.id, [stored], state.revision)])
            inserted.set()
            # Where the two keep out of each other's way this runs out: the other one waits for this transaction.
            closed.wait(1)

    async def close() -> None:
        await asyncio.to_thread(inserted.wait)
        assert await game.commit(await game.transition(CloseQuestion()), store=one.store.fallback)
        closed.set()

    await asyncio.gather(writer.run(insert), close())
    await asyncio.to_thread(writer.close)
    return {standing.user_id: standing.score for standing in (await one.store.fallback.standings(game.id)).order}


async def test_a_close_waits_for_the_answers_that_are_being_written(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched
) -> None:
    assert (await close_while_written(redis, pair))["ann"] == 10


async def test_a_close_that_did_not_wait_would_lack_what_is_being_written(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writing transaction at a time in any case.")
    monkeypatch.setattr("sessions.database.session_log.lock_grading", lambda *_: None)
    assert (await close_while_written(redis, pair))["ann"] == 0


@pytest.mark.parametrize("gone_for_ms", [1_000, 60_000])
async def test_who_starts_later_knows_what_was_played_without_redis(
    redis: RedisHarness, pair: tuple[Instance, Instance], register: Watched, gone_for_ms: int
) -> None:
    """All who played from the database are gone; Redis was not restarted, and has the sessions as they were before."""
    one, other = pair
    game = await playing(redis)
    await lose_redis(one, other)
    await leave(one, other)
    [taken] = await other.store.fallback.record(game.id, [game.answer("ann")])
    assert isinstance(taken, Accepted)
    redis._dead += [redis._instances.pop(), redis._instances.pop()]
    await one.store._instances.sign_off()
    redis.clock.advance(gone_for_ms)
    later = await redis._make()
    redis._instances.append(later)
    later.store._instances._patience = 0
    assert later.store.on_redis
    assert await answer(game, later, text="b") == Refused("ALREADY_ANSWERED", taken.stored, 10)
    run = later.store._merger.run
    # Once is enough.
    await later.store._merger.merge(await later.server.current_run())
    assert later.store._merger.run == run
