"""How teams stand: by the average of their members, so that a small team is not behind for being small. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from leaderboards.ranking import Standing


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team on the board. Equal averages share a place: 1, 1, 3."""

    team: int
    place: int
    average: float
    members: int
    score: int


def team_lines(order: Iterable[Standing]) -> list[TeamLine]:
    """The teams that have members, the best average first; equal ones in the order of their numbers.

    The average is told to a tenth, and compared exactly.
    """
    scores: dict[int, int] = {}
    members: dict[int, int] = {}
    for standing in order:
        if standing.team:
            scores[standing.team] = scores.get(standing.team, 0) + standing.score
            members[standing.team] = members.get(standing.team, 0) + 1
    averages = {team: Fraction(scores[team], members[team]) for team in scores}
    lines: list[TeamLine] = []
    before: Fraction | None = None
    for index, team in enumerate(sorted(averages, key=lambda team: (-averages[team], team)), start=1):
        average = averages[team]
        place = lines[-1].place if average == before else index
        lines.append(TeamLine(team, place, round(float(average), 1), members[team], scores[team]))
        before = average
    return lines
