"""What hosts and operators do with a session: create it, run it, take a player out or rename one.

A command is decided by the rules (sessions/rules/lifecycle.py) on the state that was read, committed by
compare-and-set, and published after the commit. Who loses the race has its command decided again on the new state,
except for a ``Next`` that lost to another one: two hosts who press at once mean the same question.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
import uuid
from collections import Counter
from dataclasses import dataclass, replace

from common import metrics
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.phrases import Phrases
from scoring.intake import AnswerIntake
from scoring.ports import ServiceUnavailable
from scoring.rules.grading import TYPED_KINDS
from scoring.rules.neighbours import with_other_answers
from scoring.rules.points import Scoring
from sessions.protocol.encoding import encode
from sessions.protocol.errors import SessionError, invalid_username, service_unavailable, unknown_session
from sessions.protocol.outbound import UserLeft, UserRenamed
from sessions.rules import again
from sessions.rules.answer_groups import AnswerGroup, group_answers, with_differences
from sessions.rules.attempts import is_attempt
from sessions.rules.commands import (
    AskAgain,
    CloseQuestion,
    Command,
    End,
    EverybodyAnswered,
    MoveClosing,
    Next,
    Resume,
    Start,
    Timeout,
)
from sessions.rules.hearing import check_heard
from sessions.rules.homework import check as check_homework
from sessions.rules.lifecycle import NotAllowed, Transition, decide, why_not_ask_again
from sessions.rules.options import SessionOptions, fit
from sessions.rules.player_names import InvalidUsername, clean_username
from sessions.rules.state import Pace, Reveal, SessionSetup, SessionState, grown, may_still_answer
from sessions.services.asking_again import Asker
from sessions.services.event_messages import render_event
from sessions.services.ports import (
    Broadcaster,
    Clock,
    CodeTaken,
    Decision,
    NameTaken,
    ParticipantState,
    Store,
    Voice,
    Words,
)
from sessions.services.tokens import CODE_ALPHABET

logger = logging.getLogger(__name__)

CODE_LENGTH = 6
_ATTEMPTS = 10
_DEFAULT_OPTIONS = SessionOptions()


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as its services tell it."""

    setup: SessionSetup
    state: SessionState
    participant_count: int


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """What was typed to one question, and what the host accepted of it besides the quiz's own answers."""

    question: QuestionContent
    accepted: tuple[str, ...]
    answered: int
    groups: list[AnswerGroup]
    #: BCP 47 tag of the quiz.
    language: str

    def page(self, offset: int, limit: int) -> list[AnswerGroup]:
        """Some of the groups, with what parts the almost right ones from the right answer."""
        groups = self.groups[offset : offset + limit]
        return with_differences(self.question, groups, language=self.language, accepted=self.accepted)


class StaleRevision(Exception):
    """The session is no longer at the revision the caller saw; ``view`` is how it stands."""

    def __init__(self, view: SessionView) -> None:
        super().__init__("The session has moved on.")
        self.view = view


