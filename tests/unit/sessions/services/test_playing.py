"""What players are told, when the session moves on between what the store decides and what it is then asked."""

from __future__ import annotations

import pytest

from scoring.rules.answers import Answer, Outdated, Refused
from sessions.protocol.errors import SessionError
from sessions.rules.commands import Pause, Resume
from sessions.services.playing import PlayerService
from sessions.services.ports import Joined
from sessions.services.tokens import TokenSigner
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness
from tests.unit.sessions.services.test_hosting import Desk


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
    refuse = harness.store.record

    async def refuse_and_close(session_id: str, answers: list[Answer]) -> list[Refused | Outdated]:
        refused = await refuse(session_id, answers)
        await game.close()
        return refused  # type: ignore[return-value]

    monkeypatch.setattr(desk.intake._batches, "_flush", refuse_and_close)
    with pytest.raises(SessionError) as told:
        await service.answer(game.setup, user_id="ann", question_id="q1", answer="b", claimed_ms=None)
    assert told.value.code == "ALREADY_ANSWERED"
    assert told.value.result is not None
    assert (told.value.result.points_earned, told.value.result.new_score) == (15, 15)


async def come_back(game: Game, user: str) -> Joined:
    """Join again over a new connection."""
    joined = await game.join(user, proven=True)
    assert isinstance(joined, Joined)
    return joined


async def test_a_question_that_is_shown_again_was_opened_when_it_was_shown_first_but_for_the_pauses(
    harness: Harness,
) -> None:
    """The client sees the time that counts: the server measures it from the first showing."""
    desk = Desk(harness)
    service = PlayerService(harness.store, desk.intake, desk.told, harness.clock, TokenSigner("secret"))
    game = await new_game(harness, pace="self")
    await game.players("ann")
    await game.start()
    first = await service.next_question(game.setup, user_id="ann")
    assert first is not None
    assert first.opened_at == game.now
    game.wait(2_000)
    assert service.current_question(game.setup, await game.state(), await come_back(game, "ann")) == first
    await game.do(Pause())
    game.wait(5_000)
    await game.do(Resume())
    game.wait(1_000)
    back = first._replace(opened_at=first.opened_at + 5_000)
    assert service.current_question(game.setup, await game.state(), await come_back(game, "ann")) == back
    for _ in game.setup.quiz.questions:
        again = await service.next_question(game.setup, user_id="ann")
    assert again == back
