"""Speed points over the whole time of a question: each store gives what the rule says."""

from __future__ import annotations

import pytest

from tests.support.store_game import new_game
from tests.support.stores import Harness


@pytest.mark.parametrize("waited", [0, 3_999, 4_000, 11_999, 12_000, 19_999])
async def test_a_speed_point_lasts_a_fifth_of_the_time(harness: Harness, waited: int) -> None:
    game = await new_game(harness, scoring="scaled", reveal="on_close")
    await game.players("ann")
    await game.start()
    game.wait(waited)
    # The questions of the game have 20 s each.
    assert (await game.accepted("ann")).stored.points == 10 + 5 - waited // 4_000


async def test_the_session_s_own_limit_counts(harness: Harness) -> None:
    game = await new_game(harness, scoring="scaled", time_limit_ms=600_000)
    await game.players("ann", "bob")
    await game.start()
    game.wait(119_000)
    assert (await game.accepted("ann")).stored.points == 15
    game.wait(2_000)
    assert (await game.accepted("bob")).stored.points == 14
