"""One place that works out which address a visitor sees and whether a request comes from a page of this server.

In front of everything else (:func:`at_public_address`), a request's Host and scheme are replaced by those of PUBLIC_URL
where they are the proxy's doing, and its path gets the prefix below which the server lives. What follows (Django's
CSRF check, redirects, links, the origin check of WebSockets) then sees the request as the visitor's browser does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.http.request import split_domain_port, validate_host

from common.config import CONFIG
from common.public_url import origin_of, same_origin, seen_as

Application = Callable[..., Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


def at_public_address(application: Application) -> Application:
    """The ASGI application, for requests as their visitors see them."""

    async def serve(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await application(adjusted(scope) if scope["type"] in ("http", "websocket") else scope, receive, send)

    return serve


def adjusted(scope: dict[str, Any]) -> dict[str, Any]:
    """The scope of a request with the public Host, scheme and path; the same object where nothing differs."""
    changes: dict[str, Any] = {}
    public = CONFIG.public
    if public is not None:
        headers: Headers = scope["headers"]
        host = header(headers, b"host")
        secure = scope.get("scheme", "http") in ("https", "wss")
        scheme, netloc = seen_as(
            public,
            scheme="https" if secure else "http",
            host=host,
            forwarded_scheme=bool(header(headers, b"x-forwarded-proto")),
            known=validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS),
        )
        if netloc != host:
            changes["headers"] = [(b"host", netloc.encode()), *(pair for pair in headers if pair[0] != b"host")]
        if (scheme == "https") != secure:
            changes["scheme"] = scheme if scope["type"] == "http" else scheme.replace("http", "ws")
    if CONFIG.base_path:
        changes |= _below(CONFIG.base_path, scope)
    return {**scope, **changes} if changes else scope


def _below(base: str, scope: dict[str, Any]) -> dict[str, Any]:
    # A proxy may pass the path whole or without the prefix. Probes and Prometheus, which ask from inside, leave it out.
    path: str = scope["path"]
    if path == base or path.startswith(f"{base}/"):
        # The prefix alone is the start page.
        return {"root_path": base, "path": path if path != base else f"{base}/"}
    return {"root_path": base, "path": base + path}


def header(headers: Headers, name: bytes) -> str:
    """A header's value, empty when it is missing."""
    return next((value.decode("latin-1") for key, value in headers if key == name), "")


def from_own_page(headers: Headers, scheme: str) -> bool:
    """Whether a request that bears an Origin header comes from a page of this server."""
    return same_origin(
        header(headers, b"origin"),
        origin_of(scheme, header(headers, b"host")),
        CONFIG.public,
        fetch_site=header(headers, b"sec-fetch-site"),
    )


class OwnPagesMiddleware:
    """Lets Django's CSRF check accept the pages of this server under every name that its visitors know it by."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        _tell_origin(request)
        answer: HttpResponseBase | Awaitable[HttpResponseBase] = self._get_response(request)
        return answer


def _tell_origin(request: HttpRequest) -> None:
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None:
        return
    scheme = "https" if request.is_secure() else "http"
    host = request.META.get("HTTP_HOST", "")
    page = origin_of(scheme, host)
    fetch_site = request.META.get("HTTP_SEC_FETCH_SITE", "")
    if origin == "null" and not fetch_site and scheme == "http":
        # Under `Referrer-Policy: no-referrer` a browser hides a form's origin, and over plain HTTP it says no more. The
        # form's token decides alone; the cookie it belongs to is out of reach of scripts.
        del request.META["HTTP_ORIGIN"]
    elif page is not None and same_origin(origin, page, CONFIG.public, fetch_site=fetch_site):
        # As Django's own check spells it.
        request.META["HTTP_ORIGIN"] = f"{scheme}://{host}"
