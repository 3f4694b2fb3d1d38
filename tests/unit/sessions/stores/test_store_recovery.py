"""A store after a crash: what was acknowledged is there, as it was."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from scoring.models import AnswerSubmission
from scoring.rules.answers import Refused
from sessions.models import FinalStanding, Participant, SessionEventRecord
from sessions.rules.commands import CloseQuestion, End, Next, Pause, Resume, SetLock, Start
from sessions.rules.options import SessionOptions
from sessions.services.ports import Joined, JoinRefused
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness


async def everything(game: Game) -> dict[str, Any]:
    """All that the port tells of a session, the players as if nobody were connected."""
    store = game.store
    players = await store.participants(game.id)
    standings = await store.standings(game.id)
    return {
        "setup": await store.setup(game.id),
        "state": await store.state(game.id),
        "events": await store.events_since(game.id, 0),
        "participants": [
            replace(player, status="disconnected") if player.status == "connected" else player for player in players
        ],
        "standings": list(standings.order),
        "answers": {
            question.id: dict(await store.answers_to(game.id, question.id)) for question in game.setup.quiz.questions
        },
        "own answers": {
            player.user_id: sorted(await store.answers_of(game.id, player.user_id), key=lambda each: each.question_id)
            for player in players
        },
        "scores": {player.user_id: await store.score(game.id, player.user_id) for player in players},
        "code": await store.resolve(game.setup.join_code),
    }


async def in_the_lobby(game: Game) -> None:
    await game.players("ann", "bob")


async def mid_question(game: Game) -> None:
    await game.players("ann", "bob")
    await game.do(Start(), Next())
    game.wait(2_500)
    await game.accepted("ann")


async def after_two_questions(game: Game) -> None:
    await mid_question(game)
    await game.accepted("bob", right=False)
    await game.do(Next())
    await game.players("cleo")
    await game.accepted("cleo", "q2")
    await game.do(CloseQuestion())


async def in_a_pause(game: Game) -> None:
    await mid_question(game)
    await game.do(Pause())
    game.wait(7_000)
    await game.do(Resume())
    game.wait(1_000)
    await game.do(SetLock(True), Pause())


async def after_comings_and_goings(game: Game) -> None:
    await after_two_questions(game)
    await game.store.leave(game.id, "bob")
    await game.store.remove(game.id, "ann", actor="test")


async def at_the_end(game: Game) -> None:
    await after_two_questions(game)
    await game.do(End())


STORIES = [in_the_lobby, mid_question, after_two_questions, in_a_pause, after_comings_and_goings, at_the_end]


@pytest.mark.parametrize("reveal", ["immediately", "on_close"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_a_restart_finds_everything(
    harness: Harness, story: Callable[[Game], Awaitable[None]], reveal: str
) -> None:
    game = await new_game(harness, reveal=reveal)
    await story(game)
    before = await everything(game)
    version = (await game.store.standings(game.id)).version
    await harness.settle()
    harness.clock.advance(2_000)
    await harness.restart()
    assert await everything(game) == before
    assert (await game.store.standings(game.id)).version >= version
    assert await game.store.participant_count(game.id) == 0


async def test_a_crash_loses_nothing_that_was_acknowledged(harness: Harness) -> None:
    game = await new_game(harness, reveal="on_close")
    await after_two_questions(game)
    before = await everything(game)
    await harness.restart()
    assert await everything(game) == before


async def test_options_are_kept_over_a_restart(harness: Harness) -> None:
    options = SessionOptions(accent_keys=False, suggested_names=False)
    game = await new_game(harness, options=options)
    await harness.restart()
    setup = await game.store.setup(game.id)
    assert setup is not None
    assert setup.options == options


async def test_play_goes_on_after_a_crash(harness: Harness) -> None:
    game = await new_game(harness, reveal="on_close")
    await mid_question(game)
    await harness.restart()
    back = await game.join("ann", proven=True)
    assert isinstance(back, Joined)
    assert (back.resumed, back.present) == (True, False)
    assert await game.join("ann") == JoinRefused("INVALID_TOKEN")
    assert await game.join("cleo", name="player BOB") == JoinRefused("USERNAME_TAKEN")
    again = await game.submit("ann", right=False)
    assert isinstance(again, Refused)
    assert again.code == "ALREADY_ANSWERED"
    game.wait(1_000)
    late = await game.accepted("bob")
    assert late.stored.elapsed_ms == 3_500
    await game.do(Next())
    assert sum((await game.scores()).values()) == late.stored.points + 14


async def test_the_database_has_each_answer_once_and_its_points_in_the_score(harness: Harness) -> None:
    game = await new_game(harness)
    await after_two_questions(game)
    await harness.settle()

    def read() -> tuple[list[tuple[str, str, int]], dict[str, int]]:
        answers = AnswerSubmission.objects.filter(session_id=game.id).values_list("user_id", "question_id", "points")
        scores = Participant.objects.filter(session_id=game.id).values_list("user_id", "score")
        return sorted(answers), dict(scores)

    answers, scores = await harness.query(read)
    assert answers == [("ann", "q1", 14), ("bob", "q1", 0), ("cleo", "q2", 15)]
    assert scores == {"ann": 14, "bob": 0, "cleo": 15}
    assert scores == await game.scores()


async def test_the_database_has_the_audit_trail(harness: Harness) -> None:
    game = await new_game(harness)
    await in_the_lobby(game)
    await game.start()
    await game.store.remove(game.id, "ann", actor="user:host")

    def read() -> list[tuple[int | None, str, str]]:
        trail = SessionEventRecord.objects.filter(session_id=game.id)
        return list(trail.values_list("seq", "kind", "actor"))

    assert await harness.query(read) == [
        (1, "started", "test"),
        (2, "question_opened", "test"),
        (None, "participant_removed", "user:host"),
    ]


async def test_the_end_writes_the_final_standings(harness: Harness) -> None:
    game = await new_game(harness, reveal="on_close")
    await mid_question(game)
    await game.end()
    await harness.settle()

    def read() -> list[tuple[int, str, int]]:
        return list(FinalStanding.objects.filter(session_id=game.id).values_list("rank", "user_id", "score"))

    assert await harness.query(read) == [(1, "ann", 14), (2, "bob", 0)]


async def test_who_is_connected_is_written_down(harness: Harness) -> None:
    game = await new_game(harness)
    await game.join("ann", connection="server/a")
    await game.players("bob", "cleo", "dan")
    await game.store.detach(game.id, {"ann": "server/a"})
    await game.store.leave(game.id, "bob")
    await game.store.leave(game.id, "cleo")
    await game.store.remove(game.id, "cleo", actor="test")
    await harness.settle()

    def read() -> dict[str, str]:
        return dict(Participant.objects.filter(session_id=game.id).values_list("user_id", "status"))

    statuses = {"ann": "disconnected", "bob": "left", "cleo": "removed", "dan": "connected"}
    assert await harness.query(read) == statuses
