"""Ten thousand open homeworks cost nothing: neither memory, keys nor timers have any of them, and a start reads none.

They are counted, not timed: what a store holds with many homeworks in the database is what it holds with none.
"""

from __future__ import annotations

import asyncio

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quizzes.rules.content import content_to_json
from scoring.rules.answers import Refused
from sessions.database.rows import state_columns, to_datetime
from sessions.database.session_log import DatabaseSessionLog
from sessions.models import QuizSession
from sessions.rules.commands import Start
from sessions.rules.homework import NEAR_MS
from sessions.rules.options import SessionOptions, options_to_json
from sessions.rules.state import SessionSetup, SessionState
from sessions.stores.memory.store import MemoryStore
from tests.support.redis_store import RedisHarness
from tests.support.store_game import QUIZ, Game
from tests.support.stores import BreakableThread, FakeClock, Harness, MemoryHarness

DAY = 24 * 3_600_000
MANY = 10_000


def fill(now: int, count: int = MANY) -> None:
    """Open homeworks, as another process left them."""
    content = content_to_json(QUIZ)
    options = options_to_json(SessionOptions(closes_at=now + 30 * DAY))
    rows = []
    for number in range(count):
        state = SessionState(
            status="active",
            phase="playing",
            revision=1,
            seq=1,
            created_at=now,
            started_at=now,
            closes_at=now + 30 * DAY + number,
            expires_at=now + 30 * DAY + number,
        )
        rows.append(
            QuizSession(
                id=f"rests-{number}",
                quiz_id=QUIZ.id,
                title=QUIZ.title,
                content=content,
                join_code=f"R{number:05d}",
                pace="self",
                reveal="immediately",
                scoring="flat",
                options=options,
                homework=True,
                created_at=to_datetime(now),
                **state_columns(state),
            )
        )
    QuizSession.objects.bulk_create(rows, batch_size=500)


async def held(harness: Harness) -> tuple[int, int | None]:
    """What the harness's store holds of sessions: things, and the next timer."""
    if isinstance(harness, RedisHarness):
        return len([key for key in await harness.all_keys() if "rests-" in key]), await harness.store.next_due()
    assert isinstance(harness, MemoryHarness)
    store = harness.store
    assert isinstance(store, MemoryStore)
    return len(store._live) + len(store._codes) + len(store._due) + len(store._loading), await store.next_due()


async def test_a_start_among_them_brings_none_into_the_store(harness: Harness) -> None:
    await harness.query(lambda: fill(harness.clock.now()))
    await harness.restart()
    for _ in range(50):
        # What is merged behind those who play has its turns.
        await asyncio.sleep(0)
    assert await held(harness) == (0, None)


async def test_the_first_touch_brings_in_the_one_that_is_touched(harness: Harness) -> None:
    await harness.query(lambda: fill(harness.clock.now(), 50))
    await harness.restart()
    session_id = await harness.store.resolve("R00007")
    assert session_id == "rests-7"
    assert await harness.store.setup(session_id) is not None
    count, due = await held(harness)
    assert 0 < count <= 6
    assert due is None


@pytest.mark.django_db(transaction=True)
async def test_a_start_reads_as_much_with_ten_thousand_of_them_as_with_none() -> None:
    clock, thread = FakeClock(), BreakableThread("database-test")
    log = DatabaseSessionLog(thread, thread)

    async def read() -> tuple[int, int]:
        def begin() -> CaptureQueriesContext:
            queries = CaptureQueriesContext(connection)
            queries.__enter__()
            return queries

        queries = await thread.run(begin)
        rows = len(await log.live()) + len(await log.homeworks_due(clock.now() + NEAR_MS))
        await thread.run(lambda: queries.__exit__(None, None, None))
        return len(queries), rows

    with_none = await read()
    await thread.run(lambda: fill(clock.now()))
    assert await read() == with_none
    if connection.vendor == "sqlite":
        for plan, index in zip(await thread.run(_plans), ("homework_by_time", "session_live"), strict=True):
            assert index in plan, plan
    thread.close()


def _plans() -> list[str]:
    due = QuizSession.objects.filter(homework=True, due_at__lt=5).exclude(status="completed")
    live = QuizSession.objects.filter(homework=False).exclude(status="completed")
    return [due.order_by("due_at").values_list("id").explain(), live.values_list("id", "due_at").explain()]


@pytest.mark.django_db(transaction=True)
async def test_the_memory_lets_go_of_what_rests_and_keeps_who_is_connected() -> None:
    harness = MemoryHarness()
    await harness.start()
    store = harness.store
    assert isinstance(store, MemoryStore)
    games = []
    for number in range(2):
        options = SessionOptions(closes_at=harness.clock.now() + 30 * DAY)
        setup = SessionSetup(f"h{number}", QUIZ, f"M{number:05d}", options=options)
        now = harness.clock.now()
        await store.create(setup, SessionState(created_at=now, expires_at=now, closes_at=options.closes_at))
        games.append(Game(harness, setup))
        await games[-1].do(Start())
        await games[-1].players("ann")
        await games[-1].accepted("ann")
    away, here = games
    [connection_of_ann] = store._live[away.id].connections.values()
    await store.detach(away.id, {"ann": connection_of_ann})
    await store.flush()
    for _ in range(3):
        harness.clock.advance(10 * 60_000)
        await store.claim_due(harness.clock.now())
    assert list(store._live) == [here.id]
    assert list(store._codes.values()) == [here.id]
    assert await away.scores() == {"ann": 10}
    await harness.close()


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
async def test_keys_that_expire_beside_an_answer_on_its_way_are_read_once_that_is_written() -> None:
    harness = RedisHarness()
    await harness.start()
    now = harness.clock.now()
    options = SessionOptions(closes_at=now + 30 * DAY)
    setup = SessionSetup("expires", QUIZ, "EXPIRE", scoring="flat", options=options)
    await harness.store.create(setup, SessionState(created_at=now, expires_at=now, closes_at=options.closes_at))
    game = Game(harness, setup)
    await game.do(Start())
    await game.players("ann")
    await game.accepted("ann", right=False)
    other = await harness.rival()
    keys = harness.instance.keys("expires")
    await harness.instance.server.client.delete(*(key for key in keys.of_session(setup) if key != keys.stream))
    again = asyncio.create_task(other.record("expires", [game.answer("ann")]))
    while not await harness.instance.server.client.exists(keys.lock):
        await asyncio.sleep(0)
    await harness.instance.settle()
    [refused] = await again
    assert isinstance(refused, Refused)
    assert refused.code == "ALREADY_ANSWERED"
    await harness.close()


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
async def test_a_homework_stays_in_redis_for_an_hour_from_when_somebody_was_last_there() -> None:
    harness = RedisHarness()
    await harness.start()
    now = harness.clock.now()
    options = SessionOptions(closes_at=now + 30 * DAY)
    setup = SessionSetup("stays", QUIZ, "STAYS", options=options)
    await harness.store.create(setup, SessionState(created_at=now, expires_at=now, closes_at=options.closes_at))
    game = Game(harness, setup)
    await game.do(Start())
    await game.players("ann")
    await game.accepted("ann")
    await harness.settle()
    client, keys = harness.instance.server.client, harness.instance.keys("stays")

    async def left() -> set[int]:
        held = [key for key in await harness.all_keys() if "stays" in key and "connections" not in key]
        return {round(await client.pttl(key) / 60_000) for key in held if key != keys.streams}

    assert await left() == {60}
    harness.clock.advance(50 * 60_000)
    await client.pexpire(keys.session, 600_000)
    await game.store.keep("stays")
    assert await left() == {60}
    await harness.close()
