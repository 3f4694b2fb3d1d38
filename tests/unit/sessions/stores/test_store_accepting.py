"""A host accepts one more typed answer: everybody who gave it has the points, at once, once, wherever it is kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from django.db import connection, transaction
from redis.exceptions import ConnectionError

from quizzes.rules.content import Grading, QuestionContent, QuizContent
from scoring.answer_log import Batch
from scoring.intake import AnswerIntake
from scoring.models import AnswerSubmission
from scoring.ports import ServiceUnavailable
from scoring.rules.answers import Accepted, Answer, Outdated, Refused, StoredAnswer
from scoring.rules.grading import grade
from scoring.rules.points import SPEED_STEP_MS
from scoring.rules.regrading import worth
from sessions.database.rows import add_answers
from sessions.models import FinalStanding, Participant, SessionEventRecord
from sessions.rules.commands import Accept, AskAgain, CloseQuestion, Next, SetLock
from sessions.rules.people import Arrangement, Needs
from sessions.services.ports import Store
from tests.support.redis_store import RedisHarness
from tests.support.store_game import Game, new_game
from tests.support.stores import BreakableThread, Harness

QUIZ = QuizContent(
    id="furniture",
    title="Furniture",
    questions=(
        QuestionContent(id="q1", kind="typed", text="?", correct_answers=("couch",)),
        QuestionContent(id="q2", kind="typed", text="?", correct_answers=("lamp",)),
    ),
)
SOFA = Accept("q1", "sofa")


async def playing(harness: Harness, *users: str, **options: Any) -> Game:
    """A session with players, in which the typed questions may be answered."""
    game = await new_game(harness, **{"quiz": QUIZ, "pace": "self", **options})
    await game.players(*users)
    await game.start()
    return game


def typed(game: Game, user: str, text: str, *, question: str = "q1", known: Sequence[str] = ()) -> Answer:
    """An answer, graded by what is known of accepted answers."""
    content = game.setup.quiz.question(question)
    assert content is not None
    judged = worth(content, grade(content, text, language="en", accepted=known), speed_ms=SPEED_STEP_MS)
    return game.answer(user, question, text=text)._replace(
        unseen_ms=0,
        verdict=judged.verdict,
        schedule=judged.schedule,
        accepts=len(known),
    )


async def give(game: Game, answers: dict[str, str], **options: Any) -> dict[str, int]:
    """Answers that must count; the points of each."""
    batch = [typed(game, user, text, **options) for user, text in answers.items()]
    outcomes = await game.store.record(game.id, batch)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes), outcomes
    return {outcome.stored.user_id: outcome.stored.points for outcome in outcomes if isinstance(outcome, Accepted)}


async def in_database(game: Game) -> dict[tuple[str, str], tuple[str, bool, int]]:
    """By user and question: verdict, rightness and points; the scores must be their sums."""

    def read() -> dict[tuple[str, str], tuple[str, bool, int]]:
        rows = AnswerSubmission.objects.filter(session_id=game.id)
        stored = {(row.user_id, row.question_id): (row.verdict, row.is_correct, row.points) for row in rows}
        for player in Participant.objects.filter(session_id=game.id):
            assert player.score == sum(each[2] for (user, _), each in stored.items() if user == player.user_id)
        return stored

    await game.harness.settle()
    return await game.harness.query(read)


async def live(game: Game, question: str = "q1") -> dict[str, tuple[str, int]]:
    """By user: verdict and points in the live store."""
    stored = await game.store.answers_to(game.id, question)
    return {user: (answer.verdict, answer.points) for user, answer in stored.items()}


async def test_everybody_who_gave_it_has_the_points_of_their_time(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob", "cem", "dan", pace="host")
    await give(game, {"ann": "couch"})
    await give(game, {"bob": "sofa"})
    game.wait(9_000)
    await give(game, {"cem": "The SOFA", "dan": "table"})
    before = await game.store.standings(game.id)
    await game.do(CloseQuestion(), SOFA)
    expected = {"ann": ("correct", 15), "bob": ("correct", 15), "cem": ("correct", 11), "dan": ("wrong", 0)}
    assert await live(game) == expected
    assert await game.scores() == {user: points for user, (_, points) in expected.items()}
    assert [await game.store.score(game.id, user) for user in expected] == [15, 15, 11, 0]
    assert (await game.store.standings(game.id)).version > before.version
    assert await in_database(game) == {
        (user, "q1"): (verdict, verdict == "correct", points) for user, (verdict, points) in expected.items()
    }


async def test_it_leaves_a_record_of_who_accepted_what(harness: Harness) -> None:
    game = await playing(harness, "ann")
    await game.do(SOFA)
    await harness.settle()

    def records() -> list[tuple[str, str, str, str]]:
        rows = SessionEventRecord.objects.filter(session_id=game.id, kind="answers_regraded")
        return [(row.command, row.actor, row.data["question_id"], row.data["answer"]) for row in rows]

    assert await harness.query(records) == [("Test", "test", "q1", "sofa")]
    assert (await game.store.events_since(game.id, 1))[-1].answer == "sofa"
    assert (await game.state()).accepted == (("q1", "sofa"),)


async def test_an_answer_graded_without_it_is_sent_back_to_be_graded_again(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob", "cem")
    await game.do(SOFA, Accept("q1", "settee"))
    batch = [
        typed(game, "ann", "sofa"),
        typed(game, "ann", "lamp", question="q2"),
        typed(game, "bob", "sofa", known=["sofa"]),
        typed(game, "cem", "sofa", known=["sofa", "settee"]),
    ]
    first, other, second, third = await game.store.record(game.id, batch)
    assert first == second == Outdated(("sofa", "settee"))
    assert isinstance(other, Accepted)  # answers to other questions are none of its business
    assert isinstance(third, Accepted)
    assert await live(game) == {"cem": ("correct", 15)}


async def test_an_answer_that_knows_of_more_than_the_store_is_sent_back_too(harness: Harness) -> None:
    game = await playing(harness, "ann")
    assert await game.store.record(game.id, [typed(game, "ann", "sofa", known=["sofa"])]) == [Outdated(())]


async def test_a_second_host_who_accepts_the_same_changes_nothing(harness: Harness) -> None:
    game = await playing(harness, "ann")
    await give(game, {"ann": "sofa"})
    transition = await game.transition(SOFA)
    taken = await asyncio.gather(*(game.commit(transition) for _ in range(5)))
    assert sum(taken) == 1
    assert not (await game.transition(SOFA)).events
    assert await game.scores() == {"ann": 15}


async def submit_all(game: Game, store: Store, users: Sequence[str]) -> None:
    """Every user types "sofa", as an instance takes it in."""
    intake = AnswerIntake(store, batch_size=3)
    question = QUIZ.questions[0]

    async def submit(user: str) -> None:
        outcome = await intake.take(
            game.id,
            quiz=QUIZ,
            question=question,
            user_id=user,
            answer="sofa",
            speed_ms=SPEED_STEP_MS,
            limit_ms=20_000,
            received_at=game.now,
            claimed_ms=0,
        )
        assert isinstance(outcome, Accepted)

    await asyncio.gather(*map(submit, users))


class Boasting:
    """A store that is told that every grading knows what was accepted: the guard is off."""

    def __init__(self, game: Game) -> None:
        self.game = game

    async def record(self, session_id: str, answers: Sequence[Answer]) -> list[Accepted | Refused | Outdated]:
        known = len((await self.game.state()).accepted)
        return await self.game.store.record(session_id, [answer._replace(accepts=known) for answer in answers])


async def test_no_answer_slips_in_with_an_old_verdict_while_it_is_accepted(harness: Harness) -> None:
    users = [f"u{number}" for number in range(30)]
    game = await playing(harness, *users, "late")
    await asyncio.gather(submit_all(game, game.store, users), game.do(SOFA))
    # Nobody was shown the question, so that nobody earns speed points.
    assert set((await live(game)).values()) == {("correct", 10)}
    assert len(await live(game)) == 30
    assert await game.scores() == {**dict.fromkeys(users, 10), "late": 0}
    assert {each[2] for each in (await in_database(game)).values()} == {10}
    # The control: what was graded before, and comes in without the guard, keeps its verdict.
    await submit_all(game, Boasting(game), ["late"])  # type: ignore[arg-type]
    assert (await live(game))["late"] == ("wrong", 0)


async def test_points_that_are_withheld_stay_withheld(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob", reveal="on_close")
    await give(game, {"ann": "sofa", "bob": "couch"})
    await game.do(SOFA)
    assert await game.scores() == {"ann": 0, "bob": 0}
    assert await live(game) == {"ann": ("correct", 15), "bob": ("correct", 15)}
    await game.end()
    assert await game.scores() == {"ann": 15, "bob": 15}


async def test_in_host_pace_a_question_before_the_open_one_is_graded_again(harness: Harness) -> None:
    game = await playing(harness, "ann", pace="host", reveal="on_close")
    await give(game, {"ann": "sofa"})
    await game.do(Next())
    await give(game, {"ann": "lamp"}, question="q2")
    await game.do(SOFA)
    assert await game.scores() == {"ann": 15}
    await game.end()
    assert await game.scores() == {"ann": 30}


async def test_a_removed_player_stays_off_the_ranking(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    await give(game, {"ann": "sofa", "bob": "sofa"})
    await game.store.remove(game.id, "bob", actor="test")
    await game.do(SOFA)
    assert await game.scores() == {"ann": 15}


async def final(game: Game) -> list[tuple[int, str, int]]:
    await game.harness.settle()
    return await game.harness.query(
        lambda: list(FinalStanding.objects.filter(session_id=game.id).values_list("rank", "user_id", "score"))
    )


@pytest.mark.parametrize("written", [True, False])
async def test_the_final_standings_follow(harness: Harness, written: bool) -> None:
    game = await playing(harness, "ann", "bob")
    await give(game, {"ann": "table", "bob": "sofa"})
    await game.end()
    if written:
        assert await final(game) == [(1, "ann", 0), (2, "bob", 0)]
    await game.do(SOFA)
    assert await game.scores() == {"ann": 0, "bob": 15}
    assert await final(game) == [(1, "bob", 15), (2, "ann", 0)]


async def test_a_restart_finds_it_as_it_was(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    await give(game, {"ann": "sofa", "bob": "table"})
    await game.do(SOFA)
    before, state = await live(game), await game.state()
    await harness.restart()
    assert await game.state() == state
    assert await live(game) == before == {"ann": ("correct", 15), "bob": ("wrong", 0)}
    assert await game.scores() == {"ann": 15, "bob": 0}
    assert (await in_database(game))["ann", "q1"] == ("correct", True, 15)


async def test_without_the_database_nothing_is_accepted(harness: Harness) -> None:
    game = await playing(harness, "ann")
    await give(game, {"ann": "sofa"})
    await harness.settle()
    before = await game.state()
    transition = await game.transition(SOFA)
    with harness.database_outage(), pytest.raises(ServiceUnavailable):
        await game.commit(transition)
    assert await game.state() == before
    assert await game.scores() == {"ann": 0}


# -- what is on its way to the database -------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def redis(transactional_db: None) -> AsyncIterator[RedisHarness]:
    """The store that acknowledges before the database has it."""
    made = RedisHarness()
    await made.start()
    yield made
    await made.close()


async def test_records_that_wait_for_the_database_are_graded_again_as_they_are_written(redis: RedisHarness) -> None:
    game = await playing(redis, "ann", "bob")
    await give(game, {"ann": "sofa", "bob": "table"})
    rows = await redis.query(lambda: AnswerSubmission.objects.filter(session_id=game.id).count())
    assert rows == 0  # the control: they do wait, with the old verdict
    assert any('"wrong|0|' in entry.data for entry in redis.instance.writer.pending())
    await game.do(SOFA)
    assert await in_database(game) == {("ann", "q1"): ("correct", True, 15), ("bob", "q1"): ("wrong", False, 0)}


async def test_so_are_records_that_another_instance_takes_over(redis: RedisHarness) -> None:
    game = await playing(redis, "ann")
    await give(game, {"ann": "sofa"})
    await game.do(SOFA)
    await redis.restart()
    assert (await in_database(game))["ann", "q1"] == ("correct", True, 15)
    assert await game.scores() == {"ann": 15}


async def test_so_are_answers_that_are_played_without_redis(redis: RedisHarness) -> None:
    game = await playing(redis, "ann", "bob")
    await give(game, {"ann": "sofa"})
    for instance in redis._instances:
        instance.cut(redis=True, database=False)
    await game.do(SOFA)
    assert await give(game, {"bob": "sofa"}, known=["sofa"]) == {"bob": 15}
    assert await game.scores() == {"ann": 15, "bob": 15}
    for instance in redis._instances:
        instance.cut(redis=False, database=False)
    assert await game.scores() == {"ann": 15, "bob": 15}
    assert (await game.state()).accepted_to("q1") == ("sofa",)
    assert {each[2] for each in (await in_database(game)).values()} == {15}


async def test_redis_that_missed_the_accept_catches_up(redis: RedisHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The instance dies between the commit in the database and the one in Redis."""
    game = await playing(redis, "ann", "bob")
    await give(game, {"ann": "sofa"})
    transition = await game.transition(SOFA)

    async def die(*_: Any, **__: Any) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(redis.instance.primary, "_commit_here", die)
        with pytest.raises(RuntimeError):
            await game.commit(transition)
    assert await game.scores() == {"ann": 0, "bob": 0}  # the control: Redis knows nothing of it
    await give(game, {"bob": "sofa"})
    # Whoever comes next, the host who tries again or another one, brings it in.
    assert not await game.commit(transition)
    assert await game.state() == transition.state
    assert await game.scores() == {"ann": 15, "bob": 15}
    assert {each[2] for each in (await in_database(game)).values()} == {15}


