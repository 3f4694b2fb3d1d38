"""Texts with gaps, and matches, as questions that can be played.

Several gaps are one question of that kind. Where it cannot have one of them (a number with a tolerance, several right
options at once, a long text), the text becomes a question for each gap, as a match does for each of its sides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.rules import limits
from quizzes.rules.gaps import mark, marks

#: How a text shows the gap that is asked for, and those that are not.
GAP: Final = "____"
OTHER_GAP: Final = "[…]"


@dataclass(frozen=True, slots=True)
class Gap:
    """What goes into a gap: the fields ``kind``, ``options``, ``correct_answers`` and so on of the exchange format."""

    data: dict[str, Any]
    notes: tuple[str, ...] = ()


def gap_questions(parts: Sequence[str], gaps: Sequence[Gap]) -> list[tuple[dict[str, Any], list[str]]]:
    """One question for all gaps, or one for each where they cannot stand together, and remarks on it.

    :param parts: the text between the gaps, one more than there are gaps.
    """
    if len(gaps) > 1 and (together := _together(parts, gaps)):
        return [(together, list(dict.fromkeys(note for gap in gaps for note in gap.notes)))]
    found = []
    for asked, gap in enumerate(gaps):
        shown = [GAP if place == asked else OTHER_GAP for place in range(len(gaps))]
        text = "".join(part + mark for part, mark in zip(parts, [*shown, ""], strict=True))
        found.append(({"text": text.strip(), **gap.data}, [*gap.notes, *split_note(len(gaps), asked)]))
    return found


def _together(parts: Sequence[str], gaps: Sequence[Gap]) -> dict[str, Any] | None:
    """The question that has all of the gaps, where there is one."""
    found = [_gap(gap.data) for gap in gaps]
    if len(gaps) > limits.GAPS_MAX or None in found or any(map(marks, parts)):
        return None
    text = "".join(part + sign for part, sign in zip(parts, [*map(mark, range(1, len(gaps) + 1)), ""], strict=True))
    return {"text": text.strip(), "kind": "gaps", "gaps": found} if len(text.strip()) <= limits.TEXT_LENGTH else None


def _gap(data: Mapping[str, Any]) -> dict[str, Any] | None:
    """What goes into a gap, as a gap of a question; ``None`` where a gap cannot be so."""
    kind, options, correct = data["kind"], data.get("options", []), data["correct_answers"]
    if kind == "number" and not data.get("tolerance"):
        kind = "typed"
    if kind == "true_false":
        kind, options = "choice", options or ["True", "False"]
    if kind not in {"typed", "choice"} or not correct:
        return None
    if len(options) > limits.OPTIONS_MAX or len(correct) > limits.CORRECT_ANSWERS_MAX:
        return None
    if any(len(text) > limits.GAP_LENGTH for text in (*options, *correct)):
        return None
    grading = {"grading": data["grading"]} if data.get("grading") else {}
    return {"correct_answers": list(correct), "options": list(options) if kind == "choice" else [], **grading}


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
