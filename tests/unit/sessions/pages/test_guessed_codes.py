"""Join codes cannot be tried without end, whichever page they are tried on, nor on several in turn."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from common.limits import Buckets
from common.shared_limits import LocalLimit
from quizzes.services.demo import demo_quizzes
from quizzes.services.quizzes import quiz_create
from sessions.wiring.lookups import Lookups
from sessions.wiring.runtime import runtime

PAGES = ("/screen/{}", "/j/{}", "/play/{}")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made(operator: APIClient, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A session, on a server where an address may try five codes."""
    quiz_create(next(iter(demo_quizzes())))
    quiz_id = operator.get("/api/v1/quizzes").json()["results"][0]["id"]
    running = runtime()
    limit = LocalLimit(Buckets(5, 60_000))
    monkeypatch.setattr(running, "lookups", Lookups(limit, running.players, running.clock))
    session: dict[str, Any] = operator.post("/api/v1/sessions", {"quiz_id": quiz_id}).json()
    return session


def test_guesses_on_all_pages_count_together(made: dict[str, Any], client: Client) -> None:
    statuses = [client.get(PAGES[number % 3].format(f"XX{number:04}")).status_code for number in range(10)]
    assert 429 not in statuses[:5]
    assert set(statuses[5:]) == {429}


def test_a_right_code_is_told_apart_from_a_wrong_one_no_more(made: dict[str, Any], client: Client) -> None:
    for number in range(6):
        client.get(f"/screen/XX{number:04}")
    for page in PAGES:
        right, wrong = client.get(page.format(made["join_code"])), client.get(page.format("XX9999"))
        assert (right.status_code, wrong.status_code) == (429, 429)
        assert int(right["Retry-After"]) > 0
        assert made["title"] not in right.text


def test_who_has_found_the_session_before_goes_on_and_so_do_other_addresses(
    made: dict[str, Any], client: Client
) -> None:
    assert client.get(f"/j/{made['join_code']}").status_code == 200
    for number in range(6):
        client.get(f"/j/XX{number:04}")
    assert client.get(f"/play/{made['join_code']}").status_code == 200
    assert client.get(f"/screen/{made['join_code']}", REMOTE_ADDR="192.0.2.7").status_code == 200
    assert client.get("/").status_code == 200


def test_ids_count_as_codes_do(made: dict[str, Any], client: Client) -> None:
    for number in range(6):
        client.get(f"/screen/0b9a2a6e-{number:04}")
    assert client.get(f"/screen/{made['session_id']}").status_code == 429
