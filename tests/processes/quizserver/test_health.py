"""Health tells the truth, in time."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from common.config import CONFIG
from quizserver import health
from tests.support.serving import Server


def checks(**failed: bool) -> dict[str, dict[str, Any]]:
    """What checks found, by whether they failed."""
    return {name: {"status": "failed" if fails else "ok"} for name, fails in failed.items()}


def test_it_names_every_field(server: Server) -> None:
    status, body = server.request("GET", "/health", key="")
    assert status == 200
    assert list(body) == ["status", "version", "uptime_seconds", "active_connections", "active_sessions", "checks"]
    assert body["status"] == "ok"
    assert set(body["checks"]) == {"database", "migrations", "memory", "connections", "draining"}
    for check in body["checks"].values():
        assert check["status"] == "ok"
        assert check["latency_ms"] >= 0


def test_it_is_live_and_ready(server: Server) -> None:
    assert server.request("GET", "/health/live", key="") == (200, {"status": "ok"})
    assert server.request("GET", "/health/ready", key="")[0] == 200


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (checks(database=False, memory=False), "ok"),
        (checks(database=True), "unavailable"),
        (checks(database=True, migrations=True, redis=False), "degraded"),
        (checks(database=False, redis=True), "degraded"),
        (checks(database=True, migrations=True, redis=True), "unavailable"),
        (checks(database=False, migrations=True, redis=False), "unavailable"),
        (checks(database=False, redis=False, memory=True), "unavailable"),
        (checks(database=False, redis=False, draining=True), "unavailable"),
    ],
)
def test_only_what_keeps_players_from_playing_makes_it_unavailable(found: dict[str, Any], status: str) -> None:
    assert health.verdict(found) == status


@pytest.mark.django_db
def test_it_answers_in_time_while_the_database_hangs(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    started: list[int] = []

    def hang() -> None:
        started.append(1)
        released.wait(60)

    probes = [health.Probe("database", hang), health.Probe("memory", lambda: None)]
    monkeypatch.setattr(health, "PROBES", probes)
    monkeypatch.setattr(health, "SESSIONS", health.Probe("sessions", hang))
    monkeypatch.setattr(health, "CONFIG", CONFIG.model_copy(update={"health_timeout_seconds": 0.05}))
    begun = time.monotonic()
    try:
        for _ in range(3):
            answer = client.get("/health/ready")
            assert answer.status_code == 503
            assert answer.json()["checks"]["database"]["error"] == "TimeoutError"
            assert answer.json()["checks"]["memory"]["status"] == "ok"
        assert client.get("/health").json()["active_sessions"] is None
        assert time.monotonic() - begun < 30  # far from the 60 s the database hangs
        assert len(started) == 2  # one per probe: threads do not pile up behind a database that hangs
    finally:
        released.set()


def test_migrations_are_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Executor:
        def __init__(self, connection: object) -> None:
            asked.append(1)
            self.loader = self
            self.graph = self

        def leaf_nodes(self) -> list[str]:
            return []

        def migration_plan(self, targets: list[str]) -> list[str]:
            return ["0002"] if len(asked) == 1 else []

    monkeypatch.setattr(health, "MigrationExecutor", Executor)
    monkeypatch.setattr(health, "_migrated", threading.Event())
    with pytest.raises(RuntimeError):
        health._migrations()
    health._migrations()
    health._migrations()
    assert len(asked) == 2


def test_full_memory_makes_it_unready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "memory_used_ratio", lambda: 0.93)
    with pytest.raises(RuntimeError, match="93%"):
        health._memory()
    monkeypatch.setattr(health, "CONFIG", CONFIG.model_copy(update={"memory_ready_ratio": 0}))
    health._memory()
