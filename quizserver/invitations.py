"""Accounts for teachers: made with a password, or with a link by which the teacher chooses one.

The link is Django's for a forgotten password: it holds a token, signed with the server's key. It stops working when it
has been used, when its time is over (seven days), and when the account gets another password or signs in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.admin import site
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from common.config import CONFIG
from quizzes.access import HOSTS_GROUP

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
    PasswordForm = SetPasswordForm[User]
else:
    UserForm, PasswordForm = forms.ModelForm, SetPasswordForm

_DAY = 86_400
_NEW_PASSWORD = {"autocomplete": "new-password"}


def new_teacher(name: str, password: str | None, *, superuser: bool = False) -> User:
    """Make an account that may prepare and run quizzes.

    :param password: ``None`` for an account that waits for its invitation to be used.
    :raises django.core.exceptions.ValidationError: when the name cannot be one.
    """
    user = User(username=name, is_staff=True, is_superuser=superuser)
    user.set_password(password)
    user.clean_fields(exclude=["password"])
    user.save()
    user.groups.add(Group.objects.get(name=HOSTS_GROUP))
    return user


def invitation_link(request: HttpRequest, user: User) -> str:
    """The address at which the user chooses a password; whoever has it can sign in as the user."""
    where = {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}
    path = reverse("invitation", kwargs=where)
    return f"{CONFIG.public.origin}{path}" if CONFIG.public else request.build_absolute_uri(path)


def invitation_text(request: HttpRequest, user: User) -> str:
    """What whoever invites is told."""
    days = settings.PASSWORD_RESET_TIMEOUT // _DAY
    text = ngettext(
        "Send %(name)s this link. It works once, within %(days)d day: %(link)s",
        "Send %(name)s this link. It works once, within %(days)d days: %(link)s",
        days,
    )
    return text % {"name": user.username, "days": days, "link": invitation_link(request, user)}


class AddTeacherForm(UserForm):
    """Two fields: a name, and a password or nothing."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs=_NEW_PASSWORD),
        help_text=_("Left empty, you get a link to send, by which the teacher chooses one."),
    )

    class Meta:
        model = User
        fields = ("username",)
        widgets = {"username": UnfoldAdminTextInputWidget(attrs={"autocapitalize": "none", "spellcheck": "false"})}
        labels = {"username": _("Name to sign in with")}

    def clean_password(self) -> str | None:
        password: str = self.cleaned_data["password"]
        if password:
            validate_password(password, User(username=self.cleaned_data.get("username", "")))
        return password or None

    def save(self, commit: bool = True) -> User:
        """Not saved yet: the admin does that, and puts the account into its group after it."""
        user = super().save(commit=False)
        user.is_staff = True
        user.set_password(self.cleaned_data["password"])
        return user

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # Django's hook; its stubs lack it
        self.instance.groups.add(Group.objects.get(name=HOSTS_GROUP))


class ChoosePasswordForm(PasswordForm):
    """In the look of the other forms of hosts."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("new_password1", "new_password2"):
            self.fields[name].widget = UnfoldAdminPasswordWidget(attrs=_NEW_PASSWORD)
        self.fields["new_password1"].help_text = password_validators_help_text_html()


class InvitationView(PasswordResetConfirmView):
    """Where an invited teacher chooses a password."""

    form_class = ChoosePasswordForm
    template_name = "admin/invitation.html"
    success_url = reverse_lazy("admin:login")
    reset_url_token = "new-password"  # noqa: S105 - what stands in the address once the token is in the session

    def get_context_data(self, **values: Any) -> dict[str, Any]:
        context = super().get_context_data(**values)
        name = self.user.get_username() if self.user else ""
        title = gettext("Choose a password") if self.validlink else gettext("This link no longer works")
        return {**site.each_context(self.request), **context, "title": title, "account": name}
