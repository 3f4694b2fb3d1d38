"""The circuit breaker."""

from __future__ import annotations

import pytest

from common.breaker import Breaker


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_failures_in_a_row() -> None:
    breaker, closed = Breaker(failures=3, seconds=30, clock=Time()), []
    for step in (breaker.failed, breaker.failed, breaker.succeeded, breaker.failed, breaker.failed, breaker.failed):
        step()
        closed.append(breaker.closed)
    assert closed == [True, True, True, True, True, False]


@pytest.mark.parametrize(("seconds", "half_open"), [(29.9, False), (30, True)])
def test_it_lets_a_probe_through_after_its_time_and_not_before(seconds: float, half_open: bool) -> None:
    time = Time()
    breaker = Breaker(failures=1, seconds=30, clock=time)
    breaker.failed()
    time.now += seconds
    assert breaker.half_open is half_open
    assert not breaker.closed


@pytest.mark.parametrize(("seconds", "half_open"), [(29.9, False), (30, True)])
def test_a_failed_probe_opens_it_for_as_long_again(seconds: float, half_open: bool) -> None:
    time = Time()
    breaker = Breaker(failures=1, seconds=30, clock=time)
    breaker.failed()
    time.now += 30
    breaker.failed()
    time.now += seconds
    assert breaker.half_open is half_open


def test_a_good_probe_closes_it() -> None:
    breaker = Breaker(failures=1, seconds=0, clock=Time())
    breaker.failed()
    breaker.succeeded()
    assert breaker.closed
    assert not breaker.half_open
