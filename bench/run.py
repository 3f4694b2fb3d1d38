"""`make bench`: runs the scenarios, and writes docs/performance.md with its table and plots.

Absolute times say something about this machine in this hour; the ratios beside them, taken in the same run, say
something about the server. `--only NAME` runs the scenarios whose name has NAME in it and prints, without writing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import classes, scenarios
from bench.drive import ROOT, stop_all
from bench.report import write
from bench.stores import Stores, real_stores

Figures = dict[str, Any]
RESULTS = ROOT / "docs" / "performance"
#: A scenario that takes longer is given up; the soak may take its time on top of this.
_SCENARIO_SECONDS = 300


def plan(most: int, soak_seconds: int, stores: Stores) -> Iterator[tuple[str, Callable[[], Figures]]]:
    """Names and scenarios, in the order in which they run; what is compared stands side by side."""
    servers = stores.env
    for count, rounds in ((1_000, 200), (most, 20)):
        for name, module in (("server", "bench.target"), ("raw", "bench.raw"), ("naive", "bench.naive")):
            # Of thousands the naive way tells 3,000 a second.
            turns = rounds if module != "bench.naive" else max(1, rounds // 40)
            yield f"broadcast {count} {name}", partial(scenarios.broadcast, module, count, turns)
    yield "idle 1000", lambda: scenarios.idle(1_000)
    yield f"idle {most}", lambda: scenarios.idle(most)
    yield f"idle {most} naive", lambda: scenarios.idle(most, "bench.naive")
    yield f"join storm {most}", lambda: scenarios.join_storm(most)
    yield f"join storm {most} naive", lambda: scenarios.join_storm(most, "bench.naive")
    yield f"join storm {most} into an active session", lambda: scenarios.join_storm(most, active=True)
    yield (
        f"join storm {most} into an active session, Valkey and PostgreSQL",
        lambda: scenarios.join_storm(most, env=servers, active=True),
    )
    yield "ping 1000 server", lambda: scenarios.ping(1_000)
    yield "ping 1000 naive", lambda: scenarios.ping(1_000, "bench.naive")
    yield "answers 200 naive", lambda: scenarios.naive_answers(200)
    for count in (200, 500, 2_000, 5_000, most):
        yield f"answers {count} embedded", partial(scenarios.answers, count)
    yield f"answers {most} embedded, deltas", lambda: scenarios.answers(most, leaderboard="delta")
    yield f"answers {most} embedded, results withheld", lambda: scenarios.answers(most, reveal="on_close")
    yield f"capacity {most} embedded", lambda: scenarios.answers(most, seconds=0, leaderboard="none")
    yield "slow readers none", lambda: scenarios.slow_readers(2_000, 0)
    yield "slow readers 1 %", lambda: scenarios.slow_readers(2_000, 20)
    for count in (2_000, most):
        yield f"answers {count} Valkey and PostgreSQL", partial(scenarios.answers, count, env=servers)
    yield (
        f"capacity {most} Valkey and PostgreSQL",
        lambda: scenarios.answers(most, seconds=0, leaderboard="none", env=servers),
    )
    yield (
        f"answers {most} Valkey and PostgreSQL, two instances",
        lambda: scenarios.answers(most, instances=2, env=servers),
    )
    yield from classes.plan(most, stores)
    if soak_seconds:
        yield f"soak {soak_seconds} s", lambda: scenarios.soak(500, soak_seconds)


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    model = next(
        (
            line.split(": ")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = ("django", "channels", "uvicorn", "uvloop", "msgspec", "redis")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{os.cpu_count()} x {model}",
        "python": platform.python_version(),
        "versions": ", ".join(f"{name} {version(name)}" for name in names),
        "commit": commit.stdout.strip(),
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def _too_long(*_: object) -> None:
    raise TimeoutError("the scenario took too long")


def main() -> None:
    """Run, print, and write unless told otherwise."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--players", type=int, default=9_500, help="the largest number of players")
    options.add_argument("--only", default="", help="only scenarios with this in their name; prints, writes nothing")
    options.add_argument("--soak", type=int, default=600, help="seconds of the soak; 0 leaves it out")
    chosen = options.parse_args()
    signal.signal(signal.SIGALRM, _too_long)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    about, results = machine(), {}
    with real_stores() as stores:
        for name, scenario in plan(chosen.players, chosen.soak, stores):
            if chosen.only not in name:
                continue
            signal.alarm(_SCENARIO_SECONDS + chosen.soak * name.startswith("soak"))
            try:
                results[name] = scenario()
            except Exception as error:
                results[name] = {"failed": repr(error)}
            signal.alarm(0)
            stop_all()
            print(f"{name}: {json.dumps(results[name])}", flush=True)
            if not chosen.only:
                # After each, so that a run that is broken off has told what it knows.
                write(RESULTS, about, results)


if __name__ == "__main__":
    main()
