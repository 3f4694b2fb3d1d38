"""What languages differ in, as far as typed answers are concerned. Data; docs/grading.md explains it to teachers.

Everything here is written in lower case (but for the dotted capital İ) and NFC; what a letter is goes for its capital
too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from quizzes.rules.lexicon import KNOWN
from scoring.rules.numerals import NAMED
from scoring.rules.pairs import OTHER_WORDS
from scoring.rules.shorthand import ENDINGS, OR_WORDS, PLACEHOLDERS
from scoring.rules.wordings import (
    ARABIC_WITH_ARTICLE,
    CONTRACTIONS,
    HEBREW_WITH_ARTICLE,
    POINT_GROUPS,
    PRONOUNS,
    SCRIPTS,
    SUFFIXES,
    VARIANTS,
)


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
    #: How right answers are also written where a keyboard lacks the letter, always right: one way or several.
    spellings: tuple[Mapping[str, str], ...] = ()
    #: Regular expressions and what they are replaced by in folded text, beyond :attr:`same_groups`. Done twice, they
    #: change nothing more.
    rewrites: tuple[tuple[str, str], ...] = ()
    #: Characters without any of which a text is left as it is by :attr:`rewrites`.
    rewritten: str = ""
    #: Words with one that is spelled otherwise, both right (clé, clef), by the first of each group.
    variants: Mapping[str, str] = field(default_factory=dict)
    #: Prefixes that turn a word into its opposite: a word with one is no typing error of the word without.
    negations: tuple[str, ...] = ()
    #: Words that are others with ss in place of ß; everywhere else the two are one.
    sharp: frozenset[str] = frozenset()
    #: ISO 15924 code of a script that has ways of its own to be written loosely, or empty.
    script: str = ""
    #: Whether spaces part words.
    spaced: bool = True
    #: Whether capital I is the capital of dotless ı, and İ of i.
    dotless_i: bool = False
    #: Whether a text in capitals has no accents.
    bare_capitals: bool = False
    #: Whether a semicolon is a question mark instead of parting two answers.
    semicolon_asks: bool = False
    #: Other endings of the word before them (niño/a) -> what they take the place of, see scoring.rules.shorthand.
    endings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: What stands for a person or a thing in a phrase -> what may stand there.
    placeholders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Whether a slash may part a prefix from its verb.
    separable: bool = False
    #: Words between two alternatives.
    or_words: tuple[str, ...] = ()
    #: What leads a verb that may go without it, and is almost right where it is missing or too many.
    pronouns: frozenset[str] = frozenset()
    #: Preposition and article in one word -> the two.
    contractions: Mapping[str, str] = field(default_factory=dict)
    #: Definite articles at the end of a word, the longest first.
    suffixes: tuple[str, ...] = ()
    #: Whether a noun may have two of them.
    genders_in_suffix: bool = False
    #: The mark between groups of three figures.
    group_mark: str = ","
    #: Words that have the letters of the prefixed article as their own (היום, today).
    article_lexical: frozenset[str] = frozenset()
    #: The language whose numbers in words are known, or empty.
    numbers: str = ""
    #: The file of quizzes/rules/lexicons that knows its words, or empty.
    lexicon: str = ""
    #: Word -> words that it is no slip of, beside those of the lexicon.
    other_words: Mapping[str, frozenset[str]] = field(default_factory=dict)
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

_YIDDISH = {"װ": "וו", "ױ": "וי", "ײ": "יי", "ך": "כ", "ם": "מ", "ן": "נ", "ף": "פ", "ץ": "צ"}

_SERBIAN = _same(
    "а:a б:b в:v г:g д:d ђ:đ е:e ж:ž з:z и:i ј:j к:k л:l љ:lj м:m н:n њ:nj о:o п:p р:r с:s т:t ћ:ć у:u ф:f х:h ц:c "
    "ч:č џ:dž ш:š"
)

#: Long vowels as typed, and the sounds that the ways of romanization write apart.
_ROMAJI = (
    ("â", "ā"), ("î", "ī"), ("û", "ū"), ("ê", "ē"), ("ô", "ō"),
    ("[oō][ouō]+", "ō"), ("[uū][uū]+", "ū"), ("[aā][aā]+", "ā"), ("[eē][eē]+", "ē"), ("[iī][iī]+", "ī"),
    ("si", "shi"), ("(?<![sc])hu", "fu"), ("tu", "tsu"), ("ti", "chi"), ("zi", "ji"),
    ("sy(?=[auoāūō])", "sh"), ("ty(?=[auoāūō])", "ch"), ("[zj]y(?=[auoāūō])", "j"), ("m(?=[bp])", "n"), ("(?<=n)'", ""),
    ("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "べ"), ("ヴォ", "ボ"), ("ヴ", "ブ"),
)  # fmt: skip

#: Contractions stand for two words where it is certain which.
_ENGLISH = (
    (r"\bcan't\b", "can not"),
    (r"\bwon't\b", "will not"),
    (r"\bshan't\b", "shall not"),
    (r"(?<=[a-z])n't\b", " not"),
    (r"(?<=\bi)'m\b", " am"),
    (r"(?<=[a-z])'re\b", " are"),
    (r"(?<=[a-z])'ll\b", " will"),
    (r"(?<=[a-z])'ve\b", " have"),
    (r"(?<=\blet)'s\b", " us"),
    # Before a verb that "had" cannot stand before, and before "better", where nothing else can.
    (r"(?<=[a-z])'d(?= (?:like|love|prefer|be|have|go)\b)", " would"),
    (r"(?<=[a-z])'d(?= better\b)", " had"),
    (r"\b(it|he|she|that|what|where|who|how|there|here)'s\b", r"\1 is"),
    (" ?& ?", " and "),
)

_TABLE: Mapping[str, Language] = {
    # "a" and "an" are forms of one article, each before its own sounds. "to" marks the infinitive.
    "en": Language(
        articles=_articles("the:c,v a:c an:v to:verb"),
        rewrites=_ENGLISH,
        rewritten="'&",
        negations=("un", "in", "im", "il", "ir", "dis", "non", "mis"),
    ),
    "de": Language(
        articles=_articles(_GERMAN_ARTICLES),
        reflexives=frozenset({"sich"}),
        letters=_letters("ä ö ü"),
        spellings=(_same("ä:ae ö:oe ü:ue"),),
        negations=("un", "in", "miss", "nicht"),
        separable=True,
        sharp=frozenset({"maße", "maßen", "buße", "bußen", "floß", "schoß", "rußen", "aß", "schoße"}),
        rewrites=((r"(?<=\w)·(?=\w)", ""),),
        rewritten="·",
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
    ),
    # m1 il cane, m2 lo studente, m3 l'amico; f1 la casa, f3 l'amica.
    "it": Language(
        articles=_articles(
            "il:m1 lo:m2 l':m3,f3 la:f1 i:mp1 gli:mp2 le:fp un:m1,m3 uno:m2 una:f1 un':f3 "
            "del:m1 dello:m2 della:f1 dell':m3,f3 dei:mp1 degli:mp2 delle:fp"
        ),
        elided=_letters("c d l all dall dell nell sull"),
        negations=("in", "im", "il", "ir", "dis", "s", "non"),
    ),
    "es": Language(
        articles=_articles("el:m la:f los:mp las:fp un:m una:f unos:mp unas:fp"),
        letters=_letters("ñ"),
        negations=("in", "im", "i", "des", "dis"),
    ),
    "pt": Language(
        articles=_articles("o:m a:f os:mp as:fp um:m uma:f uns:mp umas:fp"),
        negations=("in", "im", "i", "des", "dis"),
    ),
    "gd": Language(articles=_articles("an:s,p a':s am:s na:p")),
    "gl": Language(
        articles=_articles("o:m a:f os:mp as:fp un:m unha:f uns:mp unhas:fp"),
        letters=_letters("ñ"),
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
        spellings=(_NORDIC_SPELLINGS,),
        negations=("u", "in", "mis", "ikke"),
    ),
    # Feminine nouns take "ei" or "en".
    "no": Language(
        articles=_articles("en:m,f ei:f et:n ein:m eit:n å:verb"),
        genders_in_suffix=True,
        letters=_letters("å æ ø"),
        spellings=(_NORDIC_SPELLINGS,),
        negations=("u", "in", "mis", "ikke"),
    ),
    "is": Language(
        articles=_articles("að:verb"),
        spellings=(_same("þ:th"),),
        letters=_letters("á é í ó ú ý ð þ æ ö"),
        negations=("ó",),
    ),
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
    "eo": Language(
        articles=_articles("la:a"),
        letters=_letters("ĉ ĝ ĥ ĵ ŝ ŭ"),
        spellings=(_same("ĉ:cx ĝ:gx ĥ:hx ĵ:jx ŝ:sx ŭ:ux"), _same("ĉ:ch ĝ:gh ĥ:hh ĵ:jh ŝ:sh ŭ:u")),
        negations=("mal", "ne"),
    ),
    "sq": Language(articles=_articles("një:a i:m e:f të:p"), letters=_letters("ç ë")),
    # The article takes on the first sound of its word.
    "mt": Language(
        articles=_articles("il:a l:a iċ:a id:a in:a ir:a is:a it:a ix:a iż:a iz:a"), letters=_letters("ċ ġ ħ ż")
    ),
    # The article is one with its word. Hamza, alif maqsura and ta marbuta are where careful writers slip too.
    "ar": Language(
        articles=_articles("ال:a"),
        prefixed=frozenset({"ال"}),
        article_lexical=ARABIC_WITH_ARTICLE,
        accent_folds=_same("أ:ا إ:ا آ:ا ٱ:ا ؤ:و ئ:ي ى:ي ة:ه"),
        same=_same("ی:ي ک:ك"),
    ),
    "he": Language(articles=_articles("ה:a"), prefixed=frozenset({"ה"}), article_lexical=HEBREW_WITH_ARTICLE),
    # Ligatures, and the finals of the same letters.
    "yi": Language(same=_YIDDISH),
    "fa": Language(same=_PERSIAN_LETTERS, accent_folds=_same("أ:ا إ:ا آ:ا"), negations=("نا", "بی", "غیر")),
    "ur": Language(same={**_PERSIAN_LETTERS, **_same("ه:ہ ۀ:ہ ة:ہ ۂ:ہ ۃ:ہ")}, accent_folds=_same("أ:ا آ:ا")),
    "tr": Language(letters=_letters("ç ğ ı İ ö ş ü"), dotless_i=True),
    "az": Language(letters=_letters("ç ə ğ ı İ ö ş ü"), dotless_i=True),
    "pl": Language(letters=_letters("ą ć ę ł ń ó ś ź ż"), negations=("nie", "bez")),
    # Long vowels (á, ů) and soft consonants (ď, ť, ň) sort as accents; these letters do not.
    "cs": Language(letters=_letters("č ř š ž"), negations=("ne", "bez")),
    "sk": Language(letters=_letters("ä č ô š ž"), negations=("ne", "bez")),
    "hr": Language(letters=_SOUTH_SLAVIC, spellings=(_same("đ:dj"),), negations=("ne", "bez")),
    # Two alphabets, a letter for a letter.
    "sr": Language(
        letters=_SOUTH_SLAVIC, same=_SERBIAN, spellings=(_same("đ:dj"),), negations=("ne", "bez", "не", "без")
    ),
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
    "zh": Language(
        letters=_letters("ü"),
        same=_same("v:ü"),
        rewrites=(("'", ""),),
        rewritten="'",
        spaced=False,
        tone_figures=True,
    ),
    # Kana that look the same, and Latin letters by the ways of romanization.
    "ja": Language(same=_same("ヘ:へ ベ:べ ペ:ぺ"), rewrites=_ROMAJI, rewritten="ヴaiueoâîûêô", spaced=False),
    # A vowel that is one sign or two, with the tone mark between the two or behind them.
    "th": Language(rewrites=(("ํ([่-๋])", r"\1ํ"), ("เเ", "แ")), rewritten="ํเ", spaced=False),
    "lo": Language(rewrites=(("ໍ([່-໋])", r"\1ໍ"), ("ເເ", "ແ")), rewritten="ໍເ", spaced=False),
    "km": Language(rewrites=(("(្រ)(្[ក-អ])", r"\2\1"),), rewritten="្", spaced=False),
    "my": Language(spaced=False),
    # The nukta tells sounds of loan words apart and is often left out.
    # A nasal before a consonant of its class is written with a dot, and a crescent with a dot is written without.
    "hi": Language(
        accent_folds={"\u093c": ""},
        same={"ँ": "ं"},
        rewrites=(
            ("ङ्(?=[क-घ])", "ं"),
            ("ञ्(?=[च-झ])", "ं"),
            ("ण्(?=[ट-ढ])", "ं"),
            ("न्(?=[त-ध])", "ं"),
            ("म्(?=[प-भ])", "ं"),
        ),
        rewritten="्",
        negations=("अ", "अन"),
    ),
    # Macrons are for learners.
    "la": Language(same=_same("ā:a ē:e ī:i ō:o ū:u ȳ:y æ:ae œ:oe j:i v:u"), negations=("in", "im")),
}


def _whole(code: str, language: Language) -> Language:
    """A language of the table with what stands in tables of its own."""
    return replace(
        language,
        variants=VARIANTS.get(code, {}),
        endings=ENDINGS.get(code, {}),
        placeholders=PLACEHOLDERS.get(code, {}),
        or_words=OR_WORDS.get(code, ()),
        pronouns=PRONOUNS.get(code, frozenset()),
        contractions=CONTRACTIONS.get(code, {}),
        suffixes=SUFFIXES.get(code, ()),
        group_mark="." if code in POINT_GROUPS else ",",
        script=SCRIPTS.get(code, ""),
        numbers=code if code in NAMED else "",
        lexicon=code if code in KNOWN or code == "sr" else "",
        other_words=OTHER_WORDS.get(code, {}),
    )


_TABLE_OF_SCRIPTS = {code: Language() for code in SCRIPTS if code not in _TABLE}
LANGUAGES: Mapping[str, Language] = {
    code: _whole(code, language) for code, language in {**_TABLE, **_TABLE_OF_SCRIPTS}.items()
}
_UNKNOWN = Language()
_ALIASES = {
    "nb": "no",
    "nn": "no",
    "cnr": "sr",
    "bs": "hr",
    "sh": "hr",
    "iw": "he",
    "cmn": "zh",
    "yue": "zh",
    "gsw": "de",
}
