"""Token buckets let a burst and then a rate through, whatever the clock does."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from common.limits import TokenBucket

NOW = 1_800_000_000_000
rates = st.floats(0.01, 200)
periods = st.sampled_from([1_000, 10_000, 60_000])


@given(rates, periods, st.lists(st.integers(0, 5_000), max_size=100))
def test_it_never_lets_more_through_than_a_burst_and_the_rate(rate: float, period: int, gaps: list[int]) -> None:
    bucket = TokenBucket(rate, period)
    now, let_through = NOW, 0
    for gap in gaps:
        now += gap
        let_through += bucket.take(now) == 0
    assert let_through <= max(1, rate) + rate * (now - NOW) / period + 1e-6


@example(rate=0.3, period=60_000, gaps=[0, 287])
@given(rates, periods, st.lists(st.integers(0, 500), max_size=60))
def test_who_waits_as_long_as_told_is_let_through(rate: float, period: int, gaps: list[int]) -> None:
    bucket = TokenBucket(rate, period)
    now = NOW
    for gap in gaps:
        now += gap
        wait = bucket.take(now)
        if wait:
            now += wait
            assert bucket.take(now) == 0


@given(st.integers(1, 50), periods)
def test_it_lets_a_whole_burst_through_at_once(rate: int, period: int) -> None:
    bucket = TokenBucket(rate, period)
    assert [bucket.take(NOW) for _ in range(rate)] == [0] * rate
    assert bucket.take(NOW) > 0


@given(rates, st.lists(st.integers(-(10**6), 10**6), max_size=50))
def test_a_clock_that_goes_back_shuts_nobody_out(rate: float, jumps: list[int]) -> None:
    bucket = TokenBucket(rate)
    now = NOW
    for jump in jumps:
        now += jump
        wait = bucket.take(now)
    wait = bucket.take(now)
    assert wait <= 1_000 / rate + 1
    assert not wait or bucket.take(now + wait) == 0


@given(st.lists(st.integers(0, 10), max_size=50))
def test_a_rate_of_zero_lets_everything_through(gaps: list[int]) -> None:
    bucket = TokenBucket(0)
    assert not any(bucket.take(NOW + gap) for gap in gaps)
