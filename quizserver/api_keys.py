"""Who may use the REST API: operators with an API key, hosts with the admin's session. Never both in one request."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from common import metrics
from common.clock import SystemClock
from common.config import CONFIG
from common.limits import Buckets, network_of
from common.principals import KEY_SCHEME, Operator, bears_key, require_scope
from quizserver.models import SCOPES, OperatorKey
from quizzes.access import is_host

_clock = SystemClock()


class Guesses(Protocol):
    """The limit on wrong keys, for the threads of views; see :class:`common.limits.RateLimit`."""

    def take(self, key: str, now: int) -> int: ...
    def peek(self, key: str, subject: str, now: int) -> int: ...
    def enter(self, key: str, subject: str, now: int) -> int: ...


#: Counts where no runtime is, as in a management command.
_alone = Buckets(CONFIG.rate_failed_keys_per_minute, 60_000)


def guesses() -> Guesses:
    """The limit on wrong keys that the instances share, as far as this process has joined them."""
    from sessions.wiring.runtime import running

    runtime = running()
    return _alone if runtime is None else runtime.wrong_keys


class ApiKeyAuthentication(BaseAuthentication):
    """``Authorization: Api-Key KEY``. A request that shows a key is that key, or is refused: nothing else is tried."""

    def authenticate(self, request: Request) -> tuple[Operator, str] | None:
        """The operator and the digest of the key, or ``None`` when no key is shown.

        :raises AuthenticationFailed: for a wrong key.
        :raises Throttled: when too many wrong keys came from this address.
        """
        authorization = request.META.get("HTTP_AUTHORIZATION", "")
        if not bears_key(authorization):
            return None
        scheme, _, key = authorization.strip().partition(" ")
        key = key.strip() if scheme.lower() == KEY_SCHEME else ""
        address, now, limit = network_of(request.META.get("REMOTE_ADDR", "")), _clock.now(), guesses()
        # What is remembered of a key must not be the key.
        digest = hashlib.sha256(key.encode(errors="replace")).hexdigest()
        _refuse_for(limit.peek(address, digest, now))
        scopes = _scopes_of(key)
        if scopes is None:
            _refuse_for(limit.take(address, now))
            raise AuthenticationFailed("This API key is not valid.")
        _refuse_for(limit.enter(address, digest, now))
        return Operator(scopes), digest

    def authenticate_header(self, _request: Request) -> str:
        """Makes a refusal a 401."""
        return 'Api-Key realm="api"'


def _refuse_for(wait_ms: int) -> None:
    if wait_ms:
        metrics.limits_hit.labels("api_keys").inc()
        raise Throttled(math.ceil(wait_ms / 1_000))


def _scopes_of(key: str) -> frozenset[str] | None:
    """What the key may do, or ``None`` when it opens nothing."""
    configured = settings.OPERATOR_API_KEY
    if configured and constant_time_compare(key, configured):
        return frozenset(SCOPES)
    # A database may refuse to look for what it cannot hold.
    if not key.isascii() or not key.isprintable():
        return None
    try:
        found = cast(OperatorKey, OperatorKey.objects.get_from_key(key))
    except OperatorKey.DoesNotExist:
        return None
    return None if found.has_expired else found.scopes


class MayUse(BasePermission):
    """Lets in hosts, and operators whose key has the scope: ``read`` or the view's
    ``read_scope`` to look, its ``scope`` to change things."""

    message = "This needs an API key (Authorization: Api-Key KEY) or a host's session."

    def has_permission(self, request: Request, view: Any) -> bool:
        # DRF's stubs know accounts only.
        user: Any = request.user
        if not isinstance(user, Operator):
            return is_host(user)
        # A view that names no scope lets no key change anything.
        looks = request.method in SAFE_METHODS
        require_scope(request, getattr(view, "read_scope", "read") if looks else getattr(view, "scope", "host"))
        return True


class OnePrincipalMiddleware:
    """After Django's: a request that shows an API key has no user of a session, on no page.

    So neither the admin nor a view of ours can add the rights of a cookie to those of a key.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if bears_key(request.META.get("HTTP_AUTHORIZATION", "")):
            nobody = AnonymousUser()

            async def nobody_async() -> AnonymousUser:
                return nobody

            request.user = nobody
            request.auser = nobody_async
        answer: HttpResponseBase | Awaitable[HttpResponseBase] = self._get_response(request)
        return answer
