"""Which language words are likely in, where that is another one than they are said to be in.

It asks py3langid, a detector that others keep up, and speaks up only when it is sure: a single word may be at home in
many languages. The detector takes half a second and 100 MB to begin with, so it runs where files are read
(:func:`quizzes.services.reading.other_language`), not where people play.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

#: What is looked at of long lists.
MAX_WORDS = 300
MAX_LENGTH = 10_000
_FEWEST_LETTERS = 5
#: How likely the other language has to be, and how unlikely the one that was said.
_SURE = 0.7
_UNLIKELY = 0.1
#: What is learnt at schools: of all the world's languages, a word looks like one that nobody meant.
_TOLD = frozenset(
    {"ar", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hu", "it", "ja"}
    | {"ko", "la", "nl", "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "vi", "zh"}
)
#: Languages that nobody tells apart by a few words.
_ALIKE = (
    {"da", "nb", "nn", "no"},
    {"bs", "hr", "sr"},
    {"id", "ms"},
    {"cs", "sk"},
    {"gl", "pt"},
    {"fa", "ur"},
    {"bg", "ru", "uk"},
)
_NO_WORDS = frozenset({"True", "False"})


def other_language(words: Iterable[str], said: str) -> str:
    """The primary subtag of the language that the words look like; empty when that is no other than they are said to
    be in, or when nobody can tell.

    :param said: BCP 47 tag; empty when nothing is said.
    """
    different = dict.fromkeys(word for word in islice(words, MAX_WORDS) if word not in _NO_WORDS)
    text = "\n".join(different)[:MAX_LENGTH]
    detector = _detector()
    own = said.casefold().partition("-")[0]
    if sum(char.isalpha() for char in text) < _FEWEST_LETTERS or (own and own not in detector.labels):
        return ""
    likely = {tag: float(chance) for tag, chance in detector.rank(text) if tag in _TOLD or tag == own}
    total = sum(likely.values())
    likely = {tag: chance / total for tag, chance in likely.items()}
    found: str = max(likely, key=lambda language: likely[language])
    alike = next((group for group in _ALIKE if found in group), {found})
    sure = sum(likely.get(language, 0) for language in alike)
    if own in alike or sure < _SURE or likely.get(own, 0) > _UNLIKELY:
        return ""
    return found


@cache
def _detector() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
