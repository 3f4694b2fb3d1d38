"""Files of other programs, made in the documented shape of each: what is read, and what the report says."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import zipfile
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from quizzes.importers.anki import DATABASE_MAX
from quizzes.importers.base import CannotRead, Imported
from quizzes.importers.formats import NAMES, Source, read_source
from quizzes.importers.lines import find_separator
from quizzes.importers.sheets import ROWS_MAX, UNPACKED_MAX
from tests.quizzes.images import picture


def read(data: bytes | str, name: str = "", **options: str) -> Imported:
    return read_source(Source(data.encode() if isinstance(data, str) else data, format=name, **options))


def xlsx(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def kinds(imported: Imported) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(question.kind, question.options, question.correct_answers) for question in imported.questions]


def pairs(imported: Imported) -> list[tuple[str, tuple[str, ...]]]:
    return [(word.term, word.meanings) for word in imported.words]


def outcomes(imported: Imported) -> list[tuple[int, str]]:
    return [(row.number, row.outcome) for row in imported.rows]


KAHOOT: list[list[Any]] = [
    ["Quiz template"],
    ["Add questions, at least two answer alternatives, time limit and choose correct answers."],
    [],
    [
        None,
        "Question - max 120 characters",
        "Answer 1 - max 75 characters",
        "Answer 2 - max 75 characters",
        "Answer 3 - max 75 characters",
        "Answer 4 - max 75 characters",
        "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
        "Correct answer(s) - choose at least one",
    ],
    [1, "Le chien?", "dog", "cat", "cow", None, 20, 1],
    [2, "Which are fruits?", "pomme", "poire", "pain", "pluie", 60, "1,2"],
    [3, "No answer?", "a", "b", None, None, 20, None],
    [4, "Wrong number?", "a", "b", None, None, 20, 4],
    [5, None, None, None, None, None, None, None],
]


@pytest.mark.parametrize("name", ["", "kahoot"])
@pytest.mark.parametrize("above", [0, 2, 3])
def test_it_reads_a_kahoot_spreadsheet_wherever_its_header_is(name: str, above: int) -> None:
    imported = read(xlsx(KAHOOT[3 - above :]), name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat", "cow"), ("dog",)),
        ("multi", ("pomme", "poire", "pain", "pluie"), ("pomme", "poire")),
    ]
    assert [question.time_limit_ms for question in imported.questions] == [20_000, 60_000]
    assert [row.outcome for row in imported.rows] == ["read", "read", "skipped", "skipped"]
    assert imported.rows[2].notes == ("correct_answers: No right answer is given.",)
    assert imported.rows[3].notes[0] == "“4” is not among the options."


BLOOKET = (
    '"Blooket\nImport Template",,,,,,,,,\n'
    'Question #,Question Text,Answer 1,Answer 2,"Answer 3\n(Optional)","Answer 4\n(Optional)","Time Limit (sec)\n'
    '(Max: 300 seconds)","Correct Answer(s)\n(Only include Answer #)",,\n'
    '1,"Le chien, en anglais?",dog,cat,,,20,1,,\n'
    '2,Fruits?,pomme,poire,pain,,300,"1,2",,\n'
    "3,Solve: 2+2,4,four,,,60,,,typing\n"
    "4,,,,,,,,,\n"
)


@pytest.mark.parametrize("name", ["", "blooket"])
def test_it_reads_a_blooket_file(name: str) -> None:
    imported = read(BLOOKET, name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat"), ("dog",)),
        ("multi", ("pomme", "poire", "pain"), ("pomme", "poire")),
        ("typed", (), ("4", "four")),
    ]
    assert imported.questions[0].text == "Le chien, en anglais?"
    assert imported.questions[1].time_limit_ms == 300_000


@pytest.mark.parametrize("name", ["", "gimkit"])
def test_it_reads_a_gimkit_file(name: str) -> None:
    imported = read(
        "Gimkit Spreadsheet Import Template,,,,\n"
        "Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2 (Optional),Incorrect Answer 3 (Optional)\n"
        "Le chien?,dog,cat,cow,\nLe chat?,cat,,,\nVide?,,a,,\n",
        name,
    )
    assert kinds(imported) == [("choice", ("dog", "cat", "cow"), ("dog",)), ("typed", (), ("cat",))]
    assert imported.heading == {"shuffle_options": True}
    assert outcomes(imported) == [(3, "read"), (4, "read"), (5, "skipped")]


@pytest.mark.parametrize("name", ["", "wayground"])
def test_it_reads_a_wayground_spreadsheet(name: str) -> None:
    header = ["Question Text", "Question Type", *(f"Option {n}" for n in range(1, 6)), "Correct Answer"]
    header += ["Time in seconds", "Image Link", "Answer explanation"]
    explained = ["Text of the question\n\n(required)", "Question Type\n\n(default is Multiple Choice)"]
    explained += [*["Text for the option\n\n(optional)"] * 5, "The correct option choice (between 1-5).", "(optional)"]
    rows: list[list[Any]] = [
        header,
        explained,
        ["Dog?", "Multiple Choice", "chien", "chat", None, None, None, 1, 30, "https://example.org/dog.png", "Woof."],
        ["Fruits?", "Checkbox", "pomme", "poire", "pain", None, None, "1,2", 900, None, None],
        ["2+2?", "Fill-in-the-Blank", "4", "four", None, None, None, None, 20, None, None],
        ["Best?", "Poll", "a", "b", None, None, None, None, 20, None, None],
        ["Say it.", "Open-Ended", None, None, None, None, None, None, 60, None, None],
    ]
    imported = read(xlsx(rows), name)
    assert [kind for kind, _options, _right in kinds(imported)] == ["choice", "multi", "typed", "poll"]
    assert imported.questions[0].media == "https://example.org/dog.png"
    assert imported.questions[0].explanation == "Woof."
    assert imported.questions[1].time_limit_ms == 600_000
    assert imported.rows[1].notes == ("The time limit was brought to 600 seconds.",)
    assert [row.number for row in imported.rows] == [3, 4, 5, 6, 7]
    assert imported.rows[0].notes == ("Images of other servers are not shown; upload the image.",)
    assert imported.rows[4].notes == ("Questions of the type “Open-Ended” cannot be played here.",)


AIKEN = """What is the meaning of le chien?
A. cat
B. dog
ANSWER: B

