"""Which encoding a file of text is in. Teachers' files come from Excel, Notepad and phones.

A byte-order mark and valid UTF-8 are sure. Else each encoding that the bytes are possible in gives a text, and each
text is held against the letters of the languages that are written in it: Polish read as Western European has ``³`` and
``¿`` within words, Russian read as the other Cyrillic encoding has its capitals inside.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from django.utils.translation import gettext as _

from quizzes.importers.base import CannotRead

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Bytes that are looked at. Each encoding reads them once.
_SAMPLE: Final = 20_000
#: The letters beyond ASCII of each language, the commonest first, and the encodings it was written in before Unicode.
_LANGUAGES: Final = {
    "de": ("üäöß", "cp1252 mac_roman cp850"),
    "fr": ("éèàçêâîôûùëïœ", "cp1252 mac_roman cp850"),
    "es": ("óáíéñúü¿¡", "cp1252 mac_roman cp850"),
    "pt": ("ãçáéíóêõúâàô", "cp1252 mac_roman cp850"),
    "it": ("èàùòìé", "cp1252 mac_roman cp850"),
    "ca": ("éóàèíçúòï·", "cp1252"),
    "nl": ("ëéïèöü", "cp1252"),
    "sv": ("äåöé", "cp1252 mac_roman cp850"),
    "fi": ("äöå", "cp1252"),
    "da": ("øåæé", "cp1252 mac_roman cp850"),
    "no": ("åøæéò", "cp1252"),
    "is": ("ðáíóþéæöúý", "cp1252"),
    "ga": ("áéíóú", "cp1252"),
    "et": ("äõüöšž", "cp1257 cp1252"),
    "pl": ("łąężóśćńź", "cp1250 iso8859_2 cp852"),
    "cs": ("áíěýéřčžšůúťďňó", "cp1250 iso8859_2 cp852"),
    "sk": ("áíéčýžšľťúôňäďóĺŕ", "cp1250 iso8859_2 cp852"),
    "hu": ("áéőíöóüúű", "cp1250 iso8859_2 cp852"),
    "ro": ("ăâîşţșț", "cp1250 iso8859_2 iso8859_16"),
    "hr": ("čšžćđ", "cp1250 iso8859_2"),
    "sl": ("čšž", "cp1250 iso8859_2"),
    "tr": ("ıışşğüöçİâî", "cp1254 iso8859_9"),
    "az": ("əıöüşçğİ", "cp1254"),
    "lt": ("ėšųžįąčūę", "cp1257 iso8859_13"),
    "lv": ("āīēšūņļžķģč", "cp1257 iso8859_13"),
    "ru": ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "cp1251 koi8_r iso8859_5 cp866 mac_cyrillic"),
    "uk": ("оанивіетрслкумдпзяьбгйчхцїєюшжщф'ґ", "cp1251 koi8_u iso8859_5 cp866 mac_cyrillic"),
    "be": ("аніоеўсярлткыдкмпузьэбцйжгчюхші", "cp1251"),
    "bg": ("аеиотнсрвлдкпмзъуягбчщжхцюшйфь", "cp1251 koi8_r iso8859_5"),
    "sr": ("аиоенрстувкјдмплзбгчњшцжћљхђфџ", "cp1251 iso8859_5"),
    "el": ("αοιετσνηυρπκμλςωγάδήίθόέχφύβξζώψϊ", "cp1253 iso8859_7"),
    "he": ("ויהלאתרבמנשדםקחכפעצזגטןסךףץ", "cp1255 iso8859_8"),
    "ar": ("الينمرتوبعدهسفكقحجشخصطةضأزثذغءئظىإآؤـًٌَُِّْ", "cp1256 iso8859_6"),
    "fa": ("ایرنمدتوبهشسکلخگزفچقپجعحطآصضغذظثئژ", "cp1256"),
    "vi": ("đươăâêôàáảạèéìíòóùúýãõ\u0300\u0301\u0303\u0309\u0323", "cp1258"),
    "th": ("านรอกเงมยลวดทตสปะแคบหพช่้ขไโใถจซผฟศณัิีึืุู็์", "cp874"),
}
#: Encodings of two bytes a letter, with the languages they are for.
_WIDE: Final = {"ja": ("cp932", "euc_jp"), "zh": ("gb18030", "big5"), "ko": ("cp949",)}
_NAMES: Final = {"mac_roman": "Mac Roman", "mac_cyrillic": "Mac Cyrillic", "cp932": "Shift JIS", "cp949": "EUC-KR"}
#: Marks that any text may have beside its letters.
_MARKS_OF_TEXT: Final = frozenset("«»„“”‘’‚‹›–—…•·°§€£©®№º¿¡×´¨\u00a0\u200e\u200f\u200c،؛؟ـ")
_WORD_BREAK: Final = re.compile(r"[a-zß-öø-ÿ\u0101-\u017f\u0430-\u045f\u03ac-\u03ce][A-Z\u0410-\u042f\u0391-\u03a9]")
#: Letters of two scripts in one word.
_MIXED: Final = re.compile(r"[A-Za-z][\u0370-\u06ff\u0e00-\u0e7f]|[\u0370-\u06ff\u0e00-\u0e7f][A-Za-z]")
#: What a text must reach to be taken for one in a language, of 1.
_LEAST: Final = 0.45
_LEAST_WIDE: Final = 0.7


def decode(data: bytes, encoding: str = "", languages: Iterable[str] = ()) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and a note when its encoding was guessed.

    :param encoding: what the sender says it is in, or empty.
    :param languages: tags of the languages it is said to hold; their encodings go before all others.
    :raises CannotRead: when it is not text, or not in that encoding.
    """
    if encoding:
        try:
            return _text(data.decode(encoding)), ()
        except (UnicodeError, LookupError, ValueError):
            raise CannotRead(_("This is not text in the encoding %(name)s.") % {"name": encoding[:40]}) from None
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data, name), ()
    if b"\0" in data[:_SAMPLE]:
        even, odd = data[:_SAMPLE:2].count(0), data[1:_SAMPLE:2].count(0)
        name = "utf-16-be" if even > odd else "utf-16-le"
        return _decoded(data, name), (_guessed("UTF-16"),)
    try:
        return _text(data.decode()), ()
    except UnicodeDecodeError as error:
        if error.start > len(data) // 2 and error.start > _SAMPLE:
            # UTF-8 that was cut off or has one bad letter far behind is no other encoding.
            return _text(data.decode(errors="replace")), (_("Some letters are damaged in this file."),)
    name = _guess(data[:_SAMPLE], [tag.casefold().partition("-")[0] for tag in languages if tag])
    if not name:
        raise CannotRead(_("This is not text in any known encoding. Save it as UTF-8."))
    return _decoded(data, name), (_guessed(_spoken(name)),)


