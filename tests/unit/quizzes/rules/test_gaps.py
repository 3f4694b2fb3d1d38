"""Where gaps stand in a text, and how an author writes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.gaps import blanked, filled, from_brackets, in_brackets, mark, marks, pieces


def test_a_text_is_cut_at_its_gaps() -> None:
    assert marks("The [[1]] sat on the [[2]].") == [1, 2]
    assert pieces("The [[1]] sat on the [[2]].") == ["The ", " sat on the ", "."]
    assert blanked("The [[1]] sat.") == "The ____ sat."


def test_a_text_is_filled_as_far_as_there_is_something() -> None:
    assert filled("[[1]] and [[2]].", ["a"]) == "a and ____."


def test_brackets_are_gaps_and_a_bar_parts_their_answers() -> None:
    assert from_brackets("The [cat| kitten ] sat on the [mat].") == (
        "The [[1]] sat on the [[2]].",
        [["cat", "kitten"], ["mat"]],
    )


def test_a_bracket_with_a_backslash_is_none() -> None:
    assert from_brackets(r"An array a\[0\] of [int\|long].") == ("An array a[0] of [[1]].", [["int|long"]])


def test_a_bracket_that_is_never_closed_stays() -> None:
    assert from_brackets("[cat sat\non] the [mat]") == ("[cat sat\non] the [[1]]", [["mat"]])


PIECES = st.text(alphabet="ab []|\\\n", max_size=6).filter(lambda piece: not marks(piece))
ANSWERS = st.text(alphabet="ab[]|\\", min_size=1, max_size=5)


@given(st.lists(st.tuples(PIECES, ANSWERS), max_size=5), PIECES)
def test_what_an_author_is_shown_reads_back_as_it_was(parts: list[tuple[str, str]], end: str) -> None:
    text = "".join(f"{piece}{mark(place)}" for place, (piece, _answer) in enumerate(parts, start=1)) + end
    answers = [answer for _piece, answer in parts]
    if pieces(text) != [*(piece for piece, _answer in parts), end]:
        # Brackets of the text made another mark beside one.
        return
    assert from_brackets(in_brackets(text, answers)) == (text, [[answer] for answer in answers])