Which letter comes
first?
A) a
B)b
C) c
ANSWER: A

No answer here
A. x
B. y

Wrong letter
A. x
B. y
ANSWER: D
"""


@pytest.mark.parametrize("name", ["", "aiken"])
def test_it_reads_aiken(name: str) -> None:
    imported = read(AIKEN, name)
    assert kinds(imported) == [("choice", ("cat", "dog"), ("dog",)), ("choice", ("a", "b", "c"), ("a",))]
    assert imported.questions[1].text == "Which letter comes\nfirst?"
    assert outcomes(imported) == [(1, "read"), (6, "read"), (13, "skipped"), (17, "skipped")]
    assert imported.rows[2].notes == ("The line with ANSWER is missing.",)


GIFT = r"""$CATEGORY: French

// A comment
::Dog::What is le chien? {=dog ~cat#No, that is le chat ~cow}

::Fruits:: Which are fruits? {
    ~%50%pomme
    ~%50%poire
    ~%-100%pain
#### Bread is no fruit.}

Two plus two is {=4 =four} in French.

2 \= 1 + 1 {T}

[html]<p>Pi &amp; more?</p> {#3.14:0.01}

Between? {#1..5}

An essay. {}

Just a description.

Match. {=a -> b =c -> d =e -> f}

Numbers {=1 -> one =2 -> two =3 -> three}
"""


@pytest.mark.parametrize("name", ["", "gift"])
def test_it_reads_gift(name: str) -> None:
    imported = read(GIFT, name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat", "cow"), ("dog",)),
        ("multi", ("pomme", "poire", "pain"), ("pomme", "poire")),
        ("typed", (), ("4", "four")),
        ("true_false", ("True", "False"), ("True",)),
        ("number", (), ("3.14",)),
        ("number", (), ("3.0",)),
        ("order", ("f", "d", "b"), ("b", "d", "f")),
        ("order", ("one", "three", "two"), ("one", "two", "three")),
    ]
    texts = [question.text for question in imported.questions]
    assert texts[:2] == ["What is le chien?", "Which are fruits?"]
    assert texts[2:5] == ["Two plus two is ____ in French.", "2 = 1 + 1", "Pi & more?"]
    assert imported.questions[1].explanation == "Bread is no fruit."
    assert [question.tolerance for question in imported.questions[4:6]] == [0.01, 2.0]
    assert texts[6:] == ["Match.\n1. a\n2. c\n3. e", "Numbers"]
    assert sum(row.outcome == "skipped" for row in imported.rows) == 2


def test_gift_gives_points_for_wholly_right_numbers_alone_and_reads_each_answer_in_its_format() -> None:
    imported = read(
        "When? {#=1822:0 =%50%1820:2 ~1800#Too early}\n\n[plain]a < b? {=[html]<b>yes</b> =[plain]<no>}", "gift"
    )
    assert kinds(imported) == [("number", (), ("1822",)), ("typed", (), ("yes", "<no>"))]
    assert imported.questions[0].tolerance == 0
    assert imported.rows[0].notes == (
        "What is said about single answers was left out.",
        "Answers for a part of the points were left out.",
    )
    assert imported.questions[1].text == "a < b?"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Match. {=a -> x =b -> x}", "gift"),
        (
            '<quiz><question type="matching"><questiontext><text>Match.</text></questiontext>'
            "<subquestion><text>a</text><answer><text>x</text></answer></subquestion>"
            "<subquestion><text>b</text><answer><text>x</text></answer></subquestion></question></quiz>",
            "moodle",
        ),
    ],
)
def test_a_match_without_a_single_order_is_skipped(text: str, name: str) -> None:
    imported = read(text, name)
    assert imported.rows[0].notes == ("Two sides of this match are the same, so that it has no single order.",)
    assert imported.count == 0


MOODLE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
 <question type="category"><category><text>French</text></category></question>
 <question type="multichoice"><questiontext format="html"><text><![CDATA[<p>Le&nbsp;<b>chien</b>?</p>]]></text>
  </questiontext><generalfeedback format="html"><text>Woof</text></generalfeedback><single>true</single>
  <answer fraction="100"><text>dog</text></answer><answer fraction="0"><text>cat</text></answer></question>
 <question type="multichoice"><questiontext format="plain_text"><text>Fruits?</text></questiontext>
  <single>false</single>
  <answer fraction="50"><text>pomme</text></answer><answer fraction="50"><text>poire</text></answer>
  <answer fraction="-100"><text>pain</text></answer></question>
 <question type="truefalse"><questiontext><text>2 = 2</text></questiontext>
  <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
 <question type="shortanswer"><questiontext><text>Cat?</text></questiontext><usecase>1</usecase>
  <answer fraction="100"><text>chat</text></answer><answer fraction="50"><text>chatte</text></answer></question>
 <question type="numerical"><questiontext><text>Pi?</text></questiontext>
  <answer fraction="100"><text>3.14</text><tolerance>0.01</tolerance></answer></question>
 <question type="essay"><questiontext><text>Write.</text></questiontext></question>
</quiz>"""


@pytest.mark.parametrize("name", ["", "moodle"])
def test_it_reads_moodle_xml(name: str) -> None:
    imported = read(MOODLE, name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat"), ("dog",)),
        ("multi", ("pomme", "poire", "pain"), ("pomme", "poire")),
        ("true_false", ("True", "False"), ("True",)),
        ("typed", (), ("chat",)),
        ("number", (), ("3.14",)),
    ]
    assert imported.questions[0].text == "Le chien?"
    assert imported.questions[0].explanation == "Woof"
    assert imported.questions[3].grading.case == "strict"
    assert imported.questions[4].tolerance == 0.01
    assert imported.rows[-1].notes == ("Questions of the type “essay” cannot be played here.",)


def test_it_reads_a_match_and_the_image_of_a_question_in_moodle_xml() -> None:
    image = base64.b64encode(picture()).decode()
    imported = read(
        f"""<quiz>
 <question type="matching"><questiontext format="html"><text><![CDATA[<p>Match.</p>
  <img src="@@PLUGINFILE@@/my%20dog.png"><img src="@@PLUGINFILE@@/cat.png">]]></text>
  <file name="my dog.png" path="/" encoding="base64">{image}</file></questiontext>
  <subquestion format="html"><text><![CDATA[<b>chien</b>]]></text><answer><text>dog</text></answer></subquestion>
  <subquestion format="html"><text>chat</text><answer><text>cat</text></answer></subquestion>
  <subquestion format="html"><text></text><answer><text>cow</text></answer></subquestion></question>
 <question type="shortanswer"><questiontext format="html"><text>&lt;img src="@@PLUGINFILE@@/a.png"&gt; Cat?</text>
  <file name="a.png" encoding="base64">no image</file></questiontext>
  <answer fraction="100"><text>chat</text></answer></question>
</quiz>"""
    )
    match, typed = imported.questions
    assert (match.kind, match.correct_answers) == ("order", ("dog", "cat"))
    assert match.text.splitlines()[0] == "Match."
    assert match.text.splitlines()[-2:] == ["1. chien", "2. chat"]
    assert list(imported.images) == [match.media]
    assert imported.rows[0].notes == ("An image was left out.", "An answer that goes with nothing was left out.")
    assert (typed.text, typed.media) == ("Cat?", "")
    assert imported.rows[1].notes == ("An image was left out.",)


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE quiz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>',
        '<!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>',
        "<quiz>",
        "<html/>",
    ],
)
def test_it_refuses_xml_that_is_an_attack_or_broken(data: str) -> None:
    with pytest.raises(CannotRead):
        read(data, "moodle")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("le chien\tdog\nle chat\tcat", {}),
        ("le chien - dog\nle chat - cat", {}),
        ("le chien = dog\r\nle chat = cat", {}),
        ("le chien,dog\nle chat,cat", {"format": "quizlet"}),
        ("le chien|dog\nle chat|cat", {"format": "quizlet", "separator": "|"}),
        ("le chien: dog;le chat: cat", {"format": "quizlet", "separator": ": ", "row_separator": ";"}),
    ],
)
def test_it_reads_quizlet_text_with_any_separators(text: str, options: dict[str, str]) -> None:
    name = options.pop("format", "") if options else ""
    assert pairs(read(text, name, **options)) == [("le chien", ("dog",)), ("le chat", ("cat",))]