def _guess(sample: bytes, languages: Sequence[str]) -> str:
    wide, wide_score = _wide(sample, languages)
    best, best_score = "", 0.0
    for encoding, letters, language in _candidates():
        if (text := _try(sample, encoding)) is None:
            continue
        score = _score(text, letters)
        if language in languages:
            score += 0.3
        # The encodings of Windows are by far the likeliest, and Windows-1252 among them.
        score += 0.02 * encoding.startswith("cp12") + 0.01 * (encoding == "cp1252")
        if score > best_score + 1e-9:
            best, best_score = encoding, score
    # Russian in KOI8 may look like pairs as well, but then the letters are those of a language.
    if wide and wide_score >= best_score:
        return wide
    if best_score >= _LEAST:
        return best
    return "cp1252" if best_score >= _LEAST / 2 and _try(sample, "cp1252") is not None else ""


@cache
def _candidates() -> list[tuple[str, dict[str, float], str]]:
    """Encodings with the letters of a language they are for, each letter with its weight."""
    found = []
    for language, (letters, encodings) in _LANGUAGES.items():
        weights = {letter: 1 - 0.5 * place / len(letters) for place, letter in enumerate(letters)}
        weights = {**{letter.upper(): 0.8 * weight for letter, weight in weights.items()}, **weights}
        found += [(encoding, weights, language) for encoding in encodings.split()]
    return found


@cache
def _controls() -> frozenset[str]:
    return frozenset(chr(code) for code in [*range(0x80, 0xA0), 0x7F])


def _try(sample: bytes, encoding: str) -> str | None:
    try:
        text = sample.decode(encoding)
    except (UnicodeError, LookupError):
        return None
    return None if not _controls().isdisjoint(text) else text