async def test_an_accept_whose_reply_is_lost_is_taken_once(
    redis: RedisHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    game = await playing(redis, "ann")
    await give(game, {"ann": "sofa"})
    before = await game.state()
    transition = await game.transition(SOFA)
    commit = redis.instance.primary._commit_here

    async def lose_the_reply(*arguments: Any, **options: Any) -> Any:
        await commit(*arguments, **options)
        monkeypatch.undo()
        raise ConnectionError("the reply is lost")

    monkeypatch.setattr(redis.instance.primary, "_commit_here", lose_the_reply)
    assert await game.commit(transition)
    assert await game.state() == transition.state
    assert await game.scores() == {"ann": 15}
    assert [event.kind for event in await game.store.events_since(game.id, before.seq)] == ["answers_regraded"]
    assert (await in_database(game))["ann", "q1"] == ("correct", True, 15)


async def test_a_late_record_of_another_transition_does_not_lose_it(
    redis: RedisHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above, and the database is away before anybody comes: Redis goes on alone from where it was."""
    game = await playing(redis, "ann")
    await give(game, {"ann": "sofa"})
    before = await game.state()

    async def die(*_: Any, **__: Any) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(redis.instance.primary, "_commit_here", die)
        with pytest.raises(RuntimeError):
            await game.commit(await game.transition(SOFA))
    with redis.database_outage():
        await game.do(SetLock(True), SetLock(False))
    await redis.settle()
    state = await redis.instance.primary._log.state(game.id)
    assert state is not None
    assert (state.revision, state.accepted) == (before.revision + 2, (("q1", "sofa"),))
    assert (await in_database(game))["ann", "q1"] == ("correct", True, 15)


async def test_an_older_record_does_not_undo_it(redis: RedisHarness) -> None:
    """An instance that read the session before merges what it read after."""
    game = await playing(redis, "ann")
    await give(game, {"ann": "sofa"})
    await redis.settle()
    old = await redis.instance.primary._log.load(game.id)
    assert old is not None
    assert old.answers[0].verdict == "wrong"
    await game.do(SOFA)
    await redis.instance.primary.add(game.setup, old.participants, old.answers, {})
    assert await live(game) == {"ann": ("correct", 15)}  # not for a moment
    await redis.instance.primary.merge(old)
    assert await live(game) == {"ann": ("correct", 15)}
    assert await game.scores() == {"ann": 15}


async def test_answers_that_redis_alone_has_are_graded_again_by_a_newer_record(redis: RedisHarness) -> None:
    """Redis was restarted on a file that lacks the accept, and the database lacks an answer of another instance."""
    game = await playing(redis, "ann")
    await give(game, {"ann": "sofa"})
    record = await redis.instance.primary._log.load(game.id)
    assert record is not None
    assert record.answers == ()
    newer = await game.transition(SOFA)
    await redis.instance.primary.merge(replace(record, state=newer.state, events=newer.events))
    assert await live(game) == {"ann": ("correct", 15)}
    assert await game.scores() == {"ann": 15}


async def accept_while_written(harness: Harness) -> Game:
    """Accept an answer while a transaction that inserts one, graded before, is under way."""
    game = await playing(harness, "ann")
    stored = StoredAnswer("ann", "q1", "sofa", "wrong", 0, 0, game.now)
    inserted, accepted = threading.Event(), threading.Event()
    writer = BreakableThread("database-test-writer")

    def insert() -> None:
        with transaction.atomic():
            add_answers([Batch(game.id, [stored])])
            inserted.set()
            # Where the two keep out of each other's way this runs out: the other one waits for this transaction.
            accepted.wait(1)

    async def accept() -> None:
        await asyncio.to_thread(inserted.wait)
        while not await game.commit(await game.transition(SOFA)):
            pass
        accepted.set()

    await asyncio.gather(writer.run(insert), accept())
    await asyncio.to_thread(writer.close)
    return game


async def test_an_insert_and_an_accept_wait_for_each_other(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    game = await accept_while_written(harness)
    assert (await in_database(game))["ann", "q1"] == ("correct", True, 15)
    if connection.vendor == "postgresql":
        # The control; SQLite has one writing transaction at a time in any case.
        for module in ("session_log", "rows"):
            monkeypatch.setattr(f"sessions.database.{module}.lock_grading", lambda *_: None)
        game = await accept_while_written(harness)
        assert (await in_database(game))["ann", "q1"] == ("wrong", False, 0)


async def test_an_answer_to_a_question_that_was_asked_again_is_accepted_like_any_other(harness: Harness) -> None:
    game = await playing(harness, "ann", "bob")
    await game.do(AskAgain((replace(QUIZ.questions[0], id="q1.2", again_of="q1"),)))
    await give(game, {"ann": "sofa", "bob": "The sofa"}, question="q1.2")
    await game.do(Accept("q1.2", "sofa"))
    expected = {"ann": ("correct", 15), "bob": ("correct", 15)}
    assert await live(game, "q1.2") == expected
    assert await game.scores() == {"ann": 15, "bob": 15}
    assert await in_database(game) == {(user, "q1.2"): ("correct", True, 15) for user in expected}


async def test_who_needs_no_accents_is_graded_again_without_them(harness: Harness) -> None:
    strict = QuestionContent("q1", "typed", "?", correct_answers=("fauteuil",), grading=Grading(accents="strict"))
    quiz = replace(QUIZ, language="fr", questions=(strict,))
    game = await playing(harness, "ann", "bob", quiz=quiz)
    await game.store.arrange(game.id, "ann", Arrangement("needs", Needs(ignore_accents=True)), actor="test")
    answers = [typed(game, user, "canape") for user in ("ann", "bob")]
    answers[0] = answers[0]._replace(lenient=True)
    assert all(isinstance(outcome, Accepted) for outcome in await game.store.record(game.id, answers))
    await game.do(Accept("q1", "canapé"))
    told = await live(game)
    assert told == {"ann": ("correct", 15), "bob": ("wrong", 0)}
    stored = await in_database(game)
    assert (stored["ann", "q1"][0], stored["bob", "q1"][0]) == ("correct", "wrong")
    # The same once more, where the session is read anew or comes together from several places.
    await harness.restart()
    assert await live(game) == told
    assert (await game.scores())["ann"] == 15
