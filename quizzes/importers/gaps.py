"""Texts with gaps, and matches, as questions that can be played: one question a gap, or a side of the match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: How a text shows the gap that is asked for, and those that are not.
GAP: Final = "____"
OTHER_GAP: Final = "[…]"


@dataclass(frozen=True, slots=True)
class Gap:
    """What goes into a gap: the fields ``kind``, ``options``, ``correct_answers`` and so on of the exchange format."""

    data: dict[str, Any]
    notes: tuple[str, ...] = ()


def gap_questions(parts: Sequence[str], gaps: Sequence[Gap]) -> list[tuple[dict[str, Any], list[str]]]:
    """A question for each gap, and remarks on it.

    :param parts: the text between the gaps, one more than there are gaps.
    """
    found = []
    for asked, gap in enumerate(gaps):
        shown = [GAP if place == asked else OTHER_GAP for place in range(len(gaps))]
        text = "".join(part + mark for part, mark in zip(parts, [*shown, ""], strict=True))
        found.append(({"text": text.strip(), **gap.data}, [*gap.notes, *split_note(len(gaps), asked)]))
    return found


def split_note(count: int, asked: int) -> list[str]:
    """What is said of a text that was split into several questions, at the first of them."""
    if count < 2 or asked:
        return []
    said = ngettext(
        "This became %(count)d question, one for each gap or pair.",
        "This became %(count)d questions, one for each gap or pair.",
        count,
    )
    return [said % {"count": count}]


def match_questions(
    text: str, pairs: Sequence[tuple[str, str]], others: Sequence[str] = ()
) -> list[tuple[dict[str, Any], list[str]]]:
    """A match as questions here: the right sides are put in the order of the left ones, which stand below the text.

    Left sides that are 1, 2, 3 and so on are the order itself. Where right sides repeat, there is no single order:
    then each left side is a question whose options are the right sides.

    :param others: right sides that go with nothing.
    :raises ValueError: when there is nothing to choose.
    """
    left, right = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    options = list(dict.fromkeys([*right, *others]))
    if len(right) > 1 and len(options) < 2:
        raise ValueError(_("All sides of this match are the same, so that there is nothing to choose."))
    if len(set(right)) < len(right) and len(options) > 1:
        return [
            (
                {"text": f"{text}\n{side}".strip(), "kind": "choice", "options": options, "correct_answers": [answer]},
                split_note(len(pairs), place),
            )
            for place, (side, answer) in enumerate(pairs)
        ]
    notes = [_("An answer that goes with nothing was left out.")] if others else []
    if left != [str(place) for place in range(1, len(left) + 1)]:
        text = "\n".join([text, *(f"{place}. {side}" for place, side in enumerate(left, start=1))]).strip()
    return [({"text": text, "kind": "order", "correct_answers": right}, notes)]