@given(st.lists(st.sampled_from(["chat-huant\tx", "a - b", "a = b - c", "x"]), min_size=1))
def test_a_tab_goes_before_every_other_separator(rows: list[str]) -> None:
    if any("\t" in row for row in rows):
        assert find_separator(rows) == "\t"


def test_it_reports_duplicates_contradictions_and_what_is_empty() -> None:
    imported = read("bank\tBank\nbank\tUfer\nbank\tBank\nleer\t\nhalb\ta;;b\nallein\nzwei\teins, zwei")
    assert pairs(imported) == [("bank", ("Bank", "Ufer")), ("halb", ("a", "b")), ("zwei", ("eins", "zwei"))]
    assert [(row.number, row.outcome, row.notes) for row in imported.rows] == [
        (1, "read", ()),
        (
            2,
            "changed",
            ("Row 1 gives this word another meaning: “Bank”. Both are accepted; take one out if that is a mistake.",),
        ),
        (3, "skipped", ("Row 1 has this word already.",)),
        (4, "skipped", ("meanings: No meaning is given.",)),
        (5, "changed", ("An empty meaning was left out.",)),
        (6, "skipped", ("There is no meaning after the word.",)),
        (7, "changed", ("Read as 2 meanings: eins; zwei.",)),
    ]


