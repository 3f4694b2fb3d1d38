"""What languages differ in, as far as typed answers are concerned. Data; docs/grading.md explains it to teachers.

Everything here is written in lower case (but for the dotted capital İ) and NFC; what a letter is goes for its capital
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Language:
    """The rules of one language. The defaults suit a language the table below does not name."""

    #: Article (or infinitive particle) -> its classes: gender, number, form. Two articles fit each other when they
    #: share a class: "un" and "le" do, "un" and "la" do not.
    articles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Articles written together with their word, beside those that end in an apostrophe.
    prefixed: frozenset[str] = frozenset()
    #: What loses its vowel before another one; keyboards of phones give a space for the apostrophe (c est, l eau).
    elided: frozenset[str] = frozenset()
    #: What is treated as an article but never optional, for it belongs to the verb: "sich".
    reflexives: frozenset[str] = frozenset()
    #: Letters of the alphabet that only look like a letter with an accent: no accent rule excuses one for another.
    #: Cyrillic ones (й, ё, ї) need no mention: there only the acute and the grave are accents.
    letters: frozenset[str] = frozenset()
    #: Differences that count as accents, beyond leaving out marks.
    accent_folds: Mapping[str, str] = field(default_factory=dict)
    #: Ways to write the same, always equal.
    same: Mapping[str, str] = field(default_factory=dict)
    #: Groups of letters that are two ways to write the same, as :attr:`same` has them for single ones.
    same_groups: Mapping[str, str] = field(default_factory=dict)
    #: How right answers are also written where a keyboard lacks the letter, always right.
    spellings: Mapping[str, str] = field(default_factory=dict)
    #: Prefixes that turn a word into its opposite: a word with one is no typing error of the word without.
    negations: tuple[str, ...] = ()
    #: Whether spaces part words.
    spaced: bool = True
    #: Whether capital I is the capital of dotless ı, and İ of i.
    dotless_i: bool = False
    #: Whether a text in capitals has no accents.
    bare_capitals: bool = False
    #: Whether a semicolon is a question mark instead of parting two answers.
    semicolon_asks: bool = False
    #: What may follow a slash or a hyphen as another ending of the word before it (niño/a, Lehrer/in).
    endings: frozenset[str] = frozenset()
    #: Whether figures after syllables are their tones (ni3 hao3).
    tone_figures: bool = False


def language_for(code: str) -> Language:
    """The rules for a language's code, the first part of a BCP 47 tag in lower case."""
    return LANGUAGES.get(_ALIASES.get(code, code), _UNKNOWN)


def _articles(text: str) -> Mapping[str, frozenset[str]]:
    """``"der:m die:f,p"`` as a mapping; an underscore stands for a space within an article."""
    pairs = (item.rsplit(":", 1) for item in text.split())
    return {article.replace("_", " "): frozenset(classes.split(",")) for article, classes in pairs}


