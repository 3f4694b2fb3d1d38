"""Teachers get an account in two fields: with a password, or with a link by which they choose one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.messages import get_messages
from django.test import Client

from quizzes.access import is_host

pytestmark = pytest.mark.django_db

_GOOD = "kettle-window-harbour"


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password=_GOOD))
    return client


def add(client: Client, name: str, password: str = "") -> str:
    """What the page says after it: the last message, or the errors."""
    response = client.post("/admin/auth/user/add/", {"username": name, "password": password})
    if response.status_code == 302:
        return " ".join(str(message) for message in get_messages(response.wsgi_request))
    return str(response.context["adminform"].form.errors)


def link_in(text: str) -> str:
    found = re.search(r"http://testserver(/\S+)", text)
    assert found is not None
    return found[1]


def choose(client: Client, link: str, password: str = _GOOD) -> None:
    page = client.get(link, follow=True)
    form = page.redirect_chain[-1][0] if page.redirect_chain else link
    client.post(form, {"new_password1": password, "new_password2": password})


def test_a_teacher_with_a_password_can_host_at_once(administrator: Client) -> None:
    add(administrator, "ann", _GOOD)
    ann = User.objects.get(username="ann")
    assert is_host(ann)
    assert not ann.is_superuser
    assert User.objects.get(username="ann").check_password(_GOOD)


def test_a_teacher_without_a_password_chooses_one_by_the_link_once(administrator: Client) -> None:
    link = link_in(add(administrator, "ann"))
    assert not User.objects.get(username="ann").has_usable_password()
    choose(Client(), link)
    assert User.objects.get(username="ann").check_password(_GOOD)
    choose(Client(), link, "another-good-password")
    assert not User.objects.get(username="ann").check_password("another-good-password")
    assert "no longer works" in Client().get(link).content.decode()


def test_a_link_ends_after_a_week(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    link, made = link_in(add(administrator, "ann")), datetime.now()
    for later, works in ((timedelta(days=6, hours=23), True), (timedelta(days=7, minutes=1), False)):
        monkeypatch.setattr(default_token_generator, "_now", lambda now=made + later: now)
        page = Client().get(link, follow=True).content.decode()
        assert ("no longer works" not in page) is works


@pytest.mark.parametrize(("name", "password"), [("", _GOOD), ("an n", _GOOD), ("boss", _GOOD), ("ann", "12345678")])
def test_what_cannot_be_is_said_at_its_field_and_makes_no_account(
    administrator: Client, name: str, password: str
) -> None:
    assert "errorlist" in add(administrator, name, password)
    assert User.objects.count() == 1


def test_a_weak_password_is_refused_by_the_link_too(administrator: Client) -> None:
    choose(Client(), link_in(add(administrator, "ann")), "12345678")
    assert not User.objects.get(username="ann").has_usable_password()


def test_whoever_may_change_accounts_cannot_invite_into_one_with_more_rights(client: Client) -> None:
    helper = User.objects.create_user("helper", password=_GOOD, is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    boss, ann = User.objects.create_superuser("boss"), User.objects.create_user("ann", is_staff=True)
    client.force_login(helper)
    chosen = {"action": "invite", "_selected_action": [boss.pk, ann.pk]}
    response = client.post("/admin/auth/user/", chosen)
    said = " ".join(str(message) for message in get_messages(response.wsgi_request))
    assert "ann" in said
    assert "boss" not in said
