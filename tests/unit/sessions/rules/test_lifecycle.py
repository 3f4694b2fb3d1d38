"""The state machine under any sequence of commands at any times."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quizzes.rules.content import QuestionContent, QuizContent
from scoring.rules.grading import InvalidAnswer, grade
from sessions.rules.commands import (
    Accept,
    CloseQuestion,
    Command,
    End,
    EverybodyAnswered,
    Extend,
    Hold,
    Next,
    Pause,
    Resume,
    SetLock,
    Start,
    Timeout,
)
from sessions.rules.lifecycle import MAX_ACCEPTED, NotAllowed, Transition, decide
from sessions.rules.options import SessionOptions
from sessions.rules.state import (
    SessionEvent,
    SessionSetup,
    SessionState,
    active_clock,
    due_at,
    event_to_json,
    is_open,
    is_revealed,
    state_from_json,
    state_to_json,
)

NOW = 1_800_000_000_000
#: Commands that are harmless to repeat.
REPEATABLE = (Start, CloseQuestion, EverybodyAnswered, Hold, Pause, Resume, SetLock, End, Accept, Timeout)

commands = st.one_of(
    st.sampled_from([Start(), Next(), Next(), CloseQuestion(), Hold(), Pause(), Resume(), End(), Timeout(), Timeout()]),
    st.builds(EverybodyAnswered, st.sampled_from(["q0", "q1", "q2"])),
    st.builds(SetLock, st.booleans()),
    st.builds(Extend, st.integers(1, 60_000)),
    st.builds(
        Accept, st.sampled_from(["q0", "q1", "q2", "none"]), st.sampled_from(["sofa", "the sofa", "settee", "couch"])
    ),
)


def setups() -> st.SearchStrategy[SessionSetup]:
    questions = st.lists(st.integers(1_000, 60_000), min_size=1, max_size=4)
    return st.builds(
        lambda limits, pace, reveal, limit, duration, options: SessionSetup(
            id="s",
            join_code="C",
            pace=pace,
            reveal=reveal,
            time_limit_ms=limit,
            max_duration_ms=duration,
            options=options if pace == "host" else SessionOptions(),
            quiz=QuizContent(
                id="quiz",
                title="Quiz",
                questions=tuple(
                    QuestionContent(
                        id=f"q{number}",
                        kind="choice" if number % 2 else "typed",
                        text="?",
                        options=("couch", "chair") if number % 2 else (),
                        correct_answers=("couch",),
                        time_limit_ms=ms,
                    )
                    for number, ms in enumerate(limits)
                ),
            ),
        ),
        questions,
        st.sampled_from(["self", "host", "host"]),
        st.sampled_from(["immediately", "on_close"]),
        st.one_of(st.none(), st.integers(1_000, 60_000)),
        st.sampled_from([0, 0, 120_000]),
        st.builds(
            SessionOptions,
            close_when_all_answered=st.booleans(),
            advance_after_ms=st.sampled_from([0, 1_000, 20_000]),
            options_after_ms=st.sampled_from([0, 0, 5_000]),
        ),
    )


class Lifecycle(RuleBasedStateMachine):
    """Plays a session by the rules and keeps account of its own of what clients were told."""

    @initialize(setup=setups())
    def make(self, setup: SessionSetup) -> None:
        self.setup = setup
        self.now = NOW
        self.state = SessionState(created_at=NOW)
        self.opened: list[str] = []
        self.closed: list[str] = []
        #: Milliseconds in which the session was active and not paused.
        self.played_ms = 0
        #: Milliseconds for which the question that is open has been asked, pauses left out.
        self.asked_ms = 0
        self.given_ms = 0
        #: Milliseconds for which the closed question has stood, pauses left out; and whether the host holds it.
        self.stood_ms = 0
        self.held = False
        #: Milliseconds for which the question has been shown without its options, pauses left out.
        self.shown_ms = 0

    @rule(ms=st.integers(0, 30_000))
    def time_passes(self, ms: int) -> None:
        before = active_clock(self.state, self.now)
        self.now += ms
        running = 0 if self.state.paused_at else ms
        assert active_clock(self.state, self.now) - before == running
        if self.state.phase == "open":
            self.asked_ms += running
        if self.state.phase == "closed":
            self.stood_ms += running
        if self.state.phase == "asked":
            self.shown_ms += running

    @rule(command=commands)
    def act(self, command: Command) -> None:
        before = self.state
        try:
            transition = decide(self.setup, before, command, self.now)
        except NotAllowed as refusal:
            assert refusal.state == before
            assert refusal.reason
            return
        self._check_bookkeeping(before, transition)
        self._check_repetition(command, transition.state)
        for event in transition.events:
            self._account(event)
        self._check_clock(before, transition.state)
        self.state = transition.state

    def _check_bookkeeping(self, before: SessionState, transition: Transition) -> None:
        after, events = transition.state, transition.events
        if not events:
            assert after == before
            return
        assert before.status != "completed" or kinds(transition) == ["answers_regraded"]
        assert after.revision == before.revision + 1
        assert [event.seq for event in events] == list(range(before.seq + 1, after.seq + 1))
        assert all(event.at == self.now for event in events)
        assert ("waiting", "active", "completed").index(after.status) >= (
            ("waiting", "active", "completed").index(before.status)
        )

    def _check_repetition(self, command: Command, after: SessionState) -> None:
        if isinstance(command, REPEATABLE):
            assert decide(self.setup, after, command, self.now) == Transition(after)

    def _account(self, event: SessionEvent) -> None:
        match event.kind:
            case "question_asked":
                assert self.opened == self.closed
                assert self.setup.quiz.questions[event.index].has_options
                assert self.setup.options.options_after_ms
                assert event.options_at == self.now + self.setup.options.options_after_ms
                self.shown_ms = 0
                self.held = False
            case "question_opened":
                assert self.opened == self.closed
                has_options = self.setup.quiz.questions[event.index].has_options
                first = self.setup.options.options_after_ms and has_options
                assert (self.state.phase == "asked") == bool(first)
                assert event.index == len(self.opened)
                assert event.question_id == self.setup.quiz.questions[event.index].id
                assert event.opened_at == self.now
                self.given_ms = self.setup.limit_ms(self.setup.quiz.questions[event.index])
                assert event.deadline == self.now + self.given_ms
                self.opened.append(event.question_id)
                self.asked_ms = 0
                self.held = False
            case "question_closed":
                self.closed.append(event.question_id)
                assert self.opened == self.closed
                self.stood_ms = 0
            case "held":
                assert event.question_id == self.opened[-1]
                self.held = True
            case "deadline_changed":
                self.given_ms += event.deadline - self.state.deadline
            case "ended":
                assert self.opened == self.closed
            case "answers_regraded":
                question = self.setup.quiz.question(event.question_id)
                assert question is not None
                assert question.kind == "typed"
                assert self.setup.pace == "self" or event.question_id in self.closed
                assert grade(question, event.answer, language="en").verdict != "correct"

    def _check_clock(self, before: SessionState, after: SessionState) -> None:
        # No command makes the active clock jump.
        assert active_clock(after, self.now) == active_clock(before, self.now)

    @invariant()
    def an_open_question_has_what_is_left_of_its_time(self) -> None:
        state = self.state
        if state.phase != "open":
            assert state.deadline == 0
            return
        assert self.opened[-1] == state.question_id
        assert len(self.closed) == len(self.opened) - 1
        clock = state.paused_at or self.now
        assert state.deadline - clock == self.given_ms - self.asked_ms
        assert clock - state.opened_at == self.asked_ms

    @invariant()
    def a_closed_question_gives_way_when_it_has_stood_for_as_long_as_was_wanted(self) -> None:
        state, after = self.state, self.setup.options.advance_after_ms
        assert state.held == (self.held and bool(self.opened))
        if state.phase != "closed" or not after or self.held:
            assert state.advance_at == 0
            return
        assert state.advance_at - (state.paused_at or self.now) == after - self.stood_ms
        if not state.paused_at:
            following = decide(self.setup, state, Timeout(), state.advance_at)
            assert {event.kind for event in following.events} <= {"question_asked", "question_opened", "ended"}

    @invariant()
    def options_come_when_the_question_has_been_shown_for_long_enough(self) -> None:
        state = self.state
        if state.phase != "asked":
            assert state.options_at == 0
            return
        assert state.options_at - (state.paused_at or self.now) == self.setup.options.options_after_ms - self.shown_ms
        assert not is_open(self.setup, state, state.question_id, self.now)
        assert is_revealed(self.setup, state, state.question_id) == (self.setup.reveal == "immediately")
        if not state.paused_at:
            assert decide(self.setup, state, Timeout(), state.options_at).state.phase == "open"

    @invariant()
    def everybody_having_answered_closes_the_open_question_where_that_is_wanted(self) -> None:
        state = self.state
        closes = bool(decide(self.setup, state, EverybodyAnswered(state.question_id), self.now).events)
        wanted = self.setup.options.close_when_all_answered and not self.held
        assert closes == (wanted and state.phase == "open" and not state.paused_at)

    @invariant()
    def every_question_that_was_opened_is_open_or_was_closed(self) -> None:
        still_open = [self.state.question_id] if self.state.phase == "open" else []
        assert self.closed + still_open == self.opened

    @invariant()
    def status_and_phase_agree(self) -> None:
        state = self.state
        phases = {
            "waiting": {"lobby"},
            "active": {"playing"} if self.setup.pace == "self" else {"ready", "asked", "open", "closed"},
            "completed": {"ended"},
        }
        assert state.phase in phases[state.status]
        assert not (state.paused_at and state.status != "active")
        assert bool(state.started_at) or state.status != "active"
        assert bool(state.ended_at) == (state.status == "completed")

    @invariant()
    def an_answer_counts_only_while_its_worth_may_be_withheld(self) -> None:
        state = self.state
        for question in self.setup.quiz.questions:
            opened = is_open(self.setup, state, question.id, self.now)
            if opened:
                assert state.status == "active"
                assert not state.paused_at
                assert is_revealed(self.setup, state, question.id) == (self.setup.reveal == "immediately")
                assert self.setup.pace == "self" or self.now <= state.deadline
            if question.id in self.closed:
                assert not opened
                assert is_revealed(self.setup, state, question.id)

    @invariant()
    def a_timeout_changes_what_is_due_and_nothing_before(self) -> None:
        due = due_at(self.state)
        if due is None:
            assert decide(self.setup, self.state, Timeout(), self.now + 10**9) == Transition(self.state)
            return
        assert decide(self.setup, self.state, Timeout(), due - 1) == Transition(self.state)
        settled = decide(self.setup, self.state, Timeout(), due)
        assert settled.events
        follows = {"closed": {"asked", "open"}, "asked": {"open"}}.get(self.state.phase, {"closed"})
        assert settled.state.phase in {*follows, "ended"}
        if self.state.phase != "asked":
            assert is_open(self.setup, settled.state, self.state.question_id, due) is False
        later = due_at(settled.state)
        assert later is None or later > due

    @invariant()
    def what_was_accepted_stays_and_is_read_again_as_it_was(self) -> None:
        assert len(set(self.state.accepted)) == len(self.state.accepted)
        assert state_from_json(json.loads(json.dumps(state_to_json(self.state)))) == self.state

    @invariant()
    def the_end_is_final(self) -> None:
        if self.state.status == "completed":
            for command in (Start(), Next(), CloseQuestion(), Pause(), Resume(), Extend(1), SetLock(True)):
                with pytest.raises(NotAllowed):
                    decide(self.setup, self.state, command, self.now)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)

QUIZ = QuizContent(
    id="quiz",
    title="Quiz",
    questions=tuple(QuestionContent(id=f"q{number}", kind="choice", text="?") for number in (1, 2)),
)
HOST_PACE = SessionSetup(id="s", quiz=QUIZ, join_code="C", pace="host", reveal="on_close")
SELF_PACE = SessionSetup(id="s", quiz=QUIZ, join_code="C", pace="self")


def play(setup: SessionSetup, *steps: Command, at: int = NOW) -> SessionState:
    """The state after these commands, all at one time."""
    state = SessionState(created_at=at)
    for step in steps:
        state = decide(setup, state, step, at).state
    return state


def kinds(transition: Transition) -> list[str]:
    return [event.kind for event in transition.events]


def test_next_closes_the_open_question_and_opens_the_next_one() -> None:
    state = play(HOST_PACE, Start(), Next())
    moved = decide(HOST_PACE, state, Next(), NOW)
    assert kinds(moved) == ["question_closed", "question_opened"]
    assert [event.question_id for event in moved.events] == ["q1", "q2"]


def test_next_after_the_last_question_ends_the_session() -> None:
    still_open = play(HOST_PACE, Start(), Next(), Next())
    assert kinds(decide(HOST_PACE, still_open, Next(), NOW)) == ["question_closed", "ended"]
    closed = play(HOST_PACE, Start(), Next(), Next(), CloseQuestion())
    assert kinds(decide(HOST_PACE, closed, Next(), NOW)) == ["ended"]


def test_the_end_of_the_sessions_time_closes_the_open_question() -> None:
    setup = replace(HOST_PACE, max_duration_ms=5_000)
    state = play(setup, Start(), Next())
    assert kinds(decide(setup, state, Timeout(), NOW + 5_000)) == ["question_closed", "ended"]


def test_a_lobby_ends_by_itself_when_its_time_is_over() -> None:
    lobby = SessionState(created_at=NOW, expires_at=NOW + 1_000)
    assert kinds(decide(HOST_PACE, lobby, Timeout(), NOW + 1_000)) == ["ended"]
    assert decide(HOST_PACE, lobby, Start(), NOW).state.expires_at == 0


@given(pause=st.integers(0, 10**7))
def test_a_pause_moves_the_deadline_by_its_length(pause: int) -> None:
    state = play(HOST_PACE, Start(), Next(), Pause())
    resumed = decide(HOST_PACE, state, Resume(), NOW + pause)
    assert resumed.state.deadline == state.deadline + pause
    assert resumed.events[0].deadline == resumed.state.deadline


def test_a_question_closed_in_a_pause_leaves_the_session_paused() -> None:
    state = play(HOST_PACE, Start(), Next(), Pause(), CloseQuestion())
    assert state.paused_at
    with pytest.raises(NotAllowed, match="paused"):
        decide(HOST_PACE, state, Next(), NOW)
    resumed = decide(HOST_PACE, state, Resume(), NOW + 1)
    assert resumed.events[0].deadline == 0
    assert kinds(decide(HOST_PACE, resumed.state, Next(), NOW + 1)) == ["question_opened"]


@pytest.mark.parametrize("command", [Next(), CloseQuestion()])
def test_in_self_pace_the_host_opens_and_closes_no_questions(command: Command) -> None:
    with pytest.raises(NotAllowed):
        decide(SELF_PACE, play(SELF_PACE, Start()), command, NOW)


@pytest.mark.parametrize("command", [Next(), CloseQuestion(), Pause(), Resume(), Extend(1)])
def test_before_the_start_there_is_nothing_to_run(command: Command) -> None:
    with pytest.raises(NotAllowed, match="not started"):
        decide(HOST_PACE, SessionState(), command, NOW)


TYPED_QUIZ = QuizContent(
    id="quiz",
    title="Quiz",
    questions=(
        QuestionContent(id="q1", kind="typed", text="?", correct_answers=("couch",)),
        QuestionContent(id="q2", kind="typed", text="?", correct_answers=("armchair",)),
        QuestionContent(id="q3", kind="choice", text="?", options=("a", "b"), correct_answers=("a",)),
    ),
)
TYPED_BY_HOST = replace(HOST_PACE, quiz=TYPED_QUIZ)
TYPED_BY_PLAYERS = replace(SELF_PACE, quiz=TYPED_QUIZ)
SOFA = Accept("q1", "sofa")


@pytest.mark.parametrize(
    ("setup", "steps"),
    [
        (TYPED_BY_HOST, (Start(), Next(), CloseQuestion())),
        (TYPED_BY_HOST, (Start(), Next(), Next())),
        (TYPED_BY_HOST, (Start(), Next(), CloseQuestion(), Pause())),
        (TYPED_BY_HOST, (Start(), Next(), End())),
        (TYPED_BY_PLAYERS, (Start(),)),
        (TYPED_BY_PLAYERS, (Start(), End())),
    ],
)
def test_an_answer_is_accepted_once_the_question_is_over_or_has_no_end(
    setup: SessionSetup, steps: tuple[Command, ...]
) -> None:
    state = play(setup, *steps)
    accepted = decide(setup, state, Accept("q1", "  sofa "), NOW)
    assert kinds(accepted) == ["answers_regraded"]
    assert (accepted.events[0].question_id, accepted.events[0].answer) == ("q1", "sofa")
    assert accepted.state.accepted_to("q1") == ("sofa",)
    assert accepted.state.accepted_to("q2") == ()
    assert decide(setup, accepted.state, Accept("q1", "the Sofa"), NOW) == Transition(accepted.state)


@pytest.mark.parametrize(
    ("setup", "steps", "command", "why"),
    [
        (TYPED_BY_HOST, (), SOFA, "not started"),
        (TYPED_BY_PLAYERS, (), SOFA, "not started"),
        (TYPED_BY_HOST, (Start(),), SOFA, "not been asked"),
        (TYPED_BY_HOST, (Start(), Next()), SOFA, "still open"),
        (TYPED_BY_HOST, (Start(), Next(), End()), Accept("q2", "seat"), "not been asked"),
        (TYPED_BY_PLAYERS, (Start(),), Accept("q3", "b"), "typed"),
        (TYPED_BY_PLAYERS, (Start(),), Accept("q9", "b"), "typed"),
    ],
)
def test_an_answer_is_not_accepted_where_it_makes_no_sense(
    setup: SessionSetup, steps: tuple[Command, ...], command: Accept, why: str
) -> None:
    with pytest.raises(NotAllowed, match=why):
        decide(setup, play(setup, *steps), command, NOW)


def test_to_accept_what_is_right_already_changes_nothing() -> None:
    state = play(TYPED_BY_PLAYERS, Start())
    assert decide(TYPED_BY_PLAYERS, state, Accept("q1", "The couch"), NOW) == Transition(state)


def test_what_is_no_answer_is_not_accepted() -> None:
    with pytest.raises(InvalidAnswer):
        decide(TYPED_BY_PLAYERS, play(TYPED_BY_PLAYERS, Start()), Accept("q1", "  "), NOW)


def test_a_session_takes_only_so_many_more_answers() -> None:
    many = [Accept("q1", f"word number {number}") for number in range(MAX_ACCEPTED)]
    state = play(TYPED_BY_PLAYERS, Start(), *many)
    with pytest.raises(NotAllowed, match="at most"):
        decide(TYPED_BY_PLAYERS, state, SOFA, NOW)
    assert decide(TYPED_BY_PLAYERS, state, many[0], NOW) == Transition(state)


def test_a_session_without_accepted_answers_is_written_as_before_there_were_any() -> None:
    state = play(TYPED_BY_PLAYERS, Start())
    assert "accepted" not in state_to_json(state)
    assert "answer" not in event_to_json(SessionEvent(seq=1, kind="started", at=NOW))
    assert state_from_json(state_to_json(state)) == state


def test_a_quiz_without_questions_does_not_start() -> None:
    with pytest.raises(NotAllowed):
        decide(replace(HOST_PACE, quiz=QuizContent(id="empty", title="Empty")), SessionState(), Start(), NOW)


def test_an_answer_counts_up_to_the_deadline_and_not_after() -> None:
    state = play(HOST_PACE, Start(), Next())
    assert is_open(HOST_PACE, state, "q1", state.deadline)
    assert not is_open(HOST_PACE, state, "q1", state.deadline + 1)
    assert not is_open(HOST_PACE, state, "q2", state.deadline)
