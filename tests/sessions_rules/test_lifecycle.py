"""The state machine under any sequence of commands at any times."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quizzes.content import QuestionContent, QuizContent
from sessions.lifecycle import (
    CloseQuestion,
    Command,
    End,
    Extend,
    Next,
    NotAllowed,
    Pause,
    Resume,
    SessionEvent,
    SessionSetup,
    SessionState,
    SetLock,
    Start,
    Timeout,
    Transition,
    active_clock,
    decide,
    due_at,
    is_open,
    is_revealed,
)

NOW = 1_800_000_000_000
#: Commands that are harmless to repeat.
REPEATABLE = (Start, CloseQuestion, Pause, Resume, SetLock, End, Timeout)

commands = st.one_of(
    st.sampled_from([Start(), Next(), Next(), CloseQuestion(), Pause(), Resume(), End(), Timeout()]),
    st.builds(SetLock, st.booleans()),
    st.builds(Extend, st.integers(1, 60_000)),
)


def setups() -> st.SearchStrategy[SessionSetup]:
    questions = st.lists(st.integers(1_000, 60_000), min_size=1, max_size=4)
    return st.builds(
        lambda limits, pace, reveal, limit, duration: SessionSetup(
            id="s",
            join_code="C",
            pace=pace,
            reveal=reveal,
            time_limit_ms=limit,
            max_duration_ms=duration,
            quiz=QuizContent(
                id="quiz",
                title="Quiz",
                questions=tuple(
                    QuestionContent(id=f"q{number}", kind="choice", text="?", time_limit_ms=ms)
                    for number, ms in enumerate(limits)
                ),
            ),
        ),
        questions,
        st.sampled_from(["self", "host", "host"]),
        st.sampled_from(["immediately", "on_close"]),
        st.one_of(st.none(), st.integers(1_000, 60_000)),
        st.sampled_from([0, 0, 120_000]),
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

    @rule(ms=st.integers(0, 30_000))
    def time_passes(self, ms: int) -> None:
        before = active_clock(self.state, self.now)
        self.now += ms
        running = 0 if self.state.paused_at else ms
        assert active_clock(self.state, self.now) - before == running
        if self.state.phase == "open":
            self.asked_ms += running

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
        assert before.status != "completed"
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
            case "question_opened":
                assert self.opened == self.closed
                assert event.index == len(self.opened)
                assert event.question_id == self.setup.quiz.questions[event.index].id
                assert event.opened_at == self.now
                self.given_ms = self.setup.limit_ms(self.setup.quiz.questions[event.index])
                assert event.deadline == self.now + self.given_ms
                self.opened.append(event.question_id)
                self.asked_ms = 0
            case "question_closed":
                self.closed.append(event.question_id)
                assert self.opened == self.closed
            case "deadline_changed":
                self.given_ms += event.deadline - self.state.deadline
            case "ended":
                assert self.opened == self.closed

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
    def every_question_that_was_opened_is_open_or_was_closed(self) -> None:
        still_open = [self.state.question_id] if self.state.phase == "open" else []
        assert self.closed + still_open == self.opened

    @invariant()
    def status_and_phase_agree(self) -> None:
        state = self.state
        phases = {
            "waiting": {"lobby"},
            "active": {"playing"} if self.setup.pace == "self" else {"ready", "open", "closed"},
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
        assert settled.state.phase in {"closed", "ended"}
        assert is_open(self.setup, settled.state, self.state.question_id, due) is False
        later = due_at(settled.state)
        assert later is None or later > due

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


def test_a_quiz_without_questions_does_not_start() -> None:
    with pytest.raises(NotAllowed):
        decide(replace(HOST_PACE, quiz=QuizContent(id="empty", title="Empty")), SessionState(), Start(), NOW)


def test_an_answer_counts_up_to_the_deadline_and_not_after() -> None:
    state = play(HOST_PACE, Start(), Next())
    assert is_open(HOST_PACE, state, "q1", state.deadline)
    assert not is_open(HOST_PACE, state, "q1", state.deadline + 1)
    assert not is_open(HOST_PACE, state, "q2", state.deadline)
