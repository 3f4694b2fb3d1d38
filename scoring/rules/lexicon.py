"""Whether a word that looks like a slip is another word of the language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from unicodedata import combining

from quizzes.rules.lexicon import Lexicon, LexiconEntry, data, lexicon_for
from quizzes.rules.text import normalize
from scoring.rules.languages import Language

#: A word is at most so much rarer than the right one (tenths of Zipf): a rarer one is more likely a slip.
RARER = 20
#: Letters at the end of a word that an inflection may change, where the right word is unknown.
_INFLECTED = 2
#: Small kana make one syllable of two: びょういん (hospital) and びよういん (hairdresser) are two words.
_LARGE_KANA = str.maketrans("ゃゅょャュョ", "やゆよヤユヨ")


def is_another_word(typed: str, right: str, language: Language) -> bool:
    """Whether what is typed is another word than the right one and no slip: common enough, and of another lemma.

    Words whose letters differ in nothing but marks are never told apart here: the rule for accents does that.
    """
    if language.script == "Jpan" and typed.translate(_LARGE_KANA) == right.translate(_LARGE_KANA):
        return typed != right
    if typed in language.other_words.get(right, ()):
        return True
    lexicon = lexicon_for(language.lexicon) if language.lexicon else None
    if lexicon is None or (entry := lexicon.find(typed)) is None or _base(typed) == _base(right):
        return False
    known = _found(lexicon, right)
    if known is None:
        shared = next((i for i, (a, b) in enumerate(zip(typed, right, strict=False)) if a != b), len(typed))
        return shared < min(len(typed), len(right)) - _INFLECTED
    same = entry.lemma in (known.lemma, right) or known.lemma == typed
    return not same and known.zipf - entry.zipf <= RARER


@lru_cache(maxsize=1_024)
def _found(lexicon: Lexicon, word: str) -> LexiconEntry | None:
    """A right word, which is looked up with every answer to its question."""
    return lexicon.find(word)


def _base(word: str) -> str:
    return word if word.isascii() else "".join(char for char in normalize("NFD", word) if not combining(char))


@lru_cache(maxsize=1)
def simplified() -> Mapping[int, str]:
    """Chinese characters with their simplified forms, for ``str.translate``."""
    lines = data("zh.txt").decode().splitlines()
    return {ord(line[0]): line[2] for line in lines}
