"""The API's document is built once, however many ask for it first."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from quizserver import schema

ASKING = 6


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A count of how often it is built, from nothing."""
    monkeypatch.setattr(schema, "_built", {})
    counted: list[int] = []
    build = SchemaGenerator.get_schema

    def get_schema(self: Any, *args: Any, **kwargs: Any) -> Any:
        counted.append(1)
        return build(self, *args, **kwargs)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(SchemaGenerator, "get_schema", get_schema)
    return counted


@pytest.mark.django_db
def test_those_who_ask_at_once_all_get_it_and_it_is_built_once(builds: list[int]) -> None:
    together = threading.Barrier(ASKING)

    def ask(_: int) -> tuple[int, bytes]:
        together.wait()
        answer = Client().get("/api/schema/", headers={"accept": "application/json"})
        return answer.status_code, answer.content

    with ThreadPoolExecutor(ASKING) as pool:
        told = set(pool.map(ask, range(ASKING)))
    assert [status for status, _ in told] == [200]
    assert len(builds) == 1


@pytest.mark.django_db
def test_formats_and_languages_are_told_apart_and_made_up_ones_cost_nothing(client: Client, builds: list[int]) -> None:
    yaml = client.get("/api/schema/")
    assert yaml["Content-Type"].startswith("application/vnd.oai.openapi")
    json = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()
    assert json["openapi"].startswith("3.")
    built = len(builds)
    for number in range(5):
        assert client.get("/api/schema/", {"lang": f"x{number}"}).content == yaml.content
    assert len(builds) == built
