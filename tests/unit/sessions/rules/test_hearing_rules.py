"""What is heard only: who may read it, and where it cannot be played."""

from __future__ import annotations

import pytest

from quizzes.rules.content import QuestionContent, QuizContent
from sessions.rules.hearing import Unheard, check_heard, text_at_close, text_before_close

SOUND = "/sounds/" + "5" * 32 + ".mp3"


def question(listen: str, sound: str = "", **fields: str) -> QuestionContent:
    return QuestionContent("q1", "typed", "el gato", correct_answers=("el gato",), listen=listen, sound=sound, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("listen", "text"), [("", "el gato"), ("beside", "el gato"), ("instead", "")])
def test_what_is_heard_only_has_no_text_before_the_close(listen: str, text: str) -> None:
    assert text_before_close(question(listen)) == text
    assert text_before_close(question(listen), reads=True) == "el gato"
    assert text_at_close(question(listen)) == ("el gato" if listen == "instead" else None)


def test_on_their_own_players_need_a_recording_of_what_they_cannot_read() -> None:
    for listen, sound in (("", ""), ("beside", ""), ("instead", SOUND)):
        check_heard(QuizContent("quiz", "Quiz", questions=(question(listen, sound),)), pace="self")
    silent = QuizContent("quiz", "Quiz", language="es", questions=(question("instead"),))
    check_heard(silent, pace="host")
    with pytest.raises(Unheard, match=r"q1.*es") as refused:
        check_heard(silent, pace="self")
    assert (refused.value.questions, refused.value.languages) == (["q1"], ["es"])