ANKI_TEXT = """#separator:tab
#html:true
#tags column:3
le <b>chien</b>\tdog<br>hound\tanimal home
'le chat'\t"cat &amp; ""co"" [sound:cat.mp3]"\t
"""


@pytest.mark.parametrize("name", ["", "anki-text"])
def test_it_reads_anki_text(name: str) -> None:
    imported = read(ANKI_TEXT, name)
    assert pairs(imported) == [("le chien", ("dog", "hound")), ("'le chat'", ('cat & "co"',))]
    assert imported.words[0].tags == ("animal", "home")
    assert outcomes(imported) == [(4, "read"), (5, "changed")]


def test_anki_text_may_have_tags_for_all_notes_comments_and_readings() -> None:
    imported = read(
        "#separator:Semicolon\n#html:true\n#tags:lesson1 verbs\n#notetype column:1\n"
        "Basic; 食[た]べる;to eat\n#no note\nBasic;図書館[としょかん];library\n"
        "Basic;<ruby>水<rp>(</rp><rt>みず</rt><rp>)</rp></ruby>;water\nBasic;array[0];first\n"
    )
    assert pairs(imported) == [
        ("食べる", ("to eat",)),
        ("図書館", ("library",)),
        ("水", ("water",)),
        ("array[0]", ("first",)),
    ]
    assert [word.alternatives for word in imported.words] == [("たべる",), ("としょかん",), (), ()]
    assert {word.tags for word in imported.words} == {("lesson1", "verbs")}


