"""The browser sessions of those who sign in: Django's own in the database, with who, on what device, since when.

Each is one row (:class:`quizserver.models.HostSession`), so that whoever is signed in can see their sessions and end
one, wherever it is used: the admin, REST and the host's WebSocket all read it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import Error
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django_otp import DEVICE_ID_SESSION_KEY

from quizserver.models import HostSession

#: A use within this time of the last one is not written: a page is many requests.
_SEEN_EVERY = timedelta(minutes=5)
#: The backend that checks passwords. Who came through another one has shown what its provider asks for.
PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - a path
_DEVICE, _SINCE = "device", "signed_in_at"

#: By what their User-Agent holds; the first that fits. Browsers name those they descend from too.
_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux"),
)


class SessionStore(DatabaseStore):
    """Django's store, with the columns of :class:`HostSession`."""

    @classmethod
    def get_model_class(cls) -> type[HostSession]:
        return HostSession

    def create_model_instance(self, data: dict[str, Any]) -> HostSession:
        return self._described(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> HostSession:
        return self._described(await super().acreate_model_instance(data), data)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """What the session holds; nothing where its owner has not shown the second factor that is demanded."""
        data: dict[str, Any] = super().decode(session_data)
        return data if is_complete(data) else {}

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        now = timezone.now()
        if SESSION_KEY in data and self._seen_at < now - _SEEN_EVERY:
            # A database that takes no writes just now must not end anybody's session.
            with suppress(Error):
                HostSession.objects.filter(pk=self.session_key).update(seen_at=now)
        return data

    def _get_session_from_db(self) -> HostSession | None:
        row: HostSession | None = super()._get_session_from_db()  # type: ignore[misc]  # the stubs leave it out
        if row is not None:
            self._seen_at = row.seen_at
        return row

    @staticmethod
    def _described(row: Any, data: dict[str, Any]) -> HostSession:
        described: HostSession = row
        user, since = data.get(SESSION_KEY), data.get(_SINCE)
        described.user_id = int(user) if user else None
        described.device = data.get(_DEVICE, "")
        described.signed_in_at = datetime.fromisoformat(since) if since else None
        return described


def is_complete(data: dict[str, Any]) -> bool:
    """Whether a session is worth what it says: where a second factor is demanded, its owner has shown one."""
    if not settings.SECOND_FACTOR_REQUIRED or data.get(BACKEND_SESSION_KEY) != PASSWORD_BACKEND:
        return True
    return DEVICE_ID_SESSION_KEY in data


def device_of(user_agent: str) -> str:
    """Browser and system of a User-Agent as ``"Firefox/Windows"``, each empty where it is not known."""
    given = user_agent[:500]
    return "/".join(
        next((name for name, pattern in known if re.search(pattern, given)), "") for known in (_BROWSERS, _SYSTEMS)
    )


def note_sign_in(*, request: HttpRequest, **_kwargs: object) -> None:
    """Django's signal: somebody signed in."""
    request.session[_DEVICE] = device_of(request.headers.get("User-Agent", ""))
    request.session[_SINCE] = timezone.now().isoformat()


@dataclass(frozen=True)
class SignedIn:
    """A session as its owner sees it."""

    #: Stands for the session on pages: what a page shows must open nothing.
    name: str
    browser: str
    system: str
    #: ``None`` for a session from before these were noted.
    since: datetime | None
    seen: datetime
    is_this: bool


def sessions_of(user: User, current: str | None) -> list[SignedIn]:
    """The sessions that are worth something, the last used first.

    :param current: key of the session that asks.
    """
    return [
        SignedIn(
            name=_name_of(row),
            browser=row.device.partition("/")[0],
            system=row.device.partition("/")[2],
            since=row.signed_in_at,
            seen=row.seen_at,
            is_this=row.session_key == current,
        )
        for row in _rows_of(user)
    ]


def end_session(user: User, name: str) -> bool:
    """End one session of a user.

    :param name: as :func:`sessions_of` tells it.
    :returns: whether there was such a one.
    """
    keys = [row.session_key for row in _rows_of(user) if constant_time_compare(_name_of(row), name)]
    return bool(HostSession.objects.filter(user=user, pk__in=keys).delete()[0])


def end_sessions(user: User, *, but: str | None = None) -> int:
    """End all sessions of a user, but the one of this key.

    :returns: how many.
    """
    rows = HostSession.objects.filter(user=user)
    return rows.exclude(pk=but or "").delete()[0]


def _name_of(row: HostSession) -> str:
    return salted_hmac("quizserver.host_sessions", row.session_key).hexdigest()[:20]


def _rows_of(user: User) -> list[HostSession]:
    rows = HostSession.objects.filter(user=user, expire_date__gt=timezone.now()).order_by("-seen_at")
    # A new password ends sessions by what they say of the old one; their rows stay.
    return [row for row in rows if _is_of_this_password(user, row)]


def _is_of_this_password(user: User, row: HostSession) -> bool:
    return constant_time_compare(row.get_decoded().get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
