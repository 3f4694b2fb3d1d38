"""What a simulation tells: a progress bar while it runs, and at the end the podium, the figures and the verdict."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as Grid

from simulation.arrangement import Arrangement
from simulation.play import Plan, Played, Simulation

_PODIUM = 3
#: Findings of one rule that are written out.
_FINDINGS = 5
_PERCENTILES = (50, 95, 99, 100)


class Bars:
    """Progress bars of a simulation: who is there, and how many answers are in."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._progress = Progress(
            TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        total = plan.players * plan.sessions
        self._players = self._progress.add_task("joined", total=total)
        self._answers = self._progress.add_task("answers", total=None)

    def show(self, simulation: Simulation) -> None:
        """Bring the bars up to date."""
        self._progress.update(self._players, completed=sum(len(table.ledger.joined) for table in simulation.tables))
        expected = sum(player.table.questions for player in simulation.players)
        answers = sum(table.counts["acknowledged"] for table in simulation.tables)
        self._progress.update(self._answers, completed=answers, total=expected or None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of the values do not exceed (nearest rank).

    :raises IndexError: when there are no values.
    """
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def report(console: Console, played: Sequence[Played]) -> bool:
    """Print everything; whether the check passed."""
    for session in played:
        _podium(console, session)
    console.print(_counts(played))
    console.print(_latencies(played))
    return _verdict(console, played)


def _podium(console: Console, session: Played) -> None:
    names = {player.user_id: player.habits.username for player in session.players}
    if session.table.arrangement != Arrangement():
        console.print(f"Session {session.table.join_code}: {session.table.arrangement}")
    grid = Grid(title=f"Session {session.table.join_code}: podium")
    grid.add_column("rank", justify="right")
    grid.add_column("player")
    grid.add_column("score", justify="right")
    for line in session.record.leaderboard[:_PODIUM]:
        grid.add_row(str(line.rank), names.get(line.user_id, line.user_id), str(line.score))
    console.print(grid)


def _counts(played: Sequence[Played]) -> Grid:
    totals: Counter[str] = Counter()
    for session in played:
        totals["players who joined"] += len(session.table.ledger.joined)
        totals["answers in the database"] += len(session.record.answers)
        for name, number in session.table.counts.items():
            totals[name] += number
    grid = Grid(title="Counts", show_header=False)
    grid.add_column()
    grid.add_column(justify="right")
    for name, number in totals.items():
        grid.add_row(name, str(number))
    return grid


def _latencies(played: Sequence[Played]) -> Grid:
    latencies: defaultdict[str, list[float]] = defaultdict(list)
    for session in played:
        for kind, seconds in session.table.latencies.items():
            latencies[kind] += seconds
    grid = Grid(title="Latency in milliseconds")
    grid.add_column()
    grid.add_column("number", justify="right")
    for percent in _PERCENTILES:
        grid.add_column("max" if percent == 100 else f"p{percent}", justify="right")
    for kind, seconds in latencies.items():
        figures = (f"{percentile(seconds, percent) * 1_000:.1f}" for percent in _PERCENTILES)
        grid.add_row(kind, str(len(seconds)), *figures)
    return grid


def _verdict(console: Console, played: Sequence[Played]) -> bool:
    findings = [finding for session in played for finding in session.findings]
    if not findings:
        acknowledged = sum(len(session.table.ledger.accepted) for session in played)
        console.print(
            f"Check passed: {acknowledged} acknowledged answers are in the database exactly once, "
            "and every score is the sum of its answers' points.",
            style="green",
        )
        return True
    by_rule: defaultdict[str, list[str]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule].append(finding.text)
    console.print(f"Check failed: {len(findings)} findings.", style="red")
    for rule, texts in by_rule.items():
        console.print(f"{rule} ({len(texts)}):", style="red")
        for text in texts[:_FINDINGS]:
            console.print(f"  {text}", markup=False)
    return False
