"""A simulated player notices what an arrangement forbids to tell."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from simulation import wire
from simulation.arrangement import Arrangement, draw_arrangement
from simulation.watch import Watch

LINES = [{"rank": n, "user_id": f"u{n}", "score": 0} for n in (1, 2, 3, 4)]


def heard(watch: Watch, kind: str, **payload: Any) -> list[str]:
    """What the player notices of a message."""
    message, read = wire.read(json.dumps({"type": kind, "payload": payload}).encode())
    return list(watch.joined(read) if kind == "SESSION_JOINED" else watch.troubles(message, read))


def watch(**options: Any) -> Watch:
    return Watch(Arrangement(options=options))


@pytest.mark.parametrize(("board", "most"), [("top3", 3), ("own", 0), ("end", 0)])
def test_more_of_the_ranking_than_is_shown(board: str, most: int) -> None:
    player = watch(board=board)
    assert heard(player, "LEADERBOARD_UPDATED", leaderboard=LINES[:most]) == []
    assert heard(player, "LEADERBOARD_UPDATED", leaderboard=LINES[: most + 1])
    assert heard(watch(board="full"), "LEADERBOARD_UPDATED", leaderboard=LINES) == []


def test_a_rank_before_the_end() -> None:
    player = watch(board="end")
    assert heard(player, "SESSION_JOINED", status="active", your_rank=None) == []
    assert heard(player, "SESSION_JOINED", status="active", your_rank=2)
    assert heard(player, "LEADERBOARD_UPDATED", leaderboard=[], your_rank=2)
    assert heard(player, "SESSION_ENDED", leaderboard=LINES, your_rank=2) == []
    assert heard(player, "LEADERBOARD_UPDATED", leaderboard=LINES, your_rank=2) == []


def test_options_before_their_time() -> None:
    early, due = "2026-01-01T00:00:00.999Z", "2026-01-01T00:00:01.000Z"
    player = watch(options_after_ms=1_000)
    assert heard(player, "QUESTION_ASKED", question_id="q1", options_at=due) == []
    assert heard(player, "QUESTION_OPENED", question_id="q1", options=["a"], opened_at=due) == []
    assert heard(player, "QUESTION_OPENED", question_id="q1", options=["a"], opened_at=early)
    assert heard(player, "QUESTION_ASKED", question_id="q2", options=["a", "b"], options_at=due)
    assert heard(player, "QUESTION_ASKED", question_id="q3")


def test_an_order_that_changes_or_that_nobody_wanted() -> None:
    player = watch(own_order=True)
    opened = {"question_id": "q1", "options": ["b", "a"], "shapes": [1, 0]}
    assert heard(player, "QUESTION_OPENED", **opened) == []
    assert heard(player, "SESSION_JOINED", status="active", question=opened) == []
    assert heard(player, "QUESTION_OPENED", **{**opened, "options": ["a", "b"]})
    assert heard(player, "QUESTION_OPENED", **{**opened, "shapes": [1, 1]})
    assert heard(watch(), "QUESTION_OPENED", **opened)


def test_one_seed_is_one_arrangement_and_many_are_many() -> None:
    drawn = [draw_arrangement(Random(seed), "host") for seed in range(40)]
    assert drawn == [draw_arrangement(Random(seed), "host") for seed in range(40)]
    assert {arrangement.scoring for arrangement in drawn} == {"speed", "scaled", "flat"}
    assert {arrangement.options.get("board") for arrangement in drawn} == {"full", "top3", "own", "end", None}
    assert any(arrangement.holds for arrangement in drawn)
    assert any(arrangement.reading_seconds for arrangement in drawn)
    for seed in range(40):
        assert (
            not {"close_when_all_answered", "options_after_ms"} & draw_arrangement(Random(seed), "self").options.keys()
        )


def test_teams_that_there_are_not_or_that_stand_wrongly() -> None:
    player = watch(teams="drawn", team_count=3)
    first = {"team": 2, "place": 1, "average": 7.5, "members": 2, "score": 15}
    second = {"team": 1, "place": 2, "average": 6.7, "members": 3, "score": 20}
    assert heard(player, "SESSION_JOINED", status="active", your_team=2) == []
    assert heard(player, "SESSION_JOINED", status="active")
    assert heard(player, "LEADERBOARD_UPDATED", leaderboard=[], teams=[first, second]) == []
    assert heard(player, "LEADERBOARD_UPDATED", leaderboard=[], teams=[second, first])
    assert heard(player, "SESSION_ENDED", leaderboard=[], teams=[{**first, "average": 15.0}])
    assert heard(watch(), "LEADERBOARD_UPDATED", leaderboard=[], teams=[first])
    assert heard(watch(), "SESSION_JOINED", status="active", your_team=1)


def test_needs_that_others_hear_of_and_that_are_not_kept() -> None:
    needs = {"time": 150, "no_speed_loss": False, "large_text": True, "text_for_sound": False, "ignore_accents": False}
    other = watch()
    assert heard(other, "SESSION_JOINED", status="active") == []
    assert heard(other, "PLAYER_JOINED", user_id="u1", needs=needs)
    assert heard(other, "NEEDS_CHANGED", needs=needs)
    own = watch()
    own.arranged = {"time": 150, "large_text": True}
    assert heard(own, "NEEDS_CHANGED", needs=needs) == []
    assert heard(own, "SESSION_JOINED", status="active", your_needs=needs) == []
    assert heard(own, "SESSION_JOINED", status="active")


def test_a_question_that_is_not_open_for_as_long_as_the_player_needs() -> None:
    player = Watch(Arrangement(), limit_ms=1_000)
    assert heard(player, "QUESTION_OPENED", question_id="q1", time_limit_ms=1_000) == []
    player.needs = {"time": 150}
    assert heard(player, "QUESTION_OPENED", question_id="q2", time_limit_ms=1_500) == []
    assert heard(player, "QUESTION_OPENED", question_id="q3", time_limit_ms=1_000)
    player.needs = {"time": 0}
    assert heard(player, "QUESTION_OPENED", question_id="q4", time_limit_ms=0) == []


def test_a_goal_that_goes_back_or_has_ranks_beside_it() -> None:
    def goal(reached: int, **more: Any) -> dict[str, Any]:
        return {"leaderboard": [], "goal": {"kind": "points", "amount": 50, "reached": reached}, **more}

    player = watch(goal="points", goal_amount=50)
    assert heard(player, "LEADERBOARD_UPDATED", **goal(20)) == []
    assert heard(player, "LEADERBOARD_UPDATED", **goal(60)) == []
    assert heard(player, "LEADERBOARD_UPDATED", **goal(50))
    assert heard(player, "LEADERBOARD_UPDATED", **goal(60, your_rank=1))
    assert heard(player, "LEADERBOARD_UPDATED", leaderboard=[])
    assert heard(player, "SESSION_ENDED", **{**goal(60), "leaderboard": LINES[:1]})
    assert heard(watch(goal="right", goal_amount=50), "LEADERBOARD_UPDATED", **goal(1))
    assert heard(watch(), "LEADERBOARD_UPDATED", **goal(1))


def test_what_is_drawn_can_be_had_together() -> None:
    for seed in range(60):
        for homework in (False, True):
            drawn = draw_arrangement(Random(seed), "self", homework=homework)
            assert not (drawn.options.get("goal") and ({"teams", "board"} & drawn.options.keys() or drawn.attempts > 1))
            assert not (homework and "teams" in drawn.options)
            assert bool(drawn.homework) is homework
