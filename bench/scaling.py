"""`make scaling`: what 1,000 joins and answers cost each part, by instances and shards; docs/performance/scaling.json.

What the parts spend while nobody does anything is told apart, and taken off. Processor time, since the few cores of
one machine say nothing of the wall time of many. Classes of thirty with leaderboards, the players of a class spread
over all instances, which is the dearest way to spread them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from typing import Any

from bench.classes import Cost, open_sessions, tell_all
from bench.drive import Process, Server, client, stop_all
from bench.run import RESULTS, machine
from bench.stores import Stores, real_stores

CLASS = 30
QUESTIONS = 3
#: Seconds after the last answer for which its boards, and its way to the database, still count.
_AFTER = 1.5
#: Seconds for which everybody waits and nobody does anything.
_IDLE = 8.0
PARTS = ("server", "redis", "postgres")


def measure(instances: int, shards: int, classes: int) -> dict[str, Any]:
    """The costs with so many instances and shards; milliseconds of processor time for 1,000 joins or answers."""
    with real_stores(shards) as stores:
        servers = [Server(env=stores.env) for _ in range(instances)]
        school = client("bench.school")
        try:
            return {"instances": instances, "shards": shards, **_play(servers, school, stores, classes)}
        finally:
            school.stop()
            for server in servers:
                server.stop()


def _play(servers: Sequence[Server], school: Process, stores: Stores, classes: int) -> dict[str, Any]:
    players = classes * CLASS
    sessions = open_sessions(servers[0], classes, pace="host", reveal="immediately")
    school.ask(do="enrol", sessions=sessions, size=CLASS, prefix="p")
    memory, redis_bytes = sum(server.rss_mb() for server in servers), stores.redis_bytes()
    cost = Cost(servers, stores)
    came = school.ask(do="arrive", url=[server.ws for server in servers], seconds=players / 600)
    time.sleep(_AFTER)
    joins, took = cost.since(), cost.seconds
    tell_all(servers[0], sessions, "start")
    time.sleep(_AFTER)
    cost = Cost(servers, stores)
    time.sleep(_IDLE)
    idle = {part: spent / _IDLE for part, spent in cost.since().items()}
    answers = dict.fromkeys(PARTS, 0.0)
    acknowledged, received, waits = 0, 0, []
    for _ in range(QUESTIONS):
        school.ask(do="reset")
        tell_all(servers[0], sessions, "next")
        school.ask(do="until", kind="QUESTION_OPENED", count=players, seconds=60)
        time.sleep(0.5)
        cost = Cost(servers, stores)
        got = school.ask(do="answers", seconds=3.0)
        time.sleep(_AFTER)
        answers = {part: spent + answers[part] for part, spent in cost.since(less=idle).items()}
        acknowledged += got["counts"].get("SCORE_UPDATED", 0)
        received += school.ask(do="tally")["bytes"]
        waits.append(got["latency_ms"]["SCORE_UPDATED"]["p99"])
    return {
        "players": players,
        "joined": came["counts"].get("SESSION_JOINED", 0),
        "acknowledged": acknowledged,
        "expected": players * QUESTIONS,
        **{f"join_{part}_ms": round((joins[part] - idle[part] * took) / players * 1e6) for part in PARTS},
        **{f"answer_{part}_ms": round(answers[part] / acknowledged * 1e6) for part in PARTS},
        **{f"idle_{part}_ms_per_s": round(idle[part] * 1e3, 1) for part in PARTS},
        "answers_p99_ms": sorted(waits)[len(waits) // 2],
        "bytes_per_answer": round(received / acknowledged),
        "server_kb_per_player": round((sum(server.rss_mb() for server in servers) - memory) * 1024 / players, 1),
        "redis_kb_per_session": round((stores.redis_bytes() - redis_bytes) / 1024 / classes, 1),
    }


def main() -> None:
    """Measure each, print, and put it in place of what was measured before."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--classes", type=int, default=40, help="classes of thirty players")
    options.add_argument("--instances", type=int, nargs="*", default=[1, 2, 4])
    options.add_argument("--shards", type=int, nargs="*", default=[1, 3])
    options.add_argument("--dry-run", action="store_true", help="write nothing")
    chosen = options.parse_args()
    about, rows = machine(), list[dict[str, Any]]()
    for shards in chosen.shards:
        for instances in chosen.instances:
            try:
                rows.append(measure(instances, shards, chosen.classes))
            finally:
                stop_all()
            print(json.dumps(rows[-1]), flush=True)
    if not chosen.dry_run:
        path = RESULTS / "scaling.json"
        # What was not measured now stays.
        before = json.loads(path.read_text())["rows"] if path.exists() else []
        all_rows = {(row["shards"], row["instances"]): row for row in (*before, *rows)}
        ordered = [all_rows[key] for key in sorted(all_rows)]
        path.write_text(json.dumps({"machine": about, "rows": ordered}, indent=1) + "\n")


if __name__ == "__main__":
    main()
