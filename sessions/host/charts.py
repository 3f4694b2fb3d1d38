"""The geometry of the results page's plots. Pure: numbers in, numbers for SVG attributes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10


@dataclass(frozen=True, slots=True)
class Bar:
    """A column of a histogram, in the units of the plot's view box, the origin at the top left."""

    first: int
    last: int
    count: int
    x: float
    y: float
    width: float
    height: float

    @property
    def label(self) -> str:
        """The scores the column counts."""
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"

    @property
    def middle(self) -> float:
        """Where the label stands."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar, in percent of its length."""

    kind: str
    count: int
    x: float
    width: float


def nice_step(span: int, bins: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50, ... with which ``bins`` columns cover ``span`` values."""
    wanted = max(1, ceil(span / bins))
    power = 10 ** int(log10(wanted))
    return int(next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= wanted))


def histogram(values: Sequence[int], *, width: float, height: float, bins: int = 12) -> list[Bar]:
    """Columns of equal steps from the lowest value (0 when none is lower) to the highest."""
    if not values:
        return []
    low, high = min(0, *values), max(values)
    step = nice_step(high - low + 1, bins)
    counts = [0] * ((high - low) // step + 1)
    for value in values:
        counts[(value - low) // step] += 1
    column, tallest = width / len(counts), max(counts)
    return [
        Bar(
            first=low + index * step,
            last=low + (index + 1) * step - 1,
            count=count,
            x=round(index * column + column * 0.08, 1),
            y=round(height - height * count / tallest, 1),
            width=round(column * 0.84, 1),
            height=round(height * count / tallest, 1),
        )
        for index, count in enumerate(counts)
    ]


def stacked(counts: Sequence[tuple[str, int]]) -> list[Part]:
    """One bar of 100 percent, divided by the counts; parts of nothing are left out."""
    total = sum(count for _, count in counts)
    parts, x = [], 0.0
    for kind, count in counts:
        if count:
            width = 100 * count / total
            parts.append(Part(kind, count, round(x, 2), round(width, 2)))
            x += width
    return parts


def quantile(ordered: Sequence[int], share: float) -> int:
    """The value below which ``share`` of the values lie, by the nearest-rank method; 0 without values.

    :param ordered: ascending.
    """
    if not ordered:
        return 0
    return ordered[min(len(ordered) - 1, max(0, ceil(share * len(ordered)) - 1))]
