"""Texts with gaps in every store: taken once, kept as a list, graded again where a host accepts what was in a gap."""

from __future__ import annotations

from quizzes.rules.content import Gap, QuestionContent, QuizContent
from scoring.models import AnswerSubmission
from scoring.rules.answers import Accepted, Answer, Refused
from scoring.rules.grading import canonical, grade, in_gap
from scoring.rules.points import SPEED_STEP_MS
from scoring.rules.regrading import worth
from sessions.rules.commands import Accept
from tests.support.store_game import Game, new_game
from tests.support.stores import Harness

TEXT = QuestionContent(
    id="q1",
    kind="gaps",
    text="The [[1]] sat on the [[2]].",
    gaps=(Gap(("cat",)), Gap(("mat",), ("rug", "mat"))),
)
QUIZ = QuizContent(id="gaps", title="Gaps", questions=(TEXT,))


def filled(game: Game, user: str, *answer: str) -> Answer:
    judged = worth(TEXT, grade(TEXT, list(answer), language="en"), speed_ms=SPEED_STEP_MS)
    given = game.answer(user, "q1", text=canonical(TEXT, list(answer)))
    return given._replace(unseen_ms=0, verdict=judged.verdict, schedule=judged.schedule)


async def test_each_gap_counts_is_kept_once_and_is_graded_again(harness: Harness) -> None:
    game = await new_game(harness, quiz=QUIZ, pace="self")
    await game.players("ann", "bob", "cem")
    await game.start()
    taken = await game.store.record(
        game.id, [filled(game, "ann", "cat", "mat"), filled(game, "bob", "dog", "mat"), filled(game, "cem", "", "rug")]
    )
    assert [outcome.stored.points for outcome in taken if isinstance(outcome, Accepted)] == [15, 5, 0]
    (again,) = await game.store.record(game.id, [filled(game, "bob", "cat", "mat")])
    assert isinstance(again, Refused)
    await game.do(Accept("q1", in_gap(TEXT, "dog", 1)))
    assert (await game.state()).accepted == (("q1", '["dog", ""]'),)
    assert await game.scores() == {"ann": 15, "bob": 15, "cem": 0}
    await harness.settle()

    def rows() -> dict[str, tuple[str, str, int]]:
        found = AnswerSubmission.objects.filter(session_id=game.id)
        return {row.user_id: (row.answer, row.verdict, row.points) for row in found}

    assert await harness.query(rows) == {
        "ann": ('["cat", "mat"]', "correct", 15),
        "bob": ('["dog", "mat"]', "correct", 15),
        "cem": ('["", "rug"]', "wrong", 0),
    }
