"""The suites that depend on the database, once more on a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.config import BASE_DIR
from tests.support.servers import postgres_url, redis_url


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "suite", ["tests/unit/sessions/stores", "tests/unit/quizzes/images/test_images.py", "tests/unit/practice"]
)
def test_what_depends_on_the_database_holds_on_postgresql(tmp_path: Path, suite: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", suite],
        cwd=BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": postgres_url(),
            "TEST_REDIS_URL": redis_url(),
            "DATA_DIR": str(tmp_path),
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-1_000:]
    assert " passed" in done.stdout
