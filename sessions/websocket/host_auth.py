"""Who may act as the host of a session over WebSocket: its owner or a superuser, by the admin's session cookie."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from common.principals import bears_key
from quizzes.access import is_host
from sessions.rules.state import SessionSetup


async def may_host(scope: dict[str, Any], setup: SessionSetup) -> bool:
    """Whether the connection's cookies are those of a host of this session.

    Looked up only when a client asks to be a host: players cost no query.
    """
    key = _session_cookie(scope)
    if not key or _bears_key(scope):
        return False
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = await get_user({"session": session})
    return bool(await database_sync_to_async(_is_host_of)(user, setup))


def _is_host_of(user: AbstractBaseUser | AnonymousUser, setup: SessionSetup) -> bool:
    if not is_host(user):
        return False
    return bool(getattr(user, "is_superuser", False)) or user.pk == setup.owner_id


def _bears_key(scope: dict[str, Any]) -> bool:
    """Whether the handshake showed an API key: then it is that key's connection, and no host's."""
    return any(
        name == b"authorization" and bears_key(value.decode("latin-1")) for name, value in scope.get("headers", ())
    )


def _session_cookie(scope: dict[str, Any]) -> str:
    for name, value in scope.get("headers", ()):
        if name == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            except CookieError:
                return ""
            return morsel.value if morsel else ""
    return ""
