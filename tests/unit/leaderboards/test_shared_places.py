"""Places as people are shown them."""

from __future__ import annotations

import pytest

from leaderboards.ranking import shared_places


@pytest.mark.parametrize(
    ("scores", "places"),
    [([], []), ([5], [1]), ([9, 9, 4], [1, 1, 3]), ([9, 4, 4, 4, 0], [1, 2, 2, 2, 5]), ([0, 0, 0], [1, 1, 1])],
)
def test_equal_scores_share_a_place(scores: list[int], places: list[int]) -> None:
    assert shared_places(scores) == places
