"""Whoever is signed in sees where, and ends it there, over all ways in; no address is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore as DjangosStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from quizserver.host_sessions import SessionStore, device_of, sessions_of
from quizserver.models import HostSession
from quizzes.access import HOSTS_GROUP
from quizzes.rules.content import QuizContent
from sessions.rules.state import SessionSetup
from sessions.websocket.host_auth import may_host

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Safari/604"
CHROME = "AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def teacher(db: None) -> User:
    user = User.objects.create_user("teacher", password="a-right-password", is_staff=True)
    user.groups.add(Group.objects.get(name=HOSTS_GROUP))
    return user


def signed_in(user: User, user_agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": user_agent})
    form = {"username": user.username, "password": "a-right-password"}
    assert client.post("/admin/login/", form, REMOTE_ADDR="192.0.2.77").status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def names(client: Client) -> list[str]:
    """The names of the other sessions on the page."""
    return re.findall(r'name="end" value="([^"]+)"', client.get("/admin/account/").content.decode())


def test_the_page_tells_the_device_of_each_session_and_no_key(teacher: User) -> None:
    here, phone = signed_in(teacher), signed_in(teacher, SAFARI)
    page = here.get("/admin/account/").content.decode()
    assert "Firefox on Windows" in page
    assert "Safari on iPhone" in page
    assert "this device" in page
    for client in (here, phone):
        assert client.cookies["sessionid"].value not in page


def test_one_session_is_ended_and_the_others_go_on(teacher: User) -> None:
    here, phone, tablet = (signed_in(teacher) for _ in range(3))
    # The last one used comes first.
    first = names(here)[0]
    here.post("/admin/account/", {"end": first})
    assert is_in(here)
    assert sorted([is_in(phone), is_in(tablet)]) == [False, True]


def test_all_others_are_ended_at_once(teacher: User) -> None:
    here, phone, tablet = (signed_in(teacher) for _ in range(3))
    here.post("/admin/account/", {"end_others": "1"})
    assert [is_in(client) for client in (here, phone, tablet)] == [True, False, False]
    assert names(here) == []


def test_nobody_ends_the_session_of_somebody_else(teacher: User) -> None:
    other = User.objects.create_user("other", password="a-right-password", is_staff=True)
    here, theirs = signed_in(teacher), signed_in(other)
    theirs_by_name = next(iter(sessions_of(other, None))).name
    here.post("/admin/account/", {"end": theirs_by_name})
    here.post("/admin/account/", {"end_others": "1"})
    assert is_in(theirs)


def test_who_is_not_signed_in_sees_no_page(client: Client, db: None) -> None:
    assert client.get("/admin/account/").status_code == 302
    assert client.get("/admin/account/second-factor/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_an_ended_session_hosts_nothing_over_websocket() -> None:
    user = User.objects.create_superuser("chief", password="a-right-password")
    here, there = signed_in(user), signed_in(user)
    setup = SessionSetup(id="s", quiz=QuizContent(id="q", title="Q", questions=()), join_code="ABC234")
    scope = {"headers": [(b"cookie", f"sessionid={there.cookies['sessionid'].value}".encode())]}
    assert async_to_sync(may_host)(scope, setup)
    here.post("/admin/account/", {"end_others": "1"})
    assert not async_to_sync(may_host)(scope, setup)


def test_a_session_that_a_new_password_ended_is_not_listed(teacher: User) -> None:
    signed_in(teacher)
    teacher.set_password("a-new-password")
    teacher.save()
    assert sessions_of(teacher, None) == []


def test_no_address_is_kept_with_a_session(teacher: User) -> None:
    signed_in(teacher)
    row = HostSession.objects.get(user=teacher)
    assert "192.0.2.77" not in repr([getattr(row, field.attname) for field in HostSession._meta.fields])
    assert "192.0.2.77" not in repr(row.get_decoded())


def test_when_it_was_last_seen_moves_on_and_is_not_written_at_each_request(teacher: User) -> None:
    client = signed_in(teacher)
    old = timezone.now() - timedelta(minutes=6)
    HostSession.objects.update(seen_at=old)
    client.get("/admin/account/")
    seen = HostSession.objects.get(user=teacher).seen_at
    assert seen > old
    client.get("/admin/account/")
    assert HostSession.objects.get(user=teacher).seen_at == seen


def test_a_database_that_takes_no_writes_ends_nobodys_session(teacher: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import DatabaseError
    from django.db.models import QuerySet

    client = signed_in(teacher)
    HostSession.objects.update(seen_at=timezone.now() - timedelta(minutes=6))

    def refused(*_args: object, **_kwargs: object) -> int:
        raise DatabaseError("cannot execute UPDATE in a read-only transaction")

    monkeypatch.setattr(QuerySet, "update", refused)
    assert is_in(client)


def test_an_upgrade_signs_nobody_out(teacher: User) -> None:
    client = signed_in(teacher)
    key = client.cookies["sessionid"].value
    data = DjangosStore().encode(dict(SessionStore(key).items()))
    Session.objects.create(session_key=key, session_data=data, expire_date=timezone.now() + timedelta(days=1))
    HostSession.objects.all().delete()
    assert not is_in(Client(headers={"Cookie": f"sessionid={key}"}))
    import_module("quizserver.migrations.0002_host_sessions").keep_signed_in(apps, None)
    client.cookies["sessionid"] = key
    assert is_in(client)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (FIREFOX, "Firefox/Windows"),
        (SAFARI, "Safari/iPhone"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Edg/142.0", "Edge/Linux"),
        (f"Mozilla/5.0 (Linux; Android 16; K) {CHROME}", "Chrome/Android"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541) {CHROME}", "Chrome/ChromeOS"),
        ("curl/8.5.0", "/"),
        ("", "/"),
        ("x" * 100_000, "/"),
    ],
)
def test_a_device_is_told_by_browser_and_system(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
