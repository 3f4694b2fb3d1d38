"""The content security policy: everything from here, nothing inline. Two places need less."""

from __future__ import annotations

import re

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

STRICT = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

#: What pages below a path need besides. The admin's Alpine evaluates its attributes; it and Swagger UI set styles.
_RELAXED = {
    "/admin/": {
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
    },
    "/api/docs/": {"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]},
}


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's middleware with a policy by path."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        for prefix, directives in _RELAXED.items():
            if not report_only and request.path_info.startswith(prefix):
                parts.config = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], **directives}
        return parts


#: Nothing here uses them, so nobody who got a script in may either.
_PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=({microphone}), payment=(), usb=()"
#: But for the editors of quizzes and word lists, which record words.
_RECORDING = re.compile(r"/admin/quizzes/(?:quiz|wordlist)/(?:add|.+/change)/")


class PermissionsPolicyMiddleware(MiddlewareMixin):
    """Switches off what browsers offer pages and ours do not use."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        microphone = "self" if _RECORDING.fullmatch(request.path_info) else ""
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS.format(microphone=microphone))
        return response
