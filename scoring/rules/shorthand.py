"""What authors of word lists abbreviate, by language. Data; :mod:`scoring.rules.expansions` reads it.

Everything is in lower case and NFC.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Appends an ending to any word.
ANY = "*"
#: Appends an ending to a word that ends in a consonant.
CONSONANT = "+"
#: Appends an ending to a word that ends in e.
AFTER_E = "~"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _endings(text: str) -> Mapping[str, tuple[str, ...]]:
    """``"a:o,e,+"``: the ending "a" takes the place of "o" or "e", or follows a consonant."""
    pairs = (item.split(":") for item in text.split())
    return {ending: tuple(cuts.split(",")) for ending, cuts in pairs}


_SPANISH = "a:o,e,+ as:os,o,+ os:o es:+ esa:és ora:or ina:ín ana:án ona:ón triz:tor"
_PORTUGUESE = "a:o,e,+ as:os,o,+ os:o es:+ esa:ês ora:or ã:ão ona:ão eia:eu"
_SOUTH_SLAVIC = "a:+,i o:+,i e:i ica:+ ka:+ а:+,и о:+,и е:и ица:+ ка:+"

#: Another ending of the word before it (niño/a, heureux, -euse) -> what it takes the place of, the first that fits.
#: Plurals are not among them where dictionaries hint at them this way.
ENDINGS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "de": _endings("in:* innen:* e:+ r:~ s:~"),
    "fr": _endings(
        "e:* ne:* le:* te:* se:x sse:* trice:teur euse:eux,eur eresse:eur ve:f ive:if ère:er ière:ier enne:en "
        "ienne:ien onne:on elle:el,eau ette:et ète:et que:c che:c nne:n lle:l ale:al"
    ),
    "es": _endings(_SPANISH),
    "gl": _endings(_SPANISH),
    "pt": _endings(_PORTUGUESE),
    "it": _endings("a:o,e,+ i:o,e e:o,a as:o essa:e trice:tore ice:ore ina:o,e che:co ca:co ci:co ga:go"),
    "ca": _endings("a:+,e,o,* es:+,e s:* na:* esa:ès ora:or"),
    "ro": _endings("ă:+,u,* e:u,+ oare:or ară:ar că:c ță:+"),
    "la": _endings("a:us,er um:us,er ae:a e:is is:er"),
    "pl": _endings("a:y,i,+ e:y,* ie:i ka:+ czyni:ca"),
    "cs": _endings("á:ý é:ý í:ý a:+ o:+ ka:+ kyně:* ice:+"),
    "sk": _endings("á:ý é:ý a:+ o:+ ka:+ kyňa:* ica:+"),
    "hr": _endings(_SOUTH_SLAVIC),
    "sr": _endings(_SOUTH_SLAVIC),
    "sl": _endings("a:+ o:+ e:+ ka:+ ica:+"),
    "ru": _endings("ая:ый,ий,ой ое:ый,ий,ой ее:ий яя:ий ые:ый,ой ие:ий ка:+ ница:* а:+ о:+ ы:+ ша:*"),
    "uk": _endings("а:ий,+ е:ий є:ій я:ій ка:+ ня:* і:ий"),
    "be": _endings("ая:ы,і,ый ае:ы ое:ы ка:+"),
    "bg": _endings("а:+ о:+ и:+ ка:+"),
    "mk": _endings("а:+ о:+ и:+ ка:+"),
    "el": _endings("η:ος,ης ή:ός,ής α:ος,ας ά:ός ια:ος,ύς ιά:ός,ύς ο:ος ό:ός ύ:ύς τρια:της ισσα:ης"),
    "lt": _endings("a:as ė:is,ys"),
    "lv": _endings("a:s e:is"),
    "he": _endings("ה:* ת:* ית:* ים:* ות:*"),
    "ar": _endings("ة:* ات:* ون:* ين:*"),
    "hi": _endings("ी:ा े:ा"),
    "eo": _endings("ino:o"),
}

#: Plurals that look like the endings above.
PLURALS = frozenset({"aux", "eaux", "s", "es"})


def _placeholders(*groups: str) -> Mapping[str, tuple[str, ...]]:
    """``"sb s.b. = somebody someone"``: abbreviations and what they stand for, an underscore for a space.

    An abbreviation stands for each full form, and may be left out (an empty string). A full form may be any other.
    """
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        short, _equals, full = group.partition("=")
        forms = tuple(form.replace("_", " ") for form in full.split())
        for abbreviation in short.split():
            for written in dict.fromkeys((abbreviation, f"{abbreviation.rstrip('.')}.")):
                found[written] = (written, *forms, "")
        for form in forms:
            if " " not in form:
                found.setdefault(form, (form, *(other for other in forms if other != form), *short.split()))
    return found


#: What stands for a person or a thing in a phrase -> all that may stand there; empty where it may be left out.
PLACEHOLDERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        **_placeholders("sb s.b. so. s.o. = somebody someone", "sth s.th. smth = something"),
        "one's": ("one's", "my", "your", "his", "her", "our", "their"),
        "oneself": ("oneself", "myself", "yourself", "himself", "herself", "ourselves", "themselves"),
    },
    "de": _placeholders(
        "jd jmd = jemand",
        "jdn jmdn = jemanden jemand",
        "jdm jmdm = jemandem jemand",
        "jds jmds = jemandes jemands",
        "etw etw. = etwas",
    ),
    "fr": _placeholders("qqn qqun qn qq1 = quelqu'un", "qqch qqc qch qc = quelque_chose"),
    "es": _placeholders("algn. alg. u/p = alguien", "a/c u/c = algo"),
    "pt": _placeholders("alg. alg algm = alguém", "a/c = algo alguma_coisa"),
    "it": _placeholders("qlcu qlcn qcn qn qlc.no = qualcuno", "qlco qlcs qcs qc qlc.sa = qualcosa"),
    "ca": _placeholders("alg. algú. = algú", "u/c = alguna_cosa"),
    "ro": _placeholders("cnv = cineva", "cv = ceva"),
    "nl": _placeholders("iem = iemand", "ie. = iets"),
    "sv": _placeholders("ngn = någon", "ngt = något"),
    "da": _placeholders("ngn = nogen", "ngt = noget"),
    "no": {**_placeholders("ngn = noen", "ngt = noe"), "noen": ("noen", "ngn", ""), "noe": ("noe", "ngt", "")},
    "pl": {
        **_placeholders("kogoś. kgś = kogoś", "cz. coś. = coś"),
        **{word: (word, "") for word in _words("komuś kogoś kimś coś czegoś czemuś czymś")},
    },
    "ru": _placeholders(
        "кто-л кто-н = кто-нибудь кто-либо кто-то",
        "кого-л кого-н = кого-нибудь кого-либо кого-то",
        "кому-л кому-н = кому-нибудь кому-либо кому-то",
        "что-л что-н = что-нибудь что-либо что-то",
    ),
}

#: Prefixes of German that part from their verb: word lists write "an/rufen".
SEPARABLE = _words(
    "ab an auf aus bei durch ein fest fort frei her hin los mit nach nieder um unter vor weg weiter zu zurück "
    "zusammen über wieder kennen teil statt heim hinaus herein heraus vorbei"
)

#: What has its comma in a phrase and is no list of words: "yes, please".
INTERJECTIONS = _words(
    "yes no well oh ah please thanks thank sorry hello hi hey ok okay bye goodbye sir madam mr mrs ms miss "
    "dear sí gracias hola adiós perdón señor señora bueno vale claro ja nein danke bitte hallo tschüss doch "
    "na entschuldigung oui non merci salut bonjour pardon monsieur madame sì grazie ciao prego scusa scusi "
    "sim não obrigado obrigada olá да нет спасибо пожалуйста привет nee dank dag evet hayır teşekkürler "
    "merhaba tak nie proszę dziękuję dzień ano děkuji prosím tack hej nej nei takk ναι όχι ευχαριστώ παρακαλώ "
    "نعم لا شكرا כן לא תודה right so now then however therefore"
)

#: Words between two alternatives that a player may type for a comma.
OR_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": ("or",),
    "de": ("oder",),
    "fr": ("ou",),
    "es": ("o", "u"),
    "pt": ("ou",),
    "gl": ("ou",),
    "it": ("o", "oppure"),
    "ca": ("o",),
    "ro": ("sau",),
    "nl": ("of",),
    "sv": ("eller",),
    "da": ("eller",),
    "no": ("eller",),
    "pl": ("lub", "albo"),
    "cs": ("nebo",),
    "sk": ("alebo",),
    "ru": ("или",),
    "uk": ("або",),
    "hr": ("ili",),
    "sr": ("ili", "или"),
    "el": ("ή",),
    "tr": ("veya",),
    "hu": ("vagy",),
    "fi": ("tai",),
    "id": ("atau",),
    "ar": ("أو",),
    "he": ("או",),
}
