"""Rules can be read, tested and fuzzed without a server: what they import is held here and by import-linter."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import BASE_DIR

ROOT = BASE_DIR
#: Rules are known by the folder they stand in; the ranking is the only one that stands in a folder of another name.
RULES = sorted([*ROOT.glob("*/rules/*.py"), ROOT / "leaderboards/ranking.py"])
#: The only packages of others that rules may use. FSRS is arithmetic where it is told the time and its chance is off.
PACKAGES = {"rapidfuzz", "fsrs"}
#: Parts of the standard library that reach out of the process, or tell the time.
IMPURE = {
    *("asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "selectors", "shutil"),
    *("socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib"),
}


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            # `from PACKAGE import MODULE` names a module of a folder of ours; any other names what a module holds.
            if (ROOT / node.module.replace(".", "/")).is_dir():
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def _path(module: str) -> Path:
    return (ROOT / module.replace(".", "/")).with_suffix(".py")


def strangers(source: str) -> set[str]:
    """What a rule may not import."""

    def allowed(name: str) -> bool:
        package = name.partition(".")[0]
        standard = package in sys.stdlib_module_names and package not in IMPURE
        return standard or package in PACKAGES or _path(name) in RULES

    return {name for name in imports(source) if not allowed(name)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.relative_to(ROOT)))
def test_a_rule_imports_rules_two_packages_and_the_pure_part_of_the_standard_library(rule: Path) -> None:
    assert strangers(rule.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import re", set()),
        ("from rapidfuzz import fuzz", set()),
        ("from sessions.rules.state import SessionState", set()),
        ("import time", {"time"}),
        ("def later():\n    from django.utils import timezone", {"django.utils"}),
        ("from sessions.services.hosting import SessionService", {"sessions.services.hosting"}),
        ("from common import metrics", {"common.metrics"}),
    ],
)
def test_it_would_find_an_import_that_is_not_pure(line: str, found: set[str]) -> None:
    assert strangers(line) == found
