"""The page of a class's growth, or of one pupil's: what its tables and plots show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sessions.database.growth import Growth
from sessions.host.charts import Part, stacked
from sessions.rules.growth import LEVELS, Level, level

#: View box of the plot over time.
PLOT_WIDTH, PLOT_HEIGHT = 640, 180
#: Words that the page lists, the least sure first; the exports have all.
WORDS_MOST = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A day of the plot: its stretches from the bottom up, in the units of the view box."""

    day: datetime
    levels: dict[Level, int]
    x: float
    width: float
    #: Kind, top and height.
    parts: list[tuple[str, float, float]]

    @property
    def middle(self) -> float:
        """Where the label stands."""
        return round(self.x + self.width / 2, 1)


def growth_page(growth: Growth) -> dict[str, Any]:
    """The context of the template."""
    levels = growth.levels()
    return {
        "growth": growth,
        "levels": levels,
        "known_parts": stacked([(each, levels[each]) for each in LEVELS]),
        "columns": _columns(growth),
        "words": [_word(growth, row) for row in growth.words[:WORDS_MOST]],
        "words_more": max(0, len(growth.words) - WORDS_MOST),
        "hardest": [_word(growth, row) for row in growth.hardest],
        "confusions": [
            {
                "right": growth.asked[each.word].right,
                "typed": growth.typed[each.word, each.typed],
                "pupils": each.pupils,
            }
            for each in growth.confusions
        ],
        "pupils": [{"row": row, "parts": _parts(row.levels), "last": _moment(row.last_at)} for row in growth.pupils],
        "homework": [{"row": each, "closes": _moment(each.closes_at)} for each in growth.homework],
        "to_learn": levels["shaky"] + levels["unknown"],
    }


def _word(growth: Growth, row: Any) -> dict[str, Any]:
    asked = growth.asked[row.word]
    return {
        "right": asked.right,
        "text": asked.question.shown_text,
        "row": row,
        "percent": round(100 * row.sureness),
        "level": level(row.sureness),
        "parts": _parts(row.levels),
    }


def _parts(levels: Any) -> list[Part]:
    return stacked([(each, levels[each]) for each in LEVELS])


def _columns(growth: Growth) -> list[Column]:
    tallest = max((sum(day.levels.values()) for day in growth.days), default=0)
    if not tallest:
        return []
    room = PLOT_WIDTH / len(growth.days)
    width = min(room * 0.84, 60.0)
    columns = []
    for index, day in enumerate(growth.days):
        parts: list[tuple[str, float, float]] = []
        top = float(PLOT_HEIGHT)
        for each in LEVELS:
            height = PLOT_HEIGHT * day.levels[each] / tallest
            top -= height
            if height:
                parts.append((each, round(top, 1), round(height, 1)))
        x = round(index * room + (room - width) / 2, 1)
        columns.append(Column(day.day, day.levels, x, round(width, 1), parts))
    return columns


def _moment(at: int) -> datetime | None:
    return datetime.fromtimestamp(at / 1_000, tz=UTC) if at else None
