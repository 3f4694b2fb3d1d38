"""The files of a deployment, as far as they can be checked without an engine."""

from __future__ import annotations

import asyncio
import configparser
import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.config import BASE_DIR, Config
from quizserver.cluster.balancer import Nginx, nginx_config, nginx_path
from quizserver.server.bodies import body_bound


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


def test_every_container_may_do_only_what_it_needs(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert set(service.get("cap_add", [])) <= {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}, name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert "privileged" not in service, name
        # A root that cannot be written needs a place for what is passing.
        assert service.get("tmpfs") or name == "prometheus", name


def test_redis_wants_the_password_that_the_instances_have(compose: dict[str, Any]) -> None:
    redis, app = compose["services"]["redis"], compose["services"]["app"]
    assert "--requirepass" in redis["command"]
    assert "${REDIS_PASSWORD" in redis["command"][redis["command"].index("--requirepass") + 1]
    assert app["environment"]["REDIS_URL"].startswith("redis://:${REDIS_PASSWORD")
    assert "${REDIS_PASSWORD" in redis["environment"]["REDISCLI_AUTH"]


def test_the_systemd_unit_starts_what_there_is_with_time_to_drain_and_few_rights() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(BASE_DIR / "deploy" / "systemd" / "quizserver.service")
    service = unit["Service"]
    assert service["ExecStart"].endswith("manage.py serve")
    assert service["ExecStartPre"].endswith("manage.py prepare")
    assert int(service["TimeoutStopSec"]) >= Config.model_fields["drain_seconds"].default + 10
    assert int(service["LimitNOFILE"]) > Config.model_fields["max_connections"].default
    for name, value in {"NoNewPrivileges": "true", "ProtectSystem": "strict", "UMask": "0077"}.items():
        assert service[name] == value
    assert service["CapabilityBoundingSet"] == ""


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


def test_nginx_lets_the_largest_import_through() -> None:
    text = (BASE_DIR / "deploy" / "nginx.conf").read_text()
    bounds = [int(found) << 20 for found in re.findall(r"client_max_body_size (\d+)m;", text)]
    for name in ("import_max_bytes", "image_max_bytes"):
        assert max(bounds) > Config.model_fields[name].default + 65_536


def bound_in_nginx(path: str) -> int:
    """The largest body that nginx takes for a path: of the location that it finds, else of the server."""
    text = (BASE_DIR / "deploy" / "nginx.conf").read_text()
    units = {"k": 1 << 10, "m": 1 << 20}
    whole = re.search(r"client_max_body_size (\d+)([km]);", text)
    found, best = whole, ""
    for kind, where, body in re.findall(r"location (= |~ |)(\S+) \{(.*?)\n        \}", text, re.DOTALL):
        inner = re.search(r"client_max_body_size (\d+)([km]);", body)
        if kind == "~ " and re.search(where, path):
            found, best = inner or whole, "~" * 99
        elif kind == "" and path.startswith(where) and len(where) > len(best):
            found, best = inner or whole, where
    assert found is not None
    return int(found[1]) * units[found[2]]


@pytest.mark.parametrize(
    "path",
    ["/", "/j/ABC123", "/health/live", "/api/schema/", "/api/v1/images", "/api/v1/quizzes", "/api/v1/quizzes/import",
     "/api/v1/wordlists/import", "/api/v1/sessions", "/admin/login/", "/admin/quizzes/quiz/add/", "/i18n/setlang/",
     "/ws/stream/x"],
)  # fmt: skip
def test_nginx_takes_about_the_bodies_that_the_instances_take(path: str) -> None:
    inside, outside = body_bound("POST", path), bound_in_nginx(path)
    assert inside <= outside <= 3 * inside


def test_nginx_bounds_what_an_address_may_ask_for() -> None:
    text = (BASE_DIR / "deploy" / "nginx.conf").read_text()
    for location in ("/", "/api/v1/", "/admin/login/", "/ws"):
        body = text.partition(f"location {location} {{")[2].partition("\n        }")[0]
        assert "limit_req zone=" in body or "limit_conn " in body, location
    # The names stand for what they count, not for what a client says.
    assert set(re.findall(r"limit_(?:req|conn)_zone (\S+)", text)) == {"$binary_remote_addr"}


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that came."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing to say."""


@pytest.fixture
def behind_nginx(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Asks an echo behind nginx for a path; the status, or the headers that reached it."""
    if nginx_path() is None:
        pytest.skip("nginx is not installed")
    echo = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=echo.serve_forever).start()
    started: list[Nginx] = []

    def ask(path: str, *, proxy: str = "", **headers: str) -> Any:
        monkeypatch.setattr(
            "quizserver.cluster.balancer.nginx_config",
            lambda *given, **options: nginx_config(*given, **options).replace("default 0;", f"default 0; {proxy}"),
        )
        balancer = Nginx([echo.server_port])
        started.append(balancer)
        asyncio.run(balancer.start())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{balancer.port}{path}"
        for _ in range(100):
            try:
                with urllib.request.urlopen(urllib.request.Request(url, headers=named), timeout=5) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                return error.code
            except urllib.error.URLError:
                time.sleep(0.05)  # it does not listen yet
        raise AssertionError("nginx does not answer")

    yield ask
    for balancer in started:
        asyncio.run(balancer.stop())
    echo.shutdown()
    echo.server_close()


SPOOFED = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https"}


def test_nginx_does_not_pass_on_what_a_client_says_of_itself(behind_nginx: Callable[..., Any]) -> None:
    told = behind_nginx("/", **SPOOFED)
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("127.0.0.1", "http")


def test_nginx_believes_the_proxy_that_it_is_told_of(behind_nginx: Callable[..., Any]) -> None:
    told = behind_nginx("/", proxy="127.0.0.1 1;", **SPOOFED)
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("203.0.113.9, 127.0.0.1", "https")


@pytest.mark.parametrize(
    ("path", "status"), [("/metrics", 404), ("/health", 404), ("/health/ready", 404), ("/health/live", 200)]
)
def test_nginx_keeps_figures_inside(behind_nginx: Callable[..., Any], path: str, status: int) -> None:
    told = behind_nginx(path)
    assert (told if isinstance(told, int) else 200) == status
