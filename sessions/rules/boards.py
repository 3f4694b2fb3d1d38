"""What of the ranking a client may be told, by the session's options. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessions.rules.options import SessionOptions
from sessions.rules.state import Status

Role = Literal["player", "screen", "host"]
ROLES: tuple[Role, ...] = ("player", "screen", "host")

_TOP = 3


@dataclass(frozen=True, slots=True)
class BoardView:
    """How much of the ranking somebody is shown."""

    #: Lines from the first on; ``None`` for all.
    lines: int | None = None
    #: Whether a player is told the own rank.
    own: bool = True
    #: Whether players are called by their names.
    names: bool = True
    #: Whether something is told of all together, beside a ranking or in place of one: teams, or a common goal.
    together: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return self.lines == 0 and not self.own and not self.together

    def page(self, offset: int, limit: int) -> int:
        """How many lines of this page may be told."""
        return limit if self.lines is None else max(0, min(limit, self.lines - offset))


def board_view(options: SessionOptions, role: Role | str, status: Status) -> BoardView:
    """What a client in this role is shown of a session that stands so. Hosts see everything."""
    if role == "host":
        return BoardView()
    names = role != "screen" or options.names_on_screen
    if role == "screen" and status == "waiting":
        # Before anybody has points it is the list of who is there.
        return BoardView(names=names)
    if options.goal != "none":
        return BoardView(0, own=False, names=names, together=True)
    match options.board:
        case "top3":
            return BoardView(_TOP, names=names)
        case "own":
            return BoardView(0, own=role == "player", names=names, together=options.teams != "none")
        case "end" if status != "completed":
            return BoardView(0, own=False, names=names)
    return BoardView(names=names)
