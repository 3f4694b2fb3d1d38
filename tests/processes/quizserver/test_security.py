"""What a malicious player, host, key or network cannot do; docs/security.md names each of these tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from websockets.exceptions import InvalidStatus

from common.config import CONFIG, Config
from common.limits import Buckets
from quizserver import api_keys, oidc
from quizserver.models import OperatorKey
from quizserver.startup_checks import Unsafe, claim_data, refusals
from quizzes.services.demo import demo_quizzes
from quizzes.services.quizzes import quiz_create
from tests.support.serving import ROOT, Server, ask

GOOD_KEY = "".join(chr(33 + number % 90) for number in range(64))


@pytest.fixture(autouse=True)
def _fresh_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Buckets(30, 60_000)
    monkeypatch.setattr(api_keys, "guesses", lambda: fresh)


def config(**values: Any) -> Config:
    """Settings that are not read from anywhere."""
    return Config.model_construct(**{name: field.default for name, field in Config.model_fields.items()} | values)


# -- starting ---------------------------------------------------------------------------------------------------------
def test_the_defaults_start() -> None:
    assert refusals(config(), {}) == []


def test_production_settings_start() -> None:
    assert refusals(config(secure=True, bind="0.0.0.0", secret_key=GOOD_KEY, redis_url="redis://x"), {}) == []


@pytest.mark.parametrize(
    ("values", "environment", "named"),
    [
        ({"debug": True, "bind": "0.0.0.0"}, {}, "DEBUG"),
        ({"debug": True, "secure": True}, {}, "DEBUG"),
        ({"secret_key": "short"}, {}, "SECRET_KEY"),
        ({"secret_key": "a" * 64}, {}, "SECRET_KEY"),
        ({"secret_key": "django-insecure-" + GOOD_KEY}, {}, "SECRET_KEY"),
        ({"secure": True, "redis_url": "redis://x"}, {}, "SECRET_KEY"),
        ({"secure": True, "operator_api_key": "short"}, {}, "OPERATOR_API_KEY"),
        ({"secure": True, "allowed_hosts": "*"}, {}, "ALLOWED_HOSTS"),
        ({}, {"WEB_CONCURRENCY": "2"}, "REDIS_URL"),
    ],
)
def test_it_refuses_to_start_with_unsafe_settings(
    values: dict[str, Any], environment: dict[str, str], named: str
) -> None:
    (reason,) = refusals(config(**values), environment)
    assert named in reason


def test_one_data_folder_has_one_process_unless_redis_is_there(tmp_path: Path) -> None:
    alone = config(data_dir=tmp_path)
    lock = claim_data(alone)
    assert lock is not None
    with pytest.raises(Unsafe, match="REDIS_URL"):
        claim_data(alone)
    assert claim_data(config(data_dir=tmp_path, redis_url="redis://x")) is None
    lock.close()
    again = claim_data(alone)
    assert again is not None
    again.close()


def run_manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A management command with these settings alone."""
    env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}} | environment
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_server_does_not_start_with_unsafe_settings(tmp_path: Path) -> None:
    ended = run_manage("serve", DATA_DIR=str(tmp_path), DEBUG="1", BIND="0.0.0.0", PORT="0")
    assert ended.returncode != 0
    assert "DEBUG" in ended.stderr


def test_the_deployment_check_is_clean_in_production_settings(tmp_path: Path) -> None:
    ended = run_manage(
        "check", "--deploy", "--fail-level", "WARNING", DATA_DIR=str(tmp_path), SECURE="1", SECRET_KEY=GOOD_KEY
    )
    assert ended.returncode == 0, ended.stderr
    assert "no issues (0 silenced)" in ended.stdout


