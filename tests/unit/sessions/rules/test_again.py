"""Which questions come back, and that they come once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules import limits
from quizzes.rules.content import QuestionContent, QuizContent, content_from_json, content_to_json
from sessions.rules.again import QuestionTally, forms, is_coming, missed, new_id, to_count
from sessions.rules.commands import AskAgain, CloseQuestion, Command, End, Next, Start
from sessions.rules.lifecycle import NotAllowed, decide
from sessions.rules.state import (
    Pace,
    SessionSetup,
    SessionState,
    event_to_json,
    grown,
    is_outgrown,
    state_from_json,
    state_to_json,
)


def question(question_id: str, *, again_of: str = "", kind: str = "choice") -> QuestionContent:
    return QuestionContent(
        id=question_id,
        kind=kind,  # type: ignore[arg-type]
        text="?",
        options=("a", "b"),
        correct_answers=() if kind == "poll" else ("a",),
        again_of=again_of,
    )


def session(*questions: QuestionContent, pace: Pace = "host") -> SessionSetup:
    return SessionSetup(
        id="s", quiz=QuizContent(id="quiz", title="Quiz", questions=questions), join_code="ABCDEF", pace=pace
    )


THREE = (question("q1"), question("q2"), question("q3"))


def closed(setup: SessionSetup, number: int) -> SessionState:
    """The state in which so many questions are closed."""
    state = SessionState()
    commands: list[Command] = [Start()]
    for _ in range(number):
        commands += (Next(), CloseQuestion())
    for command in commands:
        state = decide(setup, state, command, 1_000).state
    return state


def ids(found: list[list[QuestionContent]]) -> list[str]:
    return [versions[-1].id for versions in found]


def tallies(**counts: tuple[int, int]) -> dict[str, QuestionTally]:
    """By question: how many answered, and how many of them had it right."""
    return {name.replace("_", "."): QuestionTally(*count) for name, count in counts.items()}


def test_those_that_fewer_than_the_share_had_right_come_back() -> None:
    setup = session(*THREE)
    counts = tallies(q1=(5, 3), q2=(5, 2), q3=(4, 4))
    assert ids(missed(setup, closed(setup, 3), counts, 0.6)) == ["q2"]
    assert ids(missed(setup, closed(setup, 3), counts, 0.61)) == ["q1", "q2"]
    assert ids(missed(setup, closed(setup, 3), counts, 1)) == ["q1", "q2"]


@given(st.integers(1, 100), st.integers(1, 100))
def test_a_share_that_is_exactly_met_is_met(percent: int, hundreds: int) -> None:
    setup = session(question("q1"))
    counts = {"q1": QuestionTally(100 * hundreds, percent * hundreds)}
    assert missed(setup, closed(setup, 1), counts, percent / 100) == []
    counts = {"q1": QuestionTally(100 * hundreds, percent * hundreds - 1)}
    assert ids(missed(setup, closed(setup, 1), counts, percent / 100)) == ["q1"]


def test_only_what_is_closed_counts_and_no_poll() -> None:
    setup = session(question("q1"), question("q2", kind="poll"), question("q3"))
    state = decide(setup, closed(setup, 2), Next(), 1_000).state
    assert to_count(setup, state) == ["q1"]
    assert ids(missed(setup, state, tallies(q1=(3, 0)), 0.6)) == ["q1"]


def test_what_nobody_answered_comes_back_where_the_host_asked_it() -> None:
    assert ids(missed(session(*THREE), closed(session(*THREE), 1), tallies(q1=(0, 0)), 0.6)) == ["q1"]
    setup = session(*THREE, pace="self")
    state = decide(setup, SessionState(), Start(), 1_000).state
    assert missed(setup, state, tallies(q1=(0, 0), q2=(0, 0), q3=(0, 0)), 0.6) == []


def test_what_comes_back_already_is_not_added_again_until_it_was_asked() -> None:
    setup = grown(session(*THREE), (question("q1.2", again_of="q1"),))
    counts = tallies(q1=(3, 0), q1_2=(0, 0), q2=(3, 3), q3=(3, 3))
    for number in (1, 2, 3):
        state = closed(setup, number)
        assert missed(setup, state, counts, 0.6) == []
        assert is_coming(setup, state, counts)
    after = closed(setup, 4)
    assert not is_coming(setup, after, counts)
    assert ids(missed(setup, after, {**counts, "q1.2": QuestionTally(3, 1)}, 0.6)) == ["q1.2"]
    assert missed(setup, after, {**counts, "q1.2": QuestionTally(3, 2)}, 0.6) == []


def test_at_their_own_pace_one_who_hurries_does_not_have_it_asked_a_third_time() -> None:
    setup = grown(session(*THREE, pace="self"), (question("q1.2", again_of="q1"),))
    state = decide(setup, SessionState(), Start(), 1_000).state
    rest = tallies(q2=(10, 10), q3=(10, 10), q1=(10, 2))
    half, most = {**rest, "q1.2": QuestionTally(5, 0)}, {**rest, "q1.2": QuestionTally(6, 0)}
    assert (missed(setup, state, half, 0.6), is_coming(setup, state, half)) == ([], True)
    assert (ids(missed(setup, state, most, 0.6)), is_coming(setup, state, most)) == (["q1.2"], False)


@given(st.lists(st.sampled_from(["q1", "q2", "q3"]), max_size=8))
def test_all_forms_of_a_question_are_found_whatever_was_asked_again(order: list[str]) -> None:
    setup = session(*THREE)
    for root in order:
        taken = {each.id for each in setup.quiz.questions}
        setup = grown(setup, (question(new_id(root, taken), again_of=root),))
    found = forms(setup.quiz)
    assert list(found) == ["q1", "q2", "q3"]
    assert {root: len(versions) for root, versions in found.items()} == {
        root: 1 + order.count(root) for root in ("q1", "q2", "q3")
    }
    flat = [each for versions in found.values() for each in versions]
    assert flat == sorted(setup.quiz.questions, key=lambda each: each.again_of or each.id)


@given(
    st.from_regex(re.compile(limits.ID_PATTERN), fullmatch=True),
    st.sets(st.from_regex(re.compile(limits.ID_PATTERN), fullmatch=True), max_size=5),
    st.integers(1, 15),
)
def test_a_new_id_is_one_that_nobody_has_and_every_store_takes(root: str, others: set[str], times: int) -> None:
    taken = {root, *others}
    for _ in range(times):
        made = new_id(root, taken)
        assert made not in taken
        assert re.match(limits.ID_PATTERN, made)
        taken.add(made)


def test_the_first_new_id_of_a_question_can_be_read() -> None:
    assert new_id("q1", {"q1"}) == "q1.2"
    assert new_id("q1", {"q1", "q1.2"}) == "q1.3"
    assert new_id("x" * 36, {"x" * 36}) == "x" * 34 + ".2"


# -- the transition ----------------------------------------------------------------------------------------------------

AGAIN = AskAgain((question("q1.2", again_of="q1"),))


@given(st.integers(1, 3), st.booleans())
def test_the_quiz_grows_at_its_end_and_the_session_goes_on(number: int, opened: bool) -> None:
    setup, state = session(*THREE), closed(session(*THREE), number)
    if opened and number < 3:
        state = decide(setup, state, Next(), 1_000).state
    transition = decide(setup, state, AGAIN, 2_000)
    [event] = transition.events
    assert (event.kind, event.index, event.total) == ("questions_added", 3, 4)
    assert transition.state == replace(state, revision=state.revision + 1, seq=state.seq + 1, grown_to=4)
    longer = grown(setup, transition.added)
    assert is_outgrown(setup, transition.state)
    assert not is_outgrown(longer, transition.state)
    state = transition.state
    while state.status != "completed":
        state = decide(longer, state, Next(), 3_000).state
    assert (state.question_index, state.question_id) == (3, "q1.2")


@pytest.mark.parametrize(
    ("commands", "reason"),
    [
        ([], "The session has not started; there is nothing to ask again."),
        ([Start()], "No question has been closed yet; there is nothing to ask again."),
        ([Start(), Next()], "No question has been closed yet; there is nothing to ask again."),
        ([Start(), Next(), End()], "The session is over; there is nothing to ask again."),
    ],
)
def test_it_is_refused_before_the_first_close_and_after_the_end(commands: list[Command], reason: str) -> None:
    setup, state = session(*THREE), SessionState()
    for command in commands:
        state = decide(setup, state, command, 1_000).state
    with pytest.raises(NotAllowed) as refused:
        decide(setup, state, AGAIN, 2_000)
    assert refused.value.reason == reason


def test_a_session_takes_no_more_questions_than_a_quiz_may_have() -> None:
    setup = session(*(question(f"q{number}") for number in range(limits.QUESTIONS_MAX)))
    with pytest.raises(NotAllowed, match="500 questions at most"):
        decide(setup, closed(setup, 1), AGAIN, 2_000)


def test_what_most_sessions_never_use_is_not_written() -> None:
    setup = session(*THREE)
    state = closed(setup, 1)
    assert "grown_to" not in state_to_json(state)
    assert not any("again_of" in each for each in content_to_json(setup.quiz)["questions"])
    transition = decide(setup, state, AGAIN, 2_000)
    longer = grown(setup, transition.added)
    assert content_from_json(content_to_json(longer.quiz)) == longer.quiz
    assert state_from_json(state_to_json(transition.state)) == transition.state
    assert event_to_json(transition.events[0])["total"] == 4
