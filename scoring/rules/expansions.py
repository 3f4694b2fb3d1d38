"""The answers that one line of an author's stands for: "(to) go", "colo(u)r", "colour/color". Pure."""

from __future__ import annotations

import re
from itertools import product

from quizzes.rules.text import normalize
from scoring.rules.languages import Language
from scoring.rules.shorthand import AFTER_E, ANY, CONSONANT, INTERJECTIONS, PLURALS, SEPARABLE

#: More optional parts than this are taken all or none: each doubles the number of answers.
MAX_OPTIONAL_PARTS = 6
MAX_EXPANSIONS = 64

_WIDE = str.maketrans("（）【】／［］", "()()/[]")
_OPTIONAL = re.compile(r"\(([^()]*)\)")
_BETWEEN_PHRASES = re.compile(r"\s+\|\s+|\s+/\s*|\s*/\s+|\s*[;；؛]\s*")
_BETWEEN_GREEK_PHRASES = re.compile(r"\s+/\s*|\s*/\s+")
#: What dictionaries say of plural and genitive behind a word: "der Hund, -es, -e", "das Haus, ¨-er".
_HINTS = re.compile(r"(?:,?\s+(?:[¨\"=]?[-–~⸚][^\W\d]{0,4}|[¨⸚]\w{1,3}))+(?=\s*[,;/]|\s*\Z)")
#: A word, and other endings of it: niño/a, rojo/a/os/as, heureux, -euse. No ``\w``: marks are no letters there.
_ENDINGS = re.compile(r"([^\s/,;()\[\]|]+)((?:\s*,\s+-[^\s/,;()\[\]]+|/-?[^\s/,;()\[\]]+)+)(?![^\s,;)])")
_ENDING_PARTS = re.compile(r"[^\s/,-]+(?:-[^\s/,-]+)*")
#: As it is also written, for one ending: niño(a), Lehrer*in, Lehrer:in; and each on top of the other: étudiant·e·s.
_ENDING = re.compile(r"(\w+)(?:\(-?(\w+)\)|[*:_](\w+))(?!\w)")
_POINTED = re.compile(r"(\w{2,})((?:[·•‧]\w{1,5}|\.\w{1,5}(?=\.)|(?<=\w)\.\w{1,2}){1,3})(?![\w.])")
#: Endings in parentheses: новый (-ая, -ое).
_ENCLOSED = re.compile(r"(?<=\w)\s*\((-\w+(?:\s*[,/]\s*-\w+)*)\)")
#: The article of another gender: o(a) estudante.
_OTHER_ARTICLE = re.compile(r"\A(\w+)\((\w+)\)(?=\s)")
#: What one does, behind the verb that governs it: "to look forward to doing sth".
_DOING = re.compile(r"(?<=\w )((?:to do|doing|do) (?:sth|s\.th)\.?)(?=\s|\Z)")
_VOWELS = frozenset("aeiouáéíóúàèìòùâêîôûãõäöüăаеиоуыэюяіїєαεηιουωάέήίόύώ")
#: Endings only of words with a capital.
INNER_CAPITALS = frozenset({"in", "innen"})
_RAISED = re.compile(r"(?<=\w)[·•‧](?=\w)")
_SEPARATED = re.compile(r"(?<!\w)(\w{2,10})/(\w{3,}n)(?!\w)")
_SLASH = re.compile(r"(\w+)/(?=([\w']+)\s)")
_KANA = re.compile("[\u3041-\u30ff]+")
_HAN = re.compile("[\u3400-\u9fff々]")
_WITH_READING = re.compile(r"([^()]+)\(([^()]+)\)")
#: Scripts whose words may be one character long.
_FIRST_IDEOGRAPH = "\u2e80"
_NOTE = re.compile(r"\s*\[[^\[\]]*\]")
#: Characters with their reading in brackets, as Anki writes them: 見[み]る.
_FURIGANA = re.compile("([\u3400-\u9fff々〆ヶ]+)\\[([\u3041-\u30ff]+)\\]")
_SENSES = re.compile(r"(?:^|\s+)\d{1,2}[.)]\s+(?=\D)")
#: What a word governs, behind it: "warten auf + Akk."
_GOVERNS = re.compile(
    r"\s+\+\s*(?:akk|dat|gen|nom|acc|abl|inf|infinitive?|ing|-ing|gerund|subj|subjonctif|subjuntivo|indicative|a|d|n|v|adj)"
    r"(?:usativ|iv|itiv)?\.?\Z",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s*[,،]\s+|\s*[、]\s*")
_LIST_MOST = 6


def expansions(text: str, language: Language) -> list[str]:
    """Every answer the text stands for; the first is the fullest.

    Parentheses hold optional parts, brackets notes. A slash between spaces parts whole phrases; one within a phrase
    parts the words at its sides ("the colour/color"), unless one is a single letter or has a digit ("km/h", "24/7"),
    or the right one is an article of a phrase of its own ("der Lehrer/die Lehrerin"). Semicolons part phrases as well,
    but in Greek, where they ask; commas part single words, and phrases that all have an article. Hints at plurals
    ("der Hund, -e") may be left out, and what stands for a person or a thing ("sb", "etw.") may be written in full.
    """
    text = _spelled_out(_without_notes(normalize("NFC", text).translate(_WIDE), language), language)
    found: dict[str, None] = {}
    between = _BETWEEN_GREEK_PHRASES if language.semicolon_asks else _BETWEEN_PHRASES
    for variant in (*_with_and_without(text), *_readings(text, language)):
        for phrase in between.split(variant):
            wordings = (
                phrase,
                _GOVERNS.sub("", phrase),
                _HINTS.sub("", phrase),
                *_listed(_HINTS.sub("", phrase), language),
                *_alike(phrase),
            )
            for wording in dict.fromkeys(wordings):
                words = wording.split()
                choices = _bounded([_alternatives(word, language, alone=len(words) == 1) for word in words])
                found |= dict.fromkeys(filter(None, (" ".join(filter(None, chosen)) for chosen in product(*choices))))
            if len(found) >= MAX_EXPANSIONS:
                return list(found)[:MAX_EXPANSIONS]
    return list(found)


def _without_notes(text: str, language: Language) -> str:
    """The text without notes in brackets, its readings and its numbered senses as alternatives."""
    if "[" in text:
        if not language.spaced and _FURIGANA.search(text):
            written, read = _FURIGANA.sub(r"\1", text), _FURIGANA.sub(r"\2", text)
            text = f"{written} / {read}" if "/" not in text else written
        text = _NOTE.sub("", text).strip() or text
    if len(senses := list(filter(None, _SENSES.split(text)))) > 1 and _SENSES.match(text):
        text = " / ".join(senses)
    return text


def _listed(phrase: str, language: Language) -> list[str]:
    """The parts of a list with commas: single words, or each with its article. "Yes, please" is no list."""
    parts = [part.strip() for part in _COMMA.split(phrase)]
    if not 1 < len(parts) <= _LIST_MOST or any(mark in phrase for mark in "?!¿¡。") or phrase.rstrip().endswith("."):
        return []
    words = [part.casefold().split() for part in parts]
    if not all(words) or any(word[0] in INTERJECTIONS or word[-1] in INTERJECTIONS for word in words):
        return []
    single = all(len(word) == 1 and _stands_alone(word[0], language) for word in words)
    with_articles = all(
        (len(word) > 1 and word[0] in language.articles) or _is_elided(word[0], language) for word in words
    )
    # "der Apfel, Äpfel": a word with its article, and other forms of it.
    forms = (
        len(words[0]) > 1
        and words[0][0] in language.articles
        and all(len(word) == 1 and _stands_alone(word[0], language) for word in words[1:])
    )
    return parts if single or with_articles or forms else []


def _is_elided(word: str, language: Language) -> bool:
    article, apostrophe, rest = word.replace("’", "'").partition("'")
    return bool(rest) and article + apostrophe in language.articles


def _spelled_out(text: str, language: Language) -> str:
    """The text with its alternatives parted as the rest of this module knows it."""

    def parted(found: re.Match[str]) -> str:
        ending = next(filter(None, found.groups()[1:]))
        whole = _with_ending(found[1], ending, language)
        return f"{found[1]}/{whole}" if whole else found[0]

    def listed(found: re.Match[str]) -> str:
        endings = _ENDING_PARTS.findall(found[2])
        wholes = [_with_ending(found[1], ending, language, hyphen=f"-{ending}" in found[2]) for ending in endings]
        return "/".join((found[1], *wholes)) if all(wholes) else found[0]

    def on_top(found: re.Match[str]) -> str:
        forms = [found[1]]
        for ending in re.split("[·•‧.]", found[2])[1:]:
            more = [f"{form}s" if ending == "s" else _with_ending(form, ending, language) for form in forms]
            if not all(more):
                return found[0]
            forms += more
        return "/".join(forms)

    def apart(found: re.Match[str]) -> str:
        of_phrase = found[2].lower() in language.articles and found[1].lower() not in language.articles
        return f"{found[1]} / " if of_phrase else found[0]

    def joined(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}" if found[1].lower() in SEPARABLE else found[0]

    def either(found: re.Match[str]) -> str:
        both = found[1].lower() in language.articles and found[2].lower() in language.articles
        return f"{found[1]}/{found[2]}" if both else found[0]

    text = _OTHER_ARTICLE.sub(either, text) if language.articles and "(" in text else text
    text = _DOING.sub(r"(\1)", text) if language.numbers == "en" else text
    if language.endings:
        text = _ENCLOSED.sub(lambda found: ", " + found[1].replace("/", ", "), text)
        text = _POINTED.sub(on_top, _ENDING.sub(parted, _ENDINGS.sub(listed, text)))
    if language.separable:
        text = _RAISED.sub("", text)
        text = _SEPARATED.sub(joined, text)
    return _SLASH.sub(apart, text) if language.articles else text


def _alike(phrase: str) -> list[str]:
    """Phrases at both sides of a slash that differ in some of their words only: "get up/stand up"."""
    parts = phrase.split("/")
    words = [part.split() for part in parts]
    if len(parts) < 2 or len(words[0]) < 2 or len({len(part) for part in words}) > 1:
        return []
    return parts if any(len(set(same)) == 1 for same in zip(*words, strict=True)) else []


def _readings(text: str, language: Language) -> list[str]:
    """What stands in parentheses behind ideographs as another way to write all of them: 話(はなし), 学生(學生)."""
    found = None if language.spaced else _WITH_READING.fullmatch(text.strip())
    if found is None:
        return []
    written, other = found[1].strip(), found[2].strip()
    in_kana = _KANA.fullmatch(other) and _HAN.search(written) and (len(other) > 1 or len(written) == 1)
    in_other_forms = len(other) == len(written) and all(map(_HAN.match, written + other))
    return [other] if in_kana or in_other_forms else []


def _with_and_without(text: str) -> list[str]:
    if text.count("(") > MAX_OPTIONAL_PARTS:
        without = text
        while (shorter := _OPTIONAL.sub("", without)) != without:
            without = shorter
        return [text.replace("(", "").replace(")", ""), without]
    variants = [text]
    while any(_OPTIONAL.search(variant) for variant in variants):
        variants = [_OPTIONAL.sub(replacement, variant, count=1) for variant in variants for replacement in (r"\1", "")]
    return variants


def _bounded(choices: list[list[str]]) -> list[list[str]]:
    """The same choices, those beyond the bound without their alternatives."""
    total = 1
    bounded = []
    for alternatives in choices:
        fits = total * len(alternatives) <= MAX_EXPANSIONS
        bounded.append(alternatives if fits else alternatives[:1])
        total *= len(bounded[-1])
    return bounded


def _alternatives(word: str, language: Language, *, alone: bool) -> list[str]:
    parts = word.split("/")
    if language.placeholders and (full := _filled_in(word, parts, language)):
        return list(filter(None, full)) if alone else full
    if len(parts) == 1:
        return [word]
    return parts if all(_stands_alone(part, language) for part in parts) else [word]


def _filled_in(word: str, parts: list[str], language: Language) -> list[str]:
    """What may stand for a placeholder, or for any of several ("sb/sth"); empty when it is none."""
    known = language.placeholders
    if word.endswith("'s") and (whose := known.get(word[:-2].casefold())) is not None:
        return [f"{who}'s" for who in whose if who]
    if (whole := known.get(word.casefold())) is not None:
        return list(whole)
    found = [known.get(part.casefold()) for part in parts]
    if len(parts) == 1 or not all(found):
        return []
    return list(dict.fromkeys(form for forms in found if forms for form in forms))


def _with_ending(word: str, ending: str, language: Language, *, hyphen: bool = False) -> str:
    """niño/a: niña; rojo/os: rojos; Lehrer/in: Lehrerin; heureux, -euse: heureuse. Empty when it is no such ending.

    :param hyphen: whether a hyphen says that it is an ending, known or not.
    """
    if ending in INNER_CAPITALS and not word[0].isupper():
        # Only nouns have it in German: in "auf/in" it is a word.
        return ""
    for cut in language.endings.get(ending, ()):
        if cut in (ANY, CONSONANT):
            if len(word) > 1 and (cut == ANY or word[-1].casefold() not in _VOWELS):
                return word + ending
        elif cut == AFTER_E:
            if len(word) > 1 and word[-1] == "e":
                return word + ending
        elif word.endswith(cut) and len(word) - len(cut) > 1:
            return word[: -len(cut)] + ending
    # "dobar, -bra": from where its first letter last stands.
    place = word.rfind(ending[0]) if hyphen and not language.separable and ending not in PLURALS else -1
    return word[:place] + ending if place > 0 and 1 < len(word) - place <= len(ending) else ""


def _stands_alone(part: str, language: Language) -> bool:
    if any(char.isdigit() for char in part) or not part:
        return False
    is_article = part.lower() in language.articles and part not in language.prefixed
    return len(part) > 1 or is_article or part >= _FIRST_IDEOGRAPH or (part == "I" and language.numbers == "en")
