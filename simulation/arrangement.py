"""What a session's host arranged beyond pace and time, drawn by chance, and what each client then watches for.

The options are the contract's (docs/protocol.md, "What is arranged for a session"), read here a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Literal

from simulation import wire

#: How long questions are shown before their options; the shortest there is.
_READING_MS = 1_000
#: Longer than any session here: the host holds each result, and is told that there was something to hold.
_ADVANCE_MS = 600_000
#: How many lines of the ranking a player may be sent.
_LINES: dict[str, int] = {"top3": 3, "own": 0, "end": 0}


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How one session is played; as it was always played by default."""

    scoring: Literal["speed", "scaled", "flat"] = "speed"
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def reading_seconds(self) -> float:
        """How much longer than its time a question may take."""
        return float(self.options.get("options_after_ms", 0)) / 1_000

    @property
    def holds(self) -> bool:
        """Whether the host has something to hold."""
        return bool(self.options.get("advance_after_ms"))

    def speed_step_ms(self, limit_ms: int) -> int:
        """How long each speed point lasts; 0 where there are none."""
        return {"speed": 2_000, "scaled": -(-limit_ms // 5), "flat": 0}[self.scoring]

    def __str__(self) -> str:
        told = [f"scoring {self.scoring}", *(f"{name} {value}" for name, value in self.options.items())]
        return ", ".join(told)


def draw_arrangement(rng: Random, pace: Literal["self", "host"]) -> Arrangement:
    """Each option in about half of the sessions."""
    wanted: dict[str, Any] = {"board": rng.choice(["full", "top3", "own", "end"])}
    wanted |= (
        {"teams": rng.choice(["drawn", "chosen", "host"]), "team_count": rng.randint(3, 5)}
        if rng.random() < 0.5
        else {}
    )
    wanted |= {name: True for name in ("own_order",) if rng.random() < 0.5}
    wanted |= {name: False for name in ("names_on_screen", "suggested_names", "accent_keys") if rng.random() < 0.5}
    if pace == "host":
        wanted |= {"close_when_all_answered": True} if rng.random() < 0.5 else {}
        wanted |= {"options_after_ms": _READING_MS} if rng.random() < 0.5 else {}
        wanted |= {"advance_after_ms": _ADVANCE_MS} if rng.random() < 0.5 else {}
    return Arrangement(rng.choice(["speed", "scaled", "flat"]), wanted)


class Watch:
    """What one player must not be told, by what is arranged."""

    def __init__(self, arrangement: Arrangement) -> None:
        self._options = arrangement.options
        self._options_at: dict[str, datetime] = {}
        self._orders: dict[str, list[str]] = {}
        self._over = False

    def troubles(self, message: wire.Incoming, payload: wire.Payload) -> Iterator[str]:
        """What is wrong with a message."""
        match message.type:
            case "QUESTION_ASKED":
                yield from self._asked(payload)
            case "QUESTION_OPENED":
                yield from self._opened(payload)
            case "SESSION_ENDED":
                self._over = True
                yield from self._listed(message)
                yield from self._teamed(payload)
            case "LEADERBOARD_UPDATED":
                yield from self._ranked(payload)
                yield from self._listed(message)
                yield from self._teamed(payload)

    def joined(self, payload: wire.Payload) -> Iterator[str]:
        """What is wrong with a SESSION_JOINED."""
        self._over = self._over or payload.status == "completed"
        yield from self._ranked(payload)
        if payload.question is not None:
            yield from self._opened(payload.question)
        if bool(payload.your_team) != bool(self._options.get("teams")):
            yield f"told to be in team {payload.your_team}"

    def _teamed(self, payload: wire.Payload) -> Iterator[str]:
        lines = payload.teams or []
        if lines and not self._options.get("teams"):
            yield "told of teams that there are not"
        if any(line.average != round(line.score / line.members, 1) for line in lines):
            yield "told an average that is not its members'"
        means = [line.score / line.members for line in lines]
        places = [1 + sum(other > mean for other in means) for mean in means]
        if [line.place for line in lines] != sorted(places) or places != sorted(places):
            yield "told teams out of order"

    def _asked(self, payload: wire.Payload) -> Iterator[str]:
        if payload.options is not None:
            yield f"{payload.question_id}: asked with its options"
        if not self._options.get("options_after_ms") or payload.options_at is None:
            yield f"{payload.question_id}: asked without a time for its options"
        else:
            self._options_at[payload.question_id] = datetime.fromisoformat(payload.options_at)

    def _opened(self, question: wire.Question | wire.Payload) -> Iterator[str]:
        due = self._options_at.get(question.question_id)
        if due is not None and question.opened_at is not None and datetime.fromisoformat(question.opened_at) < due:
            yield f"{question.question_id}: options came before their time"
        shown = question.options or []
        if bool(question.shapes) and sorted(question.shapes or []) != list(range(len(shown))):
            yield f"{question.question_id}: shapes {question.shapes} for {len(shown)} options"
        if bool(question.shapes) and not self._options.get("own_order"):
            yield f"{question.question_id}: an order of the player's own that nobody wanted"
        if self._orders.setdefault(question.question_id, shown) != shown:
            yield f"{question.question_id}: its options changed their order"

    def _ranked(self, payload: wire.Payload) -> Iterator[str]:
        if self._options.get("board") == "end" and not self._over and payload.your_rank is not None:
            yield f"told rank {payload.your_rank} before the end"

    def _listed(self, message: wire.Incoming) -> Iterator[str]:
        board = self._options.get("board", "full")
        most = None if board == "end" and self._over else _LINES.get(board)
        if most is not None and len(wire.ranking(message)) > most:
            yield f"told {len(wire.ranking(message))} lines of the ranking, not {most}"
