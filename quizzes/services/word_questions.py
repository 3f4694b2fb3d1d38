"""The words behind the questions of a quiz, to ask for them in another way."""

from __future__ import annotations

from collections.abc import Mapping

from quizzes.models import Question, WordList
from quizzes.rules.words import WordListContent


def words_behind(quiz_id: str, texts: Mapping[str, str]) -> dict[str, tuple[WordListContent, int]]:
    """By question: the word list that it was made from, as it stands now, and the place of its word.

    :param texts: the questions' texts by their ids: one whose text is another one now asks for something else.
    """
    asked = _asked(quiz_id, texts)
    lists = WordList.objects.prefetch_related("words").in_bulk({row.word.word_list_id for row in asked if row.word})
    contents = {key: word_list.content() for key, word_list in lists.items()}
    places = {
        key: {word.pk: index for index, word in enumerate(word_list.words.all())} for key, word_list in lists.items()
    }
    found: dict[str, tuple[WordListContent, int]] = {}
    for row in asked:
        key = row.word.word_list_id if row.word else ""
        if row.word_id in places.get(key, {}):
            found[row.question_id] = contents[key], places[key][row.word_id]
    return found


def word_keys(quiz_id: str, texts: Mapping[str, str]) -> dict[str, int]:
    """By question: the primary key of the word that it was made from; see :func:`words_behind`."""
    return {row.question_id: row.word_id for row in _asked(quiz_id, texts) if row.word_id is not None}


def _asked(quiz_id: str, texts: Mapping[str, str]) -> list[Question]:
    rows = Question.objects.filter(quiz_id=quiz_id, question_id__in=list(texts), word__isnull=False)
    return [row for row in rows.select_related("word") if row.text == texts[row.question_id]]
