"""A player's needs where answers count: the own deadline, the time that speed is measured by, and accents."""

from __future__ import annotations

import pytest

from scoring.rules.answers import Accepted, Outdated, Refused
from sessions.rules.commands import CloseQuestion, Extend, Next, Pause, Resume, Start
from sessions.rules.people import Arrangement, Needs
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness

LIMIT_MS = 20_000


async def needing(game: Game, user: str, needs: Needs) -> None:
    assert await game.store.arrange(game.id, user, Arrangement("needs", needs), actor="test") is not None


@pytest.mark.parametrize(("time", "last_ms"), [(100, 20_000), (125, 25_000), (150, 30_000), (200, 40_000)])
async def test_an_answer_counts_until_the_players_own_deadline(harness: Harness, time: int, last_ms: int) -> None:
    game = await new_game(harness, time_limit_ms=LIMIT_MS)
    await game.players("ann", "bob", "cem")
    for user in ("ann", "cem"):
        await needing(game, user, Needs(time))
    await game.do(Start(), Next())
    game.wait(last_ms)
    assert isinstance(await game.submit("ann"), Accepted)
    game.wait(1)
    assert await game.submit("cem") == Refused("QUESTION_NOT_OPEN")
    assert await game.submit("bob") == Refused("QUESTION_NOT_OPEN")


async def test_who_has_no_limit_answers_until_the_close_and_not_after_it(harness: Harness) -> None:
    game = await new_game(harness, time_limit_ms=LIMIT_MS)
    await game.players("ann", "bob")
    for user in ("ann", "bob"):
        await needing(game, user, Needs(0))
    await game.do(Start(), Next())
    game.wait(3_600_000)
    assert isinstance(await game.submit("ann"), Accepted)
    await game.do(CloseQuestion())
    assert await game.submit("bob") == Refused("QUESTION_NOT_OPEN")


async def test_pauses_and_more_time_for_all_move_the_own_deadline_too(harness: Harness) -> None:
    game = await new_game(harness, time_limit_ms=LIMIT_MS)
    await game.players("ann", "bob")
    for user in ("ann", "bob"):
        await needing(game, user, Needs(200))
    await game.do(Start(), Next())
    game.wait(5_000)
    await game.do(Pause())
    game.wait(60_000)
    await game.do(Resume(), Extend(10_000))
    game.wait(55_000)
    assert isinstance(await game.submit("ann"), Accepted)
    game.wait(1)
    assert await game.submit("bob") == Refused("QUESTION_NOT_OPEN")


@pytest.mark.parametrize(
    ("needs", "points"),
    [(Needs(), 12), (Needs(150), 13), (Needs(200), 14), (Needs(0), 15), (Needs(no_speed_loss=True), 15)],
)
async def test_speed_is_measured_by_the_players_own_time(harness: Harness, needs: Needs, points: int) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await needing(game, "ann", needs)
    await game.do(Start(), Next())
    game.wait(6_000)
    accepted = await game.accepted("ann")
    assert accepted.stored.points == points
    await harness.settle()
    await harness.restart()
    assert (await game.scores())["ann"] == points


async def test_without_speed_points_the_time_is_told_as_it_was(harness: Harness) -> None:
    game = await new_game(harness, scoring="flat")
    await game.players("ann")
    await needing(game, "ann", Needs(200, no_speed_loss=True))
    await game.do(Start(), Next())
    game.wait(6_000)
    assert (await game.accepted("ann")).stored.elapsed_ms == 6_000


async def test_an_answer_is_graded_again_where_it_was_graded_for_other_needs(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann", "bob")
    await needing(game, "ann", Needs(ignore_accents=True))
    await game.do(Start(), Next())
    strict, lenient = game.answer("ann"), game.answer("ann")._replace(lenient=True)
    assert await game.store.record(game.id, [strict]) == [Outdated((), lenient=True)]
    assert isinstance((await game.store.record(game.id, [lenient]))[0], Accepted)
    assert await game.store.record(game.id, [game.answer("bob")._replace(lenient=True)]) == [Outdated(())]


async def test_it_knows_who_has_another_time_after_a_restart_too(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann", "bob", "cem")
    assert await game.store.slow_players(game.id) == []
    await needing(game, "bob", Needs(150))
    await needing(game, "cem", Needs(large_text=True))
    assert [player.user_id for player in await game.store.slow_players(game.id)] == ["bob"]
    await harness.settle()
    await harness.restart()
    assert [player.user_id for player in await game.store.slow_players(game.id)] == ["bob"]
    assert await game.store.slow_players("nowhere") == []
