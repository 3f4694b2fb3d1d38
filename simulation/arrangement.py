"""What a session's host arranged beyond pace and time, drawn by chance.

The options are the contract's (docs/protocol.md, "What is arranged for a session"), read here a second time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from simulation.check import Terms

#: How long questions are shown before their options; the shortest there is.
_READING_MS = 1_000
#: Longer than any session here: the host holds each result, and is told that there was something to hold.
_ADVANCE_MS = 600_000
#: How many lines of the ranking a player may be sent.
LINES: dict[str, int] = {"top3": 3, "own": 0, "end": 0}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How one session is played; as it was always played by default."""

    scoring: Literal["speed", "scaled", "flat"] = "speed"
    options: dict[str, Any] = field(default_factory=dict)
    #: How a homework is done: how many attempts there are, which of them counts, and when solutions are told.
    homework: dict[str, Any] = field(default_factory=dict)
    #: Whether players need things of their own, and lose their browser's data.
    people: bool = False

    @property
    def attempts(self) -> int:
        """How often each player may answer every question."""
        return int(self.homework.get("attempts", 1))

    @property
    def reading_seconds(self) -> float:
        """How much longer than its time a question may take."""
        return float(self.options.get("options_after_ms", 0)) / 1_000

    @property
    def holds(self) -> bool:
        """Whether the host has something to hold."""
        return bool(self.options.get("advance_after_ms"))

    def terms(self, limit_ms: int) -> Terms:
        """What points and places follow from, where each question has so long."""
        step_ms = {"speed": 2_000, "scaled": -(-limit_ms // 5), "flat": 0}[self.scoring]
        return Terms(step_ms, self.homework.get("counts", "best"), self.options.get("goal", "none"))

    def __str__(self) -> str:
        told = [
            f"scoring {self.scoring}",
            *(f"{name} {value}" for name, value in (self.options | self.homework).items()),
        ]
        return ", ".join(told)


def draw_homework(rng: Random) -> dict[str, Any]:
    """How a homework is done."""
    return {
        "attempts": rng.randint(1, 3),
        "counts": rng.choice(["best", "last"]),
        "solutions": rng.choice(["at_once", "after_deadline"]),
    }


def draw_arrangement(rng: Random, pace: Literal["self", "host"], *, homework: bool = False) -> Arrangement:
    """Each option in about half of the sessions; a goal, which takes the place of ranking and teams, in a quarter."""
    wanted: dict[str, Any] = {}
    done = draw_homework(rng) if homework else {}
    if rng.random() < 0.25 and done.get("attempts", 1) == 1:
        wanted |= {"goal": rng.choice(["points", "right"]), "goal_amount": rng.randint(1, 5_000)}
    else:
        wanted["board"] = rng.choice(["full", "top3", "own", "end"])
        if rng.random() < 0.5 and not homework:
            wanted |= {"teams": rng.choice(["drawn", "chosen", "host"]), "team_count": rng.randint(3, 5)}
    wanted |= {name: True for name in ("own_order",) if rng.random() < 0.5}
    wanted |= {name: False for name in ("names_on_screen", "suggested_names", "accent_keys") if rng.random() < 0.5}
    if pace == "host":
        wanted |= {"close_when_all_answered": True} if rng.random() < 0.5 else {}
        wanted |= {"options_after_ms": _READING_MS} if rng.random() < 0.5 else {}
        wanted |= {"advance_after_ms": _ADVANCE_MS} if rng.random() < 0.5 else {}
    return Arrangement(rng.choice(["speed", "scaled", "flat"]), wanted, done, people=True)
