"""Several processes, watched by a real Prometheus: the figures move, and planted failures raise their alerts."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml

from quizserver import metrics
from quizserver.redis import watching_client
from quizserver.store_gauges import StoreGauges
from tests.operations.serving import Server, ask, free_port, start_server, stop_server
from tests.operations.test_alerts import RULES
from tests.operations.test_metrics import scrape, wait_for
from tests.support.servers import redis_url

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="prometheus is missing: install Debian's package prometheus"
)


@pytest.fixture
def instances(tmp_path: Path) -> Iterator[list[Server]]:
    """Two servers, each on its own."""
    running = []
    try:
        for number in range(2):
            folder = tmp_path / f"instance-{number}"
            folder.mkdir()
            running.append(start_server(folder))
        yield running
    finally:
        for server in running:
            stop_server(server)


def eventually(condition: Callable[[], bool]) -> None:
    """Until it holds; fails after a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@needs_prometheus
def test_a_real_prometheus_sees_figures_move_and_planted_failures(instances: list[Server], tmp_path: Path) -> None:
    rules = yaml.safe_load(RULES.read_text())
    for rule in rules["groups"][0]["rules"]:
        rule["for"] = "0s"  # the waiting is tested by promtool
    (tmp_path / "alerts.yml").write_text(yaml.safe_dump(rules))
    targets = [f"127.0.0.1:{server.port}" for server in instances]
    config = {
        "global": {"scrape_interval": "500ms", "scrape_timeout": "400ms", "evaluation_interval": "500ms"},
        "rule_files": ["alerts.yml"],
        "scrape_configs": [{"job_name": "quiz", "static_configs": [{"targets": targets}]}],
    }
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = free_port()
    command = ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
    with (tmp_path / "prometheus.log").open("wb") as log:
        prometheus = subprocess.Popen(
            [*command, f"--web.listen-address=127.0.0.1:{port}"], cwd=tmp_path, stdout=log, stderr=log
        )

    def query(expression: str) -> list[Any]:
        url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return list(json.load(answer)["data"]["result"])
        except OSError:
            return []

    def value(expression: str) -> float:
        found = query(expression)
        return float(found[0]["value"][1]) if found else 0.0

    try:
        eventually(lambda: value('count(up{job="quiz"} == 1)') == 2)
        made = instances[0].session()
        with instances[0].client("one") as first, instances[1].client("two") as second:
            ask(first, "JOIN_SESSION", {"session_id": made["session_id"], "username": "One"})
            question = ask(first, "NEXT_QUESTION", {"session_id": made["session_id"]})["payload"]
            answer = {"session_id": made["session_id"], "question_id": question["question_id"]}
            ask(first, "SUBMIT_ANSWER", {**answer, "answer": question["options"][0]})
            ask(second, "PING")
            eventually(lambda: value("sum(websocket_active_connections)") == 2)
            eventually(lambda: value("sum(quiz_answers_submitted_total)") == 1)
            eventually(lambda: value("max(quiz_active_sessions)") == 1)
            eventually(lambda: value("sum(leaderboard_update_latency_seconds_count)") >= 1)
        eventually(lambda: value("sum(websocket_active_connections)") == 0)
        assert query('ALERTS{alertname="InstanceDown"}') == []
        stop_server(instances[1])
        eventually(lambda: query('ALERTS{alertname="InstanceDown",alertstate="firing"}') != [])
    finally:
        prometheus.terminate()
        prometheus.wait(20)


def test_processes_behind_one_port_tell_the_figures_of_all(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    running = []
    try:
        for number in range(2):
            folder = tmp_path / f"process-{number}"
            folder.mkdir()
            running.append(start_server(folder, PROMETHEUS_MULTIPROC_DIR=str(shared)))
        with running[0].client("one") as first, running[1].client("two") as second, running[1].client("three") as third:
            for client in (first, second, third):
                ask(client, "PING")
            for server in running:
                wait_for(lambda server=server: scrape(server)["websocket_active_connections"] == 3)  # type: ignore[misc]
                assert scrape(server)["websocket_total_connections"] == 3
                assert scrape(server)["websocket_messages_received_total"] == 3
            stop_server(running[1])
        wait_for(lambda: scrape(running[0])["websocket_active_connections"] == 0)
        assert scrape(running[0])["websocket_total_connections"] == 3
    finally:
        for server in running:
            stop_server(server)


async def test_the_gauges_tell_when_redis_is_there_and_when_it_is_not(transactional_db: None) -> None:
    there = StoreGauges(redis_url())
    await there.sample()
    assert metrics.redis_down._value.get() == 0
    assert metrics.redis_clients._value.get() >= 1
    there.close()
    gone = StoreGauges(f"redis://127.0.0.1:{free_port()}")
    await gone.sample()
    assert metrics.redis_down._value.get() == 1
    gone.close()
    metrics.redis_down.set(0)


def test_a_sentinel_address_is_understood() -> None:
    client = watching_client("sentinel://127.0.0.1:1/main?db=2", timeout=0.1)
    with pytest.raises(redis.exceptions.ConnectionError):
        client.ping()
    client.close()
