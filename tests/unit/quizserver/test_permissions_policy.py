"""What pages may ask of the browser: nothing, but for the editors' microphone."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "microphone"),
    [
        ("/", "microphone=()"),
        ("/admin/", "microphone=()"),
        ("/admin/quizzes/quiz/", "microphone=()"),
        ("/admin/quizzes/quiz/add/", "microphone=(self)"),
        ("/admin/quizzes/quiz/a_b/change/", "microphone=(self)"),
        ("/admin/quizzes/wordlist/add/", "microphone=(self)"),
        ("/admin/quizzes/quiz/add/more", "microphone=()"),
        ("/api/v1/sounds", "microphone=()"),
    ],
)
def test_only_the_editors_may_record(client: Client, path: str, microphone: str) -> None:
    policy = client.get(path).headers["Permissions-Policy"].split(", ")
    assert microphone in policy
    assert {"camera=()", "geolocation=()"} <= set(policy)
