"""Teams stand by the average of their members, compared exactly."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from leaderboards.ranking import Standing
from leaderboards.teams import TeamLine, team_lines


def standing(number: int, score: int, team: int) -> Standing:
    return Standing(f"u{number}", f"P{number}", score, number, team)


def test_a_small_team_is_not_behind_for_being_small() -> None:
    order = [standing(1, 30, 1), standing(2, 20, 2), standing(3, 20, 2), standing(4, 0, 1)]
    assert team_lines(order) == [TeamLine(2, 1, 20.0, 2, 40), TeamLine(1, 2, 15.0, 2, 30)]


def test_equal_averages_share_a_place_and_who_is_in_no_team_counts_for_none() -> None:
    order = [standing(1, 10, 3), standing(2, 10, 1), standing(3, 5, 2), standing(4, 99, 0)]
    assert [(line.team, line.place) for line in team_lines(order)] == [(1, 1), (3, 1), (2, 3)]


def test_averages_that_look_the_same_to_a_tenth_are_told_apart() -> None:
    order = [standing(number, score, 1) for number, score in enumerate((10, 10, 11))]
    order += [standing(number, score, 2) for number, score in enumerate((10,) * 49 + (27,), start=10)]
    assert [(line.team, line.place, line.average) for line in team_lines(order)] == [(2, 1, 10.3), (1, 2, 10.3)]


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 4)), max_size=40))
def test_every_member_counts_once_and_no_team_stands_before_a_better_one(players: list[tuple[int, int]]) -> None:
    lines = team_lines(standing(number, score, team) for number, (score, team) in enumerate(players))
    assert sum(line.score for line in lines) == sum(score for score, team in players if team)
    assert sum(line.members for line in lines) == sum(team > 0 for _, team in players)
    averages = [Fraction(line.score, line.members) for line in lines]
    assert averages == sorted(averages, reverse=True)
    for line, average in zip(lines, averages, strict=True):
        assert line.place == 1 + sum(other > average for other in averages)
