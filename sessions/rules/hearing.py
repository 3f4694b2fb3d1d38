"""Questions that are heard: who may read them, and when. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from quizzes.rules.content import QuestionContent, QuizContent


class Unheard(Exception):
    """Questions that nobody could hear: heard only, each player alone, without a recording or a voice of the server's.

    A device could speak them only if it had their text, which would be the answer.
    """

    def __init__(self, questions: Sequence[QuestionContent], languages: Sequence[str]) -> None:
        """:param languages: that no voice speaks here, as tags."""
        self.questions = [question.id for question in questions]
        self.languages = list(languages)
        named = ", ".join(self.questions[:10])
        super().__init__(
            f"Nobody could hear {named}: there is no recording, and the server has no voice for "
            f"{', '.join(self.languages)}. Record the text, show it beside, or play with a host."
        )


def check_heard(quiz: QuizContent, *, pace: str) -> None:
    """Make sure that everybody can hear what cannot be read. With a host, the host's device speaks for the hall.

    :param quiz: with all recordings that there are.
    :raises Unheard: when players on their own could not.
    """
    if pace != "self":
        return
    silent = [question for question in quiz.questions if question.listen == "instead" and not question.sound]
    if silent:
        languages = dict.fromkeys(question.listen_language or quiz.language for question in silent)
        raise Unheard(silent, list(languages))


def text_before_close(question: QuestionContent, *, reads: bool = False) -> str:
    """The question's text as a player may have it while it can be answered: none where it is to be heard only.

    :param reads: whether this player gets the text for the sound.
    """
    return "" if question.listen == "instead" and not reads else question.text


def text_at_close(question: QuestionContent) -> str | None:
    """What was heard only, once that gives nothing away; ``None`` where everybody has read it."""
    return question.text if question.listen == "instead" else None
