"""`make capacity`: what so many players need, by the costs in docs/performance/scaling.json; see docs/scaling.md.

A model says how many instances, masters of Redis and cores of PostgreSQL a number of players in classes of thirty asks
for, and a simulation plays every answer of these classes through them, one after the other, and tells how busy each is
and how long answers wait. The simulation knows nothing of the model but the numbers of servers.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.shards import OF_A_CLUSTER, Shards

FIGURES = Path(__file__).resolve().parent.parent / "docs" / "performance" / "scaling.json"
SIZES = (1_000, 100_000, 1_000_000)

CLASS = 30
#: A class has a question this often, and its players answer it within this time; seconds.
QUESTION_SECONDS = 30.0
ANSWER_SECONDS = 12.0
#: At the bell everybody joins within this time; seconds.
BELL_SECONDS = 180.0
#: How busy a core may be by the plan: the rest is for bursts, and for the work of a server that died.
BUSY = 0.6
#: Connections that an instance takes (MAX_CONNECTIONS), and players that one is given.
CONNECTIONS = 10_000
#: Instances among which the players of a class are spread, where installations are kept small.
CELL = 4
#: Cores that one PostgreSQL is taken to have at most.
POSTGRES_CORES = 32
PARTS = ("server", "redis", "postgres")


@dataclass(frozen=True, slots=True)
class Line:
    """A cost that grows with the instances that the players of a class are on: each of them makes its boards."""

    at_none: float
    each: float

    def at(self, spread: float) -> float:
        """The cost with players on so many instances."""
        return self.at_none + self.each * spread


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of a core for one join and one answer, by part; and what stays in memory and goes over the network."""

    join: Mapping[str, Line]
    answer: Mapping[str, Line]
    server_kb_per_player: float
    redis_kb_per_session: float
    bytes_per_answer: float


@dataclass(frozen=True, slots=True)
class Need:
    """What so many players need."""

    players: int
    instances: int
    #: Masters of Redis; each has a replica beside it.
    shards: int
    #: Whole cores.
    postgres: int
    #: Memory of all instances, and of all masters, GB.
    instance_gb: float
    redis_gb: float
    #: To the players, Gbit/s.
    gbit: float
    #: By part, the cores that are busy, and seconds of one for an answer.
    cores: Mapping[str, float]
    answer: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """What a simulation saw."""

    answers: int
    #: The busiest server of each part, over the whole time: share of its core.
    busiest: Mapping[str, float]
    #: From the arrival of an answer to its acknowledgement, the way through instance and Redis; milliseconds.
    p50_ms: float
    p99_ms: float
    #: How long the last answer took to PostgreSQL; seconds behind.
    postgres_behind_s: float


def read_costs(path: Path = FIGURES) -> Costs:
    """From the rows of all measurements: lines through the costs, and the largest of what does not depend on them."""
    rows: Sequence[dict[str, Any]] = json.loads(path.read_text())["rows"]

    def of(what: str) -> dict[str, Line]:
        # They are milliseconds for a thousand.
        return {part: fit([(row["instances"], row[f"{what}_{part}_ms"] / 1e6) for row in rows]) for part in PARTS}

    # A cluster of a few sessions is mostly its own tables.
    alone = [row for row in rows if row["shards"] == 1] or rows
    return Costs(
        of("join"),
        of("answer"),
        max(row["server_kb_per_player"] for row in rows),
        max(row["redis_kb_per_session"] for row in alone),
        max(row["bytes_per_answer"] for row in rows),
    )


