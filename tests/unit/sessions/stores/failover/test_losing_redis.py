"""What an instance does while Redis is away, and what it finds and does when Redis is back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from common.redis import ForeignLayout, Restarted
from scoring.models import AnswerSubmission
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted, Refused
from sessions.models import FinalStanding, Participant, QuizSession
from sessions.rules.commands import Next
from sessions.services.ports import Joined, JoinRefused
from tests.support.redis_store import Instance, RedisHarness
from tests.support.store_game import Game, new_game


async def playing(redis: RedisHarness, **options: Any) -> Game:
    game = await new_game(redis, **options)
    await game.players("ann", "bob")
    await game.start()
    return game


def where(redis: RedisHarness) -> str:
    return "redis" if redis.instance.store.on_redis else "fallback"


async def points_in_database(redis: RedisHarness, game: Game) -> dict[tuple[str, str], int]:
    def read() -> dict[tuple[str, str], int]:
        rows = AnswerSubmission.objects.filter(session_id=game.id)
        return {
            (user, question): points for user, question, points in rows.values_list("user_id", "question_id", "points")
        }

    return await redis.query(read)


async def lose_data(instance: Instance) -> None:
    """Redis is another run of itself, and empty."""
    await instance.server.client.flushdb()
    await instance.server.client.connection_pool.disconnect()
    instance.forget_run()


async def test_play_goes_on_without_redis_and_back(redis: RedisHarness) -> None:
    game = await playing(redis)
    await game.accepted("ann")
    redis.instance.cut(redis=True, database=False)
    assert (await game.accepted("bob")).score == 15
    assert await points_in_database(redis, game) == {("ann", "q1"): 15, ("bob", "q1"): 15}
    await game.do(Next())
    assert where(redis) == "fallback"
    redis.instance.cut(redis=False, database=False)
    assert await game.scores() == {"ann": 15, "bob": 15}
    assert where(redis) == "redis"
    assert (await redis.instance.primary.state(game.id)) == await game.state()
    await game.accepted("ann", "q2")


async def test_a_second_answer_is_refused_across_the_loss(redis: RedisHarness) -> None:
    game = await playing(redis)
    first = await game.accepted("ann")
    redis.instance.cut(redis=True, database=False)
    again = await game.submit("ann", right=False, text="b")
    assert again == Refused("ALREADY_ANSWERED", first.stored, first.score)


async def test_an_answer_whose_reply_was_lost_is_acknowledged_when_it_is_sent_again(redis: RedisHarness) -> None:
    game = await playing(redis)
    primary, submit = redis.instance.primary, redis.instance.primary.record

    async def submit_and_lose_the_reply(*arguments: object) -> list[Accepted | Refused]:
        primary.record = submit  # type: ignore[method-assign]
        await submit(*arguments)  # type: ignore[arg-type]
        raise ConnectionError("the reply was lost")

    redis.instance.breaker._limit = 5
    primary.record = submit_and_lose_the_reply  # type: ignore[method-assign, assignment]
    accepted = await game.submit("ann")
    assert isinstance(accepted, Accepted)
    assert await game.scores() == {"ann": accepted.stored.points, "bob": 0}


async def test_answers_that_a_redis_that_hung_gets_too_late_do_not_count(redis: RedisHarness) -> None:
    """Their sender has given them up, and they were decided about elsewhere."""
    game = await playing(redis)
    run_script = redis.instance.primary.run_script

    async def hang(*arguments: Any) -> Any:
        redis.instance.primary.run_script = run_script  # type: ignore[method-assign]
        redis.clock.advance(redis.instance.server.patience_ms + 1)
        return await run_script(*arguments)

    redis.instance.primary.run_script = hang  # type: ignore[method-assign, assignment]
    with pytest.raises(TimeoutError):
        await redis.instance.primary.record(game.id, [game.answer("ann")])
    assert await redis.instance.primary.answers_to(game.id, "q1") == {}
    await game.accepted("ann")


async def test_an_empty_redis_is_filled_from_the_database_and_from_what_is_held(redis: RedisHarness) -> None:
    game = await playing(redis)
    await game.accepted("ann")
    await redis.settle()
    held = await game.accepted("bob")
    assert redis.instance.writer.depth == 1
    redis.instance.connections = {game.id: {"ann": "server/1", "bob": "server/2"}}
    await lose_data(redis.instance)
    assert await game.scores() == {"ann": 15, "bob": held.stored.points}
    assert await game.store.participant_count(game.id) == 2
    assert await game.submit("bob") == Refused("ALREADY_ANSWERED", held.stored, held.score)
    assert await points_in_database(redis, game) == {("ann", "q1"): 15, ("bob", "q1"): 15}


async def test_a_name_given_without_redis_is_the_one_that_counts_in_it(redis: RedisHarness) -> None:
    game = await playing(redis)
    await game.store.rename(game.id, "ann", "Anna", actor="test")
    assert (await game.store.standings(game.id)).order
    redis.instance.cut(redis=True, database=False)
    redis.clock.advance(1_000)
    await game.store.rename(game.id, "ann", "Annette", actor="test")
    assert where(redis) == "fallback"
    redis.instance.cut(redis=False, database=False)
    names = [standing.username for standing in (await game.store.standings(game.id)).order]
    assert where(redis) == "redis"
    assert names == ["Annette", "Player bob"]
    assert await game.join("cleo", name="ANNETTE") == JoinRefused("USERNAME_TAKEN")
    assert isinstance(await game.join("dan", name="Anna"), Joined)


async def test_a_record_of_joining_never_brings_an_old_name_back(redis: RedisHarness) -> None:
    game = await playing(redis)
    joined = await game.store.participants(game.id)
    await game.store.rename(game.id, "ann", "Anna", actor="test")
    await redis.instance.primary.add(game.setup, joined, (), {})
    assert [player.username for player in await game.store.participants(game.id)] == ["Anna", "Player bob"]
    await lose_data(redis.instance)
    assert [player.username for player in await game.store.participants(game.id)] == ["Anna", "Player bob"]
    assert isinstance(await game.join("cleo", name="Player ann"), Joined)


async def test_what_another_instance_holds_is_in_it_too(redis: RedisHarness) -> None:
    game = await playing(redis)
    rival = await redis.rival()
    [held] = await rival.record(game.id, [game.answer("bob")])
    assert isinstance(held, Accepted)
    other = redis._instances[1]
    await lose_data(redis.instance)
    assert (await game.scores())["bob"] == 0  # the control: nobody has told Redis yet
    other.forget_run()
    await other.server.client.connection_pool.disconnect()
    assert await other.store.record(game.id, [game.answer("bob", text="b")]) == [
        Refused("ALREADY_ANSWERED", held.stored, 15)
    ]
    assert await game.scores() == {"ann": 0, "bob": 15}


async def test_a_merge_that_broke_off_is_done_again_before_play_goes_on(redis: RedisHarness) -> None:
    """As with the connections of a pool that died with the Redis before, and are found dead one after the other."""
    game = await playing(redis, pace="self", scoring="flat")
    await redis.settle()
    held = await game.accepted("ann")
    rival = await redis.rival()
    redis.instance.breaker._limit = 5
    await lose_data(redis.instance)
    primary, rebuild = redis.instance.primary, redis.instance.primary.rebuild

    async def break_off(session_id: str) -> bool:
        # Another instance brings in what the database has: not what is only held here.
        primary.rebuild = rebuild  # type: ignore[method-assign]
        await redis._instances[1].primary.rebuild(session_id)
        raise ConnectionError("the connection is dead")

    primary.rebuild = break_off  # type: ignore[method-assign]
    assert (await game.accepted("ann", "q2")).score == 2 * held.stored.points
    assert (await rival.standings(game.id)).own("ann") == (1, 2 * held.stored.points)


async def test_who_looks_which_redis_is_there_lets_nobody_else_use_it(redis: RedisHarness) -> None:
    game = await playing(redis)
    await redis.settle()
    await lose_data(redis.instance)
    server, execute = redis.instance.server, redis.instance.server._scout.execute_command

    async def while_another_call_connects(*arguments: Any, **options: Any) -> object:
        with pytest.raises(Restarted):
            await redis.instance.primary.state(game.id)
        return await execute(*arguments, **options)

    server._scout.execute_command = while_another_call_connects
    await server.current_run()


async def test_nothing_reaches_a_redis_that_was_restarted_before_it_was_merged(redis: RedisHarness) -> None:
    game = await playing(redis)
    first = await game.accepted("ann")
    await redis.settle()
    await lose_data(redis.instance)
    again = await game.submit("ann", right=False, text="b")
    assert again == Refused("ALREADY_ANSWERED", first.stored, first.score)


async def test_without_both_nothing_counts(redis: RedisHarness) -> None:
    game = await playing(redis)
    with redis.outage(), pytest.raises(ServiceUnavailable):
        await game.submit("ann")
    assert await points_in_database(redis, game) == {}


async def test_play_goes_on_without_redis_as_soon_as_the_database_is_back(redis: RedisHarness) -> None:
    game = await playing(redis)
    redis.instance.cut(redis=True, database=True)
    with pytest.raises(ServiceUnavailable):
        await game.submit("ann")
    redis.instance.cut(redis=True, database=False)
    await game.accepted("ann")
    assert where(redis) == "fallback"
    assert await points_in_database(redis, game) == {("ann", "q1"): 15}


async def test_live_play_goes_on_without_the_database(redis: RedisHarness) -> None:
    game = await playing(redis)
    with redis.database_outage():
        await game.accepted("ann")
        assert isinstance(await game.join("cleo"), Joined)
        await game.do(Next())
        await game.accepted("bob", "q2")
    await redis.settle()
    assert await points_in_database(redis, game) == {("ann", "q1"): 15, ("bob", "q2"): 15}
    await redis.restart()
    assert (await game.state()).question_id == "q2"
    assert await redis.query(lambda: Participant.objects.filter(session_id=game.id).count()) == 3
    assert await redis.instance.server.client.smembers(redis.instance.keys(game.id).streams) == set()


async def test_a_session_that_ended_as_redis_lost_its_data_gets_its_final_standings(redis: RedisHarness) -> None:
    """They are read from the store, which then asks for what is held to be written first."""
    game = await playing(redis)
    await game.accepted("ann")
    await game.end()
    await lose_data(redis.instance)
    async with asyncio.timeout(20):
        await redis.settle()
    rows = FinalStanding.objects.filter(session_id=game.id).values_list("rank", "user_id", "score")
    assert await redis.query(lambda: list(rows)) == [(1, "ann", 15), (2, "bob", 0)]


async def test_records_of_a_dead_instance_are_taken_over(redis: RedisHarness) -> None:
    game = await playing(redis)
    await redis.settle()
    rival = await redis.rival()
    await rival.record(game.id, [game.answer("ann")])
    dead = redis._instances.pop()
    redis._dead.append(dead)
    await redis.instance.take_over(older_than_ms=3_600_000)
    assert await points_in_database(redis, game) == {}  # the control: too young to be an orphan
    await redis.instance.take_over(older_than_ms=-1)
    assert await points_in_database(redis, game) == {("ann", "q1"): 15}
    assert await redis.instance.journal.waiting(game.id) == 0


async def test_a_record_that_cannot_be_read_is_set_aside(redis: RedisHarness) -> None:
    game = await playing(redis)
    await game.accepted("ann")
    client = redis.instance.server.client
    await client.xadd(
        redis.instance.keys(game.id).stream, {"kind": "answers", "by": "x", "data": '[["bob", "q1", "nonsense"]]'}
    )
    await client.xadd(redis.instance.keys(game.id).stream, {"something": "else"})
    await redis.instance.take_over(older_than_ms=-1)
    await redis.settle()
    assert await points_in_database(redis, game) == {("ann", "q1"): 15}
    assert {fields["session"] for _, fields in await client.xrange("poison")} == {game.id}
    assert await client.xlen("poison") == 2
    assert await redis.instance.journal.waiting(game.id) == 0


@pytest.mark.parametrize(("key", "value"), [("quizserver:layout", "0"), ("servers", "a string")])
async def test_the_keys_of_something_else_are_refused(redis: RedisHarness, key: str, value: str) -> None:
    await redis.instance.server.client.set(key, value)
    with pytest.raises(ForeignLayout):
        await redis.instance.server.check_layout()


async def test_a_session_that_was_deleted_without_redis_is_not_in_it_afterwards(redis: RedisHarness) -> None:
    game = await playing(redis)
    await game.accepted("ann")
    await redis.settle()
    redis.instance.cut(redis=True, database=False)
    await game.state()
    await redis.query(lambda: QuizSession.objects.filter(id=game.id).delete())
    await game.store.erase(game.id)
    redis.instance.cut(redis=False, database=False)
    assert await game.store.state(game.id) is None
    assert where(redis) == "redis"
    assert game.id not in await redis.instance.primary.session_ids()
