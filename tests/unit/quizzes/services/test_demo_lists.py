"""The word lists that come with the server make fair questions."""

from __future__ import annotations

import pytest

from bench.choices import EXERCISES, gives_itself_away, has_second_right
from quizzes.rules.generator import generate
from quizzes.rules.words import WordListContent
from quizzes.services.demo import demo_word_lists


@pytest.mark.parametrize("words", list(demo_word_lists()), ids=lambda words: words.id)
def test_no_choice_of_a_list_has_two_right_answers_or_gives_itself_away(words: WordListContent) -> None:
    for seed in range(2):
        quiz = generate(words, quiz_id="q", title="q", exercises=EXERCISES, count=40, seed=seed).quiz
        for question in quiz.questions:
            assert not has_second_right(question, words), question
            # "a veces" has no article, it only looks like one of another language.
            assert question.correct_answers == ("a veces",) or not gives_itself_away(question), question