# -- the network ------------------------------------------------------------------------------------------------------
def test_every_page_has_the_security_headers(client: Client, db: None) -> None:
    for path in ("/admin/login/", "/health/live", "/api/v1/sessions"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_a_foreign_page_cannot_open_a_websocket(server: Server) -> None:
    foreign, own = {"Origin": "https://evil.example"}, {"Origin": server.url}
    with pytest.raises(InvalidStatus) as refused, server.client("x", additional_headers=foreign):
        pass
    assert refused.value.response.status_code == 403
    with server.client("x", additional_headers=own) as client:
        assert ask(client, "PING")["type"] == "PONG"


def test_an_unknown_host_name_is_refused(client: Client) -> None:
    assert client.get("/health/live", headers={"host": "evil.example"}).status_code in (200, 400)
    assert client.get("/admin/login/", headers={"host": "evil.example"}).status_code == 400


# -- players ----------------------------------------------------------------------------------------------------------
def test_a_player_cannot_take_over_another_ones_place(server: Server) -> None:
    made = server.session()
    with server.client("victim") as victim, server.client("victim") as thief:
        joined = ask(victim, "JOIN_SESSION", {"session_id": made["join_code"], "username": "Vic"})["payload"]
        join = {"session_id": made["join_code"], "username": "Thief"}
        assert ask(thief, "JOIN_SESSION", join)["payload"]["code"] == "INVALID_TOKEN"
        forged = joined["session_token"][:-4] + "AAAA"
        assert ask(thief, "JOIN_SESSION", {**join, "session_token": forged})["payload"]["code"] == "INVALID_TOKEN"


def test_a_token_of_one_session_is_worth_nothing_in_another(server: Server) -> None:
    first, second = server.session(), server.session()
    with server.client("wanderer") as player:
        join = {"session_id": first["session_id"], "username": "W"}
        token = ask(player, "JOIN_SESSION", join)["payload"]["session_token"]
        join = {"session_id": second["session_id"], "username": "W", "session_token": token}
        assert ask(player, "JOIN_SESSION", join)["payload"]["code"] == "INVALID_TOKEN"


def test_a_player_cannot_be_the_host(server: Server) -> None:
    made = server.session()
    with server.client("climber") as player:
        answer = ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "role": "host"})
        assert answer["payload"]["code"] == "INVALID_TOKEN"


def test_a_player_learns_no_answer_before_the_reveal(server: Server) -> None:
    made = server.session(pace="host")
    correct = server.request("GET", "/api/v1/quizzes/vocab-101")[1]["questions"][0]["correct_answers"][0]
    with server.client("peeker") as player:
        ask(player, "JOIN_SESSION", {"session_id": made["session_id"], "username": "P"})
        server.request("POST", f"/api/v1/sessions/{made['session_id']}/next")
        while (message := json.loads(player.recv(timeout=10)))["type"] != "QUESTION_OPENED":
            pass
        question = message["payload"]
        assert not {"correct_answers", "explanation"} & question.keys()
        answer = {
            "session_id": made["session_id"],
            "question_id": question["question_id"],
            "answer": correct,
        }
        accepted = ask(player, "SUBMIT_ANSWER", answer)
        assert accepted["type"] == "ANSWER_ACCEPTED"
        assert not {"is_correct", "points_earned", "correct_answers"} & accepted["payload"].keys()
        again = ask(player, "SUBMIT_ANSWER", answer)["payload"]
        assert again["code"] == "ALREADY_ANSWERED"
        assert not {"is_correct", "points_earned", "new_score"} & again["result"].keys()


def test_a_player_cannot_use_the_operators_api(server: Server) -> None:
    for method, path in (("GET", "/api/v1/sessions"), ("POST", "/api/v1/sessions"), ("GET", "/api/v1/quizzes")):
        assert server.request(method, path, {} if method == "POST" else None, key="")[0] == 401


