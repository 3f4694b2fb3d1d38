"""What somebody who is signed in sees of their own sign-in: the second factor, and where they are signed in."""

from __future__ import annotations

import django_otp
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from quizserver import second_factor
from quizserver.host_sessions import end_session, end_sessions, sessions_of
from quizserver.sign_in import limited, recovery_page
from quizserver.sign_in_forms import CodeForm, SetupForm, refuse
from quizzes.editor.admin_pages import signed_in_user


def _overview(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _overview_page(request, CodeForm())
    user, key = signed_in_user(request), request.session.session_key
    if "end_others" in request.POST:
        end_sessions(user, but=key)
        messages.success(request, _("You are signed in here only."))
    elif "end" in request.POST:
        if end_session(user, request.POST["end"]):
            messages.success(request, _("That device is signed out."))
    elif "off" in request.POST or "recovery" in request.POST:
        return limited(request, user.get_username(), lambda: _change_second_factor(request))
    return redirect("account")


def _change_second_factor(request: HttpRequest) -> tuple[HttpResponse, bool]:
    user, form = signed_in_user(request), CodeForm(request.POST)
    if not form.is_valid():
        return _overview_page(request, form), True
    if second_factor.verify(user, form.cleaned_data["code"]) is None:
        refuse(form)
        return _overview_page(request, form), False
    if "recovery" in request.POST:
        return recovery_page(request, second_factor.new_recovery_codes(user), reverse("account")), True
    if not second_factor.is_demanded():
        second_factor.switch_off(user)
        messages.success(request, _("Signing in takes the password alone."))
    return redirect("account"), True


def _overview_page(request: HttpRequest, form: CodeForm) -> HttpResponse:
    user = signed_in_user(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Your sign-in"),
        "form": form,
        "sessions": sessions_of(user, request.session.session_key),
        "has_password": user.has_usable_password(),
        "has_second_factor": second_factor.has_second_factor(user),
        "is_demanded": second_factor.is_demanded(),
        "recovery_codes": second_factor.recovery_codes_left(user),
    }
    return TemplateResponse(request, "admin/account.html", context)


def _second_factor_setup(request: HttpRequest) -> HttpResponse:
    user = signed_in_user(request)
    if not user.has_usable_password() or second_factor.has_second_factor(user):
        return redirect("account")
    if request.method != "POST":
        return _setup_page(request, SetupForm())
    return limited(request, user.get_username(), lambda: _set_up(request))


def _set_up(request: HttpRequest) -> tuple[HttpResponse, bool]:
    user, form = signed_in_user(request), SetupForm(request.POST)
    if not form.is_valid():
        return _setup_page(request, form), True
    if not user.check_password(form.cleaned_data["password"]):
        form.add_error("password", _("This is not your password."))
        return _setup_page(request, form), False
    device = second_factor.finish_setup(user, form.cleaned_data["code"])
    if device is None:
        refuse(form)
        return _setup_page(request, form), False
    django_otp.login(request, device)
    # Whoever is signed in elsewhere has shown a password only.
    end_sessions(user, but=request.session.session_key)
    return recovery_page(request, second_factor.new_recovery_codes(user), reverse("account")), True


def _setup_page(request: HttpRequest, form: SetupForm) -> HttpResponse:
    secret = second_factor.setup_context(signed_in_user(request), again=form.is_bound)
    context = {**admin.site.each_context(request), **secret, "title": _("Set up the second step"), "form": form}
    return TemplateResponse(request, "admin/second_factor.html", context)


overview = never_cache(admin.site.admin_view(_overview))
second_factor_setup = never_cache(admin.site.admin_view(_second_factor_setup))
