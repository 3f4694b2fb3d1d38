"""The files of a deployment, as far as they can be checked without an engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from quizserver.cluster.balancer import Nginx, nginx_config, nginx_path
from quizserver.config import BASE_DIR, Config


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """compose.yaml, merged as an engine would."""
    data: dict[str, Any] = yaml.safe_load((BASE_DIR / "compose.yaml").read_text())
    return data


def test_compose_is_what_the_specification_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_compose_sets_only_settings_that_there_are(compose: dict[str, Any]) -> None:
    known = {name.upper() for name in Config.model_fields}
    assert set(compose["services"]["app"]["environment"]) <= known


def test_an_instance_has_more_time_to_stop_than_the_drain_takes(compose: dict[str, Any]) -> None:
    app = compose["services"]["app"]
    grace = float(app["stop_grace_period"].removesuffix("s"))
    assert grace >= float(app["environment"]["DRAIN_SECONDS"]) + 10


def test_every_service_that_stays_has_a_health_check(compose: dict[str, Any]) -> None:
    # The image of the instances bears its own.
    checked = {name for name, service in compose["services"].items() if "healthcheck" in service}
    assert checked == {"nginx", "redis", "postgres", "prometheus", "grafana"}
    assert "HEALTHCHECK" in (BASE_DIR / "Dockerfile").read_text()


def test_what_watches_starts_only_when_asked_for_and_listens_on_loopback(compose: dict[str, Any]) -> None:
    for name in ("prometheus", "grafana"):
        service = compose["services"][name]
        assert service["profiles"] == ["observability"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_prometheus_scrapes_the_instances_by_the_name_that_compose_gives_them(compose: dict[str, Any]) -> None:
    scraped = yaml.safe_load((BASE_DIR / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"][0]
    [target] = scraped["dns_sd_configs"]
    assert set(target["names"]) <= set(compose["services"])


def test_instances_start_after_one_migration(compose: dict[str, Any]) -> None:
    assert compose["services"]["app"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_image_runs_the_server_without_a_shell_or_root() -> None:
    lines = (BASE_DIR / "Dockerfile").read_text().splitlines()
    assert 'CMD ["python", "manage.py", "serve"]' in lines
    assert "USER quiz" in lines


def test_nginx_gets_the_instances_of_a_cluster(tmp_path: Path) -> None:
    text = nginx_config(tmp_path, 8123, [9001, 9002])
    assert "listen 127.0.0.1:8123" in text
    assert "server 127.0.0.1:9001 " in text
    assert "server 127.0.0.1:9002 " in text
    assert "# cluster:" not in text
    assert "/tmp/nginx" not in text.replace(str(tmp_path), "")


@pytest.mark.skipif(nginx_path() is None, reason="nginx is not installed")
async def test_nginx_takes_its_configuration() -> None:
    balancer = Nginx([9001])
    try:
        await balancer.start()
    finally:
        await balancer.stop()
