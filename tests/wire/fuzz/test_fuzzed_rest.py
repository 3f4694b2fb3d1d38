"""The REST API against its own document: no 500, and no answer the document does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.serving import KEY, start_server, stop_server

#: Cases per operation and phase.
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "3")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.timeout(1800)
def test_every_answer_is_as_the_document_says(tmp_path: Path) -> None:
    server = start_server(tmp_path, RATE_FAILED_KEYS_PER_MINUTE="0", LOG_LEVEL="ERROR")
    try:
        # Most operations need a session: one that is there for most of the run, until DELETE is tried.
        config = tmp_path / "schemathesis.toml"
        config.write_text(f'[parameters]\nsession_id = "{server.session()["session_id"]}"\n')
        command = [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(config), "run"]
        command += [f"{server.url}/api/schema/", "--header", f"Authorization: Api-Key {KEY}"]
        command += [
            "--checks",
            CHECKS,
            "--max-examples",
            EXAMPLES,
            "--seed",
            "1",
            "--phases",
            "examples,coverage,fuzzing",
        ]
        command += ["--generation-database", "none", "--no-color", "--continue-on-failure"]
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=1800, check=False)
        assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:] + server.log.read_text()[-3000:]
    finally:
        stop_server(server)
