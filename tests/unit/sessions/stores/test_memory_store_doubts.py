"""The in-process store when the database did something without its learning so, or another instance was slow."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar
from unittest import mock

import pytest
from django.db import OperationalError

from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted, Refused
from sessions.models import FinalStanding
from sessions.rules.commands import End, Pause
from tests.support.store_game import new_game
from tests.support.stores import BreakableThread, Harness, MemoryHarness

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _memory_only(harness: Harness, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    if not isinstance(harness, MemoryHarness):
        pytest.skip("It is about the in-process store.")


async def _done_and_not_said(self: BreakableThread, function: Callable[[], T]) -> T:
    await super(BreakableThread, self).run(function)
    raise OperationalError("server closed the connection unexpectedly")


def acknowledgements_are_lost() -> mock._patch[object]:
    return mock.patch.object(BreakableThread, "run", _done_and_not_said)


async def standings(harness: Harness) -> dict[str, int]:
    return await harness.query(lambda: dict(FinalStanding.objects.values_list("user_id", "score")))


async def test_an_answer_that_went_through_unnoticed_is_told_as_given(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.start()
    with acknowledgements_are_lost(), pytest.raises(ServiceUnavailable):
        await game.submit("ann")
    await game.do(Pause())
    again = await game.submit("ann")
    assert isinstance(again, Refused)
    assert (again.code, again.stored is not None) == ("ALREADY_ANSWERED", True)


async def test_the_final_standings_are_written_when_the_end_went_through_unnoticed(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.start()
    accepted = await game.submit("ann")
    assert isinstance(accepted, Accepted)
    end = await game.transition(End())
    with acknowledgements_are_lost(), pytest.raises(ServiceUnavailable):
        await game.commit(end)
    assert not await game.commit(end)
    assert (await game.state()).status == "completed"
    await harness.settle()
    assert await standings(harness) == {"ann": accepted.stored.points}


async def test_an_answer_that_a_slow_instance_took_before_the_end_is_in_the_final_standings(harness: Harness) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.start()
    slow = await harness.rival()
    assert await slow.state(game.id) is not None
    await game.end()
    await harness.settle()
    assert await standings(harness) == {"ann": 0}
    [accepted] = await slow.record(game.id, [game.answer("ann")])
    assert isinstance(accepted, Accepted)
    assert await standings(harness) == {"ann": accepted.stored.points}