def _letters(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _same(text: str) -> Mapping[str, str]:
    """``"ё:е"`` as a mapping of the first to the second, and of the first's capital to the second's."""
    small = dict(item.split(":") for item in text.split())
    return {key.upper(): value.capitalize() for key, value in small.items() if len(key.upper()) == 1} | small


_PERSIAN_LETTERS = _same("ي:ی ى:ی ك:ک ۀ:ه ة:ه")
_SOUTH_SLAVIC = _letters("č ć š ž đ")
_NORDIC_SPELLINGS = _same("å:aa æ:ae ø:oe")

_ROMANCE_ENDINGS = frozenset({"a", "as"})

#: Vietnamese tone marks on the first or on the second of two vowels: the old way and the new.
_VIETNAMESE_TONES = {
    f"{first}{second}": f"{moved}{plain}"
    for first, plain, seconds, moves in (
        ("o", "a", "àáảãạ", "òóỏõọ"),
        ("o", "e", "èéẻẽẹ", "òóỏõọ"),
        ("u", "y", "ỳýỷỹỵ", "ùúủũụ"),
    )
    for second, moved in zip(seconds, moves, strict=True)
}

#: German oblique cases fit only themselves: "den Hund" is not "der Hund".
_GERMAN_ARTICLES = (
    "der:m die:f,p das:n ein:m,n eine:f "
    "den:m-acc,p-dat dem:m-dat,n-dat des:m-gen,n-gen einen:m-acc einem:m-dat,n-dat einer:f-dat eines:m-gen,n-gen "
    "sich:reflexive"
)

LANGUAGES: Mapping[str, Language] = {
    # "a" and "an" are forms of one article, each before its own sounds. "to" marks the infinitive.
    "en": Language(
        articles=_articles("the:c,v a:c an:v to:verb"),
        negations=("un", "in", "im", "il", "ir", "dis", "non", "mis"),
    ),
    "de": Language(
        articles=_articles(_GERMAN_ARTICLES),
        reflexives=frozenset({"sich"}),
        letters=_letters("ä ö ü"),
        spellings=_same("ä:ae ö:oe ü:ue"),
        negations=("un", "in", "miss", "nicht"),
        endings=frozenset({"in", "innen"}),
    ),
    # Classes in -v are before a vowel, -c before a consonant: "l'ami" and "un ami", not "le ami".
    "fr": Language(
        articles=_articles(
            "le:m la:f l':m-v,f-v les:p un:m,m-v une:f,f-v des:p,p-v du:m de_la:f de_l':m-v,f-v "
            "se:reflexive s':reflexive-v"
        ),
        reflexives=frozenset({"se", "s'"}),
        elided=_letters("c d j l m n s t qu"),
        same=_same("œ:oe æ:ae"),
        negations=("in", "im", "il", "ir", "dé", "dés", "mal", "non"),
        endings=frozenset({"e", "ne"}),
    ),
    # m1 il cane, m2 lo studente, m3 l'amico; f1 la casa, f3 l'amica.
    "it": Language(
        articles=_articles(
            "il:m1 lo:m2 l':m3,f3 la:f1 i:mp1 gli:mp2 le:fp un:m1,m3 uno:m2 una:f1 un':f3 "
            "del:m1 dello:m2 della:f1 dell':m3,f3 dei:mp1 degli:mp2 delle:fp"
        ),
        elided=_letters("c d l all dall dell nell sull"),
        negations=("in", "im", "il", "ir", "dis", "s", "non"),
        endings=_ROMANCE_ENDINGS,
    ),
    "es": Language(
        articles=_articles("el:m la:f los:mp las:fp un:m una:f unos:mp unas:fp"),
        letters=_letters("ñ"),
        negations=("in", "im", "i", "des", "dis"),
        endings=_ROMANCE_ENDINGS,
    ),
    "pt": Language(
        articles=_articles("o:m a:f os:mp as:fp um:m uma:f uns:mp umas:fp"),
        negations=("in", "im", "i", "des", "dis"),
        endings=_ROMANCE_ENDINGS,
    ),
    "gl": Language(
        articles=_articles("o:m a:f os:mp as:fp un:m unha:f uns:mp unhas:fp"),
        letters=_letters("ñ"),
        endings=_ROMANCE_ENDINGS,
    ),
    "ca": Language(
        articles=_articles("el:m la:f l':m-v,f-v els:mp les:fp un:m,m-v una:f,f-v uns:mp unes:fp"),
        elided=_letters("d l m n s t"),
        negations=("in", "im", "il", "ir", "des"),
    ),
    # "a" marks the infinitive; the definite article is an ending and stays.
    "ro": Language(
        articles=_articles("un:m,n o:f niște:p niste:p a:verb"),
        letters=_letters("ă â î ș ț"),
        same=_same("ş:ș ţ:ț"),
        negations=("ne", "in", "im", "des"),
    ),
    "nl": Language(
        articles=_articles("de:c,p het:n een:c,n 't:n 'n:c,n zich:reflexive"),
        reflexives=frozenset({"zich"}),
        negations=("on", "in", "niet"),
    ),
    "af": Language(articles=_articles("die:c 'n:c"), negations=("on", "in", "nie")),
    "sv": Language(
        articles=_articles("en:c ett:n att:verb"),
        letters=_letters("å ä ö"),
        negations=("o", "in", "miss", "icke"),
    ),
    "da": Language(
        articles=_articles("en:c et:n at:verb"),
        letters=_letters("å æ ø"),
        spellings=_NORDIC_SPELLINGS,
        negations=("u", "in", "mis", "ikke"),
    ),
    # Feminine nouns take "ei" or "en".
    "no": Language(
        articles=_articles("en:m,f ei:f et:n ein:m eit:n å:verb"),
        letters=_letters("å æ ø"),
        spellings=_NORDIC_SPELLINGS,
        negations=("u", "in", "mis", "ikke"),
    ),
    "is": Language(letters=_letters("á é í ó ú ý ð þ æ ö"), negations=("ó",)),
    "el": Language(
        articles=_articles(
            "ο:m η:f το:n,nacc οι:mp,fp τα:np ένας:m ενας:m μία:f μια:f ένα:n ενα:n "
            "τον:macc την:facc τη:facc τους:mpacc τις:fpacc"
        ),
        negations=("α", "αν", "δυσ", "μη"),
        semicolon_asks=True,
        bare_capitals=True,
    ),
    # "a" before a consonant, "az" before a vowel. Length is an accent (ő for ö), the letter below it is not.
    "hu": Language(
        articles=_articles("a:c az:v egy:c,v"),
        letters=_letters("ö ü"),
        accent_folds=_same("ő:ö ű:ü"),
    ),
    "ga": Language(articles=_articles("an:s na:p")),
    "cy": Language(articles=_articles("y:c yr:v 'r:c,v")),
    "eo": Language(articles=_articles("la:a"), letters=_letters("ĉ ĝ ĥ ĵ ŝ ŭ"), negations=("mal", "ne")),
    "sq": Language(articles=_articles("një:a"), letters=_letters("ç ë")),
    "mt": Language(articles=_articles("il:a l:a"), letters=_letters("ċ ġ ħ ż")),
    # The article is one with its word. Hamza, alif maqsura and ta marbuta are where careful writers slip too.
    "ar": Language(
        articles=_articles("ال:a"),
        prefixed=frozenset({"ال"}),
        accent_folds=_same("أ:ا إ:ا آ:ا ٱ:ا ؤ:و ئ:ي ى:ي ة:ه"),
        same=_same("ی:ي ک:ك"),
    ),
    "he": Language(articles=_articles("ה:a"), prefixed=frozenset({"ה"})),
    "fa": Language(same=_PERSIAN_LETTERS, accent_folds=_same("أ:ا إ:ا آ:ا"), negations=("نا", "بی", "غیر")),
    "ur": Language(same=_PERSIAN_LETTERS, accent_folds=_same("أ:ا آ:ا")),
    "tr": Language(letters=_letters("ç ğ ı İ ö ş ü"), dotless_i=True),
    "az": Language(letters=_letters("ç ə ğ ı İ ö ş ü"), dotless_i=True),
    "pl": Language(letters=_letters("ą ć ę ł ń ó ś ź ż"), negations=("nie", "bez")),
    # Long vowels (á, ů) and soft consonants (ď, ť, ň) sort as accents; these letters do not.
    "cs": Language(letters=_letters("č ř š ž"), negations=("ne", "bez")),
    "sk": Language(letters=_letters("ä č ô š ž"), negations=("ne", "bez")),
    "hr": Language(letters=_SOUTH_SLAVIC, negations=("ne", "bez")),
    "sl": Language(letters=_letters("č š ž"), negations=("ne", "brez")),
    "et": Language(letters=_letters("õ ä ö ü š ž"), negations=("eba",)),
    "fi": Language(letters=_letters("å ä ö"), negations=("epä",)),
    "lv": Language(letters=_letters("č ģ ķ ļ ņ š ž"), negations=("ne",)),
    "lt": Language(letters=_letters("č š ž"), negations=("ne",)),
    "ru": Language(same=_same("ё:е"), negations=("не", "бес", "без")),
    "uk": Language(negations=("не", "без")),
    "be": Language(negations=("не", "без")),
    "bg": Language(negations=("не", "без")),
    "mk": Language(letters=_letters("ѓ ќ"), negations=("не", "без")),
    # Tones are marks that the accent rule governs; the vowels with a hat, a horn or a breve are letters.
    "vi": Language(letters=_letters("ă â đ ê ô ơ ư"), same_groups=_VIETNAMESE_TONES),
    # Pinyin: tones are marks, ü is a letter, typed as v on most keyboards.
    "zh": Language(letters=_letters("ü"), same=_same("v:ü"), spaced=False, tone_figures=True),
    "ja": Language(spaced=False),
    "th": Language(spaced=False),
    "lo": Language(spaced=False),
    "km": Language(spaced=False),
    "my": Language(spaced=False),
    # The nukta tells sounds of loan words apart and is often left out.
    "hi": Language(accent_folds={"\u093c": ""}, negations=("अ", "अन")),
    # Macrons are for learners.
    "la": Language(same=_same("ā:a ē:e ī:i ō:o ū:u ȳ:y æ:ae œ:oe j:i"), negations=("in", "im")),
}

_UNKNOWN = Language()
_ALIASES = {
    "nb": "no",
    "nn": "no",
    "sr": "hr",
    "bs": "hr",
    "sh": "hr",
    "iw": "he",
    "cmn": "zh",
    "yue": "zh",
    "gsw": "de",
}
