"""Which questions of a session come back at its end: those that fewer than a share of the answers had right. Pure.

A question that comes back is a new one with an id of its own, so that nothing that was answered changes. The newest of
its forms counts: who has it right then is done with it, and who asks twice before it was asked gets it once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quizzes.rules import limits
from quizzes.rules.content import QuestionContent, QuizContent
from sessions.rules.state import SessionSetup, SessionState, is_underway

#: The share of right answers below which a question comes back, where nobody says another one.
SHARE: Final = 0.6
#: What a float may be off by where a share is exactly met.
_EXACTLY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class QuestionTally:
    """How many answered a question, and how many of them had it right."""

    answered: int
    correct: int


def forms(quiz: QuizContent) -> dict[str, list[QuestionContent]]:
    """By the id of each question that was in the quiz from the start: it, and what asks it again, in order."""
    found: dict[str, list[QuestionContent]] = {}
    for question in quiz.questions:
        found.setdefault(question.again_of or question.id, []).append(question)
    return found


def _is_asked(setup: SessionSetup, state: SessionState, index: int) -> bool:
    """Whether the question was closed; in self pace it may have been answered."""
    if setup.pace == "self":
        return True
    return index < state.question_index or (index == state.question_index and not is_underway(state))


def _asked(setup: SessionSetup, state: SessionState) -> list[list[QuestionContent]]:
    """The questions whose answers tell whether to ask them again, each with all its forms. What was to come back when
    the session ended does not any more."""
    index = {question.id: number for number, question in enumerate(setup.quiz.questions)}
    over = state.status == "completed"
    found = []
    for versions in forms(setup.quiz).values():
        known = [each for each in versions if _is_asked(setup, state, index[each.id])]
        if versions[0].kind != "poll" and known and (over or known == versions):
            found.append(known)
    return found


def to_count(setup: SessionSetup, state: SessionState) -> list[str]:
    """The ids of the questions whose answers :func:`missed` and :func:`is_coming` have to know."""
    return [question.id for versions in _asked(setup, state) for question in versions]


def _is_told(setup: SessionSetup, versions: Sequence[QuestionContent], tallies: Mapping[str, QuestionTally]) -> bool:
    """Whether the answers to the newest form tell something. At their own pace most players may still be before it:
    then it is to come, and is not asked once more for the first who had it wrong."""
    if setup.pace == "host":
        return True
    before = tallies[versions[-2].id].answered if len(versions) > 1 else 0
    return 2 * tallies[versions[-1].id].answered > before


def missed(
    setup: SessionSetup, state: SessionState, tallies: Mapping[str, QuestionTally], share: float
) -> list[list[QuestionContent]]:
    """The questions that fewer than this share of the answers had right, in the quiz's order, each with its forms.

    Where the host asked and nobody answered, nobody had it right; a question that nobody has come to at their own pace
    tells nothing.

    :param tallies: by the ids that :func:`to_count` names.
    """
    found = []
    for versions in _asked(setup, state):
        if state.status == "completed" and setup.pace == "self":
            answered = [each for each in versions if tallies[each.id].answered]
        else:
            answered = versions if _is_told(setup, versions, tallies) else []
        if not answered:
            continue
        tally = tallies[answered[-1].id]
        if not tally.answered or tally.correct < share * tally.answered - _EXACTLY:
            found.append(answered)
    return found


def is_coming(setup: SessionSetup, state: SessionState, tallies: Mapping[str, QuestionTally]) -> bool:
    """Whether a question that is asked again is still to be answered."""
    if setup.pace == "self":
        return any(
            versions[-1].again_of and not _is_told(setup, versions, tallies) for versions in _asked(setup, state)
        )
    return any(
        question.again_of and not _is_asked(setup, state, index) for index, question in enumerate(setup.quiz.questions)
    )


def new_id(question_id: str, taken: Collection[str]) -> str:
    """An id for what asks a question again: ``ID.2``, ``ID.3`` and so on, shortened where it would be too long."""
    number = 2
    while True:
        ending = f".{number}"
        wanted = question_id[: limits.ID_LENGTH - len(ending)] + ending
        if wanted not in taken:
            return wanted
        number += 1
