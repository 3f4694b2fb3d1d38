"""What each column of a table holds: by its title, by what stands in it, and by what stands beside it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from quizzes.importers.column_names import Named, named, parts_of_speech
from quizzes.rules.matching import fold

#: What a column can be. ``-`` is left out.
WORD_ROLES: Final = (
    "term",
    "meaning",
    "alternatives",
    "reading",
    "article",
    "part_of_speech",
    "example",
    "notes",
    "pronunciation",
    "tags",
    "image",
    "sound",
)
QUESTION_ROLES: Final = ("question", "option", "correct", "wrong", "time", "points", "explanation", "kind")
IGNORED: Final = "-"
ROLES: Final = (*WORD_ROLES, *QUESTION_ROLES, "id", IGNORED)

#: Rows that are looked at.
_SAMPLE: Final = 200
_CELL: Final = 300
_IMAGE: Final = re.compile(r"<img\b|\.(?:png|jpe?g|gif|webp|svg|avif)\b|^/images/", re.IGNORECASE)
_SOUND: Final = re.compile(r"\[sound:|\.(?:mp3|ogg|wav|m4a|opus|flac)\b", re.IGNORECASE)
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[ T]\d\d:\d\d.*)?\Z")
_LEVEL: Final = re.compile(r"(?:[ABC][12]\+?|N[1-5]|HSK ?[1-9]|JLPT.{0,4}|TOPIK.{0,4})\Z", re.IGNORECASE)
_IPA: Final = re.compile(r"\A\s*(?:/[^/]+/|\[[^\]]+\])\s*\Z|[ɐ-ʯˈˌː]")
_KANA: Final = re.compile("[\u3041-\u30ff]")
_IDEOGRAPH: Final = re.compile("[\u3400-\u9fff]")
_TONE: Final = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]|[a-zü][1-5](?![0-9])", re.IGNORECASE)
#: Titles of options beside one that asks.
_BARE_OPTIONS: Final = frozenset("abcdefgh12345678")
_ENDS: Final = ".!?。！？؟।…"
_ARTICLE_WORDS: Final = """
der die das le la les l' un une el los las il lo i gli o a os as de het een en et ett den det the an to uno una ein eine
"""
_ARTICLES: Final = frozenset(_ARTICLE_WORDS.split())


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, as it is read."""

    title: str
    #: One of :data:`ROLES`.
    role: str
    #: Tag of the language its title names, or empty.
    language: str = ""
    #: Its first cells that hold something.
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """What the columns are. ``sure``: titles or what stands in them say so; else the host is asked."""

    columns: tuple[Column, ...]
    sure: bool = True


Rows = Sequence[Sequence[str]]


def is_header(cells: Sequence[str], below: Rows) -> bool:
    """Whether a row holds titles: it names what a table must have, or stands above numbers and is none."""
    found = [named(cell) for cell in cells]
    filled = [cell for cell in cells if cell.strip()]
    known = [entry for entry in found if entry.role or entry.language]
    if len(filled) < 2 or len({fold(cell) for cell in filled}) < len(filled):
        return _stands_above_numbers(cells, below)
    roles = [entry.role for entry in found if entry.role and (entry.whole or len(known) > 1)]
    languages = [entry.language for entry in found if entry.language and not entry.role]
    if len(set(languages)) > 1 and _repeats_languages(below):
        # A list of the names of languages.
        return False
    words = (
        ("term" in roles and ("meaning" in roles or bool(languages)))
        or ("meaning" in roles and bool(languages))
        or (len(set(languages)) > 1 and len(languages) == len(set(languages)))
        or (roles.count("term") > 1 and len({entry.language for entry in found if entry.role == "term"}) > 1)
    )
    questions = "question" in roles and bool({"option", "correct", "wrong", "explanation"} & set(roles))
    bare = [cell for cell in filled if fold(cell) in _BARE_OPTIONS]
    questions = questions or ("question" in roles and len(bare) > 1)
    if words or questions:
        return (len(known) + len(bare)) * 2 >= len(filled)
    return _stands_above_numbers(cells, below)


def _repeats_languages(below: Rows) -> bool:
    first = [row for row in below[:3] if len(row) > 1]
    return bool(first) and all(named(row[0]).language and named(row[1]).language for row in first)


