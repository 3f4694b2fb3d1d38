"""A real Prometheus scrapes two instances: figures move while sessions are played, planted failures raise alerts.

`make watch` plants every failure; `make test` those that are over in seconds.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

import pytest

from tests.processes.quizserver.test_alerts import alerts
from tests.processes.quizserver.test_metrics import PROMISED
from tests.support.prometheus import PLANTS, Plant, Watched, eventually, simulate, watched

LONG = os.environ.get("PROMETHEUS") == "long"

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is missing: install Debian's package prometheus"
)

#: What a played session adds to, over all instances.
GROWN_BY = """
websocket_total_connections websocket_connection_duration_seconds_count quiz_session_duration_seconds_count
http_request_duration_seconds_count scoring_latency_seconds_count leaderboard_update_latency_seconds_count
quiz_answers_submitted_total quiz_correct_answers_total quiz_participants_joined_total quiz_sessions_completed_total
event_loop_lag_seconds_count cache_hits_total cache_misses_total django_http_responses_total_by_status_total
"""
GROWS = GROWN_BY.split()
#: How high figures stand at least at some moment while two sessions of ten players are played.
RISES = {
    "sum(websocket_active_connections)": 10,
    "max(quiz_active_sessions)": 1,
    "max(quiz_total_participants)": 10,
    "min(event_loop_tasks)": 2,
    "min(process_memory_bytes > 0)": 10_000_000,
    "max(redis_connected_clients)": 2,
    "max(postgresql_active_connections)": 2,
}
#: Back to where they were when nobody plays.
FALLS = ["sum(websocket_active_connections)", "max(quiz_active_sessions)", "max(quiz_total_participants)"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Two instances and their Prometheus."""
    with watched(tmp_path_factory.mktemp("watched")) as running:
        yield running


def test_every_alert_is_planted_and_every_promised_figure_looked_at() -> None:
    assert {alert["alert"] for alert in alerts()} == {name for plant in PLANTS for name in plant.alerts}
    expressions = " ".join([*GROWS, *RISES, *(expression for plant in PLANTS for expression in plant.figures)])
    assert set(PROMISED) <= {re.sub("_count$", "", name) for name in re.findall(r"\w+", expressions)}


@needs_prometheus
@pytest.mark.timeout(400)
def test_every_figure_moves_while_sessions_are_played(world: Watched) -> None:
    seen = world.prometheus
    eventually(lambda: seen.value('count(up{job="quiz"} == 1)') == 3, "not every target is scraped")
    eventually(lambda: seen.value("sum(quiz_active_sessions)") == 0, "no figures")
    before = {name: seen.value(f"sum({name})") for name in GROWS}
    playing = [
        simulate(server, "--pace", pace, "--players", "10", "--questions", "3", "--seconds", "1")
        for server, pace in zip(world.instances, ("host", "self"), strict=True)
    ]
    for expression, least in RISES.items():
        eventually(lambda e=expression, n=least: seen.value(f"max_over_time(({e})[5m:1s])") >= n, expression)  # type: ignore[misc]
    for process in playing:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
    for name in GROWS:
        eventually(lambda n=name: seen.value(f"sum({n})") > before[n], name)  # type: ignore[misc]
    for expression in FALLS:
        eventually(lambda e=expression: seen.value(e) == 0, expression)  # type: ignore[misc]
    joined = seen.value("sum(quiz_participants_joined_total)") - before["quiz_participants_joined_total"]
    answered = seen.value("sum(quiz_answers_submitted_total)") - before["quiz_answers_submitted_total"]
    correct = seen.value("sum(quiz_correct_answers_total)") - before["quiz_correct_answers_total"]
    assert joined == 20
    assert 0 < correct <= answered <= 60
    assert seen.value("sum(quiz_sessions_completed_total)") - before["quiz_sessions_completed_total"] == 2


@needs_prometheus
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "plant", [plant for plant in PLANTS if plant.short or LONG], ids=lambda plant: plant.failure.__name__
)
def test_planted_failures_raise_their_alerts(world: Watched, plant: Plant) -> None:
    seen = world.prometheus
    eventually(lambda: not any(map(seen.fires, plant.alerts)), f"one of {plant.alerts} was raised before")
    with plant.failure(world):
        for alert in plant.alerts:
            eventually(lambda a=alert: seen.fires(a), f"{alert} is not raised")  # type: ignore[misc]
        for expression, least in plant.figures.items():
            eventually(lambda e=expression, n=least: seen.value(f"max_over_time(({e})[5m:1s])") >= n, expression)  # type: ignore[misc]
    if plant.ends:
        eventually(lambda: not any(map(seen.fires, plant.alerts)), f"{plant.alerts} do not end")
