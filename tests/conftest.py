"""What all tests share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from rest_framework.test import APIClient

from common.config import BASE_DIR, CONFIG
from quizserver.static_files import storage_backend
from quizserver.translations import compile_catalogues
from quizzes.access import HOSTS_GROUP
from quizzes.services import reading
from tests.support.game import QUIZ
from tests.support.live_server import Kind, LiveServer

OPERATOR_KEY = "test-operator-key"

# Properties say what is true, not how fast: an example that takes long on a busy machine is no failure.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")


#: Fixtures that start another process.
_SERVERS = {"redis", "cluster", "server", "new_server", "live_servers"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs other processes by where it stands or what it asks for."""
    tests = BASE_DIR / "tests"
    for item in items:
        folder = item.path.relative_to(tests).parts[0] if item.path.is_relative_to(tests) else ""
        if folder in ("wire", "processes", "browser", "chaos") or _SERVERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")
        if folder == "chaos":
            # Its clients have to be back within seconds, on a machine that does nothing else.
            item.add_marker("alone")


@pytest.fixture
def operator(settings: Any) -> APIClient:
    """A REST client with an operator's key."""
    settings.OPERATOR_API_KEY = OPERATOR_KEY
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {OPERATOR_KEY}")
    return client


@pytest.fixture
def make_host() -> Callable[[str], User]:
    """Makes hosts: staff in the group of the hosts."""

    def make(name: str) -> User:
        user = User.objects.create_user(name, is_staff=True)
        user.groups.add(Group.objects.get(name=HOSTS_GROUP))
        return user

    return make


@pytest.fixture(autouse=True)
def _in_the_server_s_language() -> Iterator[None]:
    """A test that asks for a page in another language leaves this thread in it."""
    with translation.override(django_settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True, scope="session")
def _files_are_read_here() -> Iterator[None]:
    """Not in a process each, which takes a second; tests/processes/quizzes has those that look at it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "CONFIG", CONFIG.model_copy(update={"import_seconds": 0.0}))
        yield


@pytest.fixture(autouse=True, scope="session")
def _catalogues() -> None:
    """Compiled, as ``manage.py prepare`` does it."""
    compile_catalogues(BASE_DIR / "locale", BASE_DIR / django_settings.LOCALE_PATHS[0])


@pytest.fixture(autouse=True, scope="session")
def _static_files_as_they_stand() -> Iterator[None]:
    """Nothing was collected in the tests' process: pages name the files in their folders."""
    with override_settings(STORAGES={**django_settings.STORAGES, "staticfiles": storage_backend(debug=True)}):
        yield


@pytest.fixture(scope="session")
def new_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., LiveServer]]:
    """Starts servers in processes of their own, with settings of their own; stops them at the end."""
    servers: list[LiveServer] = []

    def start(kind: Kind, **settings: str) -> LiveServer:
        server = LiveServer(kind, tmp_path_factory.mktemp(kind) / "data", **settings)
        servers.append(server)
        server.start()
        made = server.rest("POST", "/api/v1/quizzes", QUIZ)
        # Servers that share a database share its quizzes.
        assert made.status in {201, 409}, made.data
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def live_servers(new_server: Callable[..., LiveServer]) -> Callable[[Kind], LiveServer]:
    """The server of each kind that all tests share, started when it is first asked for.

    It is as it comes, but for the bounds per address and user: all tests come from one address, often by one name.
    """
    unbound = dict.fromkeys(("RATE_JOINS_PER_MINUTE", "RATE_LOOKUPS_PER_MINUTE", "RATE_FAILED_KEYS_PER_MINUTE"), "0")

    @functools.cache
    def shared(kind: Kind) -> LiveServer:
        return new_server(kind, PRESENCE_GRACE_MS="100", **unbound)

    return shared
