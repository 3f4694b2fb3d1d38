"""Answer intake: grades an answer, works out what it can earn, and sends it to the store in a batch of its session."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

from common.batching import Batcher
from quizzes.rules.content import QuestionContent, QuizContent
from scoring.ports import AnswerStore, ServiceUnavailable
from scoring.rules.answers import Accepted, Answer, Outdated, Refused
from scoring.rules.grading import canonical, grade
from scoring.rules.points import unseen_elapsed_ms
from scoring.rules.regrading import Worth, without_accents, worth

#: Times an answer is graded anew because the host accepted one more just then.
_ATTEMPTS = 5
#: Questions whose accepted answers are remembered; who is not here learns of them from the store.
_REMEMBERED = 10_000
#: Texts whose judgement is kept.
_JUDGED = 1_024


class AnswerIntake:
    """Takes answers for all sessions of a process."""

    def __init__(self, store: AnswerStore, *, batch_size: int) -> None:
        """:param batch_size: answers of one session that go to the store together, at most."""
        self._batches: Batcher[Answer, Accepted | Refused | Outdated] = Batcher(store.record, max_size=batch_size)
        #: By session and question: what the host accepted besides the question's own answers.
        self._accepted: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()

    @property
    def depth(self) -> int:
        """Answers that wait for their batch."""
        return self._batches.depth

    async def settled(self, session_id: str) -> None:
        """Wait until the answers that have come in for this session are recorded, or refused."""
        await self._batches.settled(session_id)

    async def take(
        self,
        session_id: str,
        *,
        quiz: QuizContent,
        question: QuestionContent,
        user_id: str,
        answer: str | list[str],
        speed_ms: int,
        limit_ms: int,
        received_at: int,
        claimed_ms: int | None,
        lenient: bool = False,
    ) -> Accepted | Refused:
        """Grade and record one answer.

        :param lenient: whether accents do not matter for the player, as far as it is known here.

        :raises scoring.rules.grading.InvalidAnswer: when the answer is not of the question's shape.
        :raises scoring.ports.ServiceUnavailable: when it could not be recorded; it then does not count.
        """
        for _ in range(_ATTEMPTS):
            accepted = self.accepted(session_id, question.id)
            asked = without_accents(question) if lenient else question
            if isinstance(answer, str):
                given, judged = _judge_text(asked, answer, quiz.language, accepted, speed_ms)
            else:
                given, judged = _judge(asked, answer, quiz.language, accepted, speed_ms)
            outcome = await self._batches.enqueue(
                session_id,
                Answer(
                    user_id=user_id,
                    question_id=question.id,
                    answer=given,
                    verdict=judged.verdict,
                    schedule=judged.schedule,
                    received_at=received_at,
                    claimed_ms=claimed_ms,
                    unseen_ms=unseen_elapsed_ms(claimed_ms=claimed_ms, limit_ms=limit_ms, speed_ms=speed_ms),
                    accepts=len(accepted),
                    lenient=lenient,
                ),
            )
            if not isinstance(outcome, Outdated):
                return outcome
            self._remember(session_id, question.id, outcome.accepted)
            lenient = outcome.lenient
        raise ServiceUnavailable("The host goes on accepting answers to this question.")

    def accepted(self, session_id: str, question_id: str) -> tuple[str, ...]:
        """What the host accepted besides the question's own answers, as far as an answer met it here."""
        return self._accepted.get((session_id, question_id), ())

    def _remember(self, session_id: str, question_id: str, accepted: tuple[str, ...]) -> None:
        self._accepted[session_id, question_id] = accepted
        self._accepted.move_to_end((session_id, question_id))
        if len(self._accepted) > _REMEMBERED:
            self._accepted.popitem(last=False)


def _judge(
    question: QuestionContent, answer: str | list[str], language: str, accepted: tuple[str, ...], speed_ms: int
) -> tuple[str, Worth]:
    """What stands for the answer, and what it is worth."""
    judged = grade(question, answer, language=language, accepted=accepted)
    return canonical(question, answer), worth(question, judged, speed_ms=speed_ms)


#: Thousands give the same few answers within seconds.
_judge_text = lru_cache(_JUDGED)(_judge)