class SessionService:
    """Commands of hosts and operators. Each raises SessionError INVALID_SESSION for an unknown session."""

    def __init__(
        self,
        store: Store,
        intake: AnswerIntake,
        broadcaster: Broadcaster,
        clock: Clock,
        *,
        max_duration_ms: int,
        lobby_ms: int,
        words: Words,
        voice: Voice,
    ) -> None:
        """:param words: the lists that quizzes are made from.
        :param voice: what questions sound like that are heard.
        :param intake: where answers wait that came in before a command.
        :param max_duration_ms: the longest a session may last after its start; 0 for no bound.
        :param lobby_ms: the longest it may wait for its start; 0 for no bound.
        """
        self._store = store
        self._intake = intake
        self._broadcaster = broadcaster
        self._clock = clock
        self._max_duration_ms = max_duration_ms
        self._lobby_ms = lobby_ms
        self._asker = Asker(store, words, voice)
        self._voice = voice

    async def create(
        self,
        quiz: QuizContent,
        *,
        pace: Pace = "self",
        reveal: Reveal | None = None,
        scoring: Scoring = "speed",
        max_participants: int = 1000,
        time_limit_ms: int | None = None,
        shuffle_questions: bool = False,
        options: SessionOptions = _DEFAULT_OPTIONS,
        auto_start: bool = False,
        owner_id: int | None = None,
        actor: str,
    ) -> SessionView:
        """Open a lobby, or with ``auto_start`` the session itself.

        :param reveal: by default ``immediately`` in self pace and ``on_close`` in host pace.
        :param shuffle_questions: ask the questions in an order of this session's own.
        :raises NotAllowed: for ``auto_start``, or a homework, of a quiz without questions; no session is made then.
        :raises InvalidOptions: when the session cannot be played so.
        :raises Unheard: when players could not hear what they cannot read.
        """
        fit(options, pace=pace)
        check_homework(options, pace=pace, now=self._clock.now())
        if (auto_start or options.closes_at) and not quiz.questions:
            raise NotAllowed("The quiz has no questions.", SessionState())
        if shuffle_questions:
            # The session plays a copy of the quiz, so that the order is settled here, once for everybody.
            questions = tuple(random.sample(quiz.questions, len(quiz.questions)))
            quiz = replace(quiz, questions=questions)
        quiz = await asyncio.to_thread(with_other_answers, quiz)
        # Before the session is there: no question waits for a voice.
        quiz = await self._voice.give(quiz)
        check_heard(quiz, pace=pace)
        for _ in range(_ATTEMPTS):
            setup = SessionSetup(
                id=str(uuid.uuid4()),
                quiz=quiz,
                join_code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)),
                pace=pace,
                reveal=reveal or ("immediately" if pace == "self" else "on_close"),
                scoring=scoring,
                max_participants=max_participants,
                time_limit_ms=time_limit_ms,
                max_duration_ms=0 if options.closes_at else self._max_duration_ms,
                owner_id=owner_id,
                options=options,
            )
            try:
                now = self._clock.now()
                await self._store.create(setup, self._first_state(options, now))
            except CodeTaken:
                continue
            opens_itself = options.closes_at and options.opens_at > self._clock.now()
            if (auto_start or options.closes_at) and not opens_itself:
                return await self.command(setup.id, Start(), actor=actor)
            return await self.view(setup.id)
        raise service_unavailable()

    def _first_state(self, options: SessionOptions, now: int) -> SessionState:
        if options.closes_at:
            return SessionState(created_at=now, expires_at=options.opens_at or now, closes_at=options.closes_at)
        return SessionState(created_at=now, expires_at=now + self._lobby_ms if self._lobby_ms else 0)

    async def move_closing(
        self, session_id: str, closes_at: int, *, user_id: str = "", actor: str, expected_revision: int | None = None
    ) -> SessionView:
        """Let a homework close at another time, for all or for one player; see :meth:`command`.

        :raises SessionError: NOT_JOINED when there is no such player.
        """
        if user_id:
            player = await self._player(session_id, user_id)
            if player is None or player.status == "removed":
                raise SessionError("NOT_JOINED", f"Session {session_id} has no player {user_id}")
        command = MoveClosing(closes_at, user_id)
        return await self.command(session_id, command, actor=actor, expected_revision=expected_revision)

    async def view(self, id_or_code: str) -> SessionView:
        """How the session with this id or join code stands."""
        session_id = await self._store.resolve(id_or_code)
        # In this order: the setup has every question that the state knows of.
        state = await self._store.state(session_id) if session_id else None
        setup = await self._store.setup(session_id) if session_id else None
        if setup is None or state is None:
            raise unknown_session(id_or_code)
        return SessionView(setup, state, await self._store.participant_count(setup.id))

    async def command(
        self, session_id: str, command: Command, *, actor: str, expected_revision: int | None = None
    ) -> SessionView:
        """Apply a command and tell everybody what it changed.

        :param actor: who asked, for the audit trail.
        :param expected_revision: the revision the caller saw, where a command on a newer one would surprise it.
        :raises NotAllowed: when the command does not fit the state.
        :raises scoring.rules.grading.InvalidAnswer: when what is to be accepted is no answer.
        :raises StaleRevision: when ``expected_revision`` is not the session's.
        """
        seen: tuple[int, bool, str] | None = None
        for _ in range(_ATTEMPTS):
            view = await self.view(session_id)
            if expected_revision is not None and view.state.revision != expected_revision:
                raise StaleRevision(view)
            stands = (view.state.question_index, view.state.phase == "asked", view.state.status)
            if isinstance(command, Next) and seen is not None and stands != seen:
                # Somebody else moved the session on since this host looked: that was the same wish.
                return view
            seen = stands
            if isinstance(command, CloseQuestion | EverybodyAnswered | Next | End | Timeout):
                # What came in before the close counts, even if it still waits for its batch.
                await self._intake.settled(view.setup.id)
            if isinstance(command, Timeout):
                command = Timeout(await self._is_awaited(view))
            transition = decide(view.setup, view.state, command, self._clock.now())
            if not transition.events:
                return view
            if (after := await self._commit(view, transition, command, actor=actor)) is not None:
                if isinstance(command, Resume) and view.setup.options.close_when_all_answered:
                    return await self._close_if_all_answered(view.setup)
                return after
        raise service_unavailable()

    async def _commit(
        self, view: SessionView, transition: Transition, command: Command, *, actor: str
    ) -> SessionView | None:
        """How the session stands after the transition, of which everybody was told; ``None`` when it had moved on."""
        decision = Decision(
            transition.state,
            transition.events,
            command=type(command).__name__,
            actor=actor,
            added=transition.added,
        )
        if not await self._store.commit(view.setup.id, decision):
            return None
        setup = grown(view.setup, transition.added)
        await self._publish(setup, transition)
        return SessionView(setup, transition.state, view.participant_count)

    async def ask_again(
        self,
        session_id: str,
        *,
        share: float = again.SHARE,
        phrases: Phrases,
        actor: str,
        expected_revision: int | None = None,
    ) -> SessionView:
        """Have the questions come back at the end that fewer than a share of the answers had right.

        A word is asked for by another exercise where the quiz was made from a word list. Doing it twice before they are
        asked changes nothing.

        :param share: from 0 to 1.
        :param phrases: how made questions are worded.
        :raises NotAllowed: when no question has been closed, or the session takes no more.
        :raises NothingToAsk: when no question was missed, and none comes back already.
        :raises StaleRevision: when ``expected_revision`` is not the session's.
        """
        for _ in range(_ATTEMPTS):
            view = await self.view(session_id)
            if expected_revision is not None and view.state.revision != expected_revision:
                raise StaleRevision(view)
            if reason := why_not_ask_again(view.setup, view.state):
                raise NotAllowed(reason, view.state)
            # What came in before counts, even if it still waits for its batch.
            await self._intake.settled(view.setup.id)
            questions = await self._asker.questions(view.setup, view.state, share=share, phrases=phrases)
            if not questions:
                return view
            command = AskAgain(questions)
            transition = decide(view.setup, view.state, command, self._clock.now())
            if (after := await self._commit(view, transition, command, actor=actor)) is not None:
                return after
        raise service_unavailable()

    async def _is_awaited(self, view: SessionView) -> bool:
        """Whether somebody who has more time than others may still answer the open question."""
        state, now = view.state, self._clock.now()
        if state.phase != "open" or now < state.deadline:
            return False
        slow = await self._store.slow_players(view.setup.id)
        answers = await self._store.answers_to(view.setup.id, state.question_id) if slow else {}
        return any(
            may_still_answer(state, player.arranged.needs, player.status, now)
            for player in slow
            if player.user_id not in answers
        )

    async def close_if_all_answered(self, session_id: str) -> None:
        """Close the open question where the session wants that and nobody who is connected has yet to answer it.

        To be called after each answer and each departure; it may be late, and on several instances at once.
        """
        setup = await self._store.setup(session_id)
        if setup is not None and setup.options.close_when_all_answered:
            await self._close_if_all_answered(setup)

    async def _close_if_all_answered(self, setup: SessionSetup) -> SessionView:
        view = await self.view(setup.id)
        question_id = view.state.question_id
        if view.state.phase == "open" and view.participant_count:
            answers = await self._store.answers_to(setup.id, question_id)
            # Reading all players costs with their number: only when it may be that nobody is left.
            if len(answers) >= view.participant_count and not any(
                player.status == "connected" and player.user_id not in answers
                for player in await self._store.participants(setup.id)
            ):
                return await self.command(setup.id, EverybodyAnswered(question_id), actor="everybody answered")
        return view

    async def missed_quiz(self, session_id: str, *, title: str, phrases: Phrases) -> QuizContent:
        """A quiz of the questions that a session would ask again, under the ids they had first.

        :raises NothingToAsk: when no question was missed.
        """
        view = await self.view(session_id)
        made = await self._asker.questions(view.setup, view.state, share=again.SHARE, phrases=phrases)
        questions = tuple(replace(question, id=question.again_of, again_of="") for question in made)
        return replace(view.setup.quiz, title=title, questions=questions)

    async def given_answers(self, session_id: str, question_id: str) -> GivenAnswers:
        """What was typed to a question, by frequency.

        :raises SessionError: INVALID_QUESTION when the quiz has no such question.
        :raises NotAllowed: when the question is none that is answered by typing.
        """
        view = await self.view(session_id)
        question = view.setup.quiz.question(question_id)
        if question is None:
            raise SessionError("INVALID_QUESTION", f"Question {question_id} is not in this quiz")
        if question.kind not in TYPED_KINDS:
            raise NotAllowed("Only the answers to typed questions are told like this.", view.state)
        answers = await self._store.answers_to(view.setup.id, question_id)
        counted = Counter((answer.answer, answer.verdict) for answer in answers.values())
        texts = [(text, verdict, count) for (text, verdict), count in counted.items()]
        # On a thread: thousands may each have typed another word.
        language, accepted = view.setup.quiz.language, view.state.accepted_to(question_id)
        groups = await asyncio.to_thread(group_answers, question, texts, language=language, accepted=accepted)
        return GivenAnswers(question, accepted, len(answers), groups, language)

    async def _publish(self, setup: SessionSetup, transition: Transition) -> None:
        state, events = transition.state, transition.events
        for event in events:
            if event.kind == "ended":
                metrics.sessions_completed.inc()
                if state.closes_at:
                    # A homework lasts for as long as it was to last.
                    continue
                if state.started_at:
                    metrics.session_duration.observe((event.at - state.started_at) / 1_000)
                if state.expires_at and event.at >= state.expires_at:
                    metrics.limits_hit.labels("session_time").inc()
        try:
            for event in events:
                body = await render_event(self._store, setup, event)
                await self._broadcaster.event(setup.id, event.seq, event.kind, event.question_id, body)
            await self._broadcaster.board_changed(setup.id)
        except (ServiceUnavailable, OSError):
            # The transition stands; every hub finds the gap in the sequence with its next heartbeat.
            logger.exception("event_not_published", extra={"session_id": setup.id})

    async def take_back(self, session_id: str, user_id: str, *, actor: str) -> SessionView:
        """Take back the time that one player of a homework was given beyond the others'."""
        view = await self.view(session_id)
        return await self.command(session_id, MoveClosing(view.state.closes_at, user_id), actor=actor)

    async def _player(self, session_id: str, user_id: str) -> ParticipantState | None:
        """The player; the row of a further attempt is none."""
        return None if is_attempt(user_id) else await self._store.participant(session_id, user_id)

    async def remove(self, session_id: str, user_id: str, *, actor: str) -> ParticipantState:
        """Take a player out for good. Doing it twice changes nothing.

        :raises SessionError: NOT_JOINED when there is no such player.
        """
        view = await self.view(session_id)
        before = await self._player(view.setup.id, user_id)
        participant = await self._store.remove(view.setup.id, user_id, actor=actor) if before else None
        if before is None or participant is None:
            raise SessionError("NOT_JOINED", f"Session {session_id} has no player {user_id}")
        if before.status == "removed":
            return participant
        await self._broadcaster.removed(view.setup.id, user_id)
        count = await self._store.participant_count(view.setup.id)
        left = UserLeft(view.setup.id, user_id, participant.username, count)
        await self._broadcaster.volatile(view.setup.id, encode(left, at=self._clock.now()), "everyone")
        await self._broadcaster.board_changed(view.setup.id)
        await self.close_if_all_answered(view.setup.id)
        return participant

    async def rename(self, session_id: str, user_id: str, username: str, *, actor: str) -> ParticipantState:
        """Give a player another name, which must pass the rules of joining. Doing it twice changes nothing.

        :raises SessionError: INVALID_USERNAME, USERNAME_TAKEN, or NOT_JOINED when there is no such player.
        """
        view = await self.view(session_id)
        before = await self._player(view.setup.id, user_id)
        try:
            name = clean_username(username)
            participant = await self._store.rename(view.setup.id, user_id, name, actor=actor) if before else None
        except InvalidUsername as error:
            raise invalid_username(error) from None
        except NameTaken:
            raise SessionError("USERNAME_TAKEN", "Another player of this session has this name.") from None
        if before is None or participant is None:
            raise SessionError("NOT_JOINED", f"Session {session_id} has no player {user_id}")
        if participant.username != before.username:
            renamed = UserRenamed(view.setup.id, user_id, participant.username)
            await self._broadcaster.volatile(view.setup.id, encode(renamed, at=self._clock.now()), "everyone")
            await self._broadcaster.board_changed(view.setup.id)
        return participant