def _stands_above_numbers(cells: Sequence[str], below: Rows) -> bool:
    """Whether a cell that is no number stands above numbers alone."""
    for place, cell in enumerate(cells):
        column = [row[place] for row in below[:_SAMPLE] if place < len(row) and row[place].strip()]
        if len(column) >= 3 and cell.strip() and not _is_number(cell) and all(map(_is_number, column)):
            return named(cell).role in {"id", "time", "points", "tags"} and len([c for c in cells if c.strip()]) > 1
    return False


def guess_columns(titles: Sequence[str], rows: Rows) -> Guess:
    """What the columns of a table are.

    :param titles: of the columns, empty where there are none.
    :param rows: its cells, as many a row as there are titles; the first of them are looked at.
    """
    width = len(titles)
    sample = rows[:_SAMPLE]
    cells = [[row[place].strip()[:_CELL] if place < len(row) else "" for row in sample] for place in range(width)]
    found = [named(title) for title in titles]
    roles = [entry.role for entry in found]
    if not any(roles) and not any(entry.language for entry in found):
        roles = _question_roles(cells) or roles
    if "question" in roles:
        roles, sure = _questions(titles, found, roles, cells)
    else:
        roles, sure = _words(found, roles, cells)
    columns = tuple(
        Column(title, role, found[place].language, _samples(cells[place]))
        for place, (title, role) in enumerate(zip(titles, roles, strict=True))
    )
    return Guess(columns, sure)


def told_columns(titles: Sequence[str], rows: Rows, roles: Sequence[str]) -> Guess:
    """The columns as the host says they are; those that are not named are left out."""
    said = [*roles, *[IGNORED] * len(titles)][: len(titles)]
    guess = guess_columns(titles, rows)
    return Guess(tuple(replace(column, role=role) for column, role in zip(guess.columns, said, strict=True)))


def _samples(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for cell in cells if cell))[:3]


# -- questions ----------------------------------------------------------------------------------------------------


def _questions(
    titles: Sequence[str], found: Sequence[Named], roles: list[str], cells: Sequence[Sequence[str]]
) -> tuple[list[str], bool]:
    roles = list(roles)
    for place, title in enumerate(titles):
        if not roles[place] and fold(title) in _BARE_OPTIONS:
            roles[place] = "option"
    options = [place for place, role in enumerate(roles) if role == "option"]
    if "correct" not in roles and options:
        # "Answer" beside "Answer 1" and so on, or the only one, or one that names what stands in the others.
        plain = [place for place in options if not found[place].number and fold(titles[place]) not in _BARE_OPTIONS]
        naming = [place for place in plain if _names_others(cells, place, options)]
        if len(options) == 1 or len(plain) == 1 or naming:
            roles[(naming or plain or options)[-1]] = "correct"
    questions = [place for place, role in enumerate(roles) if role == "question"]
    for place in questions[1:]:
        # "Question #" and "Question Text" both are named so: what is asked is the longer.
        short, long = sorted((questions[0], place), key=lambda at: sum(map(len, cells[at])))
        roles[short], roles[long] = "id", "question"
    known = {*QUESTION_ROLES, "image", "sound", "id", "tags", "notes"}
    sure = True
    for place, role in enumerate(roles):
        if role in known:
            continue
        if not any(cells[place]):
            roles[place] = IGNORED
        elif role in {"term", "meaning", "example", "alternatives"} or not role:
            roles[place], sure = "notes", sure and bool(role)
    return roles, sure


def _question_roles(cells: Sequence[Sequence[str]]) -> list[str]:
    """The roles of a table of questions that has no titles: its first column asks, and one names one of the others."""
    width = len(cells)
    if width < 4 or not cells[0]:
        return []
    start = 1 if all(_is_number(cell) for cell in cells[0] if cell) else 0
    asks = sum(cell.endswith(("?", "？", "؟", ":", "…")) or "__" in cell for cell in cells[start])
    if asks * 2 < len(cells[start]):
        return []
    for place in range(width - 1, start + 2, -1):
        options = cells[start + 1 : place]
        if all(_names_one(cell, [column[row] for column in options]) for row, cell in enumerate(cells[place])):
            rest = ["notes"] * (width - place - 1)
            return ["id"] * start + ["question"] + ["option"] * len(options) + ["correct", *rest]
    return []


