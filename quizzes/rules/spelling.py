"""Gaps in example sentences, and spellings that are wrong in a likely way. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Final
from unicodedata import category, combining

from quizzes.rules import limits
from quizzes.rules.lexicon import lexicon_for
from quizzes.rules.matching import bare
from quizzes.rules.text import normalize
from quizzes.rules.words import WordContent

GAP: Final = "____"
#: Below this a changed letter makes another word rather than a misspelling.
LETTERS_LEAST: Final = 4
_BRACES = re.compile(r"\{([^{}]+)\}")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_VOWELS: Final = "aeiou"
#: Letters and groups that sound alike in many languages written in Latin letters.
_ALIKE: Final = (
    ("ie", "ei"),
    ("ei", "ie"),
    ("c", "k"),
    ("k", "c"),
    ("s", "z"),
    ("z", "s"),
    ("f", "ph"),
    ("ph", "f"),
    ("v", "f"),
    ("y", "i"),
    ("i", "y"),
    ("au", "ou"),
    ("ou", "u"),
    ("qu", "kw"),
    ("ch", "sh"),
    ("sch", "sh"),
    ("ss", "ß"),
    ("ß", "ss"),
    ("b", "v"),
    ("ll", "y"),
    ("g", "j"),
    ("j", "g"),
    ("tion", "sion"),
    ("ant", "ent"),
    ("ent", "ant"),
    ("able", "ible"),
    ("ible", "able"),
)
#: Letters that a language may write without their mark.
_VARIANTS: Final[dict[str, dict[int, str]]] = {
    "ru": {ord("ё"): "е", ord("Ё"): "Е"},
    "fr": {ord("î"): "i", ord("û"): "u"},
    "de": {ord("ß"): "ss"},
}
#: Long vowels of Japanese in Latin letters, which are written in several ways.
_LONG_VOWELS = re.compile("([aeiou])[aeiou]+")


def find_gap(word: WordContent) -> tuple[str, str] | None:
    """The example sentence with a gap, and what was there.

    The gap is where braces mark it, else the first place where the term or an alternative stands as a word of its
    own, with its article or without.
    """
    sentence = word.example
    if marked := _BRACES.search(sentence):
        plain = f"{sentence[: marked.start()]}{GAP}{sentence[marked.end() :]}"
        gap = marked[1].strip()
        usable = 0 < len(gap) <= limits.TERM_LENGTH and not set(gap) & set("()")
        return (plain.replace("{", "").replace("}", ""), gap) if usable else None
    for text in dict.fromkeys([word.term, bare(word.term), *word.alternatives, *map(bare, word.alternatives)]):
        if not text or set(text) & set("()/"):
            continue
        found = re.search(rf"(?<!\w){re.escape(text)}(?!\w)", sentence, re.IGNORECASE)
        if found is None and not _is_spaced(text):
            found = re.search(re.escape(text), sentence)
        if found:
            return f"{sentence[: found.start()]}{GAP}{sentence[found.end() :]}", found[0]
    return None


def misspellings(term: str, chance: random.Random) -> list[str]:
    """Likely misspellings, shuffled; none for short words and scripts without small letters."""
    head = term[: len(term) - len(bare(term))]
    word = term[len(head) :]
    if sum(category(char) == "Ll" for char in word) < LETTERS_LEAST or set(term) & set("()/"):
        return []
    found = dict.fromkeys(normalize("NFC", head + wrong) for wrong in _wrong(word))
    wrong = [text for text in found if text.casefold() != term.casefold()]
    chance.shuffle(wrong)
    return wrong


def is_a_word(text: str, language: str) -> bool:
    """Whether a text is a word of the language, as far as its table knows."""
    lexicon = lexicon_for(language)
    return lexicon is not None and lexicon.find(bare(text).casefold()) is not None


def is_variant(text: str, term: str, language: str) -> bool:
    """Whether a text is the term in another spelling that is right: е for ё, the French reform's i for î, Toukyou."""
    code = language.partition("-")[0].lower()
    if code == "ja" and _LONG_VOWELS.sub(r"\1", text) == _LONG_VOWELS.sub(r"\1", term):
        return True
    same = _VARIANTS.get(code)
    return same is not None and text.translate(same) == term.translate(same)


def _wrong(word: str) -> Iterator[str]:
    for index in range(1, len(word)):
        before, char, after = word[:index], word[index], word[index + 1 :]
        if category(char) != "Ll":
            continue
        base = normalize("NFD", char)
        if len(base) > 1 and combining(base[1]):
            yield before + base[0] + after
        previous, following = word[index - 1], word[index + 1 : index + 2]
        # No vowel becomes another one: that makes real words, and sometimes rude ones.
        if char == previous:
            yield before + after
        elif following and category(following) == "Ll":
            if following != char and category(previous) == "Ll":
                yield before + following + char + word[index + 2 :]
            if char not in _VOWELS and previous in _VOWELS and following in _VOWELS:
                yield before + char + char + after
    lower = word.lower()
    for right, wrong in _ALIKE:
        start = lower.find(right, 1)
        if start > 0:
            yield word[:start] + wrong + word[start + len(right) :]


def _is_spaced(text: str) -> bool:
    """Whether the script parts words by spaces: Thai, Lao, Japanese and Chinese do not."""
    return not _UNSPACED.search(text)
