"""Build the word tables of quizzes/rules/lexicons from wordfreq, simplemma, UniDic, LemmInflect and OpenCC.

Only who changes the tables runs it, in an environment that has these packages besides (they are no dependencies):
``pip install wordfreq simplemma opencc fugashi unidic-lite lemminflect``, then ``manage.py build_lexicons``.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from itertools import combinations
from math import log10
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rapidfuzz.distance import OSA

from quizzes.rules.text import normalize
from scoring.rules.folding import folder_for
from scoring.rules.slips import MIN_NEAR_LETTERS, near_limit

FOLDER = Path(__file__).parents[3] / "quizzes" / "rules" / "lexicons"
CODES = "en de fr es it pt nl sv da fi pl cs ru uk ro hu el tr ca id bg sk"
#: Our codes, and those of wordfreq and simplemma where they differ.
LANGUAGES = {
    code: (code, code)
    for code in CODES.split()
} | {"no": ("nb", "nb"), "hr": ("sh", "hbs")}  # fmt: skip
#: A word is another word from this Zipf frequency on (3 is one in a million), and at most so much rarer than the right
#: one: a rarer one is more likely a slip.
LEAST_ZIPF = 3.0
RARER = 2.0
LETTERS = range(4, 18)
#: No language may have more words than this, the commonest: it bounds the files.
MOST = {16_000: "en de fr es", 12_000: "it pt ja", 8_000: "nl pl sv", 7_000: "ru"}
MOST_OF_OTHERS = 5_000
MOST_READ = 32_000
#: So many of the commonest English words are looked through for those of one part of speech.
MOST_OF_KINDS = 14_000
KINDS_LEAST = 3
#: Adjectives and adverbs that LemmInflect has as nouns too, but lists of words do not.
ADJECTIVES = """
    best better black blind blue brave brown calm clean clear cold dark dear equal fast fat fine flat free full good
    gray great green grey heavy high ill kind later left light little long lovely low lower married modern most normal
    old perfect pink plain poor possible purple quick quiet real red right round safe sharp short sick silly single
    small smart sweet thick warm wet white wide wild worse wrong yellow young
"""
ADVERBS = "now often only still there today tomorrow very well yesterday"
#: What it calls adjectives and is none in a list.
NO_ADJECTIVES = "few much several"
#: Parts of speech of Japanese that are no words of their own.
_NO_WORDS = frozenset({"助動詞", "助詞", "記号", "補助記号", "接尾辞"})


class Command(BaseCommand):
    """Writes the tables."""

    help = "Build the word tables of typed answers (see quizzes/rules/lexicons/README.md)"

    def add_arguments(self, parser: CommandParser) -> None:
        """The languages, all by default."""
        parser.add_argument("languages", nargs="*")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write a file per language, and print its words and bytes."""
        for code in options["languages"] or [*LANGUAGES, "ja", "zh", "en-kinds"]:
            if code == "en-kinds":
                lines = _kinds()
            elif code == "zh":
                lines = _simplified()
            elif code == "ja":
                lines = _readings()
            else:
                lines = _words(code)
            text = "".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.split(" ")[0].encode()))
            (FOLDER / f"{code}.txt").write_text(text, encoding="utf-8")
            self.stdout.write(f"{code}: {len(lines)} lines, {len(text.encode())} bytes")


def _words(code: str) -> list[str]:
    """``word zipf*10 lemma`` of every word that a slip may turn into another one, or that may be the outcome."""
    wordfreq, simplemma = import_module("wordfreq"), import_module("simplemma")
    theirs, lemmas_of = LANGUAGES[code]
    folder = folder_for(code)
    zipfs: dict[str, float] = {}
    lemmas: dict[str, str] = {}
    for word in wordfreq.top_n_list(theirs, 80_000):
        zipf = wordfreq.zipf_frequency(word, theirs)
        if zipf < LEAST_ZIPF:
            break
        if not word.isalpha() or len(word) not in LETTERS or len(zipfs) > MOST_READ:
            continue
        known = simplemma.is_known(word, lemmas_of) or simplemma.is_known(word.capitalize(), lemmas_of)
        key = folder.keys(word)[0]
        if known and key not in zipfs and " " not in key:
            zipfs[key] = zipf
            lemma = simplemma.lemmatize(word, lemmas_of)
            lemmas[key] = folder.keys(lemma)[0]
    kept: set[str] = set()
    for one, other in _pairs(list(zipfs)):
        differ = lemmas[one] != lemmas[other] and _base(one) != _base(other)
        if differ and abs(zipfs[one] - zipfs[other]) <= RARER:
            kept |= {one, other}
    commonest = sorted(kept, key=lambda word: -zipfs[word])[: _most(code)]
    return [_line(word, zipfs[word], lemmas[word]) for word in commonest]


