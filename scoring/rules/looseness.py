"""Ways to write an answer that are almost right: a contraction taken apart, an apostrophe or a pronoun left out. Pure.

Each way makes one of several texts; an answer that one way makes equal to the right one has one flaw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from scoring.rules.languages import Language
from scoring.rules.numerals import in_words

Loosening = Callable[[str], str]

#: English contractions without their apostrophe, as :mod:`scoring.rules.languages` writes them out; not those that
#: are words themselves (its, ill, were).
_NEGATED = ("do", "does", "did", "is", "are", "was", "were", "have", "has", "had", "could", "would", "should", "must")
_BARE_CONTRACTIONS = {
    "cant": "can not",
    "wont": "will not",
    "im": "i am",
    "lets": "let us",
    **{f"{verb}nt": f"{verb} not" for verb in _NEGATED},
    **{f"{who}ve": f"{who} have" for who in ("i", "you", "we", "they")},
    **{f"{who}ll": f"{who} will" for who in ("you", "they")},
    **{f"{who}re": f"{who} are" for who in ("you", "they")},
    **{f"{who}s": f"{who} is" for who in ("he", "she", "that", "what", "where", "who", "how", "there", "here")},
}
_BARE = re.compile(rf"\b(?:{'|'.join(_BARE_CONTRACTIONS)})\b")

#: Latin letters that look like those of other scripts.
_LOOK_CYRILLIC = str.maketrans("aceopxykmthbijs", "асеорхукмтнвіјѕ")
_LOOK_GREEK = str.maketrans("aovniptkxyu", "αονηιρτκχγυ")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_GREEK = re.compile("[\u0370-\u03ff]")
#: Letters that Hebrew writes for vowels in full spelling, but not at the beginning of a word.
_MATRES = re.compile("(?<=[\u05d0-\u05ea])[וי]")
_HEBREW_LEAST = 3

_HAN = re.compile("[\u3400-\u9fff々]")
_HIRAGANA = re.compile("[\u3041-\u309f]")
#: Kana of its ending that a verb may leave to its character: 行なう, 行う. Not those that make another verb (見せる).
_OKURIGANA = re.compile("(?<=[\u3400-\u9fff])[なわかことらたま](?=[\u3041-\u309f])")


def loosenings(language: Language) -> tuple[Loosening, ...]:
    """The ways of a language; each takes and gives a key of :class:`scoring.rules.folding.Folder`."""
    ways: list[Loosening] = [_without_apostrophes if language.numbers == "en" else _joined]
    if language.pronouns:
        ways.append(lambda key: _without_pronoun(key, language))
    if language.contractions:
        ways += [lambda key: _taken_apart(key, language), lambda key: _without_article(key, language)]
    if language.numbers:
        # Whoever is asked for the word and gives the figures knows the number, not the word.
        ways.append(lambda key: in_words(key, language.numbers).replace("-", " "))
    ways += _OF_SCRIPTS.get(language.script, ())
    return tuple(ways)


def _without_apostrophes(key: str) -> str:
    return _BARE.sub(lambda found: _BARE_CONTRACTIONS[found[0]], key).replace("'", "")


def _joined(key: str) -> str:
    return key.replace("'", "")


def _without_pronoun(key: str, language: Language) -> str:
    first, _space, rest = key.partition(" ")
    return rest if rest and first in language.pronouns else key


def _taken_apart(key: str, language: Language) -> str:
    words = key.split()
    if "'" in key and words:
        words = [*key.replace("'", "' ").split()]
    return " ".join(language.contractions.get(word, word) for word in words)


def _without_article(key: str, language: Language) -> str:
    """``al cine`` and ``a el cine`` as ``a cine``."""
    apart = f" {_taken_apart(key, language)} "
    for two in language.contractions.values():
        apart = apart.replace(f" {two} ", f" {two.partition(' ')[0]} ")
    return apart.strip()


def _without_okurigana(key: str) -> str:
    characters = len(_HAN.findall(key))
    if characters > 1:
        return _HIRAGANA.sub("", key)
    return _OKURIGANA.sub("", key) if characters else key


def _without_gaps_in_hangul(key: str) -> str:
    return key.replace(" ", "") if "\uac00" <= key[:1] <= "\ud7a3" else key


def _in_one_script(key: str) -> str:
    """Latin letters among Cyrillic or Greek ones as those they look like."""
    if key.isascii():
        return key
    if _CYRILLIC.search(key):
        return key.translate(_LOOK_CYRILLIC)
    return key.translate(_LOOK_GREEK) if _GREEK.search(key) else key


def _defective(key: str) -> str:
    """Hebrew without the letters that stand for vowels."""
    if not "\u05d0" <= key[:1] <= "\u05ea":
        return key
    shorter = _MATRES.sub("", key)
    return shorter if len(shorter) >= _HEBREW_LEAST else key


_OF_SCRIPTS: Mapping[str, tuple[Loosening, ...]] = {
    "Hang": (_without_gaps_in_hangul,),
    "Cyrl": (_in_one_script,),
    "Grek": (_in_one_script,),
    "Hebr": (_defective,),
    "Jpan": (_without_okurigana,),
}