def fit(points: Sequence[tuple[float, float]]) -> Line:
    """The straight line nearest to costs by number of instances, which never falls."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    middle, height = sum(xs) / len(xs), sum(ys) / len(ys)
    width = sum((x - middle) ** 2 for x in xs)
    each = max(0.0, sum((x - middle) * (y - height) for x, y in points) / width) if width else 0.0
    return Line(max(0.0, height - each * middle), each)


def spread_of(instances: int) -> float:
    """On how many instances the players of a class are, where each comes to any of them."""
    return instances * (1 - (1 - 1 / instances) ** CLASS)


def need(players: int, costs: Costs, *, cell: int = 0) -> Need:
    """By the model: what is asked of each part in the busier of two times, the bell and the questions.

    :param cell: instances among which the players of one class are spread; 0 for all.
    """
    joins, answers = players / BELL_SECONDS, players / QUESTION_SECONDS
    instances = 1
    while True:
        spread = spread_of(min(cell or instances, instances))
        answer = {part: costs.answer[part].at(spread) for part in PARTS}
        cores = {part: max(joins * costs.join[part].at(spread), answers * answer[part]) for part in PARTS}
        asked = max(math.ceil(cores["server"] / BUSY), math.ceil(players / CONNECTIONS))
        if asked <= instances:
            break
        instances = asked
    shards = math.ceil(cores["redis"] / BUSY)
    return Need(
        players,
        # One more of each cell, so that the others can take the players of one that dies.
        instances + (math.ceil(instances / cell) if cell else 1),
        # Fewer than three masters cannot agree that one is dead; one Redis needs no cluster.
        1 if shards == 1 else max(3, shards),
        max(1, math.ceil(cores["postgres"] / BUSY)),
        players * costs.server_kb_per_player / 1_048_576,
        players / CLASS * costs.redis_kb_per_session / 1_048_576,
        answers * costs.bytes_per_answer * 8 / 1e9,
        cores,
        answer,
    )


def simulate(asked: Need, *, seconds: float = 30.0, seed: int = 1) -> Found:
    """Every answer of all classes for so long, through servers that do one thing after the other."""
    chance = random.Random(seed)
    tags = Shards(OF_A_CLUSTER)
    arrivals: list[tuple[float, int, int]] = []
    for number in range(asked.players // CLASS):
        shard = tags.of(f"{seed}-{number}") * asked.shards // OF_A_CLUSTER
        opened = chance.uniform(0, QUESTION_SECONDS) - QUESTION_SECONDS
        while opened < seconds:
            for _ in range(CLASS):
                # Few at once, most in the middle, some at the end.
                at = opened + ANSWER_SECONDS * chance.betavariate(2, 3)
                if 0 <= at < seconds:
                    arrivals.append((at, chance.randrange(asked.instances), shard))
            opened += QUESTION_SECONDS
    arrivals.sort()
    free = {"server": [0.0] * asked.instances, "redis": [0.0] * asked.shards, "postgres": [0.0] * asked.postgres}
    busy = {part: [0.0] * len(each) for part, each in free.items()}

    def serve(part: str, place: int, at: float) -> float:
        free[part][place] = done = max(at, free[part][place]) + asked.answer[part]
        busy[part][place] += asked.answer[part]
        return done

    waits = []
    behind = 0.0
    for index, (at, instance, shard) in enumerate(arrivals):
        done = serve("redis", shard, serve("server", instance, at))
        waits.append(done - at)
        behind = serve("postgres", index % asked.postgres, done) - done
    waits.sort()
    return Found(
        len(arrivals),
        {part: max(each) / seconds for part, each in busy.items()},
        waits[len(waits) // 2] * 1e3,
        waits[int(len(waits) * 0.99)] * 1e3,
        behind,
    )


def table(costs: Costs, sizes: Sequence[int] = SIZES) -> list[str]:
    """The needs and what the simulation saw of each, as lines of a table."""
    lines = [
        "| players | a class is spread over | instances | Redis masters | PostgreSQL cores | "
        "memory of instances, Redis | to the players | busiest instance, Redis, PostgreSQL | wait, P50, P99 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for players in sizes:
        for cell, says in ((CELL, f"{CELL} instances"), (0, "all")):
            asked = need(players, costs, cell=cell)
            # A million for long would take minutes; a shorter time shows the busiest server too.
            found = simulate(asked, seconds=30.0 if players <= 100_000 else 5.0)
            busy = ", ".join(f"{found.busiest[part]:.0%}" for part in PARTS)
            lines.append(
                f"| {players:,} | {says} | {asked.instances:,} | {asked.shards:,} | {asked.postgres:,} | "
                f"{asked.instance_gb:,.1f} GB, {asked.redis_gb:,.1f} GB | {asked.gbit:,.2f} Gbit/s | {busy} | "
                f"{found.p50_ms:,.0f} ms, {found.p99_ms:,.0f} ms |"
            )
    return lines


def measured(path: Path = FIGURES) -> list[str]:
    """The costs that all of this is made from, as lines of a table."""
    rows: Sequence[dict[str, Any]] = json.loads(path.read_text())["rows"]
    names = [f"{what}_{part}_ms" for what in ("join", "answer") for part in PARTS]
    names += ["idle_server_ms_per_s", "idle_redis_ms_per_s"]
    return [
        f"| {row['instances']} | {row['shards']} | {' | '.join(format(row[name], ',') for name in names)} |"
        for row in sorted(rows, key=lambda row: (row["shards"], row["instances"]))
    ]


def most_players(costs: Costs) -> int:
    """Players up to which one PostgreSQL of :data:`POSTGRES_CORES` cores takes every answer, in whole thousands."""
    spread = spread_of(CELL)
    join, answer = costs.join["postgres"].at(spread), costs.answer["postgres"].at(spread)
    demand = max(join / BELL_SECONDS, answer / QUESTION_SECONDS)
    return int(POSTGRES_CORES * BUSY / demand) // 1_000 * 1_000 if demand else 0


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--players", type=int, nargs="*", default=list(SIZES), help="1,000 to 10,000,000")
    chosen = options.parse_args()
    costs = read_costs()
    print("\n".join([*measured(), "", *table(costs, chosen.players)]))
    print(f"\nOne PostgreSQL of {POSTGRES_CORES} cores takes the answers of {most_players(costs):,} players.")


if __name__ == "__main__":
    main()
