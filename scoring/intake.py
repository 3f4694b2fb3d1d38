"""Answer intake: grades an answer, works out what it can earn, and sends it to the store in a batch of its session."""

from __future__ import annotations

from quizserver.batching import Batcher
from quizzes.content import QuestionContent, QuizContent
from scoring.grading import canonical, grade
from scoring.points import points_schedule
from scoring.ports import Accepted, Answer, AnswerStore, Refused


class AnswerIntake:
    """Takes answers for all sessions of a process."""

    def __init__(self, store: AnswerStore, *, batch_size: int) -> None:
        """:param batch_size: answers of one session that go to the store together, at most."""
        self._batches: Batcher[Answer, Accepted | Refused] = Batcher(store.submit, max_size=batch_size)

    @property
    def depth(self) -> int:
        """Answers that wait for their batch."""
        return self._batches.depth

    async def settled(self, session_id: str) -> None:
        """Wait until the answers that have come in for this session are recorded, or refused."""
        await self._batches.settled(session_id)

    async def submit(
        self,
        session_id: str,
        *,
        quiz: QuizContent,
        question: QuestionContent,
        user_id: str,
        answer: str | list[str],
        speed: bool,
        limit_ms: int,
        received_at: int,
        claimed_ms: int | None,
    ) -> Accepted | Refused:
        """Grade and record one answer.

        :raises scoring.grading.InvalidAnswer: when the answer is not of the question's shape.
        :raises scoring.ports.ServiceUnavailable: when it could not be recorded; it then does not count.
        """
        given = canonical(question, answer)
        verdict = grade(question, answer, language=quiz.language)
        return await self._batches.submit(
            session_id,
            Answer(
                user_id=user_id,
                question_id=question.id,
                answer=given,
                verdict=verdict.verdict,
                schedule=points_schedule(
                    question, credit=verdict.credit, full=verdict.verdict == "correct", speed=speed
                ),
                received_at=received_at,
                claimed_ms=claimed_ms,
                limit_ms=limit_ms,
            ),
        )
