"""A search is bounded, wherever one can be made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from common.search import BoundedSearchAdmin

pytestmark = pytest.mark.django_db
LONG = " ".join(f"word{number}" for number in range(1_500))


@pytest.mark.parametrize("path", ["/api/v1/quizzes", "/api/v1/wordlists"])
def test_a_search_of_very_many_words_is_refused(operator: APIClient, path: str) -> None:
    assert operator.get(path, {"search": LONG}).status_code == 400
    assert operator.get(path, {"search": "x" * 10_000}).status_code == 400
    assert operator.get(path, {"search": "der die das"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["quizzes/quiz", "quizzes/wordlist", "quiz_sessions/quizsession", "auth/user", "auth/group"]
)
def test_the_admin_searches_for_the_beginning_of_it(path: str, client: Client) -> None:
    client.force_login(User.objects.create_superuser("chief"), "django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/admin/{path}/", {"q": LONG}).status_code == 200


def test_every_list_of_the_admin_that_can_be_searched_is_bounded(make_host: Callable[[str], User]) -> None:
    for model, page in admin.site._registry.items():
        assert not page.search_fields or isinstance(page, BoundedSearchAdmin), model
