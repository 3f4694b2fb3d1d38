"""The part of the Run form that asks for a homework's times, in a teacher's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from sessions.rules.attempts import MAX_ATTEMPTS
from sessions.rules.homework import InvalidHomework, check, moment
from sessions.rules.options import Misfit, SessionOptions
from sessions.wiring.runtime import runtime

#: Why a homework cannot have its times.
WHY_NOT: dict[Misfit | None, Any] = {
    "unknown_zone": _("There is no such time zone."),
    "no_such_time": _("The clocks go forward that night: this time does not exist. Choose another one."),
    "closes_in_past": _("This time is past."),
    "closes_before_opens": _("It would close before it opens."),
    "open_too_long": _("A homework is open for 90 days at most."),
}


def zones() -> list[str]:
    """The time zones of places, as Europe/Berlin."""
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [*sorted(places), "UTC"]


class ClockField(forms.CharField):
    """A date and a time as a clock shows them; which moment that is depends on the time zone."""

    widget = UnfoldAdminTextInputWidget

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        widget.input_type = "datetime-local"  # type: ignore[attr-defined]
        return super().widget_attrs(widget)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None) if text else None
        except ValueError:
            raise forms.ValidationError(_("Enter a date and a time.")) from None


class HomeworkFields(forms.Form):
    """When a homework opens and closes, and how often it may be done."""

    opens_at = ClockField(label=_("Opens"), help_text=_("Left empty, at once."), required=False, max_length=30)
    closes_at = ClockField(
        label=_("Closes"), help_text=_("Answers count until then. Everybody sees this time."), required=False
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("Of these two times. Each pupil sees them in the time zone of their own device."),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    attempts = forms.IntegerField(
        label=_("Attempts"),
        help_text=_("How often each pupil may do it."),
        initial=1,
        min_value=1,
        max_value=MAX_ATTEMPTS,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    counts = forms.ChoiceField(
        label=_("Which attempt counts"),
        choices=[("best", _("The best")), ("last", _("The last, from when it is begun"))],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    solutions = forms.ChoiceField(
        label=_("Solutions"),
        choices=[
            ("on_close", _("When it has closed for everybody")),
            ("immediately", _("At once, after each answer")),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = self.fields["time_zone"]
        zone.choices = [(name, name.replace("_", " ")) for name in zones()]  # type: ignore[attr-defined]
        zone.initial = settings.TIME_ZONE
        self._homework: dict[str, Any] = {}

    def homework_fields(self) -> list[forms.BoundField]:
        """The fields of a homework, in the order of the page."""
        return [self[name] for name in HomeworkFields.base_fields]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("pace") != "homework":
            # What stands in fields that are hidden is nobody's fault.
            for name in HomeworkFields.base_fields:
                self.errors.pop(name, None)
            return data
        if self.errors:
            return data
        if not data["closes_at"]:
            self.add_error("closes_at", _("Say when it closes."))
            return data
        zone = data["time_zone"] or settings.TIME_ZONE
        try:
            opens_at = moment(data["opens_at"], zone, field="opens_at", latest=False) if data["opens_at"] else 0
            options: dict[str, Any] = {
                "opens_at": opens_at,
                "closes_at": moment(data["closes_at"], zone, field="closes_at", latest=True),
                "attempts": data["attempts"] or 1,
                "counts": data["counts"] or "best",
            }
            check(SessionOptions(**options), pace="self", now=runtime().clock.now())
        except InvalidHomework as error:
            self.add_error(error.name, WHY_NOT[error.reason])
        else:
            self._homework = options
        return data

    def homework(self) -> dict[str, Any]:
        """The options that make it a homework; none when it is to be none."""
        return self._homework