def database(version: int, notes: list[tuple[int, str]]) -> bytes:
    """A collection of Anki's schema 11, or 18 with its tables of note types."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE notes (id integer, mid integer, tags text, flds text)")
        connection.execute("CREATE TABLE col (models text, conf text)")
        fields = ["Front", "Back", "Example"]
        if version == 18:
            connection.execute("CREATE TABLE notetypes (id integer, name text)")
            connection.execute("CREATE TABLE fields (ntid integer, ord integer, name text)")
            connection.executemany("INSERT INTO fields VALUES (1, ?, ?)", enumerate(fields))
            connection.execute("INSERT INTO col VALUES ('', '')")
        else:
            flds = [{"name": name, "ord": place} for place, name in enumerate(fields)]
            models = {"1": {"flds": flds, "type": 0}, "2": {"flds": [{"name": "Text", "ord": 0}], "type": 1}}
            connection.execute("INSERT INTO col VALUES (?, '{}')", [json.dumps(models)])
        connection.executemany(
            "INSERT INTO notes VALUES (?, ?, ' animal ', ?)", [(i, mid, flds) for i, (mid, flds) in enumerate(notes)]
        )
        connection.commit()
        return connection.serialize()


def package(**members: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name.replace("__", "."), member)
    return data.getvalue()


NOTES = [
    (1, "le chien\x1fdog\x1fLe chien aboie."),
    (1, 'le chat<img src="cat.png">\x1f<div>cat</div>\x1f'),
]


@pytest.mark.parametrize("name", ["", "apkg"])
@pytest.mark.parametrize(
    "members",
    [
        {"collection__anki2": database(11, NOTES)},
        {"collection__anki21": database(11, NOTES), "collection__anki2": database(11, [(1, "Please update\x1f\x1f")])},
        {
            "collection__anki21b": zstandard.compress(database(18, NOTES)),
            "collection__anki2": database(11, [(1, "Please update\x1f\x1f")]),
        },
    ],
    ids=["2", "21", "21b"],
)
def test_it_reads_an_anki_package(name: str, members: dict[str, bytes]) -> None:
    imported = read(package(media=b"{}", **members), name)
    assert pairs(imported) == [("le chien", ("dog",)), ("le chat", ("cat",))]
    assert imported.words[0].example == "Le chien aboie."
    assert imported.words[0].tags == ("animal",)
    assert [row.notes for row in imported.rows] == [(), ("An image was left out.",)]


def test_it_skips_notes_with_gaps_and_tells_of_media_that_are_not_read() -> None:
    imported = read(package(**{"collection__anki2": database(11, [*NOTES, (2, "{{c1::x}}")]), "0": b"no image"}))
    assert imported.rows[2].notes == ("Notes with gaps are not read.",)
    assert imported.notes == ("1 file of the package was not read: only the first image of a note is, and no sound.",)


def media_entries(*names: str) -> bytes:
    """The map of names of a newer package, with the sizes and digests it also has."""

    def field(number: int, value: bytes) -> bytes:
        return bytes([number << 3 | 2, len(value)]) + value

    return b"".join(field(1, field(1, name.encode()) + b"\x10\x96\x01" + field(3, b"\0" * 20)) for name in names)


@pytest.mark.parametrize("name", ["cat.png", "chat noir.png", "猫.png"])
@pytest.mark.parametrize("newer", [False, True])
def test_it_takes_the_images_of_an_anki_package_along(name: str, newer: bool) -> None:
    notes = [
        (1, f'le chat<img src="{name}">\x1fcat<img src="dog.png">\x1f'),
        (1, f'le matou<img src="{quote(name)}">\x1ftomcat\x1f'),
        (1, 'le chien<img src="no.png">\x1fdog\x1f'),
        (1, 'la vache<img src="broken.png">\x1fcow\x1f'),
        (1, "le cheval[sound:a.mp3]\x1fhorse\x1f"),
    ]
    members = {"0": picture(), "1": b"no image", "2": b"ID3"}
    names = (name, "broken.png", "a.mp3")
    if newer:
        members = {number: zstandard.compress(member) for number, member in members.items()}
        data = package(
            collection__anki21b=zstandard.compress(database(18, notes)),
            media=zstandard.compress(media_entries(*names)),
            **members,
        )
    else:
        media = json.dumps(dict(zip(members, names, strict=True))).encode()
        data = package(collection__anki2=database(11, notes), media=media, **members)
    imported = read(data)
    (address,) = imported.images
    assert [word.image for word in imported.words] == [address, address, "", "", ""]
    assert [row.notes for row in imported.rows] == [
        ("An image was left out.",),
        (),
        ("An image was left out.",),
        ("This is not an image. Use JPEG, PNG, WebP or GIF.",),
        ("A sound was left out.",),
    ]
    assert imported.notes == ("2 files of the package were not read: only the first image of a note is, and no sound.",)


@given(st.binary(max_size=40))
def test_no_map_of_names_makes_a_package_fail(source: bytes) -> None:
    for data in (
        package(collection__anki2=database(11, NOTES), media=source),
        package(collection__anki21b=zstandard.compress(database(18, NOTES)), media=zstandard.compress(source)),
        package(collection__anki21b=zstandard.compress(database(18, NOTES)), media=source),
    ):
        assert len(read(data).words) == 2


def test_an_image_that_unpacks_to_gigabytes_is_left_out(settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 1_000_000
    notes = [(1, 'le chat<img src="cat.png">\x1fcat\x1f')]
    data = package(
        collection__anki21b=zstandard.compress(database(18, notes)),
        media=zstandard.compress(media_entries("cat.png")),
        # Broken at its end: nobody reads as far as there.
        **{"0": zstandard.compress(b"\0" * 200_000_000)[:-100] + b"\xff" * 100},
    )
    imported = read(data)
    assert imported.rows[0].notes == ("The image has more than 1000000 bytes.",)
    assert imported.images == {}


def hostile_database() -> bytes:
    """A collection whose notes are a view that never ends."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE col (models text, conf text)")
        connection.execute("INSERT INTO col VALUES ('{}', '{}')")
        connection.execute(
            "CREATE VIEW notes AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
            "SELECT max(id) AS id, 1 AS mid, '' AS tags, '' AS flds FROM n"
        )
        connection.commit()
        return connection.serialize()


