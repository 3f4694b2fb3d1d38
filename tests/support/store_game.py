"""Plays sessions directly on a store: short words for what the tests of this folder do again and again."""

from __future__ import annotations

import itertools
from typing import Any

from quizzes.rules.content import QuestionContent, QuizContent
from scoring.rules.answers import Accepted, Answer, Outdated, Refused
from scoring.rules.points import points_schedule, unseen_elapsed_ms
from sessions.rules.commands import CloseQuestion, Command, End, Next, Start
from sessions.rules.lifecycle import Transition, decide
from sessions.rules.state import SessionSetup, SessionState, grown
from sessions.services.ports import Decision, Join, Joined, JoinRefused, Store
from tests.support.stores import Harness

QUIZ = QuizContent(
    id="capitals",
    title="Capitals",
    questions=tuple(
        QuestionContent(id=f"q{number}", kind="choice", text="?", options=("a", "b"), correct_answers=("a",))
        for number in (1, 2, 3)
    ),
)

_numbers = itertools.count(1)


class Game:
    """One session on the harness's store."""

    def __init__(self, harness: Harness, setup: SessionSetup) -> None:
        self.harness = harness
        self.setup = setup
        self.id = setup.id

    @property
    def store(self) -> Store:
        return self.harness.store

    @property
    def now(self) -> int:
        return self.harness.clock.now()

    def wait(self, ms: int) -> None:
        """Let time pass."""
        self.harness.clock.advance(ms)

    async def state(self) -> SessionState:
        state = await self.store.state(self.id)
        assert state is not None
        return state

    async def transition(self, command: Command) -> Transition:
        """The transition a command means now, not committed."""
        return decide(self.setup, await self.state(), command, self.now)

    async def commit(self, transition: Transition, *, store: Store | None = None) -> bool:
        decision = Decision(transition.state, transition.events, command="Test", actor="test", added=transition.added)
        taken = await (store or self.store).commit(self.id, decision)
        if taken:
            self.setup = grown(self.setup, transition.added)
        return taken

    async def do(self, *commands: Command) -> SessionState:
        """Apply commands, each of which must be taken."""
        for command in commands:
            assert await self.commit(await self.transition(command))
        return await self.state()

    async def start(self) -> None:
        """Start; in host pace open the first question too."""
        await self.do(Start())
        if self.setup.pace == "host":
            await self.do(Next())

    async def close(self) -> None:
        await self.do(CloseQuestion())

    async def end(self) -> None:
        await self.do(End())

    def wish(
        self, user: str, *, name: str = "", proven: bool = False, connection: str = "", listed: bool = False
    ) -> Join:
        line = connection or f"server/{next(_numbers)}"
        return Join(user, name or f"Player {user}", proven, line, listed=listed)

    async def join(self, user: str, **wish: Any) -> Joined | JoinRefused:
        [result] = await self.store.join(self.id, [self.wish(user, **wish)])
        return result

    async def players(self, *users: str) -> None:
        """Let players in, each of whom must get in."""
        for result in await self.store.join(self.id, [self.wish(user) for user in users]):
            assert isinstance(result, Joined)

    def answer(
        self,
        user: str,
        question: str = "q1",
        *,
        right: bool = True,
        text: str = "",
        received_at: int | None = None,
        claimed_ms: int | None = None,
    ) -> Answer:
        content = self.setup.quiz.question(question)
        return Answer(
            user_id=user,
            question_id=question,
            answer=text or ("a" if right else "b"),
            verdict="correct" if right else "wrong",
            schedule=points_schedule(
                content or QUIZ.questions[0],
                credit=1 if right else 0,
                full=right,
                speed_ms=self.setup.speed_ms(content or QUIZ.questions[0]),
            ),
            received_at=self.now if received_at is None else received_at,
            claimed_ms=claimed_ms,
            unseen_ms=unseen_elapsed_ms(
                claimed_ms=claimed_ms, limit_ms=20_000, speed_ms=self.setup.speed_ms(content or QUIZ.questions[0])
            ),
        )

    async def submit(self, user: str, question: str = "q1", **answer: Any) -> Accepted | Refused | Outdated:
        [result] = await self.store.record(self.id, [self.answer(user, question, **answer)])
        return result

    async def accepted(self, user: str, question: str = "q1", **answer: Any) -> Accepted:
        """Submit an answer that must count."""
        result = await self.submit(user, question, **answer)
        assert isinstance(result, Accepted), result
        return result

    async def scores(self) -> dict[str, int]:
        """What the ranking tells."""
        return {standing.user_id: standing.score for standing in (await self.store.standings(self.id)).order}


async def new_game(harness: Harness, **options: Any) -> Game:
    """A session in its lobby."""
    number = next(_numbers)
    setup = SessionSetup(
        **{
            "id": f"session-{number}",
            "quiz": QUIZ,
            "join_code": f"C{number:05d}",
            "pace": "host",
            "reveal": "immediately",
            **options,
        }
    )
    await harness.store.create(setup, SessionState(created_at=harness.clock.now()))
    return Game(harness, setup)
