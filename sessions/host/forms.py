"""The form that opens a session. Its choices are those of SessionService.create, in a teacher's words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import Count
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanSwitchWidget,
)

from classes.access import visible_classes
from common.config import CONFIG
from quizzes.access import visible_quizzes
from quizzes.models import Quiz
from sessions.host.homework_fields import HomeworkFields
from sessions.host.option_fields import OptionFields
from sessions.rules.options import SessionOptions

if TYPE_CHECKING:
    QuizChoiceField = forms.ModelChoiceField[Quiz]
else:
    QuizChoiceField = forms.ModelChoiceField


class QuizField(QuizChoiceField):
    """A choice of quizzes that says how long each is."""

    def label_from_instance(self, obj: Quiz) -> str:
        count: int = obj.question_count  # type: ignore[attr-defined]
        questions = ngettext("%(count)d question", "%(count)d questions", count) % {"count": count}
        return f"{obj.title} · {questions}"


def _what_ends_when() -> str:
    hours = CONFIG.max_session_seconds / 3_600
    if not hours:
        return gettext("Live and self-paced sessions end when you end them, a homework at the time you set.")
    told = ngettext(
        "Sessions end by themselves %(hours)s hour after their start, a homework at the time you set.",
        "Sessions end by themselves %(hours)s hours after their start, a homework at the time you set.",
        # Half an hour more is no whole one more: "1.5 hours".
        int(hours) if hours.is_integer() else int(hours) + 1,
    )
    return told % {"hours": number_format(round(hours, 1), decimal_pos=0 if hours.is_integer() else 1)}


class OpenSessionForm(OptionFields, HomeworkFields):
    """Choose a quiz and how it is played."""

    quiz = QuizField(queryset=Quiz.objects.none(), label=_("Quiz"), widget=UnfoldAdminSelectWidget)
    pace = forms.ChoiceField(
        label=_("Who sets the pace"),
        choices=[
            ("host", _("Live: everybody answers the same question at the same time")),
            ("self", _("Self-paced: everybody works through the questions alone")),
            ("homework", _("Homework: self-paced, at home, until a time you set")),
        ],
        initial="host",
        widget=UnfoldAdminRadioSelectWidget,
    )
    reveal = forms.ChoiceField(
        label=_("When players learn what was right"),
        choices=[
            ("", _("Default (live: after each question; self-paced: at once)")),
            ("immediately", _("At once, after their own answer")),
            ("on_close", _("Live: when the question closes; self-paced: at the end")),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    scoring = forms.ChoiceField(
        label=_("Points for speed"),
        choices=[
            ("speed", _("In the first 10 seconds")),
            ("scaled", _("Over the whole time of the question")),
            ("flat", _("None")),
        ],
        help_text=_(
            "Up to 5 points more for a right answer. In the first 10 seconds: one less every 2 seconds. Over the whole "
            "time: one less after each fifth of it. The players are told which it is."
        ),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    shuffle_questions = forms.BooleanField(
        label=_("Shuffle the questions"),
        help_text=_("Ask them in an order of this session's own."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    time_limit = forms.IntegerField(
        label=_("Seconds for every question"),
        help_text=_("Left empty, each question keeps its own time."),
        required=False,
        min_value=1,
        max_value=600,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    max_participants = forms.IntegerField(
        label=_("Maximum number of players"),
        initial=1000,
        min_value=1,
        max_value=10_000,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, classes=visible_classes(user), **kwargs)
        quizzes = visible_quizzes(user).annotate(question_count=Count("questions")).filter(question_count__gt=0)
        self.fields["pace"].help_text = _what_ends_when()
        self.fields["quiz"].queryset = quizzes.order_by("title", "id")  # type: ignore[attr-defined]

    def main_fields(self) -> list[forms.BoundField]:
        """All but the fields of the options."""
        apart = {*OptionFields.base_fields, *HomeworkFields.base_fields}
        return [field for field in self if field.name not in apart]

    def arranged(self) -> SessionOptions:
        """With what makes it a homework."""
        return replace(self.chosen(), **self.homework())

    def options(self) -> dict[str, Any]:
        """What SessionService.create is to be called with."""
        data = self.cleaned_data
        homework = data["pace"] == "homework"
        return {
            "pace": "self" if homework else data["pace"],
            "reveal": data["solutions"] if homework else data["reveal"] or None,
            "scoring": "flat" if homework else data["scoring"] or "speed",
            "shuffle_questions": data["shuffle_questions"],
            "time_limit_ms": data["time_limit"] * 1000 if data["time_limit"] else None,
            "max_participants": data["max_participants"],
            "options": self.arranged(),
        }