@pytest.mark.parametrize(
    "data",
    [
        package(nothing=b""),
        package(collection__anki2=b"no database"),
        package(collection__anki2=b""),
        package(collection__anki21b=b"no zstandard"),
        package(collection__anki21b=zstandard.compress(b"\0" * 100_000_000)),
        package(collection__anki2=database(11, NOTES) + b"\0" * DATABASE_MAX),
        package(collection__anki2=hostile_database()),
        b"PK\x03\x04 broken",
        b"no zip",
    ],
    ids=["empty", "text", "void", "21b", "bomb", "zip bomb", "endless", "broken", "text file"],
)
def test_it_refuses_a_package_that_is_broken_or_an_attack(data: bytes) -> None:
    with pytest.raises(CannotRead):
        read(data, "apkg")


def test_it_refuses_a_zip_bomb_in_a_spreadsheet() -> None:
    with pytest.raises(CannotRead, match="unpacks to more than 25 MB"):
        read(package(**{"xl/sheet1.xml": b"\0" * (UNPACKED_MAX + 1)}), "xlsx")


@pytest.mark.parametrize("data", [b"PK\x03\x04", package(nothing=b""), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_it_refuses_a_spreadsheet_that_is_none(data: bytes) -> None:
    with pytest.raises(CannotRead):
        read(data, "xlsx")


def test_formulas_are_not_read() -> None:
    imported = read(xlsx([["text", "correct_answers"], ["2+2?", "4"], ["3+3?", "=3+3"]]))
    assert [question.text for question in imported.questions] == ["2+2?"]
    assert imported.rows[1].notes == ("Cell B3 holds a formula; put its value there.",)


def test_a_sheet_of_too_many_rows_is_read_as_far_as_there_is_room() -> None:
    rows = [f"w{n},m{n}\n" for n in range(100_000)]
    # Too long for a cell: nobody reads as far as here.
    rows[50_000] = f"{'x' * 200_000},y\n"
    imported = read("term,meanings\n" + "".join(rows))
    assert len(imported.words) == 2_000
    assert imported.notes == (f"Only the first {ROWS_MAX:,} rows were read.".replace(",", ""),)
    assert imported.rows[-1].notes == ("7999 further rows were not read: there is room for 2000.",)


def test_a_workbook_of_a_hundred_thousand_rows_is_read_as_far_as_there_is_room() -> None:
    rows = "".join(f'<row><c t="str"><v>w{n}</v></c><c t="str"><v>m{n}</v></c></row>' for n in range(100_000))
    head = '<row><c t="str"><v>term</v></c><c t="str"><v>meanings</v></c></row>'
    # No sheet ends so: nobody reads as far as here.
    imported = read(with_sheet(f"{head}{rows}</broken>"))
    assert len(imported.words) == 2_000
    assert imported.notes == (f"Only the first {ROWS_MAX} rows were read.",)


def with_sheet(rows: str) -> bytes:
    """A workbook whose sheet has these rows."""
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    size = '<dimension ref="A1:B100001"/>'
    sheet = f'<worksheet xmlns="{namespace}">{size}<sheetData>{rows}</sheetData></worksheet>'.encode()
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([["x"]]))) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return data.getvalue()


