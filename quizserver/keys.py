"""Who may use the REST API: operators with an API key, hosts with the admin's session."""

from __future__ import annotations

import hashlib
import math
import threading
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare
from rest_framework.exceptions import Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework_api_key.models import APIKey
from rest_framework_api_key.permissions import KeyParser

from quizserver import metrics
from quizserver.clock import SystemClock
from quizserver.config import CONFIG
from quizserver.limits import GuessLimit, network_of
from quizzes.access import is_host

_clock = SystemClock()
_guesses = GuessLimit(CONFIG.rate_failed_keys_per_minute, 60_000)
#: Views run on many threads.
_lock = threading.Lock()


def is_operator_key(request: Request) -> bool:
    """Whether the request bears an API key: the one of the settings, or one made in the admin."""
    key = KeyParser().get(request)
    if not key:
        return False
    address, now = network_of(request.META.get("REMOTE_ADDR", "")), _clock.now()
    with _lock:
        wait = _guesses.refused(address, _digest(key), now)
    if wait:
        metrics.limits_hit.labels("api_keys").inc()
        raise Throttled(math.ceil(wait / 1_000))
    configured = settings.OPERATOR_API_KEY
    valid = bool(configured and constant_time_compare(key, configured)) or bool(APIKey.objects.is_valid(key))
    with _lock:
        if valid:
            _guesses.right(address, _digest(key))
        else:
            _guesses.wrong(address, now)
    return valid


def _digest(key: str) -> str:
    # What is remembered of a key must not be the key.
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


class IsOperator(BasePermission):
    """Lets in requests with a valid API key, and signed-in hosts."""

    message = "This needs an API key (Authorization: Api-Key KEY) or a host's session."

    def has_permission(self, request: Request, view: Any) -> bool:
        return is_host(request.user) or is_operator_key(request)


def actor_of(request: Request) -> str:
    """Who asks, for the audit trail."""
    user = request.user
    return f"user:{user.get_username()}" if user.is_authenticated else "operator"
