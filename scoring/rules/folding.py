"""Bringing two spellings that a teacher would not tell apart to one key. Pure.

What counts as the same for every rule: Unicode composition and width, invisible characters, quotes and apostrophes of
any shape, spaces, punctuation, a hyphen and a space, and the vowel points of Hebrew and Arabic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from unicodedata import category, decimal, is_normalized

from quizzes.rules.text import normalize
from scoring.rules.articles import Articles
from scoring.rules.languages import Language, language_for
from scoring.rules.lexicon import simplified
from scoring.rules.numerals import in_words

_BIDI = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])

#: Hebrew points and accents, Arabic vowel marks and tatweel. Learners' texts have them, others do not.
_OPTIONAL_MARKS = dict.fromkeys(
    [
        *range(0x0591, 0x05BE), 0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7,
        0x0640, *range(0x0610, 0x061B), *range(0x064B, 0x0653), *range(0x0656, 0x0660), 0x0670, *range(0x06D6, 0x06DD),
    ]
)  # fmt: skip
#: The stress mark of Russian textbooks stands after its vowel; composed letters (ѓ, ќ) are letters.
_STRESS = re.compile("(?<=[\u0400-\u04ff])[\u0300\u0301]")

_APOSTROPHES = "'’‘‛ʼʻʹˈ´`′＇\u05f3"
#: Characters of punctuation that mean something in an answer.
_MEANINGFUL = "#%&@*·"
#: Punctuation within a word (abbreviations, "dog(s)", "an|rufen", quotes, Armenian tone marks) leaves no space.
_WITHIN_WORDS = '.|()[]{}"\u05f4“”„‟«»‹›\u055b\u055c\u055e'

_DOTS = re.compile(r"\.{2,}|…")
#: 3.5 is not 35 and -5 not 5: these marks change places with private characters, so that they outlive punctuation.
_NUMBER_MARK = re.compile(r"(?<=\d)[.,:/](?=\d)")
_NUMBER_MARKS = {".": "\ue000", ",": "\ue000", ":": "\ue001", "/": "\ue002"}
_SIGN = re.compile(r"-(?=\d)")
#: What a text may begin with that belongs to it (.net, /2), unless it ends with it too.
_LEADING = re.compile(r"[/:!.§](?=\s?\w)")
LEADING_MARKS = "/:!.§"
_LEADING_KEYS = {"/": "\ue004", ":": "\ue005", "!": "\ue006", ".": "\ue007", "§": "\ue008"}
#: A sharp s that parts its word from the one with two s.
_SHARP = "\ue009"
#: Before NFKC makes 11/2 of 1½.
_FRACTIONS = {
    code: " " + decomposed.replace("\u2044", "/")
    for code in (*range(0xBC, 0xBF), *range(0x2150, 0x215F))
    if "\u2044" in (decomposed := normalize("NFKC", chr(code)))
}
#: Marks on one letter that were typed in another order than they compose in: what makes a letter, then the tone.
_MARKS = re.compile("[\u0300-\u036f]+")
_LETTER_MARKS = frozenset("\u0302\u0306\u031b\u0308\u0327")
#: Between a number and the sign that belongs to it (10 %, $ 5).
_BEFORE_SIGN = re.compile(r"(?<=\d)\s+(?=[%‰°$£€¥₹])|(?<=[$£€¥₹])\s+(?=\d)")
#: Between the letters of an abbreviation (z. B., EE. UU.).
_ABBREVIATED = re.compile(r"(?<=\b[^\W\d]\.)\s+(?=[^\W\d]\.)|(?<=\b[A-Z]{2}\.)\s+(?=[A-Z]{2}\.)")
#: At the edge of a word an apostrophe is punctuation ('t, po', 'quoted').
_EDGE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
#: What keyboards give for the mark of a long vowel: after kana it is no dash.
_LONG_VOWEL = re.compile("(?<=[\u3041-\u30ff])[-‐‑–—―−－]")

#: Letters that Unicode does not take apart.
_SMALL = {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
_PLAIN = {key.upper(): value.capitalize() for key, value in _SMALL.items()} | _SMALL | {"ı": "i"}

_TABLE_LIMIT = 0x3000
#: Compatibility forms may be 18 times as long as what was typed; beyond this no two answers are told apart.
_KEY_LIMIT = 1_000


class _CharTable(dict[int, str | None]):
    """A table for ``str.translate`` that works out a character when it first meets it.

    It remembers those below U+3000 only: the table stays small whatever players type.
    """

    def __missing__(self, code: int) -> str | None:
        value = self.translated(chr(code))
        if code < _TABLE_LIMIT:
            self[code] = value
        return value

    def translated(self, char: str) -> str | None:
        raise NotImplementedError


def _is_picture(char: str) -> bool:
    """Emoji and other small pictures, the parts they are made of too; not the sharp and flat of music."""
    return (
        "\U0001f000" <= char <= "\U0001faff"
        or ("\u2600" <= char <= "\u27bf" and not "\u2669" <= char <= "\u266f")
        or char in "\ufe0f\u20e3"
    )


def _in_order(text: str) -> str:
    """Composed text whose marks stand in the order in which they compose."""
    decomposed = normalize("NFD", text) if _MARKS.search(text) else ""
    if not decomposed:
        return text

    def ordered(found: re.Match[str]) -> str:
        return "".join(sorted(found[0], key=lambda mark: mark not in _LETTER_MARKS))

    return normalize("NFC", _MARKS.sub(ordered, decomposed))


class _Punctuation(_CharTable):
    def translated(self, char: str) -> str | None:
        kind = category(char)
        if char in _APOSTROPHES:
            return "'"
        if char in _MEANINGFUL:
            return char
        if char in _WITHIN_WORDS:
            return None
        if _is_picture(char):
            return " "
        if char in "~∼〜":
            return "-"
        if kind == "Nd":
            return str(decimal(char))
        # The non-joiner parts what Persian writes in one word, apart or with this mark: a hyphen in all but looks.
        if kind == "Pd" or char in "-−\u200c":
            return "-"
        if kind[0] in "PZ" or kind == "Cc":
            return " "
        return None if kind == "Cf" else char


class _Base(_CharTable):
    """Letters without their accents; ``letters`` keep what makes them a letter of their own."""

    def __init__(self, letters: frozenset[str], folds: Mapping[str, str]) -> None:
        super().__init__()
        self._letters = letters
        self._folds = folds

    def _is_letter(self, char: str) -> bool:
        return char in self._letters or char.lower() in self._letters

    def translated(self, char: str) -> str | None:
        if self._is_letter(char):
            return char
        if char in self._folds:
            return self._folds[char]
        if "\u0300" <= char <= "\u036f":
            return None
        kept, *marks = list(normalize("NFD", char))
        strippable = "\u0300\u0301" if "\u0400" <= kept <= "\u04ff" else ""
        for mark in marks:
            if not "\u0300" <= mark <= "\u036f" or (strippable and mark not in strippable):
                kept += mark
            elif self._is_letter(composed := normalize("NFC", kept + mark)):
                kept = composed
        kept = normalize("NFC", kept)
        return kept if self._is_letter(kept) else _PLAIN.get(kept, kept)


_PUNCTUATION = _Punctuation()
_NO_LETTERS: frozenset[str] = frozenset()
_FIGURES = frozenset("0123456789")
#: Letters by their category that stand for an apostrophe, or lengthen a line.
_ODD_LETTERS = frozenset(_APOSTROPHES) | {"\u0640"}
_WORDS_END = re.compile(r"[ '-]")


class Accents(StrEnum):
    """How much of its accents a key keeps."""

    KEPT = "kept"
    #: Without accents; letters of the language's own alphabet stay (ñ in Spanish).
    BASE = "base"
    #: Without accents and what makes letters of their own.
    BARE = "bare"


class Folder:
    """Makes the keys of one language. Two texts are the same answer when they share a key."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._same = str.maketrans(dict(language.same))
        if language.tone_figures:
            self._same |= simplified()
        self._variants = {key.replace("_", " "): first.replace("_", " ") for key, first in language.variants.items()}
        self._spellings = [str.maketrans(dict(spelling)) for spelling in language.spellings]
        self._rewritten = frozenset(language.rewritten)
        self._sharpened = frozenset("ß") if language.sharp else _NO_LETTERS
        self._grouped = frozenset(group[1] for group in language.same_groups)
        self._tables = {
            Accents.BASE: _Base(language.letters, language.accent_folds),
            Accents.BARE: _Base(_NO_LETTERS, language.accent_folds),
        }
        articles = Articles(language)
        #: The article that a key begins with, or an empty string, and the rest.
        self.article = lru_cache(maxsize=1_024)(articles.split)
        self.articles_fit = articles.fit
        self.reflexives = articles.reflexives

    def keys(self, text: str, *, case: bool = False, accents: Accents = Accents.KEPT) -> tuple[str, ...]:
        """What to compare a text by: one key, or two where a hyphen may be a space or nothing.

        :param case: whether capitals differ from small letters.
        """
        return _keys(self, text, case, accents)

    def keys_anew(self, text: str, case: bool, accents: Accents) -> tuple[str, ...]:
        """As :meth:`keys`, which remembers them."""
        if accents is not Accents.KEPT:
            kept = self.keys(text, case=case)
            return kept if all(map(str.isascii, kept)) else tuple(self._bared(key, text, case, accents) for key in kept)
        folded = self._stable(text, case)
        if not folded:
            return (_as_it_is(text),)
        if "-" not in folded:
            return (folded,)
        apart, joined = (self._stable(folded.replace("-", gap), case) for gap in (" ", ""))
        return (apart, joined) if joined else (folded,)

    def _bared(self, key: str, text: str, case: bool, accents: Accents) -> str:
        """A key without its accents."""
        table = self._tables[accents]
        while (bare := key.translate(table)) != key:
            key = self._stable(bare, case)
        return key or _as_it_is(text)

    def spelled_out(self, text: str) -> list[str]:
        """The text as keyboards without the language's own letters write it (Mädchen, Maedchen), and 20 in words."""
        composed = normalize("NFC", text)
        worded = in_words(composed, self.language.numbers)
        return [*(composed.translate(spelling) for spelling in self._spellings), worded]

    def _stable(self, text: str, case: bool) -> str:
        """The text folded until nothing changes: a mark that lost the punctuation before it composes, and the like."""
        folded = self._fold(text, case)
        if folded == text or (text.isascii() and folded.isascii() and (self.language.spaced or not self._rewritten)):
            return folded
        while (again := self._fold(folded, case)) != folded:
            folded = again
        return folded

    def _fold(self, text: str, case: bool) -> str:
        plain = text.isascii()
        # Letters and spaces alone need nothing of what the other branch does.
        if text.replace(" ", "").isalpha() and (plain or _is_simple(text)):
            text = text.strip()
        else:
            text = self._without_marks(text, plain)
        if self._elisions and not self._elisions.isdisjoint(_WORDS_END.split(text.lower())):
            text = self._elided.sub(r"\1'", text)
        if self.language.dotless_i:
            # A dot on top of the dotted i is what lower-casing İ leaves elsewhere.
            text = text.replace("i\u0307", "i")
            text = text if case else text.replace("İ", "i").replace("I", "ı")
        if not self._sharpened.isdisjoint(text):
            text = self._sharp.sub(lambda found: found[0].replace("ß", _SHARP), text)
        text = text.replace("ß", "ss").replace("ẞ", "SS").replace("ς", "σ") if case else text.casefold()
        if not plain:
            text = normalize("NFC", text)
        if self._same:
            text = text.translate(self._same)
        if not self._grouped.isdisjoint(text.lower()):
            text = self._same_groups.sub(lambda found: self.language.same_groups[found[0].lower()], text)
        if not self._rewritten.isdisjoint(text):
            for pattern, put in self._rewrites:
                text = pattern.sub(put, text)
        if self._variants:
            text = self._in_one_spelling(text)
        return (" " if self.language.spaced else "").join(text.split())

    def _without_marks(self, text: str, plain: bool) -> str:
        """The text without punctuation, invisible characters and optional marks."""
        if not plain:
            # Before NFKC, which makes a space and a mark of the acute that stands for an apostrophe.
            text = _in_order(normalize("NFC", text)).translate(_FRACTIONS).replace("´", "'")
            text = normalize("NFKC", text)[:_KEY_LIMIT]
            text = _STRESS.sub("", text.translate(_OPTIONAL_MARKS))
            text = _LONG_VOWEL.sub("ー", text)
        if self.language.tone_figures:
            text = with_tone_marks(text)
        return self._punctuation(text)

    # Regular expressions are made when a text first needs them: that takes longer than grading ten answers.

    @cached_property
    def _elisions(self) -> frozenset[str]:
        return frozenset(self.language.elided)

    @cached_property
    def _elided(self) -> re.Pattern[str]:
        words = "|".join(sorted(map(re.escape, self.language.elided), key=len, reverse=True))
        return re.compile(rf"(?<!\w)({words}) (?=\w)", re.IGNORECASE)

    @cached_property
    def _sharp(self) -> re.Pattern[str]:
        return re.compile(rf"\b(?:{'|'.join(sorted(self.language.sharp))})\b", re.IGNORECASE)

    @cached_property
    def _groups(self) -> re.Pattern[str]:
        mark = re.escape(self.language.group_mark)
        return re.compile(rf"(?<![\d.,])[1-9]\d{{0,2}}(?:{mark}\d{{3}})+(?![\d.,]?\d)")

    @cached_property
    def _rewrites(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(pattern, re.IGNORECASE), put) for pattern, put in self.language.rewrites]

    @cached_property
    def _same_groups(self) -> re.Pattern[str]:
        return re.compile("|".join(self.language.same_groups), re.IGNORECASE)

    def _in_one_spelling(self, text: str) -> str:
        words = text.split()
        variants = self._variants
        if len(words) == 1:
            return variants.get(words[0], text)
        found = [variants.get(word, word) for word in words]
        for place in range(len(words) - 1):
            if (pair := variants.get(f"{words[place]} {words[place + 1]}")) is not None:
                found[place : place + 2] = [pair, ""]
        return " ".join(filter(None, found)) if found != words else text

    def _punctuation(self, text: str) -> str:
        leading = _LEADING.match(text.lstrip())
        if "," in text or "." in text:
            text = _ABBREVIATED.sub("", text)
            text = self._groups.sub(lambda found: found[0].replace(self.language.group_mark, ""), text)
        stripped = text
        if not _FIGURES.isdisjoint(text) or not text.isascii():
            stripped = _NUMBER_MARK.sub(lambda found: _NUMBER_MARKS[found[0]], _BEFORE_SIGN.sub("", text))
        stripped = _DOTS.sub(" ", stripped).translate(_PUNCTUATION).strip(" ·")
        sign = "\ue003" if stripped[:1] == "-" and _SIGN.match(stripped) else ""
        stripped = (_EDGE_APOSTROPHE.sub("", stripped) if "'" in stripped else stripped).strip(" ·-")
        # An answer that is nothing but punctuation ("?") is compared as it is.
        if not stripped:
            return visible(text)
        mark = _LEADING_KEYS[leading[0]] if leading and not text.rstrip().endswith(leading[0]) else sign
        return mark + stripped


