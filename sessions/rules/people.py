"""What the host or the game arranges for one player of a session, beside the name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Literal

#: Percents of a question's time that a player may have; 0 is no limit at all.
TIMES = (100, 125, 150, 200, 0)

_FLAGS = {"no_speed_loss": "s", "large_text": "l", "text_for_sound": "t", "ignore_accents": "a"}
_PACKED = re.compile(r"(\d{1,3})([slta]*)")


class InvalidNeeds(ValueError):
    """Needs that there are not. The text is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a player needs to play as well as the others. Nobody but the host and the player is told."""

    #: Percent of every question's time, one of :data:`TIMES`.
    time: int = 100
    #: An answer earns its speed points however long it took.
    no_speed_loss: bool = False
    large_text: bool = False
    #: What others hear is written.
    text_for_sound: bool = False
    #: A typed answer that differs in accents alone is right.
    ignore_accents: bool = False

    def __post_init__(self) -> None:
        if type(self.time) is not int or self.time not in TIMES:
            raise InvalidNeeds(f"time: one of {', '.join(map(str, TIMES))}.")
        for name in _FLAGS:
            if type(getattr(self, name)) is not bool:
                raise InvalidNeeds(f"{name}: true or false, please.")

    def limit_ms(self, limit_ms: int) -> int:
        """Milliseconds this player has for what others have so many for; 0 for no limit."""
        return limit_ms * self.time // 100

    def deadline(self, opened_at: int, deadline: int) -> int:
        """Until when this player's answer counts, of a question that closes for others then; 0 for no limit.

        Pauses and more time for all have moved both moments already. The Redis store has the same rule in record.lua.
        """
        return opened_at + self.limit_ms(deadline - opened_at) if self.time else 0

    @property
    def slow(self) -> bool:
        """Whether the player may answer when others may not any more."""
        return self.time != 100

    def counted_ms(self, elapsed_ms: int) -> int:
        """What an answer's time counts as where speed scores. The Redis store has the same rule in record.lua."""
        if self.no_speed_loss or not self.time:
            return 0
        return elapsed_ms * 100 // self.time


NEEDS = tuple(each.name for each in fields(Needs))
NO_NEEDS = Needs()


def pack_needs(needs: Needs) -> str:
    """The needs as a short text, empty for none."""
    if needs == NO_NEEDS:
        return ""
    return str(needs.time) + "".join(sign for name, sign in _FLAGS.items() if getattr(needs, name))


def unpack_needs(packed: str) -> Needs:
    """The reverse.

    :raises InvalidNeeds: for text of another form.
    """
    if not packed:
        return NO_NEEDS
    found = _PACKED.fullmatch(packed)
    if found is None:
        raise InvalidNeeds(f"needs {packed!r}")
    return Needs(int(found[1]), **{name: sign in found[2] for name, sign in _FLAGS.items()})


@dataclass(frozen=True, slots=True)
class Arranged:
    """What is arranged for one player. Of two of these the later counts."""

    #: When it last changed, but for the team a player came into by joining; Unix milliseconds, 0 for never.
    at: int = 0
    #: How often the player's place has moved to another browser: tokens of an earlier one prove nothing.
    moves: int = 0
    #: From 1 on; 0 for none.
    team: int = 0
    needs: Needs = NO_NEEDS


NOTHING = Arranged()


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A change of one thing that is arranged for a player."""

    what: Literal["moves", "team", "needs"]
    value: int | Needs

    def applied(self, before: Arranged, now: int) -> Arranged:
        """What is arranged after it.

        :raises AlreadyMoved: when the place has moved since the change was wished.
        """
        if self.what == "moves" and self.value != before.moves + 1:
            raise AlreadyMoved
        if getattr(before, self.what) == self.value:
            return before
        return replace(before, at=max(now, before.at + 1), **{str(self.what): self.value})  # type: ignore[arg-type]  # by name


class AlreadyMoved(Exception):
    """The place has moved to another browser meanwhile."""


def smallest_team(sizes: dict[int, int], teams: int, user_id: str) -> int:
    """The team that a new player comes into: one of the smallest; which of them follows from the player's id.

    The Redis store has the same rule in join.lua.
    """
    first = sum(user_id.encode()) % teams
    return min(range(1, teams + 1), key=lambda team: (sizes.get(team, 0), (team - 1 - first) % teams))
