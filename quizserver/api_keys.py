"""Who may use the REST API: operators with an API key, hosts with the admin's session."""

from __future__ import annotations

import hashlib
import math
from typing import Any, Protocol, cast

from django.conf import settings
from django.utils.crypto import constant_time_compare
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.status import HTTP_403_FORBIDDEN
from rest_framework_api_key.permissions import KeyParser

from common import metrics
from common.clock import SystemClock
from common.config import CONFIG
from common.limits import Buckets, network_of
from common.rest import Problem
from quizserver.models import SCOPES, OperatorKey
from quizzes.access import is_host

_clock = SystemClock()


class Guesses(Protocol):
    """The limit on wrong keys, for the threads of views; see :class:`common.limits.RateLimit`."""

    def take(self, key: str, now: int) -> int: ...
    def peek(self, key: str, subject: str, now: int) -> int: ...
    def enter(self, key: str, subject: str, now: int) -> int: ...


def guesses_here() -> Guesses:
    """The limit of a process by itself."""
    return Buckets(CONFIG.rate_failed_keys_per_minute, 60_000)


#: The runtime puts the limit here that it shares with the other instances.
guesses = guesses_here()


def key_scopes(request: Request) -> frozenset[str] | None:
    """What the request's API key may do, or ``None`` when it bears no valid one.

    :raises Throttled: when too many wrong keys came from this address.
    """
    # A view asks several times; a wrong key counts once.
    known: dict[str, Any] = request._request.__dict__
    if "key_scopes" not in known:
        known["key_scopes"] = _scopes_of(request)
    scopes: frozenset[str] | None = known["key_scopes"]
    return scopes


def _scopes_of(request: Request) -> frozenset[str] | None:
    key = KeyParser().get(request)
    if not key:
        return None
    address, now = network_of(request.META.get("REMOTE_ADDR", "")), _clock.now()
    digest = _digest(key)
    _require_patience(guesses.peek(address, digest, now))
    scopes = _look_up(key)
    _require_patience(guesses.take(address, now) if scopes is None else guesses.enter(address, digest, now))
    return scopes


def _require_patience(wait_ms: int) -> None:
    if wait_ms:
        metrics.limits_hit.labels("api_keys").inc()
        raise Throttled(math.ceil(wait_ms / 1_000))


def _look_up(key: str) -> frozenset[str] | None:
    configured = settings.OPERATOR_API_KEY
    if configured and constant_time_compare(key, configured):
        return frozenset(SCOPES)
    try:
        found = cast(OperatorKey, OperatorKey.objects.get_from_key(key))
    except OperatorKey.DoesNotExist:
        return None
    return None if found.has_expired else found.scopes


def is_operator_key(request: Request) -> bool:
    """Whether the request bears an API key: the one of the settings, or one made in the admin."""
    return key_scopes(request) is not None


def _digest(key: str) -> str:
    # What is remembered of a key must not be the key.
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _write_scope(view: Any) -> str:
    return "content" if type(view).__module__.startswith("quizzes.") else "run"


class IsOperator(BasePermission):
    """Lets in requests with a valid API key, and signed-in hosts."""

    message = "This needs an API key (Authorization: Api-Key KEY) or a host's session."

    def has_permission(self, request: Request, view: Any) -> bool:
        if is_host(request.user):
            return True
        scopes = key_scopes(request)
        if scopes is None:
            return False
        needed = "read" if request.method in SAFE_METHODS else _write_scope(view)
        if needed not in scopes:
            raise Problem(HTTP_403_FORBIDDEN, f"This API key lacks the scope {needed}.")
        return True


def actor_of(request: Request) -> str:
    """Who asks, for the audit trail."""
    user = request.user
    return f"user:{user.get_username()}" if user.is_authenticated else "operator"
