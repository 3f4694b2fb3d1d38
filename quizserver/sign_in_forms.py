"""The forms of the second step of signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

_CODE_LENGTH = 40


def _code_field(label: Any, **attributes: str) -> forms.CharField:
    attributes |= {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(label=label, max_length=_CODE_LENGTH, widget=UnfoldAdminTextInputWidget(attrs=attributes))


class CodeForm(forms.Form):
    """A code, asked for before the second factor is changed: an open browser alone changes nothing."""

    code = _code_field(_("Code of the app, or a recovery code"))


class SignInCodeForm(forms.Form):
    code = _code_field(_("Code that the app on your phone shows"), autofocus="autofocus")
    code.help_text = _(
        "Without the phone, type one of your recovery codes. Without those, whoever runs the server can help."
    )


class FirstCodeForm(forms.Form):
    """The first code of an app, of somebody who has just given the password."""

    code = _code_field(_("Code that the app shows"), inputmode="numeric")


class SetupForm(FirstCodeForm):
    """The same for somebody who is signed in."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("password", "code")


def refuse(form: forms.Form) -> None:
    """Say that the code is wrong."""
    form.add_error("code", _("This code is not right, or comes too soon after a wrong one."))