def _names_others(cells: Sequence[Sequence[str]], asked: int, options: Sequence[int]) -> bool:
    """Whether a column names in each row one of what stands in the columns of options, as one or as a list."""
    others = [place for place in options if place != asked]
    rows = range(len(cells[asked]))
    listed = [[part.strip() for place in others for part in re.split(r"[;|\n]", cells[place][row])] for row in rows]
    return bool(others) and all(_names_one(cells[asked][row], listed[row]) for row in rows)


def _names_one(cell: str, options: Sequence[str]) -> bool:
    if not cell:
        return False
    if cell in options:
        return True
    letters = [letter.strip() for letter in re.split("[,;]", cell)]
    count = sum(bool(option) for option in options)
    return all(
        (letter.isdecimal() and 1 <= int(letter[:3]) <= count)
        or (len(letter) == 1 and letter.upper() in "ABCDEFGHIJ"[:count])
        for letter in letters
    )


# -- words --------------------------------------------------------------------------------------------------------


def _words(found: Sequence[Named], roles: list[str], cells: Sequence[Sequence[str]]) -> tuple[list[str], bool]:
    roles = ["" if role in QUESTION_ROLES else role for role in roles]
    sides = [place for place, entry in enumerate(found) if entry.language and not roles[place]]
    for place, role in enumerate(roles):
        if not role and place not in sides:
            roles[place] = _by_content(cells[place])
    _settle_terms(found, roles, sides, cells)
    _settle_neighbours(roles, cells)
    rest = [place for place, role in enumerate(roles) if not role]
    guessed = [place for place, entry in enumerate(found) if not entry.role and roles[place] and any(cells[place])]
    while guessed and len(rest) + ("term" in roles) + ("meaning" in roles) < 2:
        # Two columns at least are words, whatever else one of them looks like: figures, or an "a".
        taken = guessed.pop(0)
        if roles[taken] not in {"term", "meaning"}:
            rest, roles[taken] = sorted([*rest, taken]), ""
    titled = any(entry.role or entry.language for entry in found)
    sure = True
    for role in ("term", "meaning"):
        if role not in roles and rest:
            roles[rest.pop(0)] = role
            sure = sure and not (titled and len(rest) > 0)
    sentences = [place for place in rest if _are_sentences(cells[place], _column(roles, cells, "term"))]
    for place in rest:
        is_example = place in sentences and "example" not in roles
        roles[place] = "example" if is_example else "notes"
        # Several columns of plain words, and nothing says which is which.
        sure = sure and (is_example or titled)
    if "meaning" not in roles and "notes" in roles:
        roles[roles.index("notes")] = "meaning"
    if "term" in roles and "meaning" not in roles:
        # One side alone: an example or a reading is what there is to ask for.
        other = next((name for name in ("alternatives", "reading", "example") if name in roles), "")
        if other:
            roles[roles.index(other)], sure = "meaning", False
    return roles, sure


def _column(roles: Sequence[str], cells: Sequence[Sequence[str]], role: str) -> Sequence[str]:
    return cells[roles.index(role)] if role in roles else []


def _settle_terms(
    found: Sequence[Named], roles: list[str], sides: Sequence[int], cells: Sequence[Sequence[str]]
) -> None:
    """Which of the columns that name a language or a word are the terms, and which the meanings."""
    terms = [place for place, role in enumerate(roles) if role == "term"]
    for place in terms[1:]:
        # "de_word", "es_word"; but "Vocabulary-Kanji", "Vocabulary-Kana" of one language is another way to write it.
        first, other = found[terms[0]].language, found[place].language
        if _are_sentences(cells[place], cells[terms[0]]):
            # "Expression" is a word in some types of notes, and a sentence in others.
            roles[place] = "example"
            continue
        roles[place] = "meaning" if "meaning" not in roles and other != first else "alternatives"
    if not terms and "meaning" in roles and sides:
        roles[sides[0]] = "term"
        sides = sides[1:]
    for place in sides:
        if "term" not in roles:
            roles[place] = "term"
        elif "meaning" not in roles:
            roles[place] = "meaning"
        else:
            roles[place] = "notes"
    for place, role in enumerate(roles):
        if role == "example" and place != roles.index("example"):
            roles[place] = "notes"


