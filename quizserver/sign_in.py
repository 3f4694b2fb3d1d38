"""Signing in with a password: how many wrong ones an address may try, and how many are hashed at a time.

The lock of an account (django-axes) stops guessing one password; this stops spraying a few over all accounts, and keeps
the processor for those who play: checking a password takes a third of a second of it, on purpose.
"""

from __future__ import annotations

import math
import threading

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from common import metrics
from common.clock import SystemClock
from common.config import CONFIG
from common.limits import Buckets, network_of
from common.shared_limits import ThreadedLimit
from sessions.wiring.runtime import running

#: Seconds a sign-in waits for its turn.
_PATIENCE = 5.0

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
        return admin.site.login(request)
    limit, address, now = wrong_passwords(), network_of(request.META.get("REMOTE_ADDR", "")), _clock.now()
    # Whoever signed in from here before still can: pupils do not lock their teacher out.
    account = request.POST.get("username", "")[:200]
    if wait := limit.peek(address, account, now):
        metrics.limits_hit.labels("logins").inc()
        return _later(429, math.ceil(wait / 1_000), _("Too many wrong passwords came from here. Please wait a minute."))
    if not _turns.acquire(timeout=_PATIENCE):
        metrics.limits_hit.labels("logins").inc()
        return _later(503, 5, _("Many people are signing in just now. Please try again in a moment."))
    try:
        response = admin.site.login(request)
    finally:
        _turns.release()
    if request.user.is_authenticated:
        limit.enter(address, account, now)
    else:
        limit.take(address, now)
    return response


def _later(status: int, seconds: int, text: str) -> HttpResponse:
    headers = {"Retry-After": str(seconds)}
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8", headers=headers)
