"""The plots' geometry: every value is in one column, and no bar leaves its plot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.host.charts import histogram, nice_step, quantile, stacked


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=200), st.integers(1, 30))
def test_every_value_is_in_the_column_that_names_it(values: list[int], bins: int) -> None:
    bars = histogram(values, width=640, height=180, bins=bins)
    assert sum(bar.count for bar in bars) == len(values)
    for bar in bars:
        assert bar.count == sum(bar.first <= value <= bar.last for value in values)
        assert 0 <= bar.x <= bar.x + bar.width <= 641
        assert -0.1 <= bar.y <= 180
        assert bar.y + bar.height == pytest.approx(180, abs=0.2)
    assert max(bar.height for bar in bars) == 180


@given(st.integers(1, 100_000), st.integers(1, 30))
def test_a_step_is_1_2_or_5_with_zeros_and_covers_the_span(span: int, bins: int) -> None:
    step = nice_step(span, bins)
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert step * bins >= span


@given(st.lists(st.tuples(st.sampled_from(["correct", "wrong", "missing"]), st.integers(0, 10_000)), max_size=5))
def test_the_parts_of_a_bar_fill_it_without_a_gap(counts: list[tuple[str, int]]) -> None:
    parts = stacked(counts)
    assert [(part.kind, part.count) for part in parts] == [(kind, count) for kind, count in counts if count]
    end = 0.0
    for part in parts:
        assert part.x == pytest.approx(end, abs=0.02)
        end = part.x + part.width
    assert not parts or end == pytest.approx(100, abs=0.05)


@given(st.lists(st.integers(0, 1_000), min_size=1), st.floats(0, 1))
def test_a_quantile_is_a_value_with_that_share_at_or_below_it(values: list[int], share: float) -> None:
    found = quantile(sorted(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6


def test_nothing_makes_no_plot() -> None:
    assert histogram([], width=1, height=1) == []
    assert stacked([("correct", 0)]) == []
    assert quantile([], 0.5) == 0
