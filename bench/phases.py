"""`python -m bench.phases [--stores]`: whose the processor time of the server is while classes join, answer and wait.

py-spy watches the serving process during each phase, as bench/classes.py plays it; a sample belongs to whoever's line
the process is at, so that what a line calls in C (a system call, a codec) counts as that line's. The kernel's part is
told beside it, from the process's own times. Prints a table in Markdown; `--keep FOLDER` leaves the stacks.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench.classes import _ask_first_question, open_sessions
from bench.drive import Server, client
from bench.stores import Stores, real_stores

CLASSES, SIZE = 100, 30
_IDLE = 12.0
#: Seconds py-spy needs until it samples, and times a second that it does.
_AHEAD, _RATE = 1.5, 500
#: The first that fits the file of a sample's innermost line.
_OWNERS = {
    "uvicorn and websockets: connections, handshakes, frames": r"^(uvicorn|websockets|httptools)/",
    "the garbage collector, after everybody came": r"^quizserver/server/garbage",
    "the server's own protocol classes": r"^quizserver/server/",
    "Django's ORM, psycopg, SQLite": r"^(psycopg|psycopg_pool|sqlite3|django/db)/",
    "Channels and Django: routing, ASGI": r"^(channels|django|asgiref|quizserver)/",
    "redis-py and channels_redis": r"^(redis|channels_redis|async_timeout)/",
    "metrics": r"^(prometheus_client|common/metrics)",
    "asyncio: tasks, futures, locks": r"^(asyncio|concurrent|contextlib|threading)",
    "messages in and out, of one client": r"^sessions/(websocket|protocol)/",
    "services: who may, what follows": r"^sessions/(services|wiring)/",
    "stores, batches, commits": r"^(sessions/(stores|database)|common/(batching|database|trips|redis|shards|breaker))",
    "grading and scoring": r"^scoring/",
    "names": r"^(sessions/rules/(player_names|look_alikes|offensive|confusables|join_codes)|classes/|unicodedata)",
    "boards and other messages to many": r"^(sessions/fanout|leaderboards|common/held)",
}
#: In the stacks of threads that work: py-spy takes those that wait for work for busy.
_AT_WORK = ("asyncio/runners.py", "_WorkItem.run")


def owner_of(stack: str) -> str:
    """Whose a sample is: frames with their files, the outermost first."""
    frame = stack.rpartition(";")[2]
    path = re.sub(r"^.*site-packages/", "", frame.partition("(")[2].rstrip(")"))
    if path.startswith("asyncio/runners.py"):
        return "the event loop itself (uvloop), and what it reads"
    return next((owner for owner, pattern in _OWNERS.items() if re.match(pattern, path)), "other")


class Watch:
    """py-spy over a phase."""

    def __init__(self, server: Server, path: Path, seconds: float) -> None:
        spy = str(Path(sys.executable).parent / "py-spy")
        options = ["--pid", str(server.process.pid), "--rate", str(_RATE), "--format", "raw", "--output", str(path)]
        command = [spy, "record", *options, "--duration", str(round(seconds + _AHEAD))]
        self._spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._path = path
        time.sleep(_AHEAD)

    def shares(self) -> dict[str, float]:
        """By owner, parts of 1."""
        self._spy.wait(timeout=120)
        samples: Counter[str] = Counter()
        for line in self._path.read_text().splitlines():
            stack, _, count = line.rpartition(" ")
            if any(mark in stack for mark in _AT_WORK):
                samples[owner_of(stack)] += int(count)
        return {owner: count / samples.total() for owner, count in samples.most_common()}


def measure(stores: Stores | None, folder: Path) -> dict[str, tuple[float, float, dict[str, float]]]:
    """By phase: seconds of the processor for 1,000 joins or answers, or in 100 s of idle; the kernel's part of it; and
    whose it is.
    """
    server = Server(env=stores.env if stores else None)
    school = client("bench.school")
    found = {}

    def phase(name: str, seconds: float, per: float, play: Callable[[], object]) -> None:
        # What is watched is slower, which the sum has in it: the shares are what this is for.
        watch = Watch(server, folder / f"{name}.txt", seconds)
        before = server.ps.cpu_times()
        play()
        after = server.ps.cpu_times()
        system = after.system - before.system
        used = after.user - before.user + system
        found[name] = used / per, system / used, watch.shares()

    try:
        sessions = open_sessions(server, CLASSES, pace="host", reveal="immediately")
        school.ask(do="enrol", sessions=sessions, size=SIZE, prefix="p")
        thousands = CLASSES * SIZE / 1_000
        phase("1,000 joins", 4, thousands, lambda: school.ask(do="arrive", url=[server.ws]))
        _ask_first_question(server, school, sessions, "host", naive=False)
        time.sleep(5)
        phase("1,000 answers", 3, thousands, lambda: school.ask(do="answers", seconds=2.0))
        time.sleep(5)
        phase("100 s of waiting", _IDLE, _IDLE / 100, lambda: time.sleep(_IDLE))
    finally:
        school.stop()
        server.stop()
    return found


def table(found: dict[str, tuple[float, float, dict[str, float]]]) -> str:
    """As Markdown; milliseconds."""
    owners = Counter[str]()
    for used, _, shares in found.values():
        owners.update({owner: round(share * used * 1e6) for owner, share in shares.items()})
    lines = [f"| whose | {' | '.join(found)} |", f"|---{'|---' * len(found)}|"]
    for owner, _ in owners.most_common():
        cells = (f"{shares.get(owner, 0) * used * 1e3:,.0f}" for used, _, shares in found.values())
        lines.append(f"| {owner} | {' | '.join(cells)} |")
    lines.append(f"| all, ms | {' | '.join(f'{used * 1e3:,.0f}' for used, *_ in found.values())} |")
    lines.append(f"| of it in the kernel | {' | '.join(f'{kernel:.0%}' for _, kernel, _ in found.values())} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--stores", action="store_true", help="on Valkey and PostgreSQL")
    options.add_argument("--keep", type=Path, help="a folder for the stacks")
    chosen = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stores = stack.enter_context(real_stores()) if chosen.stores else None
        print(table(measure(stores, folder)))


if __name__ == "__main__":
    main()
