"""Rules can be read, tested and fuzzed without a server: what they import is held here and by import-linter."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
[RULES] = [each["source_modules"] for each in LINTER["contracts"] if each["name"].startswith("Rules")]
#: The only package of others a rule may use.
PACKAGES = {"rapidfuzz"}
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
            if node.module in LINTER["root_packages"]:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def strangers(source: str) -> set[str]:
    """What a rule may not import."""

    def allowed(name: str) -> bool:
        package = name.partition(".")[0]
        standard = package in sys.stdlib_module_names and package not in IMPURE
        return standard or package in PACKAGES or name in RULES

    return {name for name in imports(source) if not allowed(name)}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_imports_rules_rapidfuzz_and_the_pure_part_of_the_standard_library(rule: str) -> None:
    assert strangers((ROOT / rule.replace(".", "/")).with_suffix(".py").read_text()) == set()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import re", set()),
        ("from rapidfuzz import fuzz", set()),
        ("from sessions.state import SessionState", set()),
        ("import time", {"time"}),
        ("def later():\n    from django.utils import timezone", {"django.utils"}),
        ("from sessions.service import SessionService", {"sessions.service"}),
        ("from quizserver import metrics", {"quizserver.metrics"}),
    ],
)
def test_it_would_find_an_import_that_is_not_pure(line: str, found: set[str]) -> None:
    assert strangers(line) == found
