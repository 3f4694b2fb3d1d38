"""What all tests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

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
