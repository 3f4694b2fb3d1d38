"""Pages for what is refused before any view of ours: a form from a page that does not count as the server's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render

from common.public_url import parse_origin

_BAD_ORIGIN = REASON_BAD_ORIGIN.partition("%s")[0]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's ``CSRF_FAILURE_VIEW``: says what to do, and where the address is at fault which setting mends it."""
    # Only an origin that is one is shown: it is the sender's text.
    origin = parse_origin(request.META.get("HTTP_ORIGIN", "")) if reason.startswith(_BAD_ORIGIN) else None
    seen = f"{request.scheme}://{request.META.get('HTTP_HOST', '')}"
    return render(request, "403_csrf.html", {"origin": origin, "seen": seen}, status=403)