def _score(text: str, letters: dict[str, float]) -> float:
    """How well the letters beyond ASCII are those of a language: 1 for its commonest ones, below 0 for none of them."""
    total = count = 0.0
    for place, char in enumerate(text):
        if char <= "\x7f":
            continue
        count += 1
        if char in letters:
            total += letters[char]
        elif char in _MARKS_OF_TEXT:
            inside = text[place - 1 : place].isalpha() and text[place + 1 : place + 2].isalpha()
            # An apostrophe and a point stand within words.
            total += 0.6 if not inside or char in "’·" else -1
        else:
            total -= 0.7 if char.isalpha() else 1.2
    if not count:
        return 0.0
    breaks = len(_WORD_BREAK.findall(text)) + len(_MIXED.findall(text))
    return (total - breaks) / count


def _wide(sample: bytes, languages: Sequence[str]) -> tuple[str, float]:
    """An encoding of two bytes a letter, when the pairs are its common ones, and how common they are."""
    pairs = [pair for pair in re.findall(rb"[\x81-\xfe][\x30-\xfe]", sample) if pair]
    high = sum(byte > 0x7F for byte in sample)
    if not high or not pairs:
        return "", 0.0
    told = {name for language, names in _WIDE.items() if language in languages for name in names}
    scores = {}
    for name in ("cp932", "euc_jp", "cp949", "gb18030", "big5"):
        text = _try_cut(sample, name)
        if text is not None:
            scores[name] = _wide_score(name, text) + 0.3 * (name in told)
    best = max(scores, key=lambda name: scores[name], default="")
    return (best, scores[best]) if best and scores[best] >= _LEAST_WIDE else ("", 0.0)


def _try_cut(sample: bytes, name: str) -> str | None:
    for end in (0, 1, 2, 3):
        try:
            return sample[: len(sample) - end].decode(name)
        except UnicodeError:
            continue
    return None


def _wide_score(name: str, text: str) -> float:
    """How common the letters are: the encodings have the common ones first."""
    beyond = [char for char in text if char > "\x7f"]
    if not beyond:
        return 0.0
    kana = sum("\u3040" <= char <= "\u30ff" for char in beyond)
    hangul = sum("\uac00" <= char <= "\ud7a3" for char in beyond)
    half_kana = sum("\uff61" <= char <= "\uff9f" for char in beyond)
    ideographs = [char for char in beyond if "\u4e00" <= char <= "\u9fff"]
    marks = sum("\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uff60" for char in beyond)
    if name in {"cp932", "euc_jp"}:
        common = _common(ideographs, "euc_jp", 0xB0, 0xCF)
        share = (kana * 1.0 + common * 0.9 + marks * 0.9) / len(beyond) - half_kana / len(beyond)
        # Without any kana it is rather Chinese.
        return share if kana * 8 >= len(beyond) else share - 0.15
    if name == "cp949":
        return (_common_hangul(beyond) + marks * 0.9 + 0.7 * len(ideographs) - hangul * 0) / len(beyond)
    levels = ("gb2312", 0xB0, 0xD7) if name == "gb18030" else ("big5", 0xA4, 0xC6)
    common = _common(ideographs, *levels)
    # A text of one syllable block of the other encoding looks common as well; kana in Chinese is none.
    return (common + marks * 0.9 - kana) / len(beyond) - 0.05


def _common(chars: Iterable[str], encoding: str, low: int, high: int) -> int:
    count = 0
    for char in chars:
        try:
            count += low <= char.encode(encoding)[0] <= high
        except UnicodeError:
            continue
    return count


def _common_hangul(chars: Iterable[str]) -> int:
    """Syllables that the standard of 1987 has; the extension has the rare ones."""
    return _common((char for char in chars if "\uac00" <= char <= "\ud7a3"), "euc_kr", 0xB0, 0xC8)


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _text(data.decode(encoding))
    except UnicodeError:
        if encoding.startswith("utf"):
            raise CannotRead(_("This is not text in any known encoding. Save it as UTF-8.")) from None
        return _text(data.decode(encoding, errors="replace"))


def _text(text: str) -> str:
    if "\0" in text:
        raise CannotRead(_("This is not a text file."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _spoken(name: str) -> str:
    if name.startswith("cp12"):
        return f"Windows-{name[2:]}"
    return _NAMES.get(name, name.upper().replace("_", "-"))


def _guessed(name: str) -> str:
    return _("The encoding was taken to be %(name)s. Save the file as UTF-8 if letters look wrong.") % {"name": name}
