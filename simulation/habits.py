"""What each simulated player is like, drawn from a seeded generator: most just play, some do what people do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

#: What a player does at a question besides answering it.
Mischief = Literal["refresh", "cut", "double_click", "change_mind", "dawdle"]

#: Share of the players who come late, of those who go early, and of those whose browser loses its data.
LATE, LEAVING, FORGETTING = 0.1, 0.05, 0.03
#: Share of a player's questions at which each happens.
MISCHIEF: dict[Mischief, float] = {
    "refresh": 0.02,
    "cut": 0.02,
    "double_click": 0.02,
    "change_mind": 0.02,
    "dawdle": 0.01,
}
_NAMES = (
    "Ana",
    "Bilal",
    "Chloé",
    "Đức",
    "Emil",
    "Fatima",
    "Greta",
    "Hoà",
    "Irène",
    "Jürgen",
    "さくら",
    "Łucja",
    "Олег",
    "李明",
)


@dataclass(frozen=True, slots=True)
class Habits:
    """One player."""

    user_id: str
    username: str
    seed: int
    #: Share of questions the player knows, 0 to 1.
    skill: float
    #: Seconds after the start of the session at which the player comes; ``None`` for into the lobby.
    late_by: float | None
    #: How many questions the player answers before going; ``None`` to stay.
    leaves_after: int | None
    #: Whether a player who goes says so, or just closes the page.
    says_goodbye: bool
    leaderboard: Literal["full", "delta", "none"]
    #: How many questions the player answers before the browser's data is lost; ``None`` for never.
    forgets_after: int | None = None
    #: How often the player does a homework, should it be allowed.
    attempts: int = 1


def draw_habits(number: int, rng: Random, *, questions: int, seconds: float) -> Habits:
    """The ``number``-th player.

    :param questions: how many the session will have.
    :param seconds: how long a question takes; late players come during the first half of the session.
    """
    late = number > 0 and rng.random() < LATE
    forgets = rng.random() < FORGETTING
    leaves = number > 0 and rng.random() < LEAVING
    return Habits(
        user_id=f"sim-{number:05d}",
        username=f"{rng.choice(_NAMES)} {number}",
        seed=rng.getrandbits(64),
        skill=rng.betavariate(4, 2),
        late_by=rng.uniform(0, questions * seconds / 2) if late else None,
        leaves_after=rng.randint(1, questions) if leaves else None,
        says_goodbye=rng.random() < 0.5,
        leaderboard=rng.choice(("full", "delta", "delta", "none")),
        forgets_after=rng.randint(1, questions) if forgets else None,
        attempts=rng.randint(1, 3),
    )


def draw_mischief(rng: Random) -> Mischief | None:
    """What happens at the next question; mostly nothing."""
    draw = rng.random()
    for mischief, share in MISCHIEF.items():
        if draw < share:
            return mischief
        draw -= share
    return None
