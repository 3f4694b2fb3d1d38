"""How teams stand, and how near all are to their common goal: what a board tells beside, or in place of, a ranking."""

from __future__ import annotations

from leaderboards.ranking import Standings
from leaderboards.teams import team_lines
from sessions.protocol.outbound import Goal, TeamEntry
from sessions.rules.state import SessionSetup, is_revealed
from sessions.services.ports import Store


def team_entries(setup: SessionSetup, standings: Standings) -> list[TeamEntry] | None:
    """The teams as the wire has them, ``None`` without any."""
    if not setup.options.teams_of:
        return None
    return [
        TeamEntry(line.team, line.place, line.average, line.members, line.score) for line in team_lines(standings.order)
    ]


async def goal_reached(store: Store, setup: SessionSetup, standings: Standings) -> Goal | None:
    """How near all are to the goal, as far as it may be told; ``None`` without one."""
    options = setup.options
    if options.goal == "none":
        return None
    if options.goal == "points":
        reached = sum(standing.score for standing in standings.order)
    else:
        reached = await _right(store, setup, standings)
    return Goal(options.goal, options.goal_amount, reached)


async def _right(store: Store, setup: SessionSetup, standings: Standings) -> int:
    state = await store.state(setup.id)
    if state is None:
        return 0
    ranks, right = standings.ranks(), 0
    for question in setup.quiz.questions:
        if is_revealed(setup, state, question.id):
            answers = await store.answers_to(setup.id, question.id)
            right += sum(one.verdict == "correct" and user_id in ranks for user_id, one in answers.items())
    return right