# -- keys -------------------------------------------------------------------------------------------------------------
def key_client(**may: bool) -> APIClient:
    """A client with a key that may do this."""
    _key, text = OperatorKey.objects.create_key(name="test", **{"may_read": False, **may})
    return APIClient(headers={"authorization": f"Api-Key {text}"})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("may", "statuses"),
    [
        ("may_read", (200, 403, 403)),
        ("may_run", (403, 404, 403)),
        ("may_edit_content", (403, 403, 400)),
    ],
)
def test_a_key_does_what_its_scopes_say_and_nothing_else(may: str, statuses: tuple[int, ...]) -> None:
    client = key_client(**{may: True})
    answers = [
        client.get("/api/v1/quizzes"),
        client.post("/api/v1/sessions", {"quiz_id": "none"}),
        client.post("/api/v1/quizzes", {}),
    ]
    assert tuple(answer.status_code for answer in answers) == statuses
    assert all(answer.json()["status"] == answer.status_code for answer in answers if answer.status_code >= 400)


@pytest.mark.django_db
def test_a_revoked_or_expired_key_opens_nothing_and_the_key_itself_is_not_kept() -> None:
    _key, text = OperatorKey.objects.create_key(name="test")
    client = APIClient(headers={"authorization": f"Api-Key {text}"})
    assert client.get("/api/v1/quizzes").status_code == 200
    assert text.partition(".")[2] not in str(OperatorKey.objects.values().get())
    OperatorKey.objects.update(expiry_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/api/v1/quizzes").status_code == 401
    OperatorKey.objects.update(expiry_date=None, revoked=True)
    assert client.get("/api/v1/quizzes").status_code == 401
    key = OperatorKey.objects.get()
    key.revoked = False
    with pytest.raises(ValidationError):
        key.save()


@pytest.fixture
def chief(client: Client, db: None) -> Client:
    """The admin's browser of a superuser."""
    client.force_login(User.objects.create_superuser("chief"), "django.contrib.auth.backends.ModelBackend")
    return client


def test_keys_are_made_replaced_and_revoked_in_the_admin(chief: Client) -> None:
    path = "/admin/quizserver/operatorkey/"
    page = chief.post(f"{path}add/", {"name": "Grafana", "may_read": "on"}, follow=True)
    assert "Grafana" in page.text
    old = OperatorKey.objects.get()
    assert old.scopes == {"read"}
    page = chief.post(path, {"action": "replace", "_selected_action": [old.pk]}, follow=True)
    new = OperatorKey.objects.exclude(pk=old.pk).get()
    assert (new.name, new.scopes) == ("Grafana", {"read"})
    assert new.prefix in page.text
    old.refresh_from_db()
    assert old.expiry_date is not None
    assert old.expiry_date < timezone.now() + timedelta(days=1, minutes=1)
    chief.post(path, {"action": "revoke", "_selected_action": [new.pk]})
    new.refresh_from_db()
    assert new.revoked


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["quizserver/operatorkey", "auth/user", "auth/group"])
def test_a_host_cannot_make_keys_or_accounts(kind: str, make_host: Callable[[str], User], client: Client) -> None:
    client.force_login(make_host("ms-lee"), "django.contrib.auth.backends.ModelBackend")
    forms = {"name": "mine", "may_read": "on", "username": "mine", "password1": "long-one-2", "password2": "long-one-2"}
    before = OperatorKey.objects.count(), User.objects.count(), Group.objects.count()
    assert client.get(f"/admin/{kind}/").status_code == 403
    assert client.post(f"/admin/{kind}/add/", forms).status_code == 403
    assert client.post(f"/admin/{kind}/", {"action": "revoke"}).status_code == 403
    assert (OperatorKey.objects.count(), User.objects.count(), Group.objects.count()) == before


def test_a_key_without_scopes_is_not_made(chief: Client) -> None:
    chief.post("/admin/quizserver/operatorkey/add/", {"name": "Nothing"})
    assert not OperatorKey.objects.exists()


