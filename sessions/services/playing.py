"""What players do in a session: join or come back, answer, ask for the next question, leave.

An answer's way: consumer -> here -> scoring/intake.py (grade, batch) -> store -> back with what it came to.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from common import metrics, tracing
from common.batching import Batcher
from quizzes.rules.content import QuestionContent
from scoring.intake import AnswerIntake
from scoring.rules.answers import Refused, StoredAnswer
from scoring.rules.difference import Segment, difference_shown
from scoring.rules.grading import InvalidAnswer, as_given
from scoring.rules.points import PointsRule, points_rule
from scoring.rules.regrading import right_answers, without_accents
from sessions.protocol.encoding import iso
from sessions.protocol.errors import SessionError, invalid_username, unknown_session
from sessions.protocol.outbound import GapSolution, StoredResult, Summary, YourGap
from sessions.rules.attempts import attempt_id
from sessions.rules.boards import board_view
from sessions.rules.join_codes import read_code
from sessions.rules.people import NO_NEEDS, Needs
from sessions.rules.player_names import USER_ID, InvalidUsername, clean_username
from sessions.rules.state import SessionSetup, SessionState, active_clock, is_outgrown, is_revealed
from sessions.services.attempts import Attempts, require_open
from sessions.services.event_messages import gap_solutions, your_gaps
from sessions.services.ports import Broadcaster, Clock, Join, Joined, JoinRefused, Store
from sessions.services.summary import summary_lines
from sessions.services.tokens import Proof, TokenSigner

_JOINS_AT_ONCE = 500

_JOIN_REFUSALS = {
    "INVALID_TOKEN": "This user id is taken in the session, and the token does not prove that it is you.",
    "REMOVED": "The host has removed you from this session.",
    "SESSION_COMPLETED": "The session is over.",
    "SESSION_LOCKED": "The host lets nobody new in.",
    "SESSION_FULL": "Session at capacity",
    "USERNAME_TAKEN": "Another player has this name; please choose another one.",
}
_ANSWER_REFUSALS = {
    "NOT_JOINED": "You are not in this session.",
    "SESSION_COMPLETED": "The session is over.",
}


class Showing(NamedTuple):
    """Self pace: a question on show to a player."""

    question: QuestionContent
    #: Unix milliseconds from which the player's time runs: the first showing, put off by the pauses since.
    opened_at: int


class Superseded(Exception):
    """The player is on a connection that was made after this one."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A player who is in, and the proof of it."""

    joined: Joined
    token: str
    #: Homework: the attempt under way.
    attempt: int = 1


class Outcome(NamedTuple):
    """What an answer came to. ``revealed`` says whether the player may know more than that it counts."""

    stored: StoredAnswer
    revealed: bool
    score: int
    answered_count: int
    #: What gave the points.
    rule: PointsRule
    #: Self pace: the solution, once the player may know it.
    solution: QuestionContent | None = None
    #: With the solution, what parts an almost right typed answer from it.
    difference: list[Segment] | None = None
    #: With the solution, what is right in each gap of a text, and what became of each.
    gaps: list[GapSolution] | None = None
    your_gaps: list[YourGap] | None = None


