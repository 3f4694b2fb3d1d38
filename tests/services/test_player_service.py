"""What players are told, when the session moves on between what the store decides and what it is then asked."""

from __future__ import annotations

import pytest

from scoring.answers import Answer, Outdated, Refused
from sessions.errors import SessionError
from sessions.players import PlayerService
from sessions.tokens import TokenSigner
from tests.services.test_session_service import Desk
from tests.stores.harness import Harness
from tests.stores.play import new_game


async def test_a_second_answer_that_a_closing_question_overtakes_is_told_the_score_with_its_points(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused while the points were withheld, and told when they are not."""
    desk = Desk(harness)
    service = PlayerService(harness.store, desk.intake, desk.told, harness.clock, TokenSigner("secret"))
    game = await new_game(harness, reveal="on_close")
    await game.players("ann")
    await game.start()
    await game.accepted("ann")
    refuse = harness.store.submit

    async def refuse_and_close(session_id: str, answers: list[Answer]) -> list[Refused | Outdated]:
        refused = await refuse(session_id, answers)
        await game.close()
        return refused  # type: ignore[return-value]

    monkeypatch.setattr(desk.intake._batches, "_flush", refuse_and_close)
    with pytest.raises(SessionError) as told:
        await service.submit(game.setup, user_id="ann", question_id="q1", answer="b", claimed_ms=None)
    assert told.value.code == "ALREADY_ANSWERED"
    assert told.value.result is not None
    assert (told.value.result.points_earned, told.value.result.new_score) == (15, 15)
