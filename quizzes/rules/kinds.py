"""What part of speech a word of a list is, where the list does not say. Pure.

A wrong option of another part of speech is none: whoever sees a noun among verbs knows it is wrong. The term's article,
capital and ending tell, and the meaning's "to" and, in English, what the meaning is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from quizzes.rules.lexicon import data
from quizzes.rules.matching import INFINITIVES, bare, fold, leading
from quizzes.rules.words import WordContent

#: Endings of the infinitive.
_INFINITIVES: Final[Mapping[str, tuple[str, ...]]] = {
    "de": ("en", "eln", "ern"),
    "nl": ("en",),
    "fr": ("er", "ir", "oir", "re"),
    "es": ("ar", "er", "ir", "arse", "erse", "irse"),
    "ca": ("ar", "er", "ir", "re"),
    "gl": ("ar", "er", "ir"),
    "pt": ("ar", "er", "ir", "or"),
    "it": ("are", "ere", "ire", "arsi", "ersi", "irsi"),
    "ro": ("a",),
    "ru": ("ть", "ти", "чь", "ться"),
    "uk": ("ти", "тися"),
    "pl": ("ć", "ść", "ć się"),
    "cs": ("t",),
}
_ADJECTIVES: Final[Mapping[str, tuple[str, ...]]] = {
    "de": ("ig", "lich", "isch", "bar", "sam", "los", "voll", "haft"),
    "fr": ("eux", "euse", "ique", "able", "ible", "if", "ive"),
    "es": ("oso", "osa", "able", "ible", "ivo", "iva", "ico", "ica"),
    "ru": ("ый", "ий", "ой", "ая", "ое"),
    "pl": ("ny", "ki", "wy"),
    "cs": ("ý", "í"),
}
_ADVERBS: Final[Mapping[str, tuple[str, ...]]] = {"fr": ("ment",), "es": ("mente",), "pt": ("mente",), "it": ("mente",)}
#: English words of small classes.
_CLOSED: Final[Mapping[str, str]] = {
    word: kind
    for kind, words in {
        "pronoun": "i you he she it we they me him her us them my your his its our their mine yours"
        " who this that these those someone somebody something nobody nothing "
        "everybody everyone everything anybody anything myself",
        "preposition": "in on at under over with without for from of by between behind beside against through during "
        "until since into onto about above below near across along around after before",
        "conjunction": "and or but because if although when while so than as whether",
        "question": "what where why how which whose whom",
        "number": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
        "million first third",
        "expression": "yes no hello hi goodbye bye please thanks sorry welcome okay",
    }.items()
    for word in words.split()
}


@lru_cache(maxsize=4_096)
def kind_of(word: WordContent, term_language: str, meaning_language: str) -> str:
    """The part of speech: what the list says, else what the word looks like; empty where nothing tells.

    :param term_language: BCP 47 tag.
    :param meaning_language: BCP 47 tag.
    """
    if word.part_of_speech:
        return fold(word.part_of_speech)
    leads = {leading(text.replace("(", "").replace(")", "")) for text in (word.term, *word.meanings)} - {""}
    if leads & INFINITIVES:
        return "verb"
    if leads:
        return "noun"
    code = term_language.partition("-")[0].lower()
    term = bare(word.term).split("(")[0].split("/")[0].strip()
    if any(mark in word.term for mark in "?!¿¡") or len(term.split()) > 2:
        return "expression"
    if code == "de" and term[:1].isupper():
        return "noun" if " " not in term else "expression"
    return _by_meaning(word, code, term, meaning_language) or _by_ending(code, term.casefold())


def _by_meaning(word: WordContent, code: str, term: str, meaning_language: str) -> str:
    if meaning_language.partition("-")[0].lower() != "en" or not word.meanings:
        return ""
    meaning = fold(word.meanings[0].split("(")[0])
    if (closed := _CLOSED.get(meaning)) is not None:
        return closed
    known = _english().get(meaning, "")
    # German has capitals for nouns: with a small letter it is an adjective or an adverb, if it is no verb.
    if not known and code == "de":
        return "verb" if term.endswith(_INFINITIVES["de"]) else "adjective"
    return known


def _by_ending(code: str, term: str) -> str:
    for kind, endings in (("adverb", _ADVERBS), ("verb", _INFINITIVES), ("adjective", _ADJECTIVES)):
        if len(term) > 3 and term.endswith(endings.get(code, ())):
            return kind
    return "noun"


@lru_cache(maxsize=1)
def _english() -> Mapping[str, str]:
    """Common English words that are hardly ever nouns, by part of speech."""
    lines = (line.split() for line in data("en-kinds.txt").decode().splitlines())
    return {word: kind for kind, *words in lines for word in words}
