"""A store whose durable places are away: nothing counts that is not kept, and trying again works."""

from __future__ import annotations

import logging

import pytest

from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted
from sessions.models import FinalStanding, Participant
from sessions.rules.commands import End, Next, Start
from sessions.rules.state import SessionSetup, SessionState
from sessions.services.ports import Joined
from tests.support.store_game import QUIZ, Game, new_game
from tests.support.stores import Harness

pytestmark = pytest.mark.usefixtures("_quiet")


@pytest.fixture
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


async def playing(harness: Harness) -> Game:
    game = await new_game(harness)
    await game.players("ann", "bob")
    await game.start()
    return game


async def test_an_answer_does_not_count_and_can_be_sent_again(harness: Harness) -> None:
    game = await playing(harness)
    with harness.outage():
        with pytest.raises(ServiceUnavailable):
            await game.submit("ann")
        if harness.reads_through_outages:
            assert await game.store.answers_of(game.id, "ann") == []
            assert await game.scores() == {"ann": 0, "bob": 0}
    assert await game.store.answers_of(game.id, "ann") == []
    accepted = await game.submit("ann")
    assert isinstance(accepted, Accepted)
    assert await game.scores() == {"ann": accepted.stored.points, "bob": 0}
    await harness.restart()
    assert await game.scores() == {"ann": accepted.stored.points, "bob": 0}


async def test_a_join_does_not_count_and_can_be_sent_again(harness: Harness) -> None:
    game = await playing(harness)
    with harness.outage():
        with pytest.raises(ServiceUnavailable):
            await game.join("cleo")
        if harness.reads_through_outages:
            assert await game.store.participant(game.id, "cleo") is None
            assert await game.store.participant_count(game.id) == 2
    assert await game.store.participant(game.id, "cleo") is None
    assert isinstance(await game.join("cleo"), Joined)


async def test_a_transition_does_not_count_and_can_be_sent_again(harness: Harness) -> None:
    game = await playing(harness)
    before = await game.state()
    step = await game.transition(Next())
    with harness.outage():
        with pytest.raises(ServiceUnavailable):
            await game.commit(step)
        if harness.reads_through_outages:
            assert await game.state() == before
            assert await game.store.events_since(game.id, before.seq) == []
    assert await game.state() == before
    assert await game.commit(step)


async def test_a_removal_does_not_count_and_can_be_sent_again(harness: Harness) -> None:
    game = await playing(harness)
    with harness.outage():
        with pytest.raises(ServiceUnavailable):
            await game.store.remove(game.id, "ann", actor="test")
        if harness.reads_through_outages:
            assert "ann" in await game.scores()
    assert "ann" in await game.scores()
    assert await game.store.remove(game.id, "ann", actor="test")
    assert "ann" not in await game.scores()


async def test_a_session_is_not_made_and_can_be_made_again(harness: Harness) -> None:
    setup = SessionSetup(id="made-later", quiz=QUIZ, join_code="LATER1")
    state = SessionState(created_at=harness.clock.now())
    with harness.outage(), pytest.raises(ServiceUnavailable):
        await harness.store.create(setup, state)
    assert await harness.store.setup(setup.id) is None
    await harness.store.create(setup, state)
    assert await harness.store.setup(setup.id) == setup


async def test_what_may_wait_waits_for_the_end_of_the_outage(harness: Harness) -> None:
    game = await playing(harness)
    with harness.database_outage():
        await game.store.leave(game.id, "ann")
        with pytest.raises(ServiceUnavailable):
            await harness.settle()
    await harness.settle()
    assert await harness.query(lambda: Participant.objects.get(user_id="ann").status) == "left"


async def test_the_final_standings_follow_when_only_they_could_not_be_written(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = await new_game(harness)
    await game.players("ann")
    await game.do(Start())
    bulk_create = FinalStanding.objects.bulk_create

    def away(*args: object, **options: object) -> None:
        with harness.outage():
            raise ServiceUnavailable("the database is away")

    monkeypatch.setattr(FinalStanding.objects, "bulk_create", away)
    await game.do(End())
    assert (await game.state()).status == "completed"
    monkeypatch.setattr(FinalStanding.objects, "bulk_create", bulk_create)
    await harness.settle()
    assert await harness.query(lambda: list(FinalStanding.objects.values_list("user_id", flat=True))) == ["ann"]
