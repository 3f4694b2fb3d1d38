"""What a host may arrange about one session beyond its pace: each option a field, its default what was always played.

Everything that carries a session carries these along as they are: rows, Redis, REST, the Run form and SESSION_JOINED.
A new one is a field here, with what it may be, beside what reads it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from sessions.rules.attempts import MAX_ATTEMPTS, Counts

Value = bool | int | str
BOARDS = ("full", "top3", "own", "end")
Misfit = Literal[
    "self_paced",
    "unknown_zone",
    "no_such_time",
    "closes_in_past",
    "closes_before_opens",
    "open_too_long",
    "not_self_paced",
    "no_homework",
    "no_goal",
    "empty_goal",
    "goal",
    "goal_once",
    "no_teams",
    "homework",
    "no_class",
]
#: The end of the year 9999, beyond which no date is written.
LATEST = 253_402_300_799_999
#: Teams of one session, at most.
TEAMS_MOST = 12
_ID = re.compile(r"[A-Za-z0-9._-]{1,36}\Z")


class InvalidOptions(ValueError):
    """An option that there is not, of a value it cannot have, or beside one that excludes it.

    ``name`` is the option's; the text is a sentence for a person; ``reason`` says what it does not fit, if that is so.
    """

    def __init__(self, name: str, message: str, reason: Misfit | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.reason = reason


def _option(
    default: Value, means: str, *, least: int = 0, most: int = 0, choices: Sequence[str] = (), an_id: bool = False
) -> Any:
    """A field of :class:`SessionOptions`.

    :param means: what it does, for the documentation of the API.
    :param least: of a number, besides its default.
    :param most: of a number.
    :param choices: of a text.
    :param an_id: a text that is the id of something, or empty.
    """
    return field(
        default=default, metadata={"means": means, "least": least, "most": most, "choices": choices, "an_id": an_id}
    )


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """The options of one session. Durations are milliseconds."""

    close_when_all_answered: bool = _option(
        False, "Host pace: a question closes once everybody who is connected has answered it."
    )
    advance_after_ms: int = _option(
        0,
        "Host pace: milliseconds from the close of a question to the next one, or after the last to the end; 0: never.",
        least=1_000,
        most=600_000,
    )
    options_after_ms: int = _option(
        0,
        "Host pace: milliseconds for which a question is shown before its options, and its time, come; 0: at once.",
        least=1_000,
        most=60_000,
    )
    own_order: bool = _option(False, "Whether each player sees the options in an order of the player's own.")
    board: Literal["full", "top3", "own", "end"] = _option(
        "full",
        "What players and screens are told of the ranking: all of it, the first three and the player's own rank, the "
        "own rank alone, or nothing until the session is over.",
        choices=BOARDS,
    )
    names_on_screen: bool = _option(True, "Whether screens are told the players' names.")
    suggested_names: bool = _option(True, "Whether players are offered a name to play under.")
    accent_keys: bool = _option(True, "Whether a typed answer has keys for the letters of its language.")
    listen_plays: int = _option(
        0, "How often a player's page plays what is heard, for each question; 0: as often as wished.", least=1, most=10
    )
    listen_speed: int = _option(
        100, "How fast pages play what is heard, in percent of its own speed.", least=50, most=150
    )
    class_id: str = _option("", "The class that plays; its pupils pick their name or show their card.", an_id=True)
    cards_only: bool = _option(False, "Of a class: whether a pupil needs the card; nobody picks a name then.")
    guests: bool = _option(True, "Of a class: whether others may join, too, under a name of their own.")
    opens_at: int = _option(0, "When a homework opens by itself; Unix milliseconds, 0 for at once.", most=LATEST)
    closes_at: int = _option(
        0, "When a homework closes; Unix milliseconds, 0 for a session that is no homework.", most=LATEST
    )
    attempts: int = _option(1, "How often a player may do the homework.", least=1, most=MAX_ATTEMPTS)
    teams: Literal["none", "drawn", "chosen", "host"] = _option(
        "none",
        "Teams: none; drawn evenly; of which players choose one before the start; or set by the host. Whoever comes in "
        "is put into the smallest first.",
        choices=("none", "drawn", "chosen", "host"),
    )
    team_count: int = _option(2, "How many teams there are.", least=2, most=TEAMS_MOST)
    goal: Literal["none", "points", "right"] = _option(
        "none",
        "A common goal of all: none, so many points, or so many right answers. There is no ranking then.",
        choices=("none", "points", "right"),
    )
    goal_amount: int = _option(0, "Of a common goal: how many.", least=1, most=100_000_000)
    counts: Counts = _option("best", "Which attempt is a player's result.", choices=("best", "last"))  # noqa: RUF009 - as all

    @property
    def teams_of(self) -> int:
        """How many teams there are; 0 without any."""
        return self.team_count if self.teams != "none" else 0


#: What is arranged for a homework, of which the time it closes makes one.
HOMEWORK = ("opens_at", "closes_at", "attempts", "counts")
#: What there is at one pace alone: the host's, or the timers that stand in for a host.
_HOST_PACE = ("close_when_all_answered", "advance_after_ms", "options_after_ms")
#: What is known of each option, by its name.
OPTIONS: Mapping[str, Any] = {each.name: each for each in fields(SessionOptions)}


def options_to_json(options: SessionOptions) -> dict[str, Value]:
    """The options as plain data. Defaults are left out, for releases that do not know the option."""
    return {name: value for name, value in all_options(options).items() if value != OPTIONS[name].default}


def all_options(options: SessionOptions) -> dict[str, Value]:
    """Every option by its name, defaults too."""
    return {name: getattr(options, name) for name in OPTIONS}


def options_from_json(data: Mapping[str, Any]) -> SessionOptions:
    """The options that plain data of any origin means.

    :raises InvalidOptions: when it means none.
    """
    for name, value in data.items():
        if name not in OPTIONS:
            raise InvalidOptions(name, f"There is no option {name!r}; there are {', '.join(OPTIONS)}.")
        _check(name, value)
    return SessionOptions(**data)


def fit(options: SessionOptions, *, pace: str) -> None:
    """Make sure that a session of this pace can be played so.

    :raises InvalidOptions: of the first option that cannot be had.
    """
    _fit_together(options)
    if pace == "self":
        for name in _HOST_PACE:
            if getattr(options, name) != OPTIONS[name].default:
                message = f"{name}: players of a self-paced session open their own questions."
                raise InvalidOptions(name, message, "self_paced")


def _fit_together(options: SessionOptions) -> None:
    if options.goal == "none" and options.goal_amount:
        raise InvalidOptions("goal_amount", "goal_amount: there is no goal; say `points` or `right`.", "no_goal")
    if options.goal != "none":
        if not options.goal_amount:
            raise InvalidOptions("goal_amount", "goal_amount: a goal needs a number, 1 or more.", "empty_goal")
        if options.teams != "none":
            raise InvalidOptions("teams", "teams: a common goal is that of all; there are no teams then.", "goal")
        if options.board != OPTIONS["board"].default:
            raise InvalidOptions("board", "board: with a common goal there is no ranking.", "goal")
        if options.attempts > 1:
            raise InvalidOptions("attempts", "attempts: towards a common goal a homework is done once.", "goal_once")
    if options.teams == "none" and options.team_count != OPTIONS["team_count"].default:
        raise InvalidOptions("team_count", "team_count: there are no teams.", "no_teams")
    if options.teams != "none" and options.closes_at:
        raise InvalidOptions("teams", "teams: everybody does a homework alone.", "homework")
    for name in ("cards_only", "guests"):
        if not options.class_id and getattr(options, name) != OPTIONS[name].default:
            raise InvalidOptions(name, f"{name}: there is no class.", "no_class")


def _check(name: str, value: object) -> None:
    default, may = OPTIONS[name].default, OPTIONS[name].metadata
    if type(value) is not type(default):
        kinds: Mapping[type, str] = {bool: "true or false", int: "a whole number", str: "a text"}
        raise InvalidOptions(name, f"{name}: {kinds[type(default)]}, please.")
    if may["an_id"] and isinstance(value, str):
        if value and not _ID.match(value):
            raise InvalidOptions(name, f"{name}: an id, please.")
        return
    if isinstance(value, str) and value not in may["choices"]:
        raise InvalidOptions(name, f"{name}: one of {', '.join(may['choices'])}.")
    if type(value) is int and value != default and not may["least"] <= value <= may["most"]:
        raise InvalidOptions(name, f"{name}: {default}, or {may['least']} to {may['most']}.")
