"""Signing in with a second factor: nobody is in before the last step, and wrong codes are bounded as passwords are."""

from __future__ import annotations

import re
import time
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from common.limits import Buckets
from quizserver import second_factor, sign_in
from quizserver.models import HostSession
from quizzes.access import HOSTS_GROUP

pytestmark = pytest.mark.django_db

PASSWORD = "a-right-password"


@pytest.fixture(autouse=True)
def _twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong passwords an address may try."""
    twenty = Buckets(20, 60_000)
    monkeypatch.setattr(sign_in, "wrong_passwords", lambda: twenty)


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def teacher() -> User:
    user = User.objects.create_user("teacher", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=HOSTS_GROUP))
    return user


@pytest.fixture
def phone(teacher: User) -> TOTPDevice:
    device: TOTPDevice = TOTPDevice.objects.create(user=teacher, name="app")
    return device


def code_of(device: TOTPDevice) -> str:
    """What the app shows; as if time had gone on where that code was used."""
    device.refresh_from_db()
    device.last_t = -1
    device.throttling_failure_timestamp, device.throttling_failure_count = None, 0
    device.save()
    app = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    app.time = time.time()
    return f"{app.token():06}"


def wrong_of(device: TOTPDevice) -> str:
    right = code_of(device)
    return right[:-1] + str((int(right[-1]) + 5) % 10)


def give_password(client: Client, **form: str) -> str:
    response = client.post("/admin/login/", {"username": "teacher", "password": PASSWORD, **form})
    return str(response.headers.get("Location", response.status_code))


def give_code(client: Client, code: str) -> str:
    response = client.post("/admin/login/code/", {"code": code})
    return str(response.headers.get("Location", response.status_code))


def is_in(client: Client) -> bool:
    pages = [client.get("/admin/").status_code, client.get("/api/v1/quizzes").status_code]
    assert pages in ([200, 200], [302, 401], [302, 403])
    return pages == [200, 200]


def test_the_password_alone_signs_nobody_in_who_has_a_second_factor(client: Client, phone: TOTPDevice) -> None:
    assert give_password(client) == "/admin/login/code/"
    assert not is_in(client)
    assert give_code(client, wrong_of(phone)) == "200"
    assert not is_in(client)
    assert give_code(client, code_of(phone)) == "/admin/"
    assert is_in(client)


def test_without_one_the_password_is_enough(client: Client, teacher: User) -> None:
    assert give_password(client) == "/admin/"
    assert is_in(client)


def test_the_second_step_leads_to_where_the_host_was_going_and_to_no_foreign_page(
    client: Client, phone: TOTPDevice
) -> None:
    give_password(client, next="/admin/quizzes/quiz/")
    assert give_code(client, code_of(phone)) == "/admin/quizzes/quiz/"
    client.logout()
    give_password(client, next="https://evil.example/")
    assert give_code(client, code_of(phone)) == "/admin/"


def test_a_code_works_once(client: Client, phone: TOTPDevice) -> None:
    give_password(client)
    code = code_of(phone)
    assert give_code(client, code) == "/admin/"
    again = Client()
    give_password(again)
    assert give_code(again, code) == "200"
    assert not is_in(again)


def test_a_code_without_the_password_opens_nothing(client: Client, phone: TOTPDevice) -> None:
    assert give_code(client, code_of(phone)) == "/admin/login/"
    assert not is_in(client)


def test_the_step_of_a_code_ends_by_time_and_by_a_new_password(
    client: Client, phone: TOTPDevice, teacher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(client)
    now = sign_in._clock.now()
    with monkeypatch.context() as patched:
        patched.setattr(sign_in._clock, "now", lambda: now + 301_000)
        assert give_code(client, code_of(phone)) == "/admin/login/"
    teacher.set_password("another-password")
    teacher.save()
    assert give_code(client, code_of(phone)) == "/admin/login/"
    assert not is_in(client)


def test_wrong_codes_lock_the_account_as_wrong_passwords_do(client: Client, phone: TOTPDevice) -> None:
    give_password(client)
    statuses = [give_code(client, wrong_of(phone)) for _ in range(5)]
    assert statuses[:4] == ["200"] * 4
    assert statuses[4] == "429"
    # The right one is refused too.
    assert give_code(client, code_of(phone)) == "429"
    assert give_password(Client()) == "429"


def test_wrong_codes_count_with_the_wrong_passwords_of_an_address(
    client: Client, phone: TOTPDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = Buckets(2, 60_000)
    monkeypatch.setattr(sign_in, "wrong_passwords", lambda: two)
    give_password(client)
    assert [give_code(client, wrong_of(phone)) for _ in range(3)] == ["200", "200", "429"]


def test_after_wrong_codes_the_right_one_has_to_wait_wherever_it_comes_from(phone: TOTPDevice, teacher: User) -> None:
    right = code_of(phone)
    for _ in range(3):
        assert second_factor.verify(teacher, "000000" if right != "000000" else "000001") is None
    assert second_factor.verify(teacher, right) is None
    assert second_factor.verify(teacher, code_of(phone)) == phone


def test_a_recovery_code_signs_in_once_however_it_is_written(client: Client, phone: TOTPDevice, teacher: User) -> None:
    codes = second_factor.new_recovery_codes(teacher)
    assert len(set(codes)) == 10
    give_password(client)
    assert give_code(client, f" {codes[0].upper().replace('-', ' ')} ") == "/admin/"
    again = Client()
    give_password(again)
    assert give_code(again, codes[0]) == "200"
    assert second_factor.recovery_codes_left(teacher) == 9


def test_recovery_codes_are_not_kept_as_they_are(teacher: User) -> None:
    codes = second_factor.new_recovery_codes(teacher)
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert kept.isdisjoint(codes)
    assert kept.isdisjoint(code.replace("-", "") for code in codes)


def test_a_code_in_other_figures_is_read(client: Client, phone: TOTPDevice) -> None:
    give_password(client)
    arabic = code_of(phone).translate({ord(str(digit)): chr(0x660 + digit) for digit in range(10)})
    assert give_code(client, arabic) == "/admin/"


def _set_up(client: Client, teacher: User, password: str = PASSWORD) -> list[str]:
    """Set a second factor up on the pages; the recovery codes that were shown."""
    page = client.get("/admin/account/second-factor/").content.decode()
    device = TOTPDevice.objects.get(user=teacher, confirmed=False)
    assert second_factor.secret_text(device) in page
    assert "<svg" in page
    form = {"password": password, "code": code_of(device)}
    response = client.post("/admin/account/second-factor/", form)
    return re.findall(r"<code>([a-z0-9-]{14})</code>", response.content.decode())


def test_a_host_sets_one_up_and_is_signed_out_everywhere_else(client: Client, teacher: User) -> None:
    other = Client()
    give_password(client)
    give_password(other)
    codes = _set_up(client, teacher)
    assert len(codes) == 10
    assert is_in(client)
    assert not is_in(other)
    assert give_password(other) == "/admin/login/code/"
    assert give_code(other, codes[3]) == "/admin/"


def test_an_open_browser_alone_sets_none_up_and_switches_none_off(client: Client, teacher: User) -> None:
    give_password(client)
    assert _set_up(client, teacher, password="a-guess") == []
    assert not second_factor.has_second_factor(teacher)
    _set_up(client, teacher)
    phone = TOTPDevice.objects.get(user=teacher)
    client.post("/admin/account/", {"off": "1", "code": wrong_of(phone)})
    client.post("/admin/account/", {"off": "1"})
    assert second_factor.has_second_factor(teacher)
    client.post("/admin/account/", {"off": "1", "code": code_of(phone)})
    assert not second_factor.has_second_factor(teacher)
    assert second_factor.recovery_codes_left(teacher) == 0


def test_new_recovery_codes_take_the_place_of_the_old(client: Client, teacher: User) -> None:
    give_password(client)
    old = _set_up(client, teacher)
    response = client.post("/admin/account/", {"recovery": "1", "code": old[0]})
    new = re.findall(r"<code>([a-z0-9-]{14})</code>", response.content.decode())
    assert len(new) == 10
    assert second_factor.verify(teacher, old[1]) is None
    assert second_factor.recovery_codes_left(teacher) == 10


def test_where_it_is_demanded_nobody_is_in_before_it_is_set_up(client: Client, teacher: User, settings: Any) -> None:
    before = Client()
    give_password(before)
    settings.SECOND_FACTOR_REQUIRED = True
    # A session from before the demand is worth nothing any more, in the admin and over the API.
    assert not is_in(before)
    assert give_password(client) == "/admin/login/setup/"
    assert not is_in(client)
    assert client.get("/admin/login/setup/").status_code == 200
    device = TOTPDevice.objects.get(user=teacher)
    response = client.post("/admin/login/setup/", {"code": code_of(device)})
    assert len(re.findall(r"<code>[a-z0-9-]{14}</code>", response.content.decode())) == 10
    assert is_in(client)
    client.post("/admin/account/", {"off": "1", "code": code_of(device)})
    assert second_factor.has_second_factor(teacher)


def test_the_page_that_sets_one_up_after_the_password_is_no_way_around_one_that_is_there(
    client: Client, phone: TOTPDevice, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    give_password(client)
    assert client.get("/admin/login/setup/").headers["Location"] == "/admin/login/"
    assert client.post("/admin/login/setup/", {"code": "123456"}).headers["Location"] == "/admin/login/"
    assert TOTPDevice.objects.get() == phone


def test_an_operator_resets_one_and_the_account_is_signed_out(client: Client, phone: TOTPDevice) -> None:
    give_password(client)
    give_code(client, code_of(phone))
    told = StringIO()
    call_command("reset_second_factor", "teacher", stdout=told)
    assert "no second factor any more" in told.getvalue()
    assert not is_in(client)
    assert not HostSession.objects.filter(user__username="teacher").exists()
    assert give_password(client) == "/admin/"
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("reset_second_factor", "nobody")


def test_nobody_sees_the_secrets_in_the_admin(admin_client: Client, phone: TOTPDevice) -> None:
    assert admin_client.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert admin_client.get("/admin/otp_static/staticdevice/").status_code == 404
