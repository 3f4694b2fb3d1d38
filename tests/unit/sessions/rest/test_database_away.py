"""A database that is away: told as what it is, not as a fault of the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError
from django.test import Client
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_rest_call_is_told_that_the_database_is_away(
    operator: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: type[Exception]
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise error("server closed the connection")

    monkeypatch.setattr("sessions.rest.sessions.visible_sessions", away)
    response = operator.post("/api/v1/sessions/some-id/next")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "The database cannot be reached just now."
    assert [record.message for record in caplog.records].count("database_unreachable") == 1


def test_a_page_is_told_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    host = User.objects.create_superuser("host")

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    client = Client(raise_request_exception=False)
    client.force_login(host)
    monkeypatch.setattr("quizzes.admin.QuizAdmin.get_queryset", away)
    response = client.get("/admin/quizzes/quiz/", HTTP_ACCEPT_LANGUAGE="fr")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.content.decode().startswith("La base de données est injoignable")
