"""Signing in: password, then a code where the account has a second factor; how many wrong ones an address may try, and
how many are checked at a time.

The lock of an account (django-axes) stops guessing one password or code; this stops spraying a few over all accounts,
and keeps the processor for those who play: checking a password takes a third of a second of it, on purpose.
Nobody is signed in before the last step: a session that waits for a code is nobody's.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME, authenticate, login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from common import metrics
from common.clock import SystemClock
from common.config import CONFIG
from common.limits import Buckets, network_of
from common.shared_limits import ThreadedLimit
from quizserver import second_factor
from quizserver.host_sessions import PASSWORD_BACKEND
from quizserver.sign_in_forms import FirstCodeForm, SignInCodeForm, refuse
from sessions.wiring.runtime import running

#: Seconds a sign-in waits for its turn.
_PATIENCE = 5.0
#: Milliseconds between a right password and its code, at most.
_CODE_WITHIN = 300_000
_WAITING = "sign_in"

_clock = SystemClock()
_alone = Buckets(CONFIG.rate_failed_logins_per_minute, 60_000)
_turns = threading.BoundedSemaphore(CONFIG.logins_at_once)


def wrong_passwords() -> Buckets | ThreadedLimit:
    """The limit that the instances share, as far as this process has joined them."""
    runtime = running()
    return _alone if runtime is None else runtime.wrong_passwords


@never_cache
@csrf_protect
def sign_in(request: HttpRequest) -> HttpResponse:
    """The admin's own page, within those limits."""
    if request.method != "POST":
        if admin.site.has_permission(request):
            return redirect("admin:index")
        return _password_page(request)

    def check() -> tuple[HttpResponse, bool]:
        response = _password_page(request)
        return response, isinstance(response, HttpResponseRedirect)

    return limited(request, request.POST.get("username", "")[:200], check)


@never_cache
@csrf_protect
def enter_code(request: HttpRequest) -> HttpResponse:
    """The second step, for an account that has a second factor."""
    user = _waiting_user(request)
    if user is None or not second_factor.has_second_factor(user):
        return redirect("admin:login")
    if request.method != "POST":
        return _code_page(request, SignInCodeForm())

    def check() -> tuple[HttpResponse, bool]:
        form = SignInCodeForm(request.POST)
        if not form.is_valid():
            return _code_page(request, form), True
        found = authenticate(request, username=user.get_username(), one_time_code=form.cleaned_data["code"])
        if found is None:
            refuse(form)
            return _code_page(request, form), False
        return redirect(_let_in(request, found)), True

    return limited(request, user.get_username(), check)


@never_cache
@csrf_protect
def set_up(request: HttpRequest) -> HttpResponse:
    """The second step where a second factor is demanded and the account has none yet."""
    user = _waiting_user(request)
    if user is None or second_factor.step_after_password(user) != "sign-in-setup":
        return redirect("admin:login")
    if request.method != "POST":
        return _setup_page(request, user, FirstCodeForm())

    def check() -> tuple[HttpResponse, bool]:
        form = FirstCodeForm(request.POST)
        if not form.is_valid():
            return _setup_page(request, user, form), True
        device = second_factor.finish_setup(user, form.cleaned_data["code"])
        if device is None:
            refuse(form)
            return _setup_page(request, user, form), False
        user.otp_device = device  # type: ignore[attr-defined]
        target = _let_in(request, user)
        return recovery_page(request, second_factor.new_recovery_codes(user), target), True

    return limited(request, user.get_username(), check)


def limited(request: HttpRequest, account: str, check: Callable[[], tuple[HttpResponse, bool]]) -> HttpResponse:
    """Check a password or a code within the limits.

    :param account: its name. Whoever signed in from here before still can: pupils do not lock their teacher out.
    :param check: looks at what was given; the page that follows, and whether it was right.
    """
    limit, address, now = wrong_passwords(), network_of(request.META.get("REMOTE_ADDR", "")), _clock.now()
    if wait := limit.peek(address, account, now):
        metrics.limits_hit.labels("logins").inc()
        return _later(429, math.ceil(wait / 1_000), _("Too many wrong passwords came from here. Please wait a minute."))
    if not _turns.acquire(timeout=_PATIENCE):
        metrics.limits_hit.labels("logins").inc()
        return _later(503, 5, _("Many people are signing in just now. Please try again in a moment."))
    try:
        response, right = check()
    finally:
        _turns.release()
    if not right:
        limit.take(address, now)
    elif request.user.is_authenticated:
        limit.enter(address, account, now)
    return response


def recovery_page(request: HttpRequest, codes: list[str], target: str) -> HttpResponse:
    """The one time that recovery codes are shown."""
    title = _("Recovery codes")
    context = {**admin.site.each_context(request), "title": title, "codes": codes, "target": target}
    return TemplateResponse(request, "admin/recovery_codes.html", context)


class _PasswordStep(LoginView):
    """Django's, which signs in only those who need nothing more."""

    template_name = "admin/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        step = second_factor.step_after_password(user)
        if step is None:
            return super().form_valid(form)
        # A session of its own, in which nobody is signed in.
        self.request.session.flush()
        self.request.session[_WAITING] = {
            "user": user.pk,
            "password": user.get_session_auth_hash(),
            "at": _clock.now(),
            "next": self.get_success_url(),
        }
        return redirect(step)


def _password_page(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Log in"),
        "app_path": request.get_full_path(),
        "username": request.user.get_username(),
    }
    if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
        context[REDIRECT_FIELD_NAME] = reverse("admin:index")
    view = _PasswordStep.as_view(extra_context=context, authentication_form=admin.site.login_form)
    return cast(HttpResponse, view(request))


def _waiting_user(request: HttpRequest) -> User | None:
    """Whose right password came a moment ago in this session."""
    waiting = request.session.get(_WAITING)
    if not waiting or abs(_clock.now() - waiting["at"]) > _CODE_WITHIN:
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(waiting["password"], user.get_session_auth_hash()):
        return None
    return user


def _let_in(request: HttpRequest, user: Any) -> str:
    """Sign in; where the user wanted to go."""
    target: str = request.session.pop(_WAITING)["next"]
    login(request, user, backend=PASSWORD_BACKEND)
    return target


def _code_page(request: HttpRequest, form: SignInCodeForm) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": _("Second step"), "form": form}
    return TemplateResponse(request, "admin/sign_in_code.html", context)


def _setup_page(request: HttpRequest, user: User, form: FirstCodeForm) -> HttpResponse:
    secret = second_factor.setup_context(user, again=form.is_bound)
    context = {**admin.site.each_context(request), **secret, "title": _("Second step"), "form": form}
    return TemplateResponse(request, "admin/sign_in_setup.html", context)


def _later(status: int, seconds: int, text: str) -> HttpResponse:
    headers = {"Retry-After": str(seconds)}
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)
