"""A flame graph of the answer and fan-out path: py-spy watches the server while thousands answer. `make profile`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.drive import Server, client

PLAYERS = 5_000
QUESTIONS = 4


def main(path: str, form: str = "flamegraph") -> None:
    """Write the profile to ``path``."""
    server = Server(core=0)
    load = client()
    try:
        session_id = server.session(pace="host", reveal="immediately", time_limit_ms=60_000)
        load.ask(do="connect", url=server.ws, count=PLAYERS)
        load.ask(do="join", session_id=session_id, seconds=PLAYERS / 2_400)
        server.rest("POST", f"sessions/{session_id}/start")
        profiler = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "py-spy"),
                "record",
                "--pid",
                str(server.process.pid),
                "--rate",
                "250",
                "--format",
                form,
                "--output",
                path,
                "--duration",
                str(QUESTIONS * 4),
            ],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(QUESTIONS):
            load.ask(do="reset")
            server.rest("POST", f"sessions/{session_id}/next")
            load.ask(do="until", kind="QUESTION_OPENED", count=PLAYERS, seconds=20)
            load.ask(do="answer", seconds=2)
        profiler.wait(timeout=60)
    finally:
        load.stop()
        server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
