"""Texts with gaps in the quiz editor: brackets in the text are the gaps, and a field holds what else belongs to each.

The script of the page makes rows of that field; without it, brackets alone make gaps that are typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from quizzes.rules.gaps import from_brackets, in_brackets

#: Characters of the field; more than any gaps that a text may have.
_LONGEST: Final = 400_000


class GapsField(forms.Field):
    """What belongs to each gap, as JSON in the exchange format."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[Any]:
        if isinstance(value, list):
            return value
        if not value:
            return []
        if len(value) > _LONGEST:
            raise forms.ValidationError(_("This is too long."))
        try:
            read = json.loads(value)
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("Give a list of gaps.")) from None
        return read if isinstance(read, list) else []

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except forms.ValidationError:
            return True


class GapFields(forms.Form):
    """The gaps of a question."""

    gaps = GapsField(
        label=gettext_lazy("Gaps"),
        required=False,
        help_text=gettext_lazy(
            "For a text with gaps: put what belongs in a gap in brackets where it stands in the question, as in "
            "“The [cat] sat on the [mat].”"
        ),
    )

    def show_gaps(self, text: str, gaps: list[dict[str, Any]]) -> None:
        """Show the text of a question as its author writes it."""
        self.initial["text"] = in_brackets(text, [gap["correct_answers"][0] for gap in gaps])

    def take_gaps(self) -> dict[str, Any]:
        """The text and the gaps, in the exchange format."""
        text, brackets = from_brackets(self.cleaned_data.get("text") or "")
        entries = [*(self.cleaned_data.get("gaps") or ()), *[{}] * len(brackets)]
        return {"text": text, "gaps": [_gap(entry, answers) for entry, answers in zip(entries, brackets, strict=False)]}


def _gap(entry: object, answers: list[str]) -> object:
    """A gap by what stands in its bracket and what the field has for it beside that."""
    if not isinstance(entry, Mapping):
        return entry
    before, options = entry.get("correct_answers", []), entry.get("options", [])
    if not isinstance(before, list) or not isinstance(options, list):
        return entry
    correct = [*answers, *(answer for answer in before[1:] if answer not in answers)]
    if (options and set(map(str, correct)) - set(map(str, options))) or (before[:1] != correct[:1] and options):
        options = [*correct, *(option for option in options if option not in before and option not in correct)]
    return {**entry, "correct_answers": correct, "options": options}
