"""``make dst SEEDS=100000`` plays that many histories; ``make dst SEED=17`` plays one again and tells all of it.

A history that breaks a rule is made smaller: fewer faults, players, questions and instances, as long as it still does.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

# Sets are gone through in an order that follows from the hashes of texts: the same in every process.
if os.environ.get("PYTHONHASHSEED") != "0":
    os.execve(sys.executable, [sys.executable, "-m", "tests.dst", *sys.argv[1:]], {**os.environ, "PYTHONHASHSEED": "0"})

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizserver.settings")

import django

django.setup()

from tests.dst.plan import FAULTS, Plan, draw
from tests.dst.shrink import shrink
from tests.dst.world import run

_AT_ONCE = 200


def _plan(seed: int, kinds: Sequence[str]) -> Plan:
    return draw(seed, {kind: FAULTS[kind] for kind in kinds} if kinds else None)


def _play(seeds: range, kinds: Sequence[str]) -> tuple[int, Counter[str], list[int]]:
    """How many were played, how often each fault struck, and the seeds that broke a rule."""
    faults: Counter[str] = Counter()
    failing = []
    for seed in seeds:
        plan = _plan(seed, kinds)
        faults.update(fault.kind for fault in plan.faults)
        if run(plan).findings:
            failing.append(seed)
    return len(seeds), faults, failing


def _tell(plan: Plan, *, whole: bool) -> None:
    outcome = run(plan)
    print(f"{plan}\n{outcome.seconds:.1f} s of virtual time")
    if whole:
        print(outcome.digest)
    for finding in outcome.findings:
        print(f"FOUND {finding}")


def _chunks(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, _AT_ONCE):
        yield range(start, min(start + _AT_ONCE, first + count))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make dst", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one history, and tell all of it")
    parser.add_argument("--seeds", type=int, default=1_000, help="how many to play")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--fault", action="append", default=[], choices=sorted(FAULTS), help="only this one")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        _tell(_plan(arguments.seed, arguments.fault), whole=True)
        return 0
    began, played, faults = time.monotonic(), 0, Counter[str]()
    failing: list[int] = []
    with ProcessPoolExecutor(arguments.workers) as pool:
        for count, struck, failed in pool.map(
            partial(_play, kinds=arguments.fault), _chunks(arguments.first, arguments.seeds)
        ):
            played += count
            faults += struck
            failing += failed
            for seed in failed:
                print(f"seed {seed} breaks a rule", flush=True)
    seconds = time.monotonic() - began
    print(f"{played} histories in {seconds:.0f} s, {played / seconds * 60:.0f} a minute; {len(failing)} break a rule")
    print("faults: " + ", ".join(f"{kind} {faults[kind]}" for kind in sorted(faults)))
    for seed in failing[:3]:
        small = shrink(_plan(seed, arguments.fault))
        print(f"\nseed {seed}, made smaller (make dst SEED={seed} plays the whole of it):")
        _tell(small, whole=True)
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
