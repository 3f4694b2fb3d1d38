"""What operators' machines ask: is the process alive, can it take players, and how does it fare?

Each check runs on a thread of its own and has a time limit, so that the answer comes in time even when the database
hangs; a check that still hangs is not started a second time. What may fail while players go on playing makes the
process "degraded", not unready: see docs/decisions/0010-a-lost-store-degrades.md.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from common import metrics
from common.config import CONFIG
from common.redis_watch import redis_watch
from common.sampling import memory_used_ratio
from quizserver import __version__
from sessions.models import QuizSession
from sessions.wiring.runtime import call, runtime


class Probe:
    """A check that may hang."""

    def __init__(self, name: str, work: Callable[[], Any]) -> None:
        """:param work: raises when the check fails; runs on a thread and may use the ORM."""
        self.name = name
        self._work = work
        self._pending: Future[Any] | None = None
        self._lock = threading.Lock()

    async def run(self, limit: float) -> Any:
        """What the work returns.

        :param limit: seconds.
        :raises TimeoutError: when it takes longer; it goes on, and the next run waits for the same one.
        """
        with self._lock:
            if self._pending is None or self._pending.done():
                self._pending = Future()
                # A daemon: a hanging database must not keep the process from ending.
                threading.Thread(
                    target=self._run, args=(self._pending,), name=f"health-{self.name}", daemon=True
                ).start()
            pending = self._pending
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(pending)), limit)
        except TimeoutError:
            raise TimeoutError(f"no answer within {limit:g} s") from None

    def _run(self, future: Future[Any]) -> None:
        try:
            future.set_result(self._work())
        except Exception as error:
            future.set_exception(error)
        finally:
            connections.close_all()


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    # One that is full or read-only still answers that.
    call(runtime().probe_database())


_migrated = threading.Event()


def _migrations() -> None:
    if _migrated.is_set():
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise RuntimeError("migrations are not applied")
    # Only our own `migrate` changes this, and it only ever adds: asked once.
    _migrated.set()


def _memory() -> None:
    used, bound = memory_used_ratio(), CONFIG.memory_ready_ratio
    if bound and used > bound:
        raise RuntimeError(f"{used:.0%} of the memory is in use")


def _connections() -> None:
    state = runtime()
    if state.connection_count >= state.max_connections:
        raise RuntimeError(f"{state.max_connections} connections are open, as many as may be")


def _draining() -> None:
    if runtime().draining:
        raise RuntimeError("the process is draining")


def _redis() -> None:
    with redis_watch(CONFIG.redis_url, timeout=CONFIG.health_timeout_seconds) as watch:
        watch.probe()


def _cut_off() -> None:
    if not runtime().serving:
        raise RuntimeError("other instances reach Redis and this one does not")


def _active_sessions() -> int:
    return QuizSession.objects.filter(status="active").count()


PROBES = [Probe("database", _database), Probe("migrations", _migrations), Probe("memory", _memory)]
PROBES += [Probe("connections", _connections), Probe("draining", _draining)]
if CONFIG.redis_url:
    PROBES += [Probe("redis", _redis), Probe("cut_off", _cut_off)]
SESSIONS = Probe("sessions", _active_sessions)

#: With one of the two, players play on and their answers are kept.
_STORES = ("database", "redis")


async def _check(probe: Probe) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        await probe.run(CONFIG.health_timeout_seconds)
        outcome: dict[str, Any] = {"status": "ok"}
    except Exception as error:
        # The first line: drivers add the address of the server, and health is for anybody.
        outcome = {"status": "failed", "error": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"}
        if probe.name in _STORES:
            outcome["error"] = type(error).__name__
    return {**outcome, "latency_ms": round((time.perf_counter() - started) * 1_000, 1)}


def verdict(checks: dict[str, dict[str, Any]]) -> str:
    """``ok``, ``degraded`` (serves, and somebody should look) or ``unavailable``, from what each check found."""
    failed = {name for name, check in checks.items() if check["status"] != "ok"}
    if not failed:
        return "ok"
    stores = [name for name in _STORES if name in checks]
    # Without the database nobody knows whether migrations are applied.
    passing = set(stores) | ({"migrations"} if "database" in failed else set())
    if failed - passing or failed.issuperset(stores):
        return "unavailable"
    return "degraded"


async def run_checks() -> tuple[str, dict[str, dict[str, Any]]]:
    """The verdict, and what each check found. All run at once, so that together they take one time limit."""
    outcomes = await asyncio.gather(*(_check(probe) for probe in PROBES))
    checks = {probe.name: outcome for probe, outcome in zip(PROBES, outcomes, strict=True)}
    return verdict(checks), checks


async def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


async def ready(request: HttpRequest) -> JsonResponse:
    """The process can take players; 503 when not."""
    status, checks = await run_checks()
    return JsonResponse({"status": status, "checks": checks}, status=503 if status == "unavailable" else 200)


async def health(request: HttpRequest) -> JsonResponse:
    """What a person wants to know at a glance."""
    (status, checks), sessions = await asyncio.gather(
        run_checks(), asyncio.gather(SESSIONS.run(CONFIG.health_timeout_seconds), return_exceptions=True)
    )
    state = runtime()
    return JsonResponse(
        {
            "status": status,
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - state.started_at, 1),
            "active_connections": state.connection_count,
            "active_sessions": sessions[0] if isinstance(sessions[0], int) else None,
            "checks": checks,
        },
        status=503 if status == "unavailable" else 200,
    )


def scrape(request: HttpRequest) -> HttpResponse:
    """What Prometheus scrapes."""
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