@pytest.mark.parametrize(
    ("encoding", "noted"),
    [
        ("utf-8", False),
        ("utf-8-sig", False),
        ("utf-16", False),
        ("utf-16-le", True),
        ("utf-16-be", True),
        ("cp1252", True),
    ],
)
def test_it_finds_the_encoding_out(encoding: str, noted: bool) -> None:
    text = "l’été\tsummer\nle garçon\tboy – young\nle cœur\theart\nle chien\tdog\n"
    imported = read(text.encode(encoding))
    assert [word.term for word in imported.words] == ["l’été", "le garçon", "le cœur", "le chien"]
    assert bool(imported.notes) == noted


def test_the_encoding_can_be_said() -> None:
    data = "собака\tdog\n".encode("koi8-r")
    assert pairs(read(data, "quizlet", encoding="koi8-r")) == [("собака", ("dog",))]
    with pytest.raises(CannotRead):
        read(data, "quizlet", encoding="utf-8")
    with pytest.raises(CannotRead):
        read(data, "quizlet", encoding="nonsense")


def test_it_guesses_cyrillic() -> None:
    words = "собака кошка дерево дом улица человек женщина хлеб молоко вода работа время"
    text = "\n".join(f"{word}\tword" for word in words.split())
    assert [word.term for word in read(text.encode("cp1251")).words] == words.split()


@pytest.mark.parametrize("name", ["", *NAMES])
@pytest.mark.parametrize("data", [b"", b"  \n", b"\0\0\0\0", b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"{", b"[1]"])
def test_it_never_fails_on_what_is_no_such_file(name: str, data: bytes) -> None:
    try:
        imported = read(data, name)
    except CannotRead as error:
        assert str(error)
    else:
        assert not imported.count


@given(data=st.binary(max_size=200), name=st.sampled_from(["", *NAMES]))
def test_no_bytes_make_it_fail(data: bytes, name: str) -> None:
    try:
        read(data, name)
    except CannotRead as error:
        assert str(error)


@given(text=st.text(max_size=200), name=st.sampled_from(["", *NAMES]))
def test_no_text_makes_it_fail(text: str, name: str) -> None:
    try:
        read(text.encode("utf-8", "replace"), name)
    except CannotRead as error:
        assert str(error)


@pytest.mark.parametrize("data", ['{"questions": 1}', '{"a": []}', '{"words": "a"}', '"{"', "[" * 100_000])
def test_json_that_is_no_quiz_is_refused(data: str) -> None:
    with pytest.raises(CannotRead):
        read(data, "json")


def test_json_of_a_quiz_is_checked_question_by_question() -> None:
    quiz = {
        "id": "x",
        "title": "X",
        "questions": [
            {"id": "q1", "kind": "typed", "text": "?", "correct_answers": ["a"]},
            {"id": "q1", "kind": "typed", "text": "Again?", "correct_answers": ["a"]},
            {"kind": "guess", "text": "?"},
            7,
        ],
    }
    imported = read(json.dumps(quiz))
    assert imported.count == 1
    assert imported.heading == {"id": "x", "title": "X"}
    assert outcomes(imported) == [(1, "read"), (2, "skipped"), (3, "skipped"), (4, "skipped")]
