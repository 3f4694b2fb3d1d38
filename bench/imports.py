"""Import 200 files whose content is known, of every format, in ten languages and in old encodings; count what is right.

    python -m bench.imports

Questions and answers must all come back as they were made. Of the columns 99 of 100 must be taken for what they are,
and the rest be asked about. The exit code says whether it is so.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sqlite3
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import django

#: Ten languages: words with their English meaning, titles of the columns, and an encoding from before Unicode.
LANGUAGES: Final[dict[str, tuple[str, tuple[str, str], str]]] = {
    "de": ("Tür=door,Bär=bear,Straße=street,Mädchen=girl,Öl=oil,Hund=dog", ("Vokabel", "Übersetzung"), "cp1252"),
    "fr": ("l’été=summer,le garçon=boy,la forêt=forest,l’œuf=egg,déjà=already", ("Mot", "Traduction"), "cp1252"),
    "es": ("niño=child,mañana=tomorrow,corazón=heart,árbol=tree,perro=dog", ("Palabra", "Significado"), "cp1252"),
    "pl": ("żółw=turtle,łoś=elk,książka=book,słońce=sun,dziękuję=thanks", ("Słowo", "Tłumaczenie"), "cp1250"),
    "cs": ("žába=frog,kůň=horse,přítel=friend,řeka=river,růže=rose", ("Slovo", "Překlad"), "cp1250"),
    "tr": ("ağaç=tree,şehir=city,ışık=light,öğretmen=teacher,güneş=sun", ("Kelime", "Anlamı"), "cp1254"),
    "ru": ("собака=dog,дерево=tree,хлеб=bread,молоко=milk,улица=street", ("Слово", "Перевод"), "cp1251"),
    "ar": ("كلب=dog,بيت=house,كتاب=book,مدرسة=school,ماء=water", ("الكلمة", "المعنى"), "cp1256"),
    "ja": ("犬=dog,学校=school,水=water,食べる=to eat,コーヒー=coffee,ねこ=cat", ("単語", "意味"), "cp932"),
    "vi": ("con chó=dog,ngôi nhà=house,quyển sách=book,trường học=school,nước=water", ("Từ", "Nghĩa"), "utf-16"),
}
COUNT: Final = 200
_WORD_COLUMNS: Final = ("term", "meaning")
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class File:
    """A file, and what is in it: pairs of a word and its meaning, or of a question and its right answer."""

    name: str
    data: bytes
    pairs: tuple[Pair, ...]
    questions: bool = False
    #: What its columns are, for a table.
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class Counts:
    """What came of the files."""

    files: int = 0
    entries: int = 0
    right: int = 0
    columns: int = 0
    columns_right: int = 0
    #: Columns that were taken for something else and not asked about.
    columns_silent: int = 0

    @property
    def passed(self) -> bool:
        """Whether all entries are right, and 99 of 100 columns, and the rest was asked about."""
        return self.right == self.entries and self.columns_right * 100 >= self.columns * 99 and not self.columns_silent


def make_files(seed: int = 1) -> list[File]:
    """The files, the same for the same seed."""
    rng = random.Random(seed)
    made: list[File] = []
    makers = [*_TABLES, *_QUESTIONS]
    while len(made) < COUNT:
        for language, (words, titles, encoding) in LANGUAGES.items():
            pairs = [_pair(entry) for entry in words.split(",")]
            rng.shuffle(pairs)
            maker = makers[len(made) // len(LANGUAGES) % len(makers)]
            file = maker(pairs, titles, encoding)
            made.append(
                File(f"{len(made):03}-{language}-{file.name}", file.data, file.pairs, file.questions, file.columns)
            )
    return made[:COUNT]


def count(files: Sequence[File], tell: Callable[[str], None] = print) -> Counts:
    """Import the files, and count."""
    from quizzes.importers.base import CannotRead
    from quizzes.importers.formats import Source, read_source

    counts = Counts()
    for file in files:
        counts.files += 1
        counts.entries += len(file.pairs)
        counts.columns += len(file.columns)
        try:
            imported = read_source(Source(file.data))
        except CannotRead as error:
            tell(f"{file.name}: {error}")
            continue
        if file.questions:
            found = {(entry.text, "|".join(entry.correct_answers)) for entry in imported.questions}
        else:
            found = {(word.term, "|".join(word.meanings)) for word in imported.words}
        right = [pair for pair in file.pairs if pair in found]
        counts.right += len(right)
        roles = tuple(column.role for column in imported.columns)
        wrong = sum(a != b for a, b in zip(file.columns, (*roles, *[""] * len(file.columns)), strict=False))
        counts.columns_right += len(file.columns) - wrong
        counts.columns_silent += 0 if imported.asks else wrong
        if len(right) < len(file.pairs) or wrong:
            tell(f"{file.name}: {len(right)} of {len(file.pairs)} right; columns {roles}, not {file.columns}")
    return counts


def _pair(entry: str) -> Pair:
    term, _equals, meaning = entry.partition("=")
    return term, meaning


# -- tables -------------------------------------------------------------------------------------------------------


def _text(lines: Iterator[str] | list[str], encoding: str = "utf-8") -> bytes:
    return "\n".join([*lines, ""]).encode(encoding)


def _plain(separator: str, name: str, *, old: bool = False) -> Callable[[list[Pair], Pair, str], File]:
    def make(pairs: list[Pair], _titles: Pair, encoding: str) -> File:
        data = _text([f"{term}{separator}{meaning}" for term, meaning in pairs], encoding if old else "utf-8")
        return File(name, data, tuple(pairs), columns=_WORD_COLUMNS)

    return make


def _titled(pairs: list[Pair], titles: Pair, encoding: str) -> File:
    lines = [f"{titles[0]};{titles[1]}", *(f'"{term}";"{meaning}"' for term, meaning in pairs)]
    return File("titled.csv", _text(lines, encoding), tuple(pairs), columns=_WORD_COLUMNS)


def _numbered(pairs: list[Pair], titles: Pair, _encoding: str) -> File:
    lines = [f"Nr.\t{titles[0]}\t{titles[1]}"]
    lines += [f"{place}\t{term}\t{meaning}" for place, (term, meaning) in enumerate(pairs, start=1)]
    return File("numbered.tsv", _text(lines), tuple(pairs), columns=("id", *_WORD_COLUMNS))


def _swapped(pairs: list[Pair], titles: Pair, _encoding: str) -> File:
    lines = [f"{titles[1]},{titles[0]}", *(f"{meaning},{term}" for term, meaning in pairs)]
    return File("swapped.csv", _text(lines), tuple(pairs), columns=("meaning", "term"))


def _with_kinds(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    lines = [f"{term}\t{meaning}\t{('noun', 'verb')[place % 2]}" for place, (term, meaning) in enumerate(pairs)]
    return File("kinds.tsv", _text(lines), tuple(pairs), columns=(*_WORD_COLUMNS, "part_of_speech"))


def _with_examples(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    lines = [f"{term}|{meaning}|“{term}” is here." for term, meaning in pairs]
    return File("examples.txt", _text(lines), tuple(pairs), columns=(*_WORD_COLUMNS, "example"))


def _workbook(pairs: list[Pair], titles: Pair, _encoding: str) -> File:
    import openpyxl

    book = openpyxl.Workbook()
    book.worksheets[0].append(titles)
    for pair in pairs:
        book.worksheets[0].append(pair)
    data = io.BytesIO()
    book.save(data)
    return File("book.xlsx", data.getvalue(), tuple(pairs), columns=_WORD_COLUMNS)


def _open_document(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in pair)
        + "</table:table-row>"
        for pair in pairs
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='A'>{rows}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return File("table.ods", data.getvalue(), tuple(pairs), columns=_WORD_COLUMNS)


def _package(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    models = {"1": {"name": "M", "flds": [{"name": name, "ord": n} for n, name in enumerate(("Id", "Word", "Sense"))]}}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE col (models, conf)")
        connection.execute("CREATE TABLE notes (id, mid, tags, flds)")
        connection.execute("INSERT INTO col VALUES (?, '{}')", (json.dumps(models),))
        for place, (term, meaning) in enumerate(pairs):
            fields = f"{1000 + place}\x1f<b>{term}</b>\x1f{meaning}"
            connection.execute("INSERT INTO notes VALUES (?, 1, '', ?)", (place, fields))
        connection.commit()
        database = connection.serialize()
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("collection.anki2", database)
        archive.writestr("media", "{}")
    return File("deck.apkg", data.getvalue(), tuple(pairs), columns=("id", *_WORD_COLUMNS))


def _crowd(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    model = {"crowdanki_uuid": "m", "flds": [{"name": "Front", "ord": 0}, {"name": "Back", "ord": 1}]}
    notes = [{"fields": list(pair), "note_model_uuid": "m", "tags": []} for pair in pairs]
    deck = {"__type__": "Deck", "name": "D", "note_models": [model], "notes": notes}
    return File("deck.json", json.dumps(deck).encode(), tuple(pairs), columns=_WORD_COLUMNS)


# -- questions ----------------------------------------------------------------------------------------------------


def _asked(pairs: list[Pair]) -> tuple[Pair, ...]:
    return tuple((f"{term}?", meaning) for term, meaning in pairs)


def _wrong(pairs: list[Pair], place: int) -> str:
    return pairs[(place + 1) % len(pairs)][1]


def _question_table(pairs: list[Pair], _titles: Pair, encoding: str) -> File:
    asked = _asked(pairs)
    lines = ["Question;Option 1;Option 2;Correct Answer"]
    lines += [f"{text};{_wrong(pairs, place)};{right};2" for place, (text, right) in enumerate(asked)]
    roles = ("question", "option", "option", "correct")
    return File("questions.csv", _text(lines, encoding), asked, questions=True, columns=roles)


def _gift(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    asked = _asked(pairs)
    blocks = [f"::Q{n}::{text} {{={right} ~{_wrong(pairs, n)}#no}}\n" for n, (text, right) in enumerate(asked)]
    return File("quiz.gift", _text(blocks), asked, questions=True)


def _gift_typed(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    blocks = [f"[html]<p>{term}&nbsp;is {{={meaning}}}.</p>\n" for term, meaning in pairs]
    asked = tuple((f"{term} is ____.", meaning) for term, meaning in pairs)
    return File("typed.gift", _text(blocks), asked, questions=True)


def _aiken(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    asked = _asked(pairs)
    blocks = [f"{text}\na) {_wrong(pairs, n)}\nb) {right}\nAnswer: b\n" for n, (text, right) in enumerate(asked)]
    return File("aiken.txt", _text(blocks), asked, questions=True)


def _moodle(pairs: list[Pair], _titles: Pair, _encoding: str) -> File:
    asked = _asked(pairs)
    parts = [
        "<question type='multichoice'>"
        f"<questiontext format='html'><text><![CDATA[<p>{text}</p>]]></text></questiontext>"
        f"<single>true</single><answer fraction='100'><text>{right}</text></answer>"
        f"<answer fraction='0'><text>{_wrong(pairs, place)}</text></answer></question>"
        for place, (text, right) in enumerate(asked)
    ]
    return File("moodle.xml", f"<?xml version='1.0'?><quiz>{''.join(parts)}</quiz>".encode(), asked, questions=True)


_TABLES: Final = (
    _plain("\t", "tabs.txt"),
    _plain(";", "old.csv", old=True),
    _plain(" - ", "hyphens.txt"),
    _plain(" = ", "equals.txt", old=True),
    _plain("---", "runs.txt"),
    _plain(" -> ", "arrows.txt"),
    _titled,
    _numbered,
    _swapped,
    _with_kinds,
    _with_examples,
    _workbook,
    _open_document,
    _package,
    _crowd,
)
_QUESTIONS: Final = (_question_table, _gift, _gift_typed, _aiken, _moodle)


def main() -> None:
    """Make, import, count, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizserver.settings")
    django.setup()
    counts = count(make_files(parser.parse_args().seed))
    print(f"{counts.files} files: {counts.right} of {counts.entries} entries right,")
    print(f"{counts.columns_right} of {counts.columns} columns; {counts.columns_silent} wrong ones not asked about")
    sys.exit(0 if counts.passed else 1)


if __name__ == "__main__":
    main()
