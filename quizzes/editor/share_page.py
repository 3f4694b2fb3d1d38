"""The page that shares a quiz or a word list: with whom, and what they may do with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from quizzes.access import is_host, owns
from quizzes.models import Quiz, Share, WordList
from quizzes.services.sharing import NoSuchReader, share, unshare


class ShareForm(forms.Form):
    """With whom, and how far."""

    reader = forms.ChoiceField(
        label=gettext_lazy("Share with"),
        choices=[
            ("user", gettext_lazy("a colleague")),
            ("group", gettext_lazy("a group")),
            ("all", gettext_lazy("all hosts of this server")),
        ],
        initial="user",
        widget=UnfoldAdminRadioSelectWidget,
    )
    username = forms.CharField(
        label=gettext_lazy("User name of a colleague"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    group = forms.ChoiceField(label=gettext_lazy("Group"), required=False, widget=UnfoldAdminSelectWidget)
    level = forms.ChoiceField(
        label=gettext_lazy("They may"), choices=Share.Level.choices, initial="read", widget=UnfoldAdminSelectWidget
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Hosts need not know the groups that are not theirs.
        groups = Group.objects.all() if user.is_superuser else user.groups.all()
        names = [(name, name) for name in groups.order_by("name").values_list("name", flat=True)]
        self.fields["group"].choices = [("", "–"), *names]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A colleague and a group have a name."""
        data = super().clean() or self.cleaned_data
        wanted = {"user": "username", "group": "group"}.get(data.get("reader", ""))
        if wanted and not data.get(wanted):
            self.add_error(wanted, _("Say with whom."))
        return data


def share_page(model_admin: ModelAdmin, request: HttpRequest, pk: str) -> HttpResponse:
    """Share, and stop sharing; for the owner."""
    if not is_host(request.user):
        raise PermissionDenied
    assert isinstance(request.user, User)
    owned: Quiz | WordList = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not owns(request.user, owned):
        raise PermissionDenied
    form = ShareForm(request.user, request.POST if "share" in request.POST else None)
    if "unshare" in request.POST:
        sent = request.POST["unshare"]
        if sent.isdecimal() and len(sent) < 10:
            unshare(owned, int(sent))
        return redirect(request.get_full_path())
    if request.method == "POST" and form.is_valid() and _share(owned, form):
        return redirect(request.get_full_path())
    request.current_app = model_admin.admin_site.name
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Share “%(title)s”") % {"title": owned.title},
        "form": form,
        "shares": owned.shares.select_related("user", "group"),
        "back": f"admin:quizzes_{owned._meta.model_name}_change",
        "owned": owned,
    }
    return TemplateResponse(request, "admin/quizzes/share.html", context)


def _share(owned: Quiz | WordList, form: ShareForm) -> bool:
    data = form.cleaned_data
    names = {
        "username": data["username"].strip() if data["reader"] == "user" else "",
        "group": data["group"] if data["reader"] == "group" else "",
    }
    try:
        share(owned, level=data["level"], **names)
    except NoSuchReader:
        form.add_error("username", _("No host has this user name."))
        return False
    return True
