"""Accounts, groups and API keys, in the look of the other admin pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm

from common.search import BoundedSearchAdmin
from quizserver.invitations import AddTeacherForm, invitation_text
from quizserver.models import OperatorKey

#: How long a replaced key goes on working: time to put the new one where the old one is used.
_OVERLAP = timedelta(days=1)

# APIKey is the library's own: keys without scopes, for which nothing here asks. Secrets of second factors are nobody's
# to see; `manage.py reset_second_factor` forgets one.
for model in (User, Group, APIKey, TOTPDevice, StaticDevice):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(BoundedSearchAdmin, DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]  # unfold has no types
    form = UserChangeForm
    add_form = AddTeacherForm
    add_form_template = None
    add_fieldsets = ((None, {"fields": ("username", "password")}),)
    change_password_form = AdminPasswordChangeForm
    actions = ("invite",)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        response: HttpResponse = super().add_view(
            request, form_url, {**(extra_context or {}), "title": gettext("Add a teacher")}
        )
        return response

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        if not obj.has_usable_password():
            messages.warning(request, invitation_text(request, obj))
            return redirect("admin:auth_user_changelist")
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        return response

    @admin.action(description=_("Give a link to choose a new password"), permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        # Whoever may change accounts must not come by more rights than they have.
        for user in queryset if request.user.is_superuser else queryset.filter(is_superuser=False):
            messages.warning(request, invitation_text(request, user))


@admin.register(Group)
class GroupAdmin(BoundedSearchAdmin, DjangoGroupAdmin, ModelAdmin):
    pass


@admin.register(OperatorKey)
class OperatorKeyAdmin(BoundedSearchAdmin, APIKeyModelAdmin, ModelAdmin):
    list_display = (
        "prefix",
        "name",
        "may_read",
        "may_run",
        "may_edit_content",
        "may_see_classes",
        "created",
        "expiry_date",
        "revoked",
    )  # type: ignore[assignment]
    actions = ("replace", "revoke")

    @admin.action(description=_("Replace: a new key each, the old one works for another day"))
    def replace(self, request: HttpRequest, queryset: QuerySet[OperatorKey]) -> None:
        for old in queryset.filter(revoked=False):
            _key, text = OperatorKey.objects.create_key(
                name=old.name,
                may_read=old.may_read,
                may_run=old.may_run,
                may_edit_content=old.may_edit_content,
                may_see_classes=old.may_see_classes,
            )
            ends = timezone.now() + _OVERLAP
            old.expiry_date = min(old.expiry_date, ends) if old.expiry_date else ends
            old.save()
            told = gettext("The new API key for %(name)s is %(key)s. It is not shown again.")
            messages.warning(request, told % {"name": old.name, "key": text})

    @admin.action(description=_("Revoke: the keys stop working at once"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[OperatorKey]) -> None:
        count = queryset.update(revoked=True)
        told = ngettext("%(count)d key is revoked.", "%(count)d keys are revoked.", count)
        messages.success(request, told % {"count": count})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields: tuple[str, ...] = super().get_readonly_fields(request, obj)
        # What a key may do is settled when it is made: who holds it knows.
        return fields if obj is None else (*fields, "may_read", "may_run", "may_edit_content", "may_see_classes")
