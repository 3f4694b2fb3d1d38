"""Reviews as strangers send them."""

from __future__ import annotations

import math
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.rules.reviews import AT_ONCE, NoReviews, clamped, read_reviews

ID = "0b8f0c1e-64f6-4b0c-9c3e-0d5a7d6d1f10"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"reviews": {}},
        {"reviews": []},
        {"reviews": [{"id": ID}] * (AT_ONCE + 1)},
        {"reviews": ["x"]},
        {"reviews": [{}]},
        {"reviews": [{"id": 5}]},
        {"reviews": [{"id": "x"}]},
        {"reviews": [{"id": [ID]}]},
    ],
)
def test_what_cannot_be_answered_review_by_review_is_none(body: Any) -> None:
    with pytest.raises(NoReviews):
        read_reviews(body)


@given(st.dictionaries(st.sampled_from(["card", "at", "answer", "provisional", "took_ms"]), JSON))
def test_a_review_with_an_id_is_read_whatever_else_is_in_it(fields: dict[str, Any]) -> None:
    [sent] = read_reviews({"reviews": [{**fields, "id": ID}]})
    assert sent.id == uuid.UUID(ID)
    assert type(sent.at) is type(sent.took_ms) is int
    assert 0 <= sent.took_ms <= 3_600_000
    assert len(sent.card) <= 36


@pytest.mark.parametrize(
    ("fields", "has_shape"),
    [
        ({"answer": "x"}, True),
        ({"answer": ["x", "y"]}, True),
        ({"answer": "x", "provisional": True}, True),
        ({"answer": None, "provisional": False}, True),
        ({"provisional": False}, True),
        ({"provisional": True}, False),
        ({"answer": ["x", 5]}, False),
        ({"answer": 5, "provisional": False}, False),
        ({}, False),
    ],
)
def test_only_an_answer_or_giving_up_can_be_graded(fields: dict[str, Any], has_shape: bool) -> None:
    [sent] = read_reviews({"reviews": [{**fields, "id": ID}]})
    assert sent.has_shape is has_shape


@given(st.integers(), st.integers(0, 10**13), st.integers(0, 10**10))
def test_a_clock_that_is_wrong_is_put_right(at: int, made: int, since: int) -> None:
    assert made <= clamped(at, made=made, now=made + since) <= made + since


@pytest.mark.parametrize("at", [math.nan, math.inf, "5", None, True, [], {}])
def test_what_is_no_time_is_the_making_of_the_deck(at: Any) -> None:
    [sent] = read_reviews({"reviews": [{"id": ID, "at": at}]})
    assert clamped(sent.at, made=5, now=9) == 5
