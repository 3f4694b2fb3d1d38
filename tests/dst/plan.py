"""What one seed stands for: who plays, and what goes wrong when. A plan is small, can be printed, and made smaller."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Pace = Literal["host", "self"]

#: Faults by what they do, with the shortest and the longest time they last; seconds. 0 for those of a moment.
FAULTS: dict[str, tuple[float, float]] = {
    "instance_killed": (0.5, 3),
    "instance_deployed": (0.2, 1),
    "instance_frozen": (0.5, 6),
    "redis_killed": (0, 3),
    "redis_emptied": (0, 3),
    "redis_hangs": (0.3, 5),
    "redis_cut_off_one": (0.5, 6),
    "redis_cut_off_all": (0.5, 6),
    "redis_lossy": (0.5, 4),
    "redis_slow": (0.5, 4),
    "database_down": (0.5, 6),
    "database_lossy": (0.5, 4),
    "database_slow": (0.5, 4),
    "redis_flushed": (0, 0),
    "redis_lost_keys": (0, 0),
    "redis_promoted": (0, 1),
    "redis_full": (0.5, 5),
    "redis_read_only": (0.5, 5),
    "database_read_only": (0.5, 6),
    "layer_lossy": (1, 6),
    "database_rolled_back": (0, 2),
    "clock_stepped": (0.5, 6),
    "clients_cut": (0, 0),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong."""

    kind: str
    #: Seconds from the start of the session at which it begins.
    at: float
    #: Seconds it lasts.
    lasts: float
    #: Chooses among what it may hit.
    target: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One history, as far as it is decided before it begins."""

    seed: int
    instances: int
    players: int
    questions: int
    pace: Pace
    reveal: Literal["immediately", "on_close"]
    faults: tuple[Fault, ...]

    def smaller(self) -> Iterator[Plan]:
        """Plans with less in them, the most telling first."""
        half = len(self.faults) // 2
        if half > 1:
            yield replace(self, faults=self.faults[:half])
            yield replace(self, faults=self.faults[half:])
        for number in range(len(self.faults)):
            yield replace(self, faults=self.faults[:number] + self.faults[number + 1 :])
        for name, least in (("players", 1), ("questions", 1), ("instances", 1)):
            count = getattr(self, name)
            if count > least:
                yield replace(self, **{name: count - 1})


def draw(seed: int, kinds: dict[str, tuple[float, float]] | None = None) -> Plan:
    """The plan of a seed.

    :param kinds: the faults to choose from.
    """
    chance = random.Random(f"plan {seed}")
    kinds = FAULTS if kinds is None else kinds
    questions = chance.randint(1, 3)
    length = questions * 2.5 + 1.5
    faults = []
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3, 4)) if kinds else 0):
        kind = chance.choice(sorted(kinds))
        faults.append(
            Fault(
                kind, round(chance.uniform(0, length), 3), round(chance.uniform(*kinds[kind]), 3), chance.randrange(99)
            )
        )
    pace: Pace = chance.choice(("host", "host", "self"))
    instances = chance.choice((1, 2, 2, 2, 3))
    _keep_the_promise(faults, _REDIS_IS_GONE | ({"redis_cut_off_one"} if instances == 1 else set()))
    return Plan(
        seed=seed,
        instances=instances,
        players=chance.randint(2, 5),
        questions=questions,
        pace=pace,
        reveal=chance.choice(("immediately", "on_close")) if pace == "host" else "immediately",
        faults=tuple(sorted(faults, key=lambda fault: fault.at)),
    )


def _keep_the_promise(faults: list[Fault], redis_is_gone: set[str]) -> None:
    """Take out what the server does not promise to survive (docs/reliability.md): that an instance dies and Redis loses
    its data, or goes away, before another instance has taken over what the dead one had acknowledged; and that the
    database comes back without its last seconds while Redis is away, or nobody lives who knows what they held; that
    Redis loses a record whose reply was lost, before somebody has taken it over; and that Redis loses what an instance
    holds that is frozen and could not write it, the database being away."""
    lost_replies = [fault for fault in faults if fault.kind in _REPLY_IS_LOST]
    faults[:] = [
        fault
        for fault in faults
        if fault.kind != "redis_lost_keys"
        or not any(each.at < fault.at < each.at + each.lasts + _TAKEN_OVER for each in lost_replies)
    ]
    frozen = [fault for fault in faults if fault.kind == "instance_frozen"]
    gone = [fault for fault in faults if fault.kind in redis_is_gone and any(_meet(fault, each) for each in frozen)]
    faults[:] = [
        fault for fault in faults if fault.kind not in _DATABASE_IS_AWAY or not any(_meet(fault, each) for each in gone)
    ]
    _apart(faults, "database_rolled_back", {"instance_killed"} | redis_is_gone)
    deaths = [fault.at for fault in faults if fault.kind in {"instance_killed", "instance_deployed"}]
    faults[:] = [
        fault
        for fault in faults
        if not (
            fault.kind in redis_is_gone
            and any(at - fault.lasts - _TAKEN_OVER < fault.at < at + _TAKEN_OVER for at in deaths)
        )
    ]


def _meet(one: Fault, other: Fault) -> bool:
    """Whether two come within the time in which what a dead instance acknowledged is taken over."""
    return one.at < other.at + other.lasts + _TAKEN_OVER and other.at < one.at + one.lasts + _TAKEN_OVER


def _apart(faults: list[Fault], kind: str, others: set[str]) -> None:
    """Leave out those of a kind that come together with others."""
    spans = [(fault.at, fault.at + fault.lasts) for fault in faults if fault.kind in others]
    faults[:] = [
        fault
        for fault in faults
        if fault.kind != kind
        or not any(begin - fault.lasts - _ROLLED_BACK < fault.at < end + _ROLLED_BACK for begin, end in spans)
    ]


#: Seconds in which a database that went back learns again, with the one that it lacks and those a lost Redis takes.
_ROLLED_BACK = 6.0
#: Seconds in which what a dead instance acknowledged is taken over, a slow Redis or database included.
_TAKEN_OVER = 8.0
#: Redis may have taken what the sender does not know of.
_REPLY_IS_LOST = {"redis_hangs", "redis_lossy", "redis_slow", "redis_cut_off_one", "redis_cut_off_all"}
_DATABASE_IS_AWAY = {"database_down", "database_read_only"}
_REDIS_IS_GONE = {
    *("redis_killed", "redis_emptied", "redis_hangs", "redis_cut_off_all", "redis_lossy", "redis_full"),
    *("redis_read_only", "redis_flushed", "redis_lost_keys", "redis_promoted"),
}
