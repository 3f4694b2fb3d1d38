"""What all REST views share: pages, and errors as RFC 9457 problem details."""

from __future__ import annotations

import logging
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated, ParseError, PermissionDenied, ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from common.database import is_unavailable

logger = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
#: How SessionAuthentication begins to say that the token is missing or wrong; it does not translate this.
_CSRF_FAILED = "CSRF Failed"


class BoundedJSONParser(JSONParser):
    """JSON no larger than Django's bound for bodies, and no deeper than the interpreter can follow."""

    #: Bytes at most, where that is fewer than Django's; 0 for Django's.
    bound = 0

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        bound = self.bound or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        data = stream.read(bound + 1)
        if len(data) > bound:
            raise Problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, f"The body has more than {bound} bytes.")
        try:
            return super().parse(BytesIO(data), media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error - nested too deeply") from None


class Pages(LimitOffsetPagination):
    """``?limit=&offset=``, at most 200 a page. What is not a count is refused, not read as the default."""

    default_limit = 50
    max_limit = 200

    def get_limit(self, request: Request) -> int | None:
        return min(_count(request, "limit", self.default_limit, least=1), self.max_limit)

    def get_offset(self, request: Request) -> int:
        return _count(request, "offset", 0, least=0)


def _count(request: Request, name: str, default: int, *, least: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise ValidationError({name: [f"A whole number of at least {least} and below 1,000,000,000."]})
    return int(text)


class Problem(APIException):
    """An error with fields of its own beside ``title``, ``status`` and ``detail``."""

    def __init__(self, status_code: int, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.status_code = status_code
        self.extra = extra


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error of a view becomes a problem document (RFC 9457, section 3.1)."""
    # Not at the top: the settings name this module, and rest_framework.views reads them as it is imported.
    from rest_framework.views import exception_handler

    if is_unavailable(error):
        logger.error("database_unreachable", extra={"error": repr(error)})
        error = Problem(status.HTTP_503_SERVICE_UNAVAILABLE, "The database cannot be reached just now.")
    response = exception_handler(error, context)
    if response is None:
        return None
    request = context.get("request")
    if isinstance(error, PermissionDenied) and response.data["detail"].startswith(_CSRF_FAILED):
        response.data = {
            "detail": f"{response.data['detail']} A call with a host's session bears the token of the cookie "
            f"{settings.CSRF_COOKIE_NAME} in the header X-CSRFToken; a call with an API key bears no session."
        }
    elif isinstance(error, NotAuthenticated):
        response.data = {"detail": "This needs a valid API key (Authorization: Api-Key KEY) or a host's session."}
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
    }
    data = response.data
    if isinstance(error, Problem):
        problem["detail"] = str(error.detail)
        problem.update(error.extra)
    elif isinstance(error, ValidationError):
        problem["detail"] = "The request is not valid."
        problem["errors"] = data
    else:
        problem["detail"] = str(data.get("detail", "")) if isinstance(data, dict) else str(data)
    response.data = problem
    response.content_type = PROBLEM_TYPE
    if request is not None:
        # The request's own log line tells it.
        request.META["problem"] = problem["detail"]
    return response


@csrf_exempt
def unknown_path(request: HttpRequest, rest: str) -> JsonResponse:
    """What is not a path of the API is told as every other error of it."""
    return _problem(request, HTTPStatus.NOT_FOUND, f"No such path: {rest or '/'}; all paths are at /api/docs/")


@csrf_exempt
def websocket_only(request: HttpRequest) -> JsonResponse:
    """A plain HTTP request where WebSockets are (RFC 9110, section 15.5.22)."""
    response = _problem(
        request, HTTPStatus.UPGRADE_REQUIRED, "This is the address of WebSockets: open it with a ws:// client."
    )
    response.headers["Upgrade"] = "websocket"
    return response


def _problem(request: HttpRequest, code: HTTPStatus, detail: str) -> JsonResponse:
    request.META["problem"] = detail
    problem = {"type": "about:blank", "title": code.phrase, "status": code.value, "detail": detail}
    return JsonResponse(problem, status=code.value, content_type=PROBLEM_TYPE)
