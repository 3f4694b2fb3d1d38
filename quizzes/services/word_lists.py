"""What is done to word lists. Content that comes in here has passed :mod:`quizzes.validation.word_list`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from quizzes.models import Word, WordList
from quizzes.rules import limits
from quizzes.rules.words import WordContent, WordListContent

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class WordListExists(Exception):
    """There is a word list with this id already."""


def word_list_create(content: WordListContent, *, owner: User | None = None, loaded_digest: str = "") -> WordList:
    """Store a new word list.

    :raises WordListExists: when the id is taken.
    """
    word_list = WordList(id=content.id, owner=owner)
    try:
        with transaction.atomic():
            _write(word_list, content, loaded_digest=loaded_digest, insert=True)
    except IntegrityError:
        if WordList.objects.filter(pk=content.id).exists():
            raise WordListExists(content.id) from None
        raise
    return word_list


@transaction.atomic
def word_list_save(content: WordListContent, *, owner: User | None = None, loaded_digest: str = "") -> WordList:
    """Store a word list, in place of the one with this id where there is one. That one keeps its owner.

    A word that is in both keeps its row, and so the questions made from it their link.
    """
    word_list = WordList.objects.select_for_update().filter(pk=content.id).first()
    if word_list is None:
        return word_list_create(content, owner=owner, loaded_digest=loaded_digest)
    _write(word_list, content, loaded_digest=loaded_digest, insert=False)
    return word_list


class ListFull(Exception):
    """A word list has room for so many words only; nothing was added."""


@transaction.atomic
def word_list_add(word_list_id: str, words: Sequence[WordContent]) -> tuple[int, int]:
    """Put words at the end of a list; one that is there already gets the meanings it lacks.

    :returns: how many words are new, and how many got meanings.
    :raises ListFull: when there is no room.
    """
    content = WordList.objects.select_for_update().get(pk=word_list_id).content()
    kept = {(word.term, word.part_of_speech): word for word in content.words}
    before = len(kept)
    changed = 0
    for word in words:
        known = kept.get((word.term, word.part_of_speech))
        if known is None:
            kept[word.term, word.part_of_speech] = word
            continue
        meanings = tuple(dict.fromkeys(known.meanings + word.meanings))[: limits.MEANINGS_MAX]
        changed += meanings != known.meanings
        kept[word.term, word.part_of_speech] = replace(known, meanings=meanings)
    if len(kept) > limits.WORDS_MAX:
        raise ListFull
    word_list_save(replace(content, words=tuple(kept.values())))
    return len(kept) - before, changed


def word_add_answer(word: Word, answer: str, *, asked_for: Collection[str]) -> bool:
    """Take an answer in among the word's other spellings, or among its meanings, whichever a question asked for.

    :param asked_for: the right answers of that question, as they stand in the list.
    :returns: whether the word has it now; not when the question asked for neither, or when there is no room.
    """
    if answer in (word.term, *word.alternatives, *word.meanings):
        return True
    if word.term in asked_for:
        entries, most, length = word.alternatives, limits.ALTERNATIVES_MAX, limits.TERM_LENGTH
    elif not set(word.meanings).isdisjoint(asked_for):
        entries, most, length = word.meanings, limits.MEANINGS_MAX, limits.MEANING_LENGTH
    else:
        return False
    if len(entries) >= most or len(answer) > length:
        return False
    entries.append(answer)
    word.save(update_fields=["alternatives", "meanings", "search_text"])
    word.word_list.save(update_fields=["updated_at"])
    return True


def word_list_delete(word_list_id: str) -> bool:
    """Delete a word list. Quizzes made from it stay. Tells whether there was one."""
    _rows, per_model = WordList.objects.filter(pk=word_list_id).delete()
    return per_model.get(WordList._meta.label, 0) > 0


def _write(word_list: WordList, content: WordListContent, *, loaded_digest: str, insert: bool) -> None:
    word_list.title = content.title
    word_list.term_language = content.term_language
    word_list.meaning_language = content.meaning_language
    word_list.description = content.description
    word_list.grading = asdict(content.grading)
    word_list.tags = list(content.tags)
    word_list.loaded_digest = loaded_digest
    word_list.save(force_insert=insert)
    known = {} if insert else {(word.term, word.part_of_speech): word.pk for word in word_list.words.all()}
    rows = [_word_row(word_list, position, word) for position, word in enumerate(content.words)]
    for row in rows:
        row.pk = known.pop((row.term, row.part_of_speech), None)
    Word.objects.filter(pk__in=known.values()).delete()
    names = [field.name for field in Word._meta.concrete_fields if field.name not in {"id", "word_list"}]
    known_rows = [row for row in rows if row.pk]
    for row in known_rows:
        # Django does this for rows that are saved or made, not for those.
        Word._meta.get_field("search_text").pre_save(row, add=False)
    Word.objects.bulk_update(known_rows, names, batch_size=100)
    Word.objects.bulk_create(row for row in rows if not row.pk)


def _word_row(word_list: WordList, position: int, word: WordContent) -> Word:
    return Word(
        word_list=word_list,
        position=position,
        term=word.term,
        part_of_speech=word.part_of_speech,
        meanings=list(word.meanings),
        alternatives=list(word.alternatives),
        example=word.example,
        notes=word.notes,
        image=word.image,
        sound=word.sound,
        tags=list(word.tags),
    )
