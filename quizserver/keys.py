"""Who may use the REST API: operators with an API key, hosts with the admin's session."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework_api_key.models import APIKey
from rest_framework_api_key.permissions import KeyParser

from quizzes.access import is_host


def is_operator_key(request: Request) -> bool:
    """Whether the request bears an API key: the one of the settings, or one made in the admin."""
    key = KeyParser().get(request)
    if not key:
        return False
    configured = settings.OPERATOR_API_KEY
    if configured and constant_time_compare(key, configured):
        return True
    return bool(APIKey.objects.is_valid(key))


class IsOperator(BasePermission):
    """Lets in requests with a valid API key, and signed-in hosts."""

    message = "This needs an API key (Authorization: Api-Key KEY) or a host's session."

    def has_permission(self, request: Request, view: Any) -> bool:
        return is_host(request.user) or is_operator_key(request)


def actor_of(request: Request) -> str:
    """Who asks, for the audit trail."""
    user = request.user
    return f"user:{user.get_username()}" if user.is_authenticated else "operator"
