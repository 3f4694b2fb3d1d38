"""Options from the Run form and over REST: what was chosen is what is played, or it is named and nothing is made."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from quizzes.models import Quiz
from quizzes.services.quizzes import quiz_create
from sessions.host.option_fields import OptionFields
from sessions.models import QuizSession
from sessions.rules.options import OPTIONS, SessionOptions, all_options
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import QUIZ, signed_in

OPEN = "/admin/quiz_sessions/quizsession/open/"
API = "/api/v1/sessions"


@pytest.fixture
def client(live: Runtime, host: User) -> Client:
    quiz_create(QUIZ, owner=host)
    return signed_in(host)


def created(client: Client, **options: Any) -> Any:
    return client.post(API, {"quiz_id": "animals", "options": options}, content_type="application/json")


def test_the_form_opens_a_session_with_what_was_chosen(client: Client, live: Runtime) -> None:
    form = client.get(OPEN).context["form"]
    assert {name: form[name].initial for name in OptionFields.base_fields} == {
        name: OPTIONS[name].default // (1_000 if name.endswith("_ms") else 1)
        if type(OPTIONS[name].default) is int
        else OPTIONS[name].default
        for name in OptionFields.base_fields
    }
    client.post(
        OPEN,
        {
            "quiz": "animals",
            "pace": "host",
            "reveal": "",
            "max_participants": "30",
            "suggested_names": "on",
            "names_on_screen": "on",
        },
    )
    session = QuizSession.objects.get()
    assert session.options == {"accent_keys": False}
    assert call(live.sessions.view(session.id)).setup.options == SessionOptions(accent_keys=False)


def test_rest_takes_options_and_tells_all_of_them(client: Client) -> None:
    made = created(client, accent_keys=False)
    assert made.status_code == 201
    assert made.json()["options"] == all_options(SessionOptions(accent_keys=False))
    assert client.get(f"{API}/{made.json()['session_id']}").json()["options"] == made.json()["options"]
    without = client.post(API, {"quiz_id": "animals"}, content_type="application/json")
    assert without.json()["options"] == all_options(SessionOptions())


@pytest.mark.parametrize(
    ("options", "named"), [({"acent_keys": False}, "acent_keys"), ({"accent_keys": "no"}, "accent_keys"), ([], "")]
)
def test_options_that_mean_none_are_named_and_no_session_is_made(client: Client, options: Any, named: str) -> None:
    refused = client.post(API, {"quiz_id": "animals", "options": options}, content_type="application/json")
    assert refused.status_code == 400
    assert named in refused.content.decode()
    assert not QuizSession.objects.exists()


def test_what_needs_a_host_is_refused_in_self_pace_and_no_session_is_made(client: Client) -> None:
    for name, value, shown in [("close_when_all_answered", True, "on"), ("advance_after_ms", 5_000, "5")]:
        words = {"title": "Animals", "language": "en", "text": "dog = barks\ncat = purrs\nowl = hoots"}
        for source in ({"quiz_id": "animals"}, {"words": words}):
            refused = client.post(
                API, {**source, "pace": "self", "options": {name: value}}, content_type="application/json"
            )
            assert refused.status_code == 400
            assert name in refused.content.decode()
        form = client.post(OPEN, {"quiz": "animals", "pace": "self", "max_participants": "30", name: shown})
        assert list(form.context["form"].errors) == [name]
    assert not QuizSession.objects.exists()
    assert Quiz.objects.count() == 1


def test_the_page_of_a_session_that_wants_own_names_suggests_none(client: Client) -> None:
    made = created(client, suggested_names=False).json()
    assert client.get(f"/play/{made['join_code']}").context["data"]["names"] == []
    assert client.get("/").context["data"]["names"]
