"""A quiz as a player at their own speed meets it, for whoever wrote it. Pure, and nothing of it is kept anywhere.

No session stands behind it: the page sends what was answered so far along with each message, and this works out the
answer that a session would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from quizzes.rules.content import QuestionContent, QuizContent
from scoring.rules.answers import StoredAnswer
from scoring.rules.difference import difference_shown
from scoring.rules.grading import InvalidAnswer, canonical, grade
from scoring.rules.neighbours import with_other_answers
from scoring.rules.points import points_at, points_rule
from scoring.rules.regrading import right_answers, worth
from sessions.protocol import inbound, outbound
from sessions.protocol.encoding import iso
from sessions.protocol.errors import SessionError
from sessions.rules.hearing import text_at_close
from sessions.rules.state import SessionSetup, SessionState
from sessions.services.event_messages import gap_solutions, question_opened, your_gaps
from sessions.services.summary import summary_lines

#: The only player of a preview.
PLAYER = "preview"


class Preview:
    """One play-through: the quiz, and what was answered so far."""

    def __init__(self, preview_id: str, quiz: QuizContent, *, answers: Sequence[inbound.SubmitAnswer] = ()) -> None:
        """
        :param preview_id: gives the shuffled options their order, as the id of a session does.
        :param answers: in the order of giving. What does not fit the quiz any more is left out: it may have changed.
        """
        self.setup = SessionSetup(id=preview_id, quiz=with_other_answers(_audible(quiz)), join_code="")
        self._answers: dict[str, StoredAnswer] = {}
        for answer in answers:
            try:
                self._take(answer)
            except SessionError:
                continue

    @property
    def score(self) -> int:
        return sum(answer.points for answer in self._answers.values())

    def joined(self, username: str, now: int) -> outbound.SessionJoined:
        """What the page begins with."""
        setup = self.setup
        return outbound.SessionJoined(
            session_id=setup.id,
            quiz_id=setup.quiz.id,
            join_code="",
            title=setup.quiz.title,
            status="active",
            pace="self",
            user_id=PLAYER,
            username=username,
            session_token=None,
            participant_count=1,
            your_score=self.score,
            your_rank=None,
            your_place=None,
            seq=0,
            question=None,
            asked=None,
            answered=list(self._answers),
            resumed=False,
            role="player",
            reveal=setup.reveal,
            scoring=setup.scoring,
            phase="playing",
            paused=False,
            locked=False,
            question_count=len(setup.quiz.questions),
            language=setup.quiz.language,
            advance_at=None,
            held=False,
            options=setup.options,
            server_time=iso(now),
            opens_at=None,
            closes_at=None,
            attempt=1,
        )

    def next_question(self, last: str, now: int) -> outbound.QuestionOpened | outbound.Finished:
        """The first question without an answer after the one on show, then from the start: skipped ones come back."""
        questions = self.setup.quiz.questions
        ids = [question.id for question in questions]
        start = ids.index(last) + 1 if last in ids else 0
        for question in (*questions[start:], *questions[:start]):
            if question.id not in self._answers:
                return question_opened(self.setup, question, opened_at=now, deadline=0, now=now, user_id=PLAYER)
        return outbound.Finished(self.setup.id, len(self._answers), len(questions), self.score)

    def answer(self, message: inbound.SubmitAnswer) -> outbound.ScoreUpdated:
        """What an answer comes to.

        :raises SessionError: INVALID_QUESTION or INVALID_ANSWER.
        """
        setup, (question, stored) = self.setup, self._take(message)
        shown = difference_shown(question, stored.answer, stored.verdict, language=setup.quiz.language)
        return outbound.ScoreUpdated(
            session_id=setup.id,
            user_id=PLAYER,
            new_score=self.score,
            points_earned=stored.points,
            is_correct=stored.verdict == "correct",
            question_id=question.id,
            reason=stored.verdict,
            rule=points_rule(question, setup.scoring, stored.verdict, stored.points),
            correct_answers=right_answers(question, ()),
            explanation=question.explanation,
            text=text_at_close(question),
            difference=[[*segment] for segment in shown] if shown else None,
            gaps=gap_solutions(question, ()),
            your_gaps=your_gaps(question, stored.answer, language=setup.quiz.language, accepted=()),
        )

    def summary(self) -> outbound.Summary:
        """The answers beside the right ones, and the place of somebody who played alone."""
        state = SessionState(status="active", phase="playing")
        return outbound.Summary(
            session_id=self.setup.id,
            questions=summary_lines(self.setup, state, self._answers),
            your_rank=1,
            your_score=self.score,
            your_place=1,
            total_participants=1,
        )

    def _take(self, message: inbound.SubmitAnswer) -> tuple[QuestionContent, StoredAnswer]:
        setup = self.setup
        question = setup.quiz.question(message.question_id)
        if question is None:
            raise SessionError("INVALID_QUESTION", f"Question {message.question_id} is not in this quiz")
        try:
            judged = grade(question, message.answer, language=setup.quiz.language)
            given = canonical(question, message.answer)
        except InvalidAnswer as error:
            raise SessionError("INVALID_ANSWER", str(error)) from None
        earned = worth(question, judged, speed_ms=setup.speed_ms(question))
        took = min(message.time_taken_ms or 0, setup.limit_ms(question))
        stored = StoredAnswer(PLAYER, question.id, given, earned.verdict, points_at(earned.schedule, took), took, 0)
        # As in a session, the first answer counts.
        return question, self._answers.setdefault(question.id, stored)


def _audible(quiz: QuizContent) -> QuizContent:
    """A session lets the server speak what is heard only; here the device does, and needs the text for that."""
    questions = (
        replace(question, listen="beside") if question.listen == "instead" and not question.sound else question
        for question in quiz.questions
    )
    return replace(quiz, questions=tuple(questions))
