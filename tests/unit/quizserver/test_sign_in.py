"""Passwords cannot be sprayed from one address, take a bounded share of the processor, and leave no old records."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from common.limits import Buckets
from quizserver import sign_in
from quizserver.models import HostSession
from sessions.database.retention import delete_sign_ins

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _five(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong passwords an address may try."""
    five = Buckets(5, 60_000)
    monkeypatch.setattr(sign_in, "wrong_passwords", lambda: five)


def post(client: Client, name: str, password: str = "wrong", address: str = "192.0.2.1") -> int:
    form = {"username": name, "password": password}
    return client.post("/admin/login/", form, REMOTE_ADDR=address).status_code


def test_spraying_over_accounts_from_one_address_ends_with_429(client: Client) -> None:
    User.objects.create_superuser("victim-7", password="a-right-password")
    statuses = [post(client, f"victim-{number}") for number in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    # Right and wrong are refused alike, and unseen.
    assert post(client, "victim-7", "a-right-password") == 429
    assert post(client, "victim-7", "a-right-password", "192.0.2.2") == 302


def test_who_signed_in_from_there_before_still_can(client: Client) -> None:
    User.objects.create_superuser("teacher", password="a-right-password")
    assert post(client, "teacher", "a-right-password") == 302
    for number in range(6):
        post(Client(), f"pupil-{number}")
    assert post(Client(), "another", "x") == 429
    assert post(Client(), "teacher", "a-right-password") == 302


def test_no_password_is_hashed_when_an_address_is_over_the_limit(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        post(client, f"victim-{number}")

    def hashed(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("A password was checked.")

    monkeypatch.setattr("django.contrib.auth.authenticate", hashed)
    monkeypatch.setattr("django.contrib.auth.forms.authenticate", hashed)
    assert post(client, "victim-9") == 429


def test_only_so_many_passwords_are_checked_at_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "_PATIENCE", 0.01)
    taken = 0
    while sign_in._turns.acquire(blocking=False):
        taken += 1
    try:
        assert taken == 2
        assert post(client, "somebody") == 503
    finally:
        for _ in range(taken):
            sign_in._turns.release()
    assert post(client, "somebody") == 200


def test_sessions_and_records_of_signing_in_are_deleted(client: Client) -> None:
    User.objects.create_superuser("teacher", password="a-right-password")
    post(client, "teacher")
    post(client, "teacher", "a-right-password")
    post(Client(), "nobody")
    now = timezone.now()
    assert HostSession.objects.exists()
    assert AccessAttempt.objects.exists()
    assert AccessLog.objects.exists()
    delete_sign_ins(now=now, days=30)
    assert HostSession.objects.exists()
    assert AccessAttempt.objects.exists()
    delete_sign_ins(now=now + timedelta(days=31), days=0)
    assert not HostSession.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert not AccessFailureLog.objects.exists()
    assert AccessLog.objects.exists()
    delete_sign_ins(now=now + timedelta(days=31), days=30)
    assert not AccessLog.objects.exists()
