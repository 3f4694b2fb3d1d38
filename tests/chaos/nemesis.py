"""``make nemesis SEED=17``: random faults at once against random play of several sessions, over real processes.

A seed decides who plays, which faults strike, and when. What every client was told is compared with the database
afterwards, as the chaos suite does it. Timing is the machine's: a seed that fails is played again with the same faults
at the same moments, though not to the last message, which is what ``make dst`` is for.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from common.config import BASE_DIR
from quizserver.cluster.cluster import Cluster, Instance
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

#: A quiz with a typed question among its first ones, and the share of seeds that play it.
_TYPED_QUIZ, _TYPED_QUESTION, _ACCEPTS = "french-food", "q3", 0.5
_WITHOUT_AN_ANSWER = {"wrong ranking", "wrong place told", "wrong score told", "refused answer counts"}
#: Answers that a host accepts in a history.
_ACCEPTED = 3
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
        # By a chance of its own: what a seed stood for before there were accepts it still does.
        _TYPED_QUIZ if Random(f"accepts {seed}").random() < _ACCEPTS else "vocab-101",
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

    async def accept() -> None:
        """Take an answer as right, until the server says that it is done; one that nobody gives, so that no score that
        is told is another one for it."""
        host, sure = RestClient(cluster.url, cluster.api_key, patience=5), Random(f"accepts {strike.plan.seed}")
        for number in range(_ACCEPTED if strike.plan.quiz_id == _TYPED_QUIZ else 0):
            await asyncio.sleep(sure.uniform(0.5, 2))
            session_id, answer = sure.choice(simulation.tables).session_id, f"{strike.plan.seed} accepted {number}"
            for _ in range(20):
                try:
                    await host.post(f"sessions/{session_id}/questions/{_TYPED_QUESTION}/accept", {"answer": answer})
                except (CallRefused, Unreachable):
                    # In host pace it has to be closed; and nobody may be there, or the database may be away.
                    await asyncio.sleep(0.5)
                else:
                    accepted.append((session_id, answer))
                    break

    async def upgrade(instance: Instance) -> None:
        """From the older release to this one."""
        await asyncio.sleep(chance.uniform(0, 3))
        await instance.terminate()
        instance.folder = BASE_DIR
        await instance.start()

    async def all_at_once() -> None:
        behind.append(asyncio.create_task(accept()))
        older = [instance for instance in cluster.instances if instance.folder != BASE_DIR]
        await asyncio.gather(meddle(), *map(upgrade, older), *(begin(at, fault) for at, fault in strike.faults))

    behind: list[asyncio.Task[None]] = []
    accepted: list[tuple[str, str]] = []
    rest = RestClient(cluster.url, cluster.api_key, patience=60)
    simulation = Simulation(rest, strike.plan, all_at_once)
    played = await simulation.run()
    for task in behind:
        task.cancel()
    await asyncio.gather(*behind, return_exceptions=True)
    return [replace(each, findings=[*each.findings, *await _accepts_lost(rest, each, accepted)]) for each in played]


async def _accepts_lost(rest: RestClient, session: Played, accepted: list[tuple[str, str]]) -> list[Finding]:
    """What a host was told to be accepted in the session, and is not in the end."""
    session_id = session.table.session_id
    told = [answer for each, answer in accepted if each == session_id]
    if not told:
        return []
    given = await rest.get(f"sessions/{session_id}/questions/{_TYPED_QUESTION}/answers")
    return [
        Finding("accept lost", f"{answer!r} was accepted in {session_id}")
        for answer in told
        if answer not in given["accepted"]
    ]


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
    is over (docs/reliability.md): what was told before that lacks it, though it be acknowledged when it is sent again
    (what is told after that has it). What would have been right without some of these
    answers is excused by them, and nothing else; nor are the results, which the database makes.
    """

    def __init__(self, session: Played) -> None:
        ledger, record = session.table.ledger, session.record
        self._answers = record.answers
        self._ended = {user_id: score for user_id, (_, score) in ledger.ended.items() if score is not None}
        told = {(answer.user_id, answer.question_id): answer for answer in ledger.accepted if answer.first}
        again = {(answer.user_id, answer.question_id): answer for answer in ledger.accepted if not answer.first}
        late = [
            answer
            for key, answer in again.items()
            if key not in told and any(score.user_id == answer.user_id for score in ledger.scores[: answer.scores])
        ]
        told |= {key: answer for key, answer in again.items() if answer not in late}
        unsure = [answer for answer in record.answers if (answer.user_id, answer.question_id) not in told]
        #: What is wrong with scores that were told after that.
        self._strict: set[tuple[str, str]] = set()
        known_at = {answer.user_id: answer.scores for answer in late}
        if late and len(late) == len(unsure):
            since = [score for n, score in enumerate(ledger.scores) if n >= known_at.get(score.user_id, 0)]
            strict = replace(ledger, scores=since, ended={}, final_boards=set())
            self._strict = {_fact(finding) for finding in check(strict, record, session.quiz)}
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
        fact = _fact(finding)
        return fact not in self._strict and any(fact not in without for without in self._without)


def _fact(finding: Finding) -> tuple[str, str]:
    """What was told, apart from what it should have been."""
    return finding.rule, finding.text.partition(", not ")[0]


async def _main(first: int, count: int, older: Path | None) -> int:
    from tests.chaos.conftest import SETTINGS

    struck: Counter[str] = Counter()
    failing: list[int] = []
    cluster = Cluster(instances=2, settings=SETTINGS, links=True)
    async with cluster:
        for seed in range(first, first + count):
            strike = draw(seed)
            if older is not None:
                # Who is upgraded is gone for a moment: what is kept apart from that does not strike.
                strike = replace(
                    strike, faults=tuple(each for each in strike.faults if each[1] in GROUPS["postgresql"])
                )
                await cluster.instances[-1].terminate()
                cluster.instances[-1].folder = older
                await cluster.instances[-1].start()
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
    parser.add_argument(
        "--beside",
        metavar="REVISION",
        help="an older release, with the same migrations, that one instance begins with and is upgraded from",
    )
    arguments = parser.parse_args()
    if arguments.beside is None:
        return asyncio.run(_main(arguments.seed, arguments.seeds, None))
    with tempfile.TemporaryDirectory(prefix="quiz-older-") as folder:
        older = Path(folder) / "release"
        subprocess.run(["git", "worktree", "add", "--detach", older, arguments.beside], cwd=BASE_DIR, check=True)
        try:
            return asyncio.run(_main(arguments.seed, arguments.seeds, older))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", older], cwd=BASE_DIR, check=False)


if __name__ == "__main__":
    sys.exit(main())
