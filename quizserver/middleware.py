"""What every HTTP request gets: an id, a measured time, one log line, and a clear word when the database is away."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from structlog.contextvars import bound_contextvars

from common import metrics, tracing
from common.database import is_unavailable
from common.limits import network_of

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"metrics", "health", "health/live", "health/ready"})


class RequestMiddleware:
    """Takes the caller's request id or makes one, and answers with it."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._async = iscoroutinefunction(get_response)
        if self._async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._async:
            return self._answer_async(request)
        started = _begin(request)
        with _span(request), bound_contextvars(request_id=request.META["request_id"]):
            return _end(request, self._get_response(request), started)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        started = _begin(request)
        with _span(request), bound_contextvars(request_id=request.META["request_id"]):
            return _end(request, await self._get_response(request), started)

    def process_exception(self, _request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django's hook for what a view raised: that the database is away is no fault of the page."""
        if not is_unavailable(exception):
            return None
        logger.error("database_unreachable", extra={"error": repr(exception)})
        text = gettext("The database cannot be reached just now. Please try again in a moment.")
        headers = {"Retry-After": "5"}
        return HttpResponse(text, status=503, content_type="text/plain; charset=utf-8", headers=headers)


def counted_address(request: HttpRequest) -> str:
    """Where wrong passwords are counted: the address, of IPv6 the beginning of its network, which one customer has."""
    return network_of(request.META.get("REMOTE_ADDR", "")).partition("/")[0]


def _user_id(request: HttpRequest) -> str | None:
    # Only where somebody has asked for the user: a log line is not worth a query.
    user = getattr(request, "_cached_user", None)
    return None if user is None or user.is_anonymous else f"user:{user.pk}"


def _span(request: HttpRequest) -> AbstractContextManager[Any]:
    return tracing.continued(request.headers, f"HTTP {request.method}")


def _begin(request: HttpRequest) -> float:
    given = request.headers.get(HEADER, "")
    request.META["request_id"] = given if _ID.match(given) else uuid.uuid4().hex
    return time.perf_counter()


def _end(request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
    seconds = time.perf_counter() - started
    match = request.resolver_match
    # What the caller made up must not become a label: anybody could make thousands.
    route = match.route if match else "unmatched"
    method = request.method if request.method in _METHODS else "other"
    status = response.status_code
    tracing.describe(f"HTTP {method} {route}", status=str(status), request_id=request.META["request_id"])
    metrics.http_duration.labels(method, route, str(status)).observe(seconds)
    response.headers[HEADER] = request.META["request_id"]
    # What says nothing of caching is about live sessions, or somebody's own.
    response.headers.setdefault("Cache-Control", "no-store")
    if status >= 400:
        metrics.errors.labels(f"HTTP_{status}").inc()
    level = logging.ERROR if status >= 500 else logging.DEBUG if route in _QUIET else logging.INFO
    logger.log(
        level,
        "http_request",
        extra={
            "method": method,
            "route": route,
            "status": status,
            "problem": request.META.get("problem"),
            "latency_ms": round(seconds * 1_000, 1),
            "user_id": _user_id(request),
            "session_id": match.kwargs.get("session_id") if match else None,
        },
    )
    return response
