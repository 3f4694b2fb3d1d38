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
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
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


def test_dashboards_have_ids_of_their_own_and_panels_that_do_not_overlap() -> None:
    dashboards = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert {dashboard["uid"] for dashboard in dashboards} == {"quiz", "quiz-classes"}
    for dashboard in dashboards:
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids)
        cells = [
            (x, y)
            for at in (panel["gridPos"] for panel in dashboard["panels"])
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        ]
        assert len(set(cells)) == len(cells)
        assert max(x for x, _ in cells) < 24


def test_rules_and_dashboards_read_metrics_that_exist(server: Server) -> None:
    text = server.request("GET", "/metrics", key="")[1]
    exist = {re.sub(r"_total$", "", name) for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}
    expressions = [alert["expr"] for alert in alerts()]
    for path in DASHBOARDS:
        panels = json.loads(path.read_text())["panels"]
        expressions += [target["expr"] for panel in panels for target in panel.get("targets", [])]
    assert len(expressions) > 50
    for expression in expressions:
        names = {re.sub(r"_total$", "", name) for name in names_in(expression)}
        assert names or expression.startswith("up")
        assert names <= exist, expression
