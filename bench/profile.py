"""A flame graph of the answer and fan-out path: py-spy watches the server while thousands answer. `make profile`.

`python -m bench.profile FILE FORM classes` watches it while a hundred classes of thirty answer.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.classes import open_sessions, tell_all
from bench.drive import Server, client

PLAYERS = 5_000
QUESTIONS = 4
CLASSES, SIZE = 100, 30


def _watch(server: Server, path: str, form: str, seconds: int) -> subprocess.Popen[bytes]:
    spy = str(Path(sys.executable).parent / "py-spy")
    options = ["--pid", str(server.process.pid), "--rate", "250", "--format", form, "--output", path]
    return subprocess.Popen([spy, "record", *options, "--duration", str(seconds)], stdout=subprocess.DEVNULL)


def hall(path: str, form: str) -> None:
    """Write the profile of one session of thousands to ``path``."""
    server = Server(core=0)
    load = client()
    try:
        session_id = server.session(pace="host", reveal="immediately", time_limit_ms=60_000)
        load.ask(do="connect", url=server.ws, count=PLAYERS)
        load.ask(do="join", session_id=session_id, seconds=PLAYERS / 2_400)
        server.rest("POST", f"sessions/{session_id}/start")
        profiler = _watch(server, path, form, QUESTIONS * 4)
        for _ in range(QUESTIONS):
            load.ask(do="reset")
            server.rest("POST", f"sessions/{session_id}/next")
            load.ask(do="until", kind="QUESTION_OPENED", count=PLAYERS, seconds=20)
            load.ask(do="answer", seconds=2)
        profiler.wait(timeout=60)
    finally:
        load.stop()
        server.stop()


def school(path: str, form: str) -> None:
    """Write the profile of a hundred classes of thirty to ``path``."""
    server = Server(core=0)
    load = client("bench.school")
    try:
        sessions = open_sessions(server, CLASSES, pace="host", reveal="immediately")
        load.ask(do="enrol", sessions=sessions, size=SIZE, prefix="p")
        load.ask(do="arrive", url=[server.ws])
        tell_all(server, sessions, "start")
        profiler = _watch(server, path, form, QUESTIONS * 4)
        for _ in range(QUESTIONS):
            load.ask(do="reset")
            tell_all(server, sessions, "next")
            load.ask(do="until", kind="QUESTION_OPENED", count=CLASSES * SIZE, seconds=20)
            load.ask(do="answers", seconds=2)
        profiler.wait(timeout=60)
    finally:
        load.stop()
        server.stop()


def main(path: str, form: str = "flamegraph", what: str = "hall") -> None:
    """Write the profile to ``path``."""
    {"hall": hall, "classes": school}[what](path, form)


if __name__ == "__main__":
    main(*sys.argv[1:])