def _settle_neighbours(roles: list[str], cells: Sequence[Sequence[str]]) -> None:
    """Kana or pinyin beside ideographs is how they are read."""
    free = [place for place, role in enumerate(roles) if role in {"", "term", "meaning"}]
    written = [place for place in free if _share(cells[place], _IDEOGRAPH.search) >= 0.5]
    for place in free:
        if roles[place] or not written or place in written:
            continue
        kana = _share(cells[place], lambda cell: _KANA.search(cell) and not re.search("[A-Za-z]", cell))
        tones = _share(cells[place], lambda cell: _TONE.search(cell) and not _IDEOGRAPH.search(cell))
        if kana >= 0.8 or tones >= 0.7:
            roles[place] = "reading"


def _by_content(cells: Sequence[str]) -> str:
    """The role of a column that only its cells tell; empty for plain words."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return IGNORED
    tests: tuple[tuple[Callable[[str], object], float, str], ...] = (
        (_SOUND.search, 0.6, "sound"),
        (_IMAGE.search, 0.6, "image"),
        (_DATE.match, 0.9, IGNORED),
        (lambda cell: cell.casefold() in _ARTICLES, 0.9, "article"),
        (lambda cell: fold(cell.strip("().")) in parts_of_speech(), 0.8, "part_of_speech"),
        (_LEVEL.match, 0.9, "tags"),
        (_IPA.search, 0.7, "pronunciation"),
    )
    for test, share, role in tests:
        if _share(filled, test) >= share:
            return role
    distinct = len(set(filled))
    if all(map(_is_number, filled)) and not _is_counted(filled):
        return "id"
    if distinct == 1 and len(filled) > 1:
        return "id" if not any(char.isalpha() for char in filled[0]) else "tags"
    if len(filled) >= 8 and distinct * 4 <= len(filled):
        return "tags"
    return "id" if len(filled) > 1 and _share(filled, _is_key) == 1 else ""


def _is_counted(cells: Sequence[str]) -> bool:
    """Whether numbers may be what is learned: figures that neither grow by one nor are as long as keys."""
    if len(cells) == 1:
        return True
    if len(set(cells)) == 1 or any(len(cell) > 8 for cell in cells):
        return False
    values = [float(cell.strip().rstrip(".").replace(",", ".")) for cell in cells]
    steps = {b - a for a, b in pairwise(values)}
    return not (steps == {1} or (len(cells) > 3 and values == sorted(values) and len(set(values)) == len(values)))


def _is_key(cell: str) -> bool:
    """Whether a cell is an identifier that a machine made."""
    return len(cell) >= 8 and " " not in cell and any(c.isdigit() for c in cell) and any(c.isalpha() for c in cell)


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"\s*[+-]?\d{1,15}(?:[.,]\d{1,6}|\.)?\s*", cell) is not None


def _share(cells: Sequence[str], test: Callable[[str], object]) -> float:
    filled = [cell for cell in cells if cell]
    return sum(bool(test(cell)) for cell in filled) / len(filled) if filled else 0.0


def _are_sentences(cells: Sequence[str], terms: Sequence[str]) -> bool:
    """Whether a column has sentences: they end so, or have the word of their row in them."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return False
    ends = sum(cell.endswith(tuple(_ENDS)) and (" " in cell or not cell.isascii()) for cell in filled)
    pairs = [(cell, term) for cell, term in zip(cells, terms, strict=False) if cell and term]
    within = sum(_has_word(cell, term) for cell, term in pairs)
    return ends * 2 >= len(filled) or (bool(pairs) and within * 2 >= len(pairs))


def _has_word(sentence: str, term: str) -> bool:
    words = [word for word in fold(term).split() if len(word) > 2] or fold(term).split()
    return len(sentence) > len(term) + 3 and any(word[: max(3, len(word) - 2)] in fold(sentence) for word in words)


def named_role(title: str) -> str:
    """The role that a title alone names, or empty."""
    return named(title).role
