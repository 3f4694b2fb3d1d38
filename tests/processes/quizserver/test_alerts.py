"""Alerts fire when they should, and dashboards show metrics that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.support.serving import ROOT, Server

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboards" / "quiz.json"
_NAME = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?!\s*\()")
#: Names that stand in expressions and are no metrics of the server.
_WORDS = {"histogram_quantile", "quiz_server"}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing: install Debian's package prometheus"
)


def alerts() -> list[dict[str, Any]]:
    """All alerting rules."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def names_in(expression: str) -> set[str]:
    """The metrics an expression reads."""
    bare = re.sub(r'"[^"]*"', "", re.sub(r"\b(?:by|on|without)\s*\([^)]*\)", "", expression))
    return {re.sub(r"_bucket$|_sum$|_count$", "", name) for name in _NAME.findall(bare)} - _WORDS


@needs_promtool
def test_rules_are_valid_and_planted_failures_raise_each_of_them() -> None:
    for command in (["check", "rules", RULES.name], ["test", "rules", "alerts.test.yml"]):
        ended = subprocess.run(
            ["promtool", *command], cwd=RULES.parent, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_alert_is_planted_and_has_its_page() -> None:
    planted = (RULES.parent / "alerts.test.yml").read_text()
    runbook = (ROOT / "docs" / "operations.md").read_text()
    for alert in alerts():
        assert f"alertname: {alert['alert']}" in planted
        assert f"\n### {alert['alert']}\n" in runbook
        assert alert["annotations"]["runbook"] == f"docs/operations.md#{alert['alert'].lower()}"


def test_rules_and_dashboard_read_metrics_that_exist(server: Server) -> None:
    text = server.request("GET", "/metrics", key="")[1]
    exist = {re.sub(r"_total$", "", name) for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}
    expressions = [alert["expr"] for alert in alerts()]
    dashboard = json.loads(DASHBOARD.read_text())
    expressions += [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert len(expressions) > 30
    for expression in expressions:
        names = {re.sub(r"_total$", "", name) for name in names_in(expression)}
        assert names or expression.startswith("up")
        assert names <= exist, expression
