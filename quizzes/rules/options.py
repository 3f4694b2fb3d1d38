"""What is no option of a choice question: rude words, and texts that give the answer away. Pure."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import name

from quizzes.rules.matching import bare, fold
from quizzes.rules.words import WordContent

#: Words that nobody wants on a classroom's screen, folded. A teacher may ask for them, but they are never offered.
_RUDE: Final = (
    "fuck fucking shit bitch cunt cock pussy asshole bastard slut whore nigger faggot wank twat piss tits "
    "scheiße arsch arschloch fotze hure schwanz ficken wichser schlampe titten neger "
    "merde putain connard connasse salope couille enculé chier nique "
    "mierda puta puto polla coño joder cojones cabrón pendejo verga culo cagar caga cago maricón "
    "cazzo merda stronzo puttana troia figa coglione culo fica vaffanculo "
    "porra caralho puta merda foder cona buceta viado bosta "
    "kut lul hoer neuken klootzak хуй пизда блядь ебать сука жопа kurwa chuj pizda dupa cipa"
)
_OFFENSIVE: Final = frozenset(map(fold, _RUDE.split()))
#: A shorter term may stand in a meaning by chance ("a", "no").
LETTERS_THAT_LEAK: Final = 2
_WORD: Final = re.compile(r"\w+")
_LATIN: Final = "LATIN"


def is_offensive(text: str) -> bool:
    """Whether a word of the text is rude in any of the languages known."""
    return any(fold(word) in _OFFENSIVE for word in _WORD.findall(text))


def leaks(word: WordContent, text: str) -> bool:
    """Whether a side of a word shows the other side: a meaning that has the term in it, or letters of its script."""
    other = word.term if text != word.term else word.meanings[0]
    if text == other:
        return True
    key, within = fold(bare(other)), fold(text)
    if len(key) > LETTERS_THAT_LEAK and f" {key} " in f" {within} ":
        return True
    if text.isascii() and other.isascii():
        return False
    # "犬 (dog)" for the meaning of 犬: letters of its script, where the sides are of two.
    theirs, ours = _scripts(other), _scripts(text)
    return _LATIN in ours ^ theirs and bool((theirs & ours) - {_LATIN})


def _scripts(text: str) -> frozenset[str]:
    """The first words of the Unicode names of the letters: LATIN, CYRILLIC, CJK and so on."""
    return frozenset(name(char, "").partition(" ")[0] for char in text if char.isalpha())
