"""What all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, User
from django.test import override_settings
from rest_framework.test import APIClient

from quizserver.static_files import storage_backend
from quizzes.access import HOSTS_GROUP

OPERATOR_KEY = "test-operator-key"


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


@pytest.fixture(autouse=True, scope="session")
def _static_files_as_they_stand() -> Iterator[None]:
    """Nothing was collected in the tests' process: pages name the files in their folders."""
    with override_settings(STORAGES={**django_settings.STORAGES, "staticfiles": storage_backend(debug=True)}):
        yield
