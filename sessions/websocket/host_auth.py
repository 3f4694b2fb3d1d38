"""Who may act as the host of a session over WebSocket: its owner or a superuser, by the admin's session cookie."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils.crypto import constant_time_compare

from quizzes.access import is_host
from sessions.rules.state import SessionSetup


async def may_host(scope: dict[str, Any], setup: SessionSetup) -> bool:
    """Whether the connection's cookies are those of a host of this session.

    Looked up only when a client asks to be a host: players cost no query.
    """
    key = _session_cookie(scope)
    if not key:
        return False
    return bool(await database_sync_to_async(_may_host)(key, setup))


def _may_host(session_key: str, setup: SessionSetup) -> bool:
    user = _user_of(session_key)
    if user is None or not is_host(user):
        return False
    return bool(getattr(user, "is_superuser", False)) or user.pk == setup.owner_id


def _session_cookie(scope: dict[str, Any]) -> str:
    for name, value in scope.get("headers", ()):
        if name == b"cookie":
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            except CookieError:
                return ""
            return morsel.value if morsel else ""
    return ""


def _user_of(session_key: str) -> AbstractBaseUser | None:
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if store.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    model = get_user_model()
    user = model._default_manager.filter(pk=store.get(SESSION_KEY)).first()
    if user is None or not constant_time_compare(store.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        return None
    return user
