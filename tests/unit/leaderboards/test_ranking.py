"""Order, ranks and deltas: what clients build from deltas is what the server has."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from leaderboards.ranking import Standing, Standings, board_delta, rank, rerank, shared_places
from tests.support.boards import apply_delta

players = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 60), max_size=25)


def standings(scores: dict[str, int], version: int = 1) -> Standings:
    """Standings of players who joined in the order of the mapping."""
    return Standings(
        version,
        rank(
            Standing(user_id, user_id.title(), score, position)
            for position, (user_id, score) in enumerate(scores.items())
        ),
    )


@given(players)
def test_the_order_is_score_down_then_who_joined_first(scores: dict[str, int]) -> None:
    order = standings(scores).order
    joined = list(scores)
    for above, below in itertools.pairwise(order):
        assert (-above.score, joined.index(above.user_id)) < (-below.score, joined.index(below.user_id))


@given(players)
def test_ranks_are_one_to_n_without_ties(scores: dict[str, int]) -> None:
    table = standings(scores)
    assert sorted(table.ranks().values()) == list(range(1, len(scores) + 1))
    for user_id, score in scores.items():
        own = table.own(user_id)
        assert own is not None
        assert own[1] == score
        assert table.order[own[0] - 1].user_id == user_id
    assert table.own("nobody") is None


@given(players)
def test_equal_scores_share_a_place_and_the_next_one_counts_them(scores: dict[str, int]) -> None:
    table = standings(scores)
    for line in table.page(0, len(scores)):
        assert line.place == table.places()[line.score] == 1 + sum(score > line.score for score in scores.values())
    assert shared_places([one.score for one in table.order]) == [line.place for line in table.page(0, len(scores))]


@given(players, st.randoms())
def test_the_order_does_not_depend_on_the_order_of_reading(scores: dict[str, int], random: object) -> None:
    table = standings(scores)
    shuffled = list(table.order)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank(shuffled) == table.order


@given(players, st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.none() | st.integers(0, 60)))
def test_the_order_after_some_moved_is_the_order_of_all(scores: dict[str, int], moved: dict[str, int | None]) -> None:
    positions = {user_id: position for position, user_id in enumerate(dict.fromkeys([*scores, *moved]))}
    after = {**scores, **moved}
    changes = {
        user_id: None if score is None else Standing(user_id, user_id.title(), score, positions[user_id])
        for user_id, score in moved.items()
        if score is not None or user_id in scores
    }
    before = Standings(1, rank(Standing(u, u.title(), score, positions[u]) for u, score in scores.items()))
    fresh = rank(Standing(u, u.title(), score, positions[u]) for u, score in after.items() if score is not None)
    assert rerank(before, changes) == fresh


@given(players, st.integers(0, 30), st.integers(1, 30))
def test_pages_put_together_are_the_whole_order(scores: dict[str, int], offset: int, limit: int) -> None:
    table = standings(scores)
    pages = [entry for start in range(0, len(scores), limit) for entry in table.page(start, limit)]
    assert [entry.rank for entry in pages] == list(range(1, len(scores) + 1))
    assert [entry.user_id for entry in pages] == [standing.user_id for standing in table.order]
    assert list(table.page(offset, limit)) == pages[offset : offset + limit]


@given(st.lists(players, min_size=1, max_size=8), st.integers(1, 12))
def test_a_snapshot_and_its_deltas_make_a_fresh_snapshot(history: list[dict[str, int]], size: int) -> None:
    boards = [standings(scores, version).board(size) for version, scores in enumerate(history)]
    board = boards[0]
    for old, new in itertools.pairwise(boards):
        delta = board_delta(old, new)
        board = apply_delta(board, delta)
        assert board == new
        assert not {entry.user_id for entry in delta.changed} & set(delta.removed)


@given(players, st.integers(1, 12))
def test_a_board_that_did_not_change_has_an_empty_delta(scores: dict[str, int], size: int) -> None:
    delta = board_delta(standings(scores, 1).board(size), standings(scores, 2).board(size))
    assert (delta.changed, delta.removed) == ((), ())
