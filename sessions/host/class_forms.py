"""The forms of a class: what it is called, until when it is kept, and the names that are pasted."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from classes.models import TITLE_LENGTH, default_keep_until
from classes.rules.roll import PUPILS_MOST, Roll

WHY_NO_NAME = {
    "empty": gettext_lazy("Enter a name."),
    "long": gettext_lazy("This name is too long."),
    "characters": gettext_lazy("This name has characters that cannot be shown."),
}


class DetailsForm(forms.Form):
    """What a class is called, and the last day of its names."""

    name = forms.CharField(
        label=gettext_lazy("Name of the class"), max_length=TITLE_LENGTH, widget=UnfoldAdminTextInputWidget
    )
    keep_until = forms.DateField(
        label=gettext_lazy("Keep the names until"),
        help_text=gettext_lazy("The day after, the class is deleted with all names. You can move this date."),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keep_until"].initial = default_keep_until().isoformat()

    def clean_keep_until(self) -> date:
        """Not a day that is over: that would delete the class."""
        chosen: date = self.cleaned_data["keep_until"]
        if chosen < timezone.localdate():
            raise forms.ValidationError(_("This day is over. To delete the class, use the button for it."))
        return chosen


class NamesForm(forms.Form):
    """The pasted names of pupils."""

    names = forms.CharField(
        label=gettext_lazy("Names of the pupils"),
        help_text=gettext_lazy("One name a line, as you copy them from a table. First names are enough."),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "dir": "auto", "spellcheck": "false"}),
    )


class NewClassForm(NamesForm, DetailsForm):
    """A class that is made."""

    field_order = ("name", "names", "keep_until")


def why_not(roll: Roll) -> list[str]:
    """What is wrong with names, for a person."""
    return [f"{name}: {WHY_NO_NAME[reason]}" for name, reason in roll.wrong]


def too_many() -> str:
    """Why no more pupils are taken."""
    return _("A class has at most %(count)d pupils.") % {"count": PUPILS_MOST}
