"""What holds for every operation of the OpenAPI document: errors are problem documents (RFC 9457)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from common.rest import PROBLEM_TYPE

_REF = {"$ref": "#/components/schemas/ProblemDocument"}
_METHODS = {"get", "put", "post", "delete", "patch"}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # how it registers itself
    """How the document names :class:`quizserver.api_keys.ApiKeyAuthentication`."""

    target_class = "quizserver.api_keys.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Api-Key KEY`"}


def problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's hook: describe every error as it is answered."""
    result["components"]["schemas"]["ProblemDocument"] = {
        "type": "object",
        "description": "A problem document (RFC 9457); some problems have fields of their own.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
        "required": ["type", "title", "status", "detail"],
        "additionalProperties": True,
    }
    for methods in result["paths"].values():
        for method, operation in methods.items():
            if method in _METHODS:
                _describe(operation["responses"])
    return result


def _describe(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status.isdigit() and int(status) >= 400:
            response["content"] = {PROBLEM_TYPE: {"schema": _REF}}
    responses["default"] = {
        "description": "Refused or failed: who asks, what was sent, or the state of things does not allow it.",
        "content": {PROBLEM_TYPE: {"schema": _REF}},
    }
