"""Homework: a self-paced session that opens and closes at times of its own. Pure, but for the world's time zones.

A host names a moment by a date, a time and a time zone. Where clocks go forward an hour has no moment at all, where
they go back one has two: the first is refused; of the second a homework opens at the earlier and closes at the later.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sessions.rules.options import HOMEWORK, OPTIONS, InvalidOptions, Misfit, SessionOptions
from sessions.rules.state import SessionSetup, SessionState, due_at

MAX_OPEN_DAYS = 90
#: An hour more than that many days may be, where clocks go back in between.
MAX_OPEN_MS = (MAX_OPEN_DAYS * 24 + 1) * 3_600_000
#: A homework has a timer in a store only when it is due this soon; until then the database keeps the time.
NEAR_MS = 10 * 60_000

_SENTENCES: dict[Misfit, str] = {
    "unknown_zone": "There is no such time zone.",
    "no_such_time": "The clocks go forward then: this time does not exist.",
    "closes_in_past": "The homework would close in the past.",
    "closes_before_opens": "The homework would close before it opens.",
    "open_too_long": f"A homework is open for {MAX_OPEN_DAYS} days at most.",
    "not_self_paced": "A homework is self-paced.",
    "no_homework": "Only a homework, which closes at a time, has this.",
}


class InvalidHomework(InvalidOptions):
    """Times that no homework can have. ``name`` is what to change, ``reason`` says why."""

    def __init__(self, reason: Misfit, name: str) -> None:
        super().__init__(name, f"{name}: {_SENTENCES[reason]}", reason)


def moment(local: datetime, zone: str, *, field: str, latest: bool) -> int:
    """The moment a clock in a zone shows this time, or the one that the time names itself; Unix milliseconds.

    :param local: with an offset of its own, the zone is not asked.
    :param zone: as "Europe/Berlin".
    :param latest: of the two moments of an hour that comes twice, the later one.
    :raises InvalidHomework: "unknown_zone", or "no_such_time" for an hour that is left out.
    """
    if local.tzinfo is None:
        try:
            where = ZoneInfo(zone)
        except (ValueError, OSError, LookupError):
            raise InvalidHomework("unknown_zone", "time_zone") from None
        wanted, local = local, local.replace(tzinfo=where, fold=int(latest))
        if local.astimezone(UTC).astimezone(where).replace(tzinfo=None, fold=0) != wanted.replace(fold=0):
            raise InvalidHomework("no_such_time", field)
    return round(local.timestamp() * 1_000)


def check(options: SessionOptions, *, pace: str, now: int) -> None:
    """Make sure that a session with these options can be played.

    :raises InvalidHomework: when it cannot.
    """
    if not options.closes_at:
        for name in HOMEWORK:
            if getattr(options, name) != OPTIONS[name].default:
                raise InvalidHomework("no_homework", name)
        return
    if pace != "self":
        raise InvalidHomework("not_self_paced", "pace")
    if options.closes_at <= now:
        raise InvalidHomework("closes_in_past", "closes_at")
    if options.closes_at <= options.opens_at:
        raise InvalidHomework("closes_before_opens", "closes_at")
    if options.closes_at - max(options.opens_at, now) > MAX_OPEN_MS or options.opens_at - now > MAX_OPEN_MS:
        raise InvalidHomework("open_too_long", "closes_at")


def near_due(setup: SessionSetup, state: SessionState, now: int) -> int | None:
    """When the session's timer is due, if a store is to have it by now."""
    due = due_at(state)
    if due is not None and setup.options.closes_at and due - now > NEAR_MS:
        return None
    return due
