"""What comes back at the end of a session: which questions, and how they are asked this time."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from quizzes.rules.again import ask_as_it_is, ask_by_another_exercise
from quizzes.rules.content import QuestionContent
from quizzes.rules.phrases import Phrases
from quizzes.rules.words import WordListContent
from scoring.rules.neighbours import with_other_answers
from sessions.rules.again import QuestionTally, forms, is_coming, missed, new_id, to_count
from sessions.rules.state import SessionSetup, SessionState
from sessions.services.event_messages import options_of
from sessions.services.ports import Store, Voice, Words

#: Orders of the options that are tried for another one than the last.
_ORDERS = 20


class NothingToAsk(Exception):
    """No question was missed. The message is a sentence for a person."""


class Asker:
    """Finds the questions that were missed, and words them anew."""

    def __init__(self, store: Store, words: Words, voice: Voice) -> None:
        self._store = store
        self._words = words
        self._voice = voice

    async def questions(
        self, setup: SessionSetup, state: SessionState, *, share: float, phrases: Phrases
    ) -> tuple[QuestionContent, ...]:
        """The questions to put at the end; none where what was missed comes back already.

        :param share: of the answers that must be right, 0 to 1.
        :raises NothingToAsk: when no question was missed, and none comes back.
        :raises scoring.ports.ServiceUnavailable: when the answers or the words cannot be read.
        """
        players = await self._store.participants(setup.id)
        removed = {player.user_id for player in players if player.status == "removed"}
        tallies = {each: await self._tally(setup.id, each, removed) for each in to_count(setup, state)}
        found = missed(setup, state, tallies, share)
        if not found:
            if state.status != "completed" and is_coming(setup, state, tallies):
                return ()
            raise NothingToAsk(_nothing(share))
        texts = {versions[0].id: versions[0].text for versions in found}
        behind = await self._words.behind(setup.quiz.id, texts)
        # On a thread: a list may have thousands of words.
        made = await asyncio.to_thread(_worded, setup, found, behind, phrases)
        return await self._with_voice(setup, found, made)

    async def _with_voice(
        self, setup: SessionSetup, found: Sequence[Sequence[QuestionContent]], made: Sequence[QuestionContent]
    ) -> tuple[QuestionContent, ...]:
        """The questions with what they sound like. One that nobody could hear is asked as it was."""
        voiced = (await self._voice.give(replace(setup.quiz, questions=tuple(made)))).questions
        return tuple(
            _as_it_is(setup, versions, question.id)
            if setup.pace == "self" and question.listen == "instead" and not question.sound
            else question
            for versions, question in zip(found, voiced, strict=True)
        )

    async def _tally(self, session_id: str, question_id: str, removed: Collection[str]) -> QuestionTally:
        """What was answered to the question, but for whom the host took out."""
        answers = await self._store.answers_to(session_id, question_id)
        verdicts = [answer.verdict for user_id, answer in answers.items() if user_id not in removed]
        return QuestionTally(len(verdicts), verdicts.count("correct"))


def _nothing(share: float) -> str:
    return f"Every question had {share:.0%} right answers or more; there is nothing to ask again."


def _worded(
    setup: SessionSetup,
    found: Sequence[Sequence[QuestionContent]],
    behind: Mapping[str, tuple[WordListContent, int]],
    phrases: Phrases,
) -> tuple[QuestionContent, ...]:
    taken = {question.id for question in setup.quiz.questions}
    made: list[QuestionContent] = []
    for versions in found:
        question_id = new_id(versions[0].id, taken)
        taken.add(question_id)
        made.append(
            _by_another_exercise(setup, versions, behind, question_id, phrases)
            or _as_it_is(setup, versions, question_id)
        )
    return _with_other_answers(setup, made)


def _by_another_exercise(
    setup: SessionSetup,
    versions: Sequence[QuestionContent],
    behind: Mapping[str, tuple[WordListContent, int]],
    question_id: str,
    phrases: Phrases,
) -> QuestionContent | None:
    if versions[0].id not in behind:
        return None
    words, index = behind[versions[0].id]
    return ask_by_another_exercise(
        words,
        index,
        versions,
        question_id=question_id,
        language=setup.quiz.language,
        seed=f"{setup.id}/{question_id}",
        phrases=phrases,
    )


def _as_it_is(setup: SessionSetup, versions: Sequence[QuestionContent], question_id: str) -> QuestionContent:
    """The question with its options in another order than players saw them in, where they have one."""
    shown = options_of(setup, versions[-1])
    for number in range(_ORDERS):
        question = ask_as_it_is(versions, question_id=question_id, seed=f"{setup.id}/{question_id}/{number}")
        if options_of(setup, question) != shown:
            break
    return question


def _with_other_answers(setup: SessionSetup, made: Sequence[QuestionContent]) -> tuple[QuestionContent, ...]:
    """The new questions, with the answers of the quiz's other questions that would be almost right to them. What is
    right to an earlier form of a question is not wrong to it now."""
    again = {question.again_of for question in made}
    others = [versions[-1] for root, versions in forms(setup.quiz).items() if root not in again]
    longer = with_other_answers(replace(setup.quiz, questions=(*others, *made)))
    return longer.questions[len(others) :]
