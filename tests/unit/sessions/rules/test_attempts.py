"""Attempts: an id of their own, and one result for each player."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboards.ranking import Standing, rank
from sessions.rules.attempts import (
    ATTEMPT_LENGTH,
    MAX_ATTEMPTS,
    Counts,
    attempt_id,
    attempt_of,
    counting,
    is_attempt,
    person_of,
    results,
)
from sessions.rules.player_names import USER_ID

users = st.from_regex(USER_ID, fullmatch=True).filter(lambda user: user.isascii() and "\n" not in user)


@given(users, st.integers(1, MAX_ATTEMPTS))
def test_an_id_tells_whose_attempt_it_is_and_which(user: str, attempt: int) -> None:
    row = attempt_id(user, attempt)
    assert (person_of(row), attempt_of(row), is_attempt(row)) == (user, attempt, attempt > 1)
    assert len(row) <= 36 + ATTEMPT_LENGTH
    assert attempt == 1 or not USER_ID.match(row)


@pytest.mark.parametrize(
    ("scores", "counts", "attempt"),
    [([5], "best", 1), ([5, 5], "best", 1), ([5, 9, 7], "best", 2), ([5, 9, 7], "last", 3), ([5, 0], "last", 2)],
)
def test_the_best_or_the_last_counts(scores: list[int], counts: Counts, attempt: int) -> None:
    assert counting(scores, counts) == attempt


attempts = st.dictionaries(st.sampled_from(["ann", "bob", "eve"]), st.lists(st.integers(0, 50), min_size=1, max_size=4))


@given(attempts, st.sampled_from(["best", "last"]), st.sets(st.sampled_from(["ann", "bob"])))
def test_everybody_who_is_ranked_has_one_result(
    given_scores: dict[str, list[int]], counts: Counts, removed: set[str]
) -> None:
    order = [
        Standing(attempt_id(user, number), "", score, position)
        for position, (user, scores) in enumerate(given_scores.items())
        for number, score in enumerate(scores, start=1)
        if number > 1 or user not in removed
    ]
    told = results(rank(order), counts)
    expected = {
        user: max(scores) if counts == "best" else scores[-1]
        for user, scores in given_scores.items()
        if user not in removed
    }
    assert {standing.user_id: standing.score for standing in told} == expected
    assert [standing.score for standing in told] == sorted(expected.values(), reverse=True)