def _most(code: str) -> int:
    return next((most for most, codes in MOST.items() if code in codes.split()), MOST_OF_OTHERS)


def _line(word: str, zipf: float, lemma: str) -> str:
    if lemma == word:
        return f"{word} {round(zipf * 10)}"
    shared = next((i for i, (a, b) in enumerate(zip(word, lemma, strict=False)) if a != b), min(len(word), len(lemma)))
    return f"{word} {round(zipf * 10)} {len(word) - shared}{lemma[shared:]}"


def _pairs(words: list[str]) -> Iterator[tuple[str, str]]:
    """Words as near to each other as a slip is, by what is left of them without one or two letters."""
    by_rest: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for rest in _rests(word):
            by_rest[rest].append(word)
    seen: set[tuple[str, str]] = set()
    for group in by_rest.values():
        for pair in combinations(group, 2):
            if pair in seen:
                continue
            seen.add(pair)
            limit = max(map(near_limit, pair))
            if OSA.distance(*pair, score_cutoff=limit) <= limit:
                yield pair


def _rests(word: str) -> set[str]:
    lost = 2 if near_limit(word) > 1 else 1
    return {
        "".join(char for place, char in enumerate(word) if place not in gone)
        for count in range(lost + 1)
        for gone in combinations(range(len(word)), count)
    }


def _base(word: str) -> str:
    return "".join(char for char in normalize("NFD", word) if not unicodedata.combining(char))


def _readings() -> list[str]:
    """The readings in hiragana of common Japanese words of four kana and more, in the form of dictionaries."""
    wordfreq, fugashi = import_module("wordfreq"), import_module("fugashi")
    tagger = fugashi.Tagger()
    zipfs: dict[str, float] = {}
    lemmas: dict[str, str] = {}
    for word, frequency in wordfreq.get_frequency_dict("ja").items():
        zipf = log10(frequency) + 9
        parts = tagger(word) if zipf >= LEAST_ZIPF else []
        features = [part.feature for part in parts]
        reading = "".join(feature.kana or "*" for feature in features)
        if not features or "*" in reading or features[0].pos2 == "固有名詞" or features[0].pos1 in _NO_WORDS:
            continue
        if len(features) == 1 and features[0].orthBase != word:
            continue
        kana = "".join(chr(ord(char) - 0x60) if "ァ" <= char <= "ヶ" else char for char in reading)
        if len(kana) >= MIN_NEAR_LETTERS and zipf > zipfs.get(kana, 0.0):
            zipfs[kana] = zipf
            lemmas[kana] = "".join(feature.lemma or "" for feature in features).partition("-")[0]
    kept = {word for pair in _pairs(list(zipfs)) if lemmas[pair[0]] != lemmas[pair[1]] for word in pair}
    commonest = sorted(kept, key=lambda word: -zipfs[word])[: _most("ja")]
    return [f"{word} {round(zipfs[word] * 10)} {len(word)}{lemmas[word]}" for word in commonest]


def _simplified() -> list[str]:
    """``traditional simplified`` of every character that has a simplified form."""
    converter = import_module("opencc").OpenCC("t2s")
    ideographs = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00)]
    pairs = ((char, converter.convert(char)) for char in map(chr, ideographs))
    return [f"{char} {simple}" for char, simple in pairs if simple != char and len(simple) == 1]


def _kinds() -> list[str]:
    """A part of speech and the common English words that have no other; adjectives may be verb forms too."""
    wordfreq, lemminflect = import_module("wordfreq"), import_module("lemminflect")
    adjectives, adverbs, verbs = set(ADJECTIVES.split()), set(ADVERBS.split()), set()
    for word in wordfreq.top_n_list("en", MOST_OF_KINDS):
        kinds = lemminflect.getAllLemmas(word) if word.isascii() and word.isalpha() and len(word) >= KINDS_LEAST else {}
        if word in adverbs:
            continue
        if "NOUN" not in kinds and word in kinds.get("ADJ", ()):
            adjectives.add(word)
        elif kinds.keys() == {"ADV"} and word in kinds["ADV"]:
            adverbs.add(word)
        elif kinds.keys() == {"VERB"} and word in kinds["VERB"]:
            verbs.add(word)
    adjectives -= set(NO_ADJECTIVES.split())
    return [
        f"{kind} {' '.join(sorted(words))}"
        for kind, words in (("adjective", adjectives), ("adverb", adverbs), ("verb", verbs))
    ]
