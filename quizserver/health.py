"""Health: is the process alive, and can it serve? Each check has a time limit and tells its latency."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from quizserver.runtime import runtime
from sessions.models import QuizSession


def _version() -> str:
    try:
        return version("quizserver")
    except PackageNotFoundError:
        return "0.1.0"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are not applied")


def _draining() -> None:
    if runtime().draining:
        raise RuntimeError("the process is draining")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "draining": _draining,
}


def run_checks() -> tuple[bool, dict[str, Any]]:
    """Whether all checks pass, and what each found."""
    report: dict[str, Any] = {}
    for name, check in CHECKS.items():
        started = time.perf_counter()
        try:
            check()
            outcome: dict[str, Any] = {"status": "ok"}
        except Exception as error:
            outcome = {"status": "failed", "error": str(error)}
        report[name] = {**outcome, "latency_ms": round((time.perf_counter() - started) * 1_000, 1)}
    return all(entry["status"] == "ok" for entry in report.values()), report


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The process can take players; 503 when not."""
    healthy, checks = run_checks()
    return JsonResponse(
        {"status": "ok" if healthy else "unavailable", "checks": checks}, status=200 if healthy else 503
    )


def health(request: HttpRequest) -> JsonResponse:
    """What a person wants to know at a glance."""
    healthy, checks = run_checks()
    state = runtime()
    return JsonResponse(
        {
            "status": "ok" if healthy else "degraded",
            "version": _version(),
            "uptime_seconds": round(time.monotonic() - state.started_at, 1),
            "active_connections": state.connection_count,
            "active_sessions": QuizSession.objects.filter(status="active").count() if healthy else None,
            "checks": checks,
        },
        status=200 if healthy else 503,
    )
