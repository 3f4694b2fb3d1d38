"""Makes a failing plan smaller, as long as it breaks one of the rules it broke."""

from __future__ import annotations

from tests.dst.plan import Plan
from tests.dst.world import run

#: Histories that are played for it at most.
_ATTEMPTS = 60


def shrink(plan: Plan) -> Plan:
    """The smallest plan that was found."""
    broken = _broken(plan)
    attempts = 0
    smaller = True
    while smaller and attempts < _ATTEMPTS:
        smaller = False
        for each in plan.smaller():
            attempts += 1
            if _broken(each) & broken:
                plan, smaller = each, True
                break
    return plan


def _broken(plan: Plan) -> set[str]:
    return {finding.rule for finding in run(plan).findings}
