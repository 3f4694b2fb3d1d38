"""The part of the Run form that asks for a session's options, in a teacher's words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from classes.models import SchoolClass
from sessions.rules.options import OPTIONS, TEAMS_MOST, InvalidOptions, Misfit, SessionOptions, fit

#: Why options cannot be had together.
WHY_NOT: dict[Misfit | None, Any] = {
    "no_goal": _("This is for a common goal: choose which one."),
    "empty_goal": _("A goal needs a number, 1 or more."),
    "goal": _("With a common goal there is neither a ranking nor teams."),
    "goal_once": _("Towards a common goal a homework is done once."),
    "no_teams": _("This is for teams: choose how players come into them."),
    "homework": _("Everybody does a homework alone."),
    "self_paced": _("This is for live sessions: self-paced, everybody goes on alone."),
}


#: Under which heading the page asks for an option; what is named nowhere stands under the last one.
_GROUPS: tuple[tuple[Any, frozenset[str]], ...] = (
    (_("For a class"), frozenset({"class_id", "cards_only", "guests"})),
    (_("How questions come and go"), frozenset({"close_when_all_answered", "advance_after_ms", "options_after_ms"})),
    (_("Ranking"), frozenset({"board", "names_on_screen"})),
    (_("Teams and a common goal"), frozenset({"teams", "team_count", "goal", "goal_amount"})),
    (_("Listening"), frozenset({"listen_plays", "listen_speed"})),
    (_("More options"), frozenset()),
)


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Fields below one heading. ``open`` is whether they are shown at once: something in them is wrong or chosen."""

    title: str
    fields: list[forms.BoundField]
    open: bool


class OptionFields(forms.Form):
    """A field for each option, by its name, but for those of a homework (homework_fields.py).

    What is milliseconds there is whole seconds here.
    """

    close_when_all_answered = forms.BooleanField(
        label=_("Close a question when all have answered"),
        help_text=_("Live only. Hold, on the console, keeps it open."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    advance_after_ms = forms.IntegerField(
        label=_("Seconds until the next question comes by itself"),
        help_text=_("Live only, from the close of a question. Empty or 0: when you open it. Hold stops it."),
        required=False,
        min_value=0,
        max_value=600,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    options_after_ms = forms.IntegerField(
        label=_("Seconds for the question before its options come"),
        help_text=_("Live only. Empty or 0: both at once. The time to answer runs from the options on."),
        required=False,
        min_value=0,
        max_value=60,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    own_order = forms.BooleanField(
        label=_("Options in an order of each player’s own"),
        help_text=_("Neighbours see them in other places. Each keeps its shape and colour, on the big screen too."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    board = forms.ChoiceField(
        label=_("What players and the big screen see of the ranking"),
        choices=[
            ("full", _("All of it")),
            ("top3", _("The first three, and everybody their own place")),
            ("own", _("Everybody only their own place")),
            ("end", _("Nothing until the end")),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    names_on_screen = forms.BooleanField(
        label=_("Names on the big screen"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    suggested_names = forms.BooleanField(
        label=_("Suggest names to play under"),
        help_text=_("Off, everybody has to think of a name."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    accent_keys = forms.BooleanField(
        label=_("Keys for accents"),
        help_text=_("Below a typed answer, the letters of its language that a keyboard may lack."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    listen_plays = forms.IntegerField(
        label=_("How often players may listen"),
        help_text=_("To each question that is heard. Empty or 0: as often as they like."),
        required=False,
        min_value=0,
        max_value=10,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    listen_speed = forms.TypedChoiceField(
        label=_("Speed of what is heard"),
        choices=[(50, "50 %"), (75, "75 %"), (90, "90 %"), (100, "100 %"), (125, "125 %"), (150, "150 %")],
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    class_id = forms.ChoiceField(
        label=_("Class"),
        help_text=_("Its pupils pick their name or scan their card, and their results count for the class."),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    cards_only = forms.BooleanField(
        label=_("Only with a card"),
        help_text=_("Of a class: a card shows who plays, and the join page tells no names."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )
    guests = forms.BooleanField(
        label=_("Guests"),
        help_text=_("Of a class: others may join, too, under a name of their own."),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    teams = forms.ChoiceField(
        label=_("Teams"),
        help_text=_("They are ranked by the average of their members. Who comes late comes into the smallest."),
        choices=[
            ("none", _("No teams")),
            ("drawn", _("Drawn evenly")),
            ("chosen", _("Players choose, until the start")),
            ("host", _("You set them on the console")),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    team_count = forms.IntegerField(
        label=_("How many teams"),
        required=False,
        min_value=2,
        max_value=TEAMS_MOST,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    goal = forms.ChoiceField(
        label=_("A common goal"),
        help_text=_("All together against a number: one bar on the screen, and no ranking at all."),
        choices=[
            ("none", _("No goal")),
            ("points", _("Points of all together")),
            ("right", _("Right answers of all together")),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    goal_amount = forms.IntegerField(
        label=_("How many, for the goal"),
        required=False,
        min_value=0,
        max_value=100_000_000,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def __init__(self, *args: Any, classes: Iterable[SchoolClass] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(each.id, each.name) for each in classes]
        self.fields["class_id"].choices = [("", _("No class")), *known]  # type: ignore[attr-defined]
        for name in OptionFields.base_fields:
            option = OPTIONS[name]
            self.fields[name].initial = option.default // 1_000 if _in_seconds(name) else option.default

    def option_groups(self) -> list[OptionGroup]:
        """The fields of the options below their headings, those of a class first."""
        named = frozenset[str]().union(*(names for _title, names in _GROUPS))
        groups = []
        for title, names in _GROUPS:
            wanted = names or frozenset(OptionFields.base_fields) - named
            fields = [self[name] for name in OptionFields.base_fields if name in wanted]
            if fields:
                groups.append(OptionGroup(str(title), fields, any(map(self._is_touched, fields))))
        return groups

    def _is_touched(self, field: forms.BoundField) -> bool:
        if field.errors:
            return True
        return self.is_bound and self.fields[field.name].has_changed(field.initial, field.data)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                fit(self.arranged(), pace="host" if data.get("pace", "host") == "host" else "self")
            except InvalidOptions as error:
                self.add_error(error.name, WHY_NOT[error.reason])
        return data

    def arranged(self) -> SessionOptions:
        """What was asked for, with what other fields of the form arrange."""
        return self.chosen()

    def chosen(self) -> SessionOptions:
        """What was asked for."""
        data = self.cleaned_data
        values: dict[str, Any] = {name: _value(name, data[name]) for name in OptionFields.base_fields}
        if not values["class_id"]:
            # What is about a class alone.
            values |= {name: OPTIONS[name].default for name in ("cards_only", "guests")}
        return SessionOptions(**values)


def _value(name: str, given: Any) -> Any:
    """The option's value, from what its field has: nothing where it was left empty."""
    if _in_seconds(name):
        return (given or 0) * 1_000
    return OPTIONS[name].default if given in {None, ""} else given


def _in_seconds(name: str) -> bool:
    return name.endswith("_ms")
