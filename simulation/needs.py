"""What the host arranges for single players, drawn by chance (docs/protocol.md has what there is). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any
from unicodedata import combining, normalize

#: Needs by their names; what is left out is as for everybody.
Needs = Mapping[str, Any]

NOTHING: Needs = {}
#: Share of the players who need something.
SHARE = 0.15
_FLAGS = ("no_speed_loss", "large_text", "text_for_sound", "ignore_accents")


def draw_needs(rng: Random) -> Needs:
    """What one player needs; mostly nothing."""
    if rng.random() >= SHARE:
        return NOTHING
    drawn: dict[str, Any] = {name: True for name in _FLAGS if rng.random() < 0.5}
    time = rng.choice((100, 125, 150, 200, 0))
    return drawn | ({"time": time} if time != 100 else {})


def told_needs(told: Mapping[str, Any] | None) -> Needs:
    """What a message tells of the needs of whom it is for."""
    return {name: value for name, value in (told or {}).items() if value != (100 if name == "time" else False)}


def limit_ms(needs: Needs, limit: int) -> int:
    """Milliseconds the player has for a question that others have so many for; 0 for no limit."""
    return limit * int(needs.get("time", 100)) // 100


def counts_no_time(needs: Needs) -> bool:
    """Whether an answer has its speed points however long it took."""
    return bool(needs.get("no_speed_loss")) or needs.get("time") == 0


def without_accents(text: str) -> str:
    """The text as somebody writes it who leaves accents out."""
    return normalize("NFC", "".join(char for char in normalize("NFD", text) if not combining(char)))
