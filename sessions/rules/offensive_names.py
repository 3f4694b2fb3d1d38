"""Names that a class should not have to read. Pure.

A short list stops the usual prank, not every one: the host may rename or remove a player. Two kinds of entry keep
innocent names out of it: fragments are refused anywhere in a name, words only on their own ("Hancock" and "Scunthorpe"
pass). What is also a first name or a surname once its accents are off is in neither.
"""

from __future__ import annotations

import re
import unicodedata

from quizzes.rules.text import normalize

_FRAGMENTS = frozenset(
    re.findall(
        r"\S+",
        """
        arschloch asshole bitch blowjob faggot fuck heilhitler hitler motherf nigga nigger siegheil whitepower
        hurensohn missgeburt schlampe wichser connard encule niquetamere putain gilipollas hijodeputa maricon pendejo
        arrombado buceta caralho filhodaputa ditme ちんこ ちんぽ まんこ セックス شرموطة قحبة منيوك عاهرة
        """,
    )
)
_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        anus arse ass cock cum cunt dildo dyke fag fart horny kkk milf nazi nazis penis piss poop porn porno pussy rape
        rapist retard semen sex sexy shit slut suck sucks tits twat vagina wank wanker whore
        drecksau fick ficken fotze nutte pimmel scheisse schwuchtel titten
        bite chatte cul merde nique ntm pute salope cabron chinga coño culo joder mierda pene polla puta puto verga
        foder merda porra viado 死ね しね うんこ كس زب
        """,
    )
)
_LOOK_ALIKES = str.maketrans("013457", "oieast")
_SYMBOLS = str.maketrans("@$€", "ase")
_ANY_RUN = re.compile(r"(.)\1+")
_LONG_RUN = re.compile(r"(.)\1{2,}")


def is_offensive(name: str) -> bool:
    """Whether a name is, or holds, an entry of the list, however it is cased, accented, spelled in digits or spaced."""
    words = [_fold(word) for word in re.split(r"[\W_]+", name.translate(_SYMBOLS)) if word]
    spelled = "".join(words)
    # "f u c k": letters on their own are read together.
    alone = [*words, spelled] if all(len(word) == 1 for word in words) else words
    return _HAS_FRAGMENT.search(_ANY_RUN.sub(r"\1", spelled)) is not None or any(
        _LONG_RUN.sub(r"\1", word) in _FOLDED_WORDS for word in alone
    )


def _fold(word: str) -> str:
    # Digits stand for letters only beside letters: "team 455" is a number.
    text = word.casefold() if word.isdecimal() else word.casefold().translate(_LOOK_ALIKES)
    letters = normalize("NFKD", text)
    return "".join(char for char in letters if not unicodedata.combining(char))


_HAS_FRAGMENT = re.compile("|".join(re.escape(_ANY_RUN.sub(r"\1", _fold(fragment))) for fragment in sorted(_FRAGMENTS)))
_FOLDED_WORDS = frozenset(_fold(word) for word in _WORDS)