@lru_cache(maxsize=4_096)
def _keys(folder: Folder, text: str, case: bool, accents: Accents) -> tuple[str, ...]:
    """Grading one answer asks for its keys several times, and for those of the right answers with every answer."""
    return folder.keys_anew(text, case, accents)


def _is_simple(text: str) -> bool:
    """Whether letters and spaces are written as they are compared: nothing to compose, to narrow or to leave out."""
    return _ODD_LETTERS.isdisjoint(text) and is_normalized("NFKC", text) and len(text) <= _KEY_LIMIT


def _as_it_is(text: str) -> str:
    """The key of nothing but marks, where the mark itself is the answer."""
    return visible(normalize("NFC", text)).strip()


#: A syllable of pinyin and the figure of its tone.
_TONED = re.compile("([a-zü]+?r?)([0-5])(?![0-9])", re.IGNORECASE)
_TONE_MARKS = {"0": "", "1": "\u0304", "2": "\u0301", "3": "\u030c", "4": "\u0300", "5": ""}
#: Where the mark stands: on a or e, on the o of ou, else on the last vowel.
_TONE_PLACE = re.compile("[ae]|o(?=u)|[iouüv](?![aeiouüv])", re.IGNORECASE)


def with_tone_marks(text: str) -> str:
    """Pinyin with its tones as marks where it has them as figures."""

    def marked(found: re.Match[str]) -> str:
        syllable, tone = found.groups()
        place = _TONE_PLACE.search(syllable)
        if place is None:
            return found[0]
        vowel = normalize("NFC", place[0].replace("v", "ü") + _TONE_MARKS[tone])
        return f"{syllable[: place.start()]}{vowel}{syllable[place.end() :]}"

    return _TONED.sub(marked, text.replace("u:", "ü").replace("U:", "Ü"))


def folder_for(tag: str) -> Folder:
    """The folder of a BCP 47 tag; region and script are left out ("pt-BR" is "pt")."""
    return _folder(tag.replace("_", "-").partition("-")[0].lower())


@lru_cache(maxsize=128)
def _folder(code: str) -> Folder:
    return Folder(language_for(code))


def strip_bidi(text: str) -> str:
    """The text without bidirectional controls, which could turn round what stands next to it on a screen."""
    return text if text.isascii() else text.translate(_BIDI)


def visible(text: str) -> str:
    """The text without the characters that show nothing (joiners, byte order marks, directions)."""
    return text if text.isprintable() else "".join(char for char in text if category(char) != "Cf")
