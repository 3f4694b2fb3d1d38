"""``make nemesis SEED=17``: random faults at once against random play of several sessions, over real processes.

A seed decides who plays, which faults strike, and when. What every client was told is compared with the database
afterwards, as the chaos suite does it. Timing is the machine's: a seed that fails is played again with the same faults
at the same moments, though not to the last message, which is what ``make dst`` is for.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from quizserver.cluster.cluster import Cluster
from simulation.check import Finding, RecordedAnswer, check
from simulation.play import Plan, Played, Simulation
from simulation.rest import CallRefused, RestClient, Unreachable
from tests.chaos import faults
from tests.chaos.faults import Fault

#: Faults by what they hit: two at once never hit the same.
GROUPS: dict[str, tuple[Fault, ...]] = {
    "redis": (
        faults.redis_hangs,
        faults.redis_is_full,
        faults.redis_misses_its_replicas,
        faults.redis_is_demoted,
        faults.redis_is_held_up_by_a_script,
    ),
    "redis's data": (
        faults.redis_is_killed,
        faults.redis_loses_its_data,
        faults.redis_is_replaced_at_once,
        faults.redis_is_flushed,
    ),
    "postgresql": (faults.postgresql_stops, faults.postgresql_is_read_only),
    "instances": (faults.an_instance_is_killed, faults.an_instance_is_deployed),
    "network": (faults.the_network_is_slow, faults.one_instance_is_cut_off),
}
#: Pairs that docs/reliability.md names as not promised, or that hit the same.
_APART = (
    {"redis", "redis's data"},
    {"redis's data", "instances"},
    {"redis's data", "postgresql"},
    {"redis", "instances"},
    {"network", "instances"},
)

_WITHOUT_AN_ANSWER = {"wrong ranking", "wrong place told", "wrong score told", "refused answer counts"}
#: So many answers without a reply are left out in every combination.
_TRIED_TOGETHER = 5


@dataclass(frozen=True, slots=True)
class Strike:
    """What goes wrong in a history: faults, and the seconds after which each begins."""

    faults: tuple[tuple[float, Fault], ...]
    plan: Plan

    def __str__(self) -> str:
        what = ", ".join(f"{fault.__name__} after {at:.1f} s" for at, fault in self.faults)
        return f"{self.plan.sessions} sessions of {self.plan.players} in {self.plan.pace} pace: {what}"


def draw(seed: int, *, players: int = 25) -> Strike:
    """What a seed stands for."""
    chance = Random(f"nemesis {seed}")
    names = chance.sample(sorted(GROUPS), chance.choice((1, 2, 2, 3)))
    chosen: list[str] = []
    for name in names:
        if not any({name, other} in _APART for other in chosen):
            chosen.append(name)
    struck = tuple((round(chance.uniform(0, 3), 1), chance.choice(GROUPS[name])) for name in chosen)
    plan = Plan(
        "vocab-101",
        pace=chance.choice(("host", "host", "self")),
        players=players,
        sessions=chance.randint(1, 3),
        questions=chance.randint(3, 5),
        seconds=1.5,
        seed=seed,
    )
    return Strike(struck, plan)


async def play(cluster: Cluster, strike: Strike) -> list[Played]:
    """Play a history; each session with what the check found."""
    chance = Random(f"host {strike.plan.seed}")

    async def begin(at: float, fault: Fault) -> None:
        await asyncio.sleep(at)
        await fault(cluster)

    async def meddle() -> None:
        """What a host does besides the questions, to a session of any."""
        host = RestClient(cluster.url, cluster.api_key, patience=5)
        for _ in range(2):
            await asyncio.sleep(chance.uniform(0.5, 3))
            path = f"sessions/{chance.choice(simulation.tables).session_id}"
            for command in ("pause", "resume"):
                # It may be over, or nobody may be there to take the command; a pause must not stay.
                for _ in range(20):
                    try:
                        await host.post(f"{path}/{command}")
                        break
                    except CallRefused:
                        break
                    except Unreachable:
                        await asyncio.sleep(0.5)
                await asyncio.sleep(0.2)

    async def all_at_once() -> None:
        await asyncio.gather(meddle(), *(begin(at, fault) for at, fault in strike.faults))

    simulation = Simulation(RestClient(cluster.url, cluster.api_key, patience=60), strike.plan, all_at_once)
    return await simulation.run()


def findings(played: list[Played]) -> Iterator[str]:
    """Everything that is wrong."""
    for session in played:
        excuse = _Excuse(session)
        for finding in session.findings:
            # The host pauses here, which moves deadlines.
            if finding.rule != "deadline moved" and not excuse.explains(finding):
                yield str(finding)


class _Excuse:
    """An answer that Redis took, and whose reply was lost with it, may come to count after its question or the session
    is over (docs/reliability.md): what was told before that lacks it. What would have been right without some of these
    answers is excused by them, and nothing else; nor are the results, which the database makes.
    """

    def __init__(self, session: Played) -> None:
        ledger, record = session.table.ledger, session.record
        self._answers = record.answers
        self._ended = {user_id: score for user_id, (_, score) in ledger.ended.items() if score is not None}
        told = {(answer.user_id, answer.question_id) for answer in ledger.accepted}
        unsure = [answer for answer in record.answers if (answer.user_id, answer.question_id) not in told]
        few = range(len(unsure)) if len(unsure) <= _TRIED_TOGETHER else ()
        each = itertools.chain.from_iterable(itertools.combinations(few, size) for size in range(1, len(few)))
        #: What would be wrong if some of them had never come, for each choice of them.
        self._without: list[set[tuple[str, str]]] = []
        for left_out in (unsure, self._missed_at_the_end(unsure), *([unsure[n] for n in chosen] for chosen in each)):
            gone = {(answer.user_id, answer.question_id) for answer in left_out}
            answers = [answer for answer in record.answers if (answer.user_id, answer.question_id) not in gone]
            found = check(ledger, replace(record, answers=answers), session.quiz)
            if unsure:
                self._without.append({_fact(finding) for finding in found})

    def _missed_at_the_end(self, unsure: list[RecordedAnswer]) -> list[RecordedAnswer]:
        """Of each player the fewest of these answers that the score lacks which the player was told at the end."""
        missed: list[RecordedAnswer] = []
        for user_id in {answer.user_id for answer in unsure} & self._ended.keys():
            own = [answer for answer in unsure if answer.user_id == user_id]
            lacks = sum(answer.points for answer in self._answers if answer.user_id == user_id) - self._ended[user_id]
            choices = itertools.chain.from_iterable(itertools.combinations(own, size) for size in range(len(own) + 1))
            missed += next((each for each in choices if sum(answer.points for answer in each) == lacks), ())
        return missed

    def explains(self, finding: Finding) -> bool:
        """Whether it would be no finding if some of these answers had not come."""
        if finding.rule not in _WITHOUT_AN_ANSWER or finding.text.startswith("results:"):
            return False
        return any(_fact(finding) not in without for without in self._without)


def _fact(finding: Finding) -> tuple[str, str]:
    """What was told, apart from what it should have been."""
    return finding.rule, finding.text.partition(", not ")[0]


async def _main(first: int, count: int) -> int:
    from tests.chaos.conftest import SETTINGS

    struck: Counter[str] = Counter()
    failing: list[int] = []
    cluster = Cluster(instances=2, settings=SETTINGS, links=True)
    async with cluster:
        for seed in range(first, first + count):
            strike = draw(seed)
            struck.update(fault.__name__ for _, fault in strike.faults)
            played = await play(cluster, strike)
            wrong = list(findings(played))
            counts = sum((session.table.counts for session in played), Counter())
            print(f"seed {seed}: {strike}: {counts['acknowledged']} acknowledged, {len(wrong)} findings", flush=True)
            for text in wrong[:20]:
                print(f"  FOUND {text}")
            if wrong:
                failing.append(seed)
    print(f"{count} seeds, {len(failing)} failed {failing or ''}")
    print("faults: " + ", ".join(f"{name} {times}" for name, times in sorted(struck.items())))
    return 1 if failing else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="make nemesis", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    arguments = parser.parse_args()
    return asyncio.run(_main(arguments.seed, arguments.seeds))


if __name__ == "__main__":
    sys.exit(main())