class PlayerService:
    """Actions of players. Each raises SessionError with the code the wire has for it."""

    def __init__(
        self, store: Store, intake: AnswerIntake, broadcaster: Broadcaster, clock: Clock, tokens: TokenSigner
    ) -> None:
        self._store = store
        self._intake = intake
        self._broadcaster = broadcaster
        self._clock = clock
        self._tokens = tokens
        self.attempts = Attempts(store, clock)
        self._joins: Batcher[Join, Joined | JoinRefused] = Batcher(store.join, max_size=_JOINS_AT_ONCE)

    async def find(self, id_or_code: str) -> SessionSetup:
        """The session with this id or join code.

        :raises SessionError: INVALID_SESSION.
        """
        # What cannot be an id is not asked for: a database may refuse its characters.
        session_id = await self._store.resolve(id_or_code) if USER_ID.match(id_or_code) else None
        if session_id is None and USER_ID.match(code := read_code(id_or_code)) and code != id_or_code.upper():
            session_id = await self._store.resolve(code)
        setup = await self._store.setup(session_id) if session_id else None
        if setup is None:
            raise unknown_session(id_or_code)
        return setup

    async def grown(self, setup: SessionSetup, state: SessionState | None = None) -> SessionSetup:
        """The setup with what was asked again since it was read.

        :param state: as it was read a moment ago, if it was.
        """
        state = state or await self._store.state(setup.id)
        if state is None or not is_outgrown(setup, state):
            return setup
        return await self._store.setup(setup.id) or setup

    def identify(
        self, session_id: str, *, user_id: str, chosen: bool, token: str | None, join_key: str | None
    ) -> tuple[str, Proof | None]:
        """Who the player is, and what proves it: a token, or the key from which the id is made.

        :param chosen: whether the client named ``user_id`` itself; if not, a valid token or the key names the user.
        :raises SessionError: INVALID_TOKEN for a token that is forged, foreign, or somebody else's; INVALID_MESSAGE
            for a key beside an id of the client's own, which it cannot prove.
        """
        if token is None and join_key is not None:
            if chosen:
                raise SessionError("INVALID_MESSAGE", "JOIN_SESSION: `join_key` is for connections without `user_id`")
            own = self._tokens.user_for(session_id, join_key)
            return own, Proof(own, 0)
        if token is None:
            return user_id, None
        proof = self._tokens.proof_of(session_id, token)
        if proof is None or (chosen and proof.user_id != user_id):
            raise SessionError("INVALID_TOKEN", "The token is not yours, or not of this session.")
        return proof.user_id, proof

    def is_member(self, session_id: str, token: str) -> bool:
        """Whether the token is one of this session's; its bearer has been in it."""
        return self._tokens.proof_of(session_id, token) is not None

    async def join(
        self,
        setup: SessionSetup,
        *,
        user_id: str,
        proof: Proof | None,
        username: str | None,
        connection: str,
        returning: bool = False,
        suggested: bool = False,
        listed: bool = False,
    ) -> Membership:
        """Let a player in, or in again.

        :param proof: what shows that the player is this user, if anything does.
        :param returning: whether a token says that the player has been in before.
        :param suggested: whether the name is one that a page offered.
        :param listed: whether the name is from the list of a class: a teacher wrote it, and nobody judges it.
        :raises SessionError: INVALID_MESSAGE (no name), INVALID_USERNAME, or the store's refusal.
        :raises Superseded: when the player came back over another connection while this one waited.
        """
        if suggested and not setup.options.suggested_names:
            raise SessionError("INVALID_USERNAME", "Please choose a name of your own.", reason="suggested")
        started = time.perf_counter()
        name = username if listed and username else await self._name(setup, user_id, proof is not None, username)
        join = Join(user_id, name, proof is not None, connection, returning, listed, proof.moves if proof else 0)
        result = await self._joins.enqueue(setup.id, join)
        if isinstance(result, JoinRefused):
            if result.code == "SUPERSEDED":
                raise Superseded
            if result.code == "SESSION_FULL":
                metrics.limits_hit.labels("participants").inc()
            raise SessionError(result.code, _JOIN_REFUSALS[result.code])
        if result.superseded:
            await self._broadcaster.supersede(setup.id, user_id, result.superseded)
        metrics.join_seconds.labels("back" if result.resumed else "new").observe(time.perf_counter() - started)
        if not result.resumed:
            metrics.participants_joined.inc()
            await self._broadcaster.board_changed(setup.id)
        joined, attempt = await self.attempts.entered(setup, result)
        moves = joined.participant.arranged.moves
        return Membership(joined, self._tokens.issue(setup.id, user_id, moves), attempt)

    async def _name(self, setup: SessionSetup, user_id: str, proven: bool, username: str | None) -> str:
        if username is None:
            known = await self._store.participant(setup.id, user_id) if proven else None
            if known is None:
                raise SessionError("INVALID_MESSAGE", "JOIN_SESSION: a player needs a `username`")
            return known.username
        try:
            return clean_username(username)
        except InvalidUsername as error:
            raise invalid_username(error) from None

    async def answer(
        self,
        setup: SessionSetup,
        *,
        user_id: str,
        question_id: str,
        answer: str | list[str],
        claimed_ms: int | None,
        needs: Needs = NO_NEEDS,
    ) -> Outcome:
        """Record an answer.

        :param user_id: of the player, or of the attempt under way.
        :raises SessionError: INVALID_QUESTION, INVALID_ANSWER, QUESTION_NOT_OPEN, SESSION_COMPLETED, NOT_JOINED, or
            ALREADY_ANSWERED with the stored result.
        :raises scoring.ports.ServiceUnavailable: when it could not be stored; it then does not count.
        """
        received_at, started = self._clock.now(), time.perf_counter()
        question = setup.quiz.question(question_id)
        if question is None:
            raise SessionError("INVALID_QUESTION", f"Question {question_id} is not in this quiz")
        try:
            with tracing.span("store"):
                result = await self._intake.take(
                    setup.id,
                    quiz=setup.quiz,
                    question=question,
                    user_id=user_id,
                    answer=answer,
                    speed_ms=setup.speed_ms(question),
                    limit_ms=setup.limit_ms(question),
                    received_at=received_at,
                    claimed_ms=claimed_ms,
                    lenient=needs.ignore_accents,
                )
        except InvalidAnswer as error:
            raise SessionError("INVALID_ANSWER", str(error)) from None
        metrics.scoring_latency.observe(time.perf_counter() - started)
        if isinstance(result, Refused):
            raise await self._refusal(setup, question, result, user_id, received_at)
        metrics.answers_submitted.inc()
        if result.stored.verdict == "correct":
            metrics.correct_answers.inc()
        revealed = setup.reveal == "immediately"
        if revealed:
            await self._broadcaster.board_changed(setup.id)
        solution = question if revealed and setup.pace == "self" else None
        accepted = self._intake.accepted(setup.id, question.id)
        if solution:
            solution = replace(question, correct_answers=tuple(right_answers(question, accepted)))
        stored = result.stored
        shown = solution and difference_shown(
            question, stored.answer, stored.verdict, language=setup.quiz.language, accepted=accepted
        )
        rule = points_rule(question, setup.scoring, stored.verdict, stored.points)
        graded = without_accents(question) if needs.ignore_accents else question
        language = setup.quiz.language
        return Outcome(
            stored,
            revealed,
            result.score,
            result.answered_count,
            rule,
            solution,
            shown or None,
            gap_solutions(question, accepted) if solution else None,
            your_gaps(graded, stored.answer, language=language, accepted=accepted) if solution else None,
        )

    async def _refusal(
        self, setup: SessionSetup, question: QuestionContent, refused: Refused, user_id: str, received_at: int
    ) -> SessionError:
        if refused.code == "QUESTION_NOT_OPEN":
            state = await self._store.state(setup.id)
            late = state is not None and _is_late(setup, state, question, user_id, received_at)
            text = "Too late: the question is closed." if late else "The question is not open."
            return SessionError("QUESTION_NOT_OPEN", text, reason="late" if late else None)
        if refused.stored is not None:
            state = await self._store.state(setup.id)
            revealed = state is not None and is_revealed(setup, state, question.id)
            score = refused.score
            if revealed and setup.reveal == "on_close":
                # The question may have closed since: then the score of the refusal lacks what is told now.
                score = await self._store.score(setup.id, refused.stored.user_id)
            return SessionError(
                "ALREADY_ANSWERED",
                "You have answered this question; the first answer counts.",
                result=_stored_result(setup, question, refused.stored, score, revealed=revealed),
            )
        return SessionError(refused.code, _ANSWER_REFUSALS.get(refused.code, "The answer cannot be taken."))

    async def next_question(self, setup: SessionSetup, *, user_id: str) -> Showing | None:
        """Self pace: the player's next question, on show from now on; ``None`` when all are answered.

        The next one is the first unanswered question after the one on show, then from the start again, so that a
        skipped question comes back.

        :raises SessionError: QUESTION_NOT_OPEN in host pace, before the start and during a pause; SESSION_COMPLETED.
        """
        if setup.pace != "self":
            raise SessionError("QUESTION_NOT_OPEN", "In this session the host opens the questions.")
        state = require_open(setup, await self._store.state(setup.id), user_id, self._clock.now())
        answered = {answer.question_id for answer in await self._store.answers_of(setup.id, user_id)}
        shown = await self._store.shown(setup.id, user_id)
        questions = setup.quiz.questions
        ids = [question.id for question in questions]
        last = _on_show(shown)
        start = ids.index(last) + 1 if last in ids else 0
        for question in (*questions[start:], *questions[:start]):
            if question.id not in answered:
                await self._store.show(setup.id, user_id, question.id)
                return self._showing(state, question, shown)
        return None

    def current_question(self, setup: SessionSetup, state: SessionState, joined: Joined) -> Showing | None:
        """Self pace: the question on show to a player who came in, unless it is answered."""
        last = _on_show(joined.shown)
        question = setup.quiz.question(last) if last is not None and last not in joined.answered else None
        return self._showing(state, question, joined.shown) if question else None

    def _showing(self, state: SessionState, question: QuestionContent, shown: Mapping[str, int]) -> Showing:
        now = self._clock.now()
        clock = active_clock(state, now)
        return Showing(question, now - (clock - shown.get(question.id, clock)))

    async def summary(self, setup: SessionSetup, *, user_id: str, attempt: int = 1, needs: Needs = NO_NEEDS) -> Summary:
        """What the player answered to the questions that are over, with the solutions.

        :param attempt: the one under way, whose answers are told until all is over; then it is the one that counts.
        """
        state = await self._store.state(setup.id)
        if state is None:
            raise unknown_session(setup.id)
        over = state.status == "completed"
        row = await self.attempts.told_at_end(setup, user_id) if over else attempt_id(user_id, attempt)
        answers = {answer.question_id: answer for answer in await self._store.answers_of(setup.id, row)}
        standings = await self._store.standings(setup.id)
        own = standings.own(user_id)
        ranked = own if board_view(setup.options, "player", state.status).own else None
        return Summary(
            session_id=setup.id,
            questions=summary_lines(setup, state, answers, needs),
            your_rank=ranked[0] if ranked else None,
            your_score=own[1] if own else 0,
            your_place=standings.places()[ranked[1]] if ranked else None,
            total_participants=len(standings.order),
        )

    async def leave(self, session_id: str, *, user_id: str) -> bool:
        """The player goes; score and answers stay."""
        return await self._store.leave(session_id, user_id)


def _on_show(shown: Mapping[str, int]) -> str | None:
    return list(shown)[-1] if shown else None


def _is_late(
    setup: SessionSetup, state: SessionState, question: QuestionContent, user_id: str, received_at: int
) -> bool:
    if state.status != "active":
        return False
    if setup.pace == "self":
        return 0 < state.closing_for(user_id) < received_at
    index = setup.quiz.questions.index(question)
    if index != state.question_index:
        return index < state.question_index
    return state.phase == "closed" or (state.phase == "open" and not state.paused_at and received_at > state.deadline)


def _stored_result(
    setup: SessionSetup, question: QuestionContent, stored: StoredAnswer, score: int, *, revealed: bool
) -> StoredResult:
    answer = as_given(question.kind, stored.answer)
    received_at = iso(stored.submitted_at)
    if not revealed:
        return StoredResult(question.id, answer, received_at)
    return StoredResult(
        question.id,
        answer,
        received_at,
        is_correct=stored.verdict == "correct",
        points_earned=stored.points,
        reason=stored.verdict,
        rule=points_rule(question, setup.scoring, stored.verdict, stored.points),
        new_score=score,
    )