# -- hosts ------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_host_cannot_touch_another_hosts_session(make_host: Callable[[str], User], operator: APIClient) -> None:
    quiz_create(next(iter(demo_quizzes())))
    owner, other = APIClient(), APIClient()
    owner.force_authenticate(make_host("owner"))
    other.force_authenticate(make_host("other"))
    quiz_id = owner.get("/api/v1/quizzes").json()["results"][0]["id"]
    made = owner.post("/api/v1/sessions", {"quiz_id": quiz_id})
    assert made.status_code == 201
    path = f"/api/v1/sessions/{made.json()['session_id']}"
    for method, suffix in (("get", ""), ("post", "/start"), ("get", "/results"), ("delete", "/participants/x")):
        assert getattr(other, method)(path + suffix).status_code == 404
    assert owner.get(path).status_code == 200


@pytest.mark.django_db
def test_guessing_a_password_locks_the_account_for_that_address_only(client: Client) -> None:
    User.objects.create_superuser("chief", password="right-password")
    form = {"username": "chief", "password": "wrong"}
    statuses = [client.post("/admin/login/", form).status_code for _ in range(6)]
    assert statuses[-1] == 429
    right = {**form, "password": "right-password"}
    assert client.post("/admin/login/", right).status_code == 429
    assert client.post("/admin/login/", right, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_the_lock_holds_on_the_real_server(server: Server) -> None:
    import http.cookiejar
    import re
    import urllib.error
    import urllib.parse
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    statuses = []
    for _ in range(6):
        page = opener.open(f"{server.url}/admin/login/").read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None
        form = {"csrfmiddlewaretoken": found[1], "username": "nobody", "password": "wrong"}
        try:
            statuses.append(opener.open(f"{server.url}/admin/login/", urllib.parse.urlencode(form).encode()).status)
        except urllib.error.HTTPError as error:
            statuses.append(error.code)
    assert statuses[0] == 200
    assert statuses[-1] == 429


# -- OpenID Connect ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_provider_cannot_open_an_account_by_its_e_mail_address(monkeypatch: pytest.MonkeyPatch) -> None:
    User.objects.create_superuser("chief", email="chief@example.org")
    backend = oidc.HostBackend.__new__(oidc.HostBackend)
    claims = {"sub": "mallory", "email": "chief@example.org", "given_name": "M"}
    assert not backend.filter_users_by_claims(claims).exists()
    made = backend.create_user(claims)
    assert (made.is_staff, made.is_superuser, made.first_name) == (True, False, "M")
    assert made.has_perm("quizzes.host")
    assert not made.has_usable_password()
    assert backend.filter_users_by_claims(claims).get() == made


@pytest.mark.parametrize(
    ("claims", "allowed"),
    [({"sub": "a", "groups": ["teachers"]}, True), ({"sub": "a"}, False), ({"groups": ["teachers"]}, False),
     ({"sub": "a", "groups": "teachers and more"}, False)],
)  # fmt: skip
def test_only_the_group_becomes_hosts(claims: dict[str, Any], allowed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "CONFIG", CONFIG.model_copy(update={"oidc_group": "teachers"}))
    assert oidc.HostBackend.__new__(oidc.HostBackend).verify_claims(claims) is allowed


def test_the_provider_is_offered_when_it_is_configured_and_only_then(tmp_path: Path, client: Client) -> None:
    assert client.get("/oidc/authenticate/").status_code == 404
    script = (
        "import django; django.setup(); from django.test import Client;"
        "answer = Client(headers={'host': 'localhost'}).get('/oidc/authenticate/');"
        "print(answer.status_code, answer.headers['Location'])"
    )
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "quizserver.settings", "DATA_DIR": str(tmp_path)}
    env |= {"OIDC_CLIENT_ID": "quiz", "OIDC_CLIENT_SECRET": "s"}
    env |= {f"OIDC_{name}_URL": f"https://id.example/{name}" for name in ("AUTHORIZATION", "TOKEN", "USER", "JWKS")}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=env, timeout=60, check=True)
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stdout.startswith("302 https://id.example/AUTHORIZATION?"), ended.stderr
