"""What one simulated player must not be told, by what is arranged for the session and for the player."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from simulation import wire
from simulation.arrangement import LINES, Arrangement
from simulation.needs import NOTHING, Needs, limit_ms, told_needs

#: By these a message tells of needs; the time is told by each question, too.
_NEEDS = (b'"your_needs":{', b'"no_speed_loss"', b'"large_text"', b'"text_for_sound"', b'"ignore_accents"')


class Watch:
    """What one player must not be told, by what is arranged."""

    def __init__(self, arrangement: Arrangement, *, limit_ms: int = 0) -> None:
        """:param limit_ms: how long each question may be answered for; 0 where nobody looks."""
        self._options = arrangement.options
        self._limit_ms = limit_ms
        self._options_at: dict[str, datetime] = {}
        self._orders: dict[str, list[str]] = {}
        self._over = False
        self._goal = 0
        #: What the host arranged for this player, as the player was told.
        self.needs: Needs = NOTHING
        #: What the host arranged since; ``None`` where nobody did.
        self.arranged: Needs | None = None

    def troubles(self, message: wire.Incoming, payload: wire.Payload) -> Iterator[str]:
        """What is wrong with a message."""
        yield from self._personal(message, payload)
        match message.type:
            case "QUESTION_ASKED":
                yield from self._asked(payload)
            case "QUESTION_OPENED":
                yield from self._opened(payload)
            case "SESSION_ENDED":
                self._over = True
                yield from self._listed(message)
                yield from self._teamed(payload)
                yield from self._common(payload)
            case "LEADERBOARD_UPDATED":
                yield from self._ranked(payload)
                yield from self._listed(message)
                yield from self._teamed(payload)
                yield from self._common(payload)

    def joined(self, payload: wire.Payload) -> Iterator[str]:
        """What is wrong with a SESSION_JOINED."""
        self._over = self._over or payload.status == "completed"
        self.needs = told_needs(payload.your_needs)
        if self.needs != (self.arranged or NOTHING):
            yield f"came in with needs {self.needs}, not {self.arranged or NOTHING}"
        yield from self._ranked(payload)
        if payload.question is not None:
            yield from self._opened(payload.question)
        if bool(payload.your_team) != bool(self._options.get("teams")):
            yield f"told to be in team {payload.your_team}"

    def _personal(self, message: wire.Incoming, payload: wire.Payload) -> Iterator[str]:
        """What is arranged for one player is told to that player alone."""
        if message.type == "NEEDS_CHANGED":
            self.needs = told_needs(payload.needs)
            if self.needs != self.arranged:
                yield f"told of needs {self.needs}, not {self.arranged}"
        elif any(name in bytes(message.payload) for name in _NEEDS):
            yield f"{message.type} tells of somebody's needs"

    def _common(self, payload: wire.Payload) -> Iterator[str]:
        kind, goal = self._options.get("goal"), payload.goal
        if goal is None or kind is None:
            if (goal is None) != (kind is None):
                yield f"told of goal {goal}, where {kind} is wanted"
            return
        if (goal.kind, goal.amount) != (kind, self._options["goal_amount"]):
            yield f"told of a goal of {goal.amount} {goal.kind}"
        if goal.reached < self._goal:
            yield f"told of {goal.reached} after {self._goal} towards the goal"
        self._goal = goal.reached

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
        limit, least = limit_ms(self.needs, self._limit_ms), question.time_limit_ms
        if self._limit_ms and least != limit:
            yield f"{question.question_id}: {least} ms to answer, not {limit}"
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
        if self._options.get("goal") and payload.your_rank is not None:
            yield f"told rank {payload.your_rank} where all have one goal"
        if self._options.get("board") == "end" and not self._over and payload.your_rank is not None:
            yield f"told rank {payload.your_rank} before the end"

    def _listed(self, message: wire.Incoming) -> Iterator[str]:
        board = "own" if self._options.get("goal") else self._options.get("board", "full")
        most = None if board == "end" and self._over else LINES.get(board)
        if most is not None and len(wire.ranking(message)) > most:
            yield f"told {len(wire.ranking(message))} lines of the ranking, not {most}"
