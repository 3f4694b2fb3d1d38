"""Word lists for tests: strategies, and one list of each trap."""

from __future__ import annotations

from hypothesis import strategies as st

from quizzes.rules.content import Grading
from quizzes.rules.words import WordContent, WordListContent, word_list_to_json

TERMS = [
    "der Hund",
    "die Katze",
    "gehen",
    "to go",
    "go",
    "Straße",
    "ねこ",
    "كتاب",
    "l’eau",
    "eau",
    "straight",
    "(to) be",
]
MEANINGS = [
    "dog",
    "hound",
    "cat",
    "to go",
    "walk",
    "walk, go",
    "big",
    "very big",
    "water",
    "book",
    "猫",
    "(a) book",
    "x",
]


def words(terms: list[str] = TERMS, meanings: list[str] = MEANINGS) -> st.SearchStrategy[WordContent]:
    letters = st.text("abcdeéßiñо水ا ", min_size=1, max_size=8).map(str.strip).filter(bool)
    term = st.sampled_from(terms) | letters
    meaning = st.sampled_from(meanings) | letters
    return st.builds(
        WordContent,
        term=term,
        meanings=st.lists(meaning, min_size=1, max_size=3, unique=True).map(tuple),
        part_of_speech=st.sampled_from(["", "noun", "verb"]),
        alternatives=st.lists(term, max_size=2, unique=True).map(tuple),
        example=st.sampled_from(["", "Der Hund bellt.", "Ich {gehe} heim.", "ねこがいる。", "We drink eau."]),
        notes=st.sampled_from(["", "Irregular."]),
        tags=st.lists(st.sampled_from(["home", "animal"]), max_size=2, unique=True).map(tuple),
    )


def word_lists(max_size: int = 12) -> st.SearchStrategy[WordListContent]:
    """Valid lists, many of whose words share terms and meanings."""
    return st.builds(
        WordListContent,
        id=st.just("list"),
        title=st.just("List"),
        term_language=st.sampled_from(["de", "en", "ja"]),
        meaning_language=st.sampled_from(["en", "de"]),
        grading=st.builds(Grading, accents=st.sampled_from(["almost", "ignore", "strict"])),
        words=st.lists(
            words(), min_size=1, max_size=max_size, unique_by=lambda word: (word.term, word.part_of_speech)
        ).map(tuple),
    )


def as_sent(content: WordListContent) -> dict[str, object]:
    """The list as a JSON body has it."""
    data = word_list_to_json(content)
    return {
        **data,
        "tags": list(data["tags"]),
        "words": [
            {name: list(value) if isinstance(value, tuple) else value for name, value in word.items()}
            for word in data["words"]
        ],
    }


def pairs(*lines: str, term_language: str = "en") -> WordListContent:
    """A list of ``term = meaning; meaning | example`` lines."""
    entries = []
    for line in lines:
        term, _, rest = line.partition(" = ")
        meanings, _, example = rest.partition(" | ")
        entries.append(WordContent(term=term, meanings=tuple(meanings.split("; ")), example=example))
    return WordListContent(id="list", title="List", words=tuple(entries), term_language=term_language)


GERMAN = pairs(
    "der Hund = dog | Der Hund bellt.",
    "die Katze = cat | Die Katze schläft.",
    "das Haus = house; home | Das Haus ist alt.",
    "der Baum = tree | Im Garten steht ein Baum.",
    "gehen = to go; to walk | Ich {gehe} nach Hause.",
    "laufen = to run; to walk",
    "groß = big",
    "riesig = huge; big",
    "klein = small",
    "die Straße = street",
    term_language="de",
)
