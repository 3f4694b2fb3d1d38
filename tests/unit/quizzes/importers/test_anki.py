"""Anki's texts and packages: what is read, what the report says, and what is refused."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from quizzes.importers.anki import DATABASE_MAX
from quizzes.importers.base import CannotRead
from quizzes.rules.content import QuestionContent
from quizzes.rules.generator import Exercise, generate
from quizzes.rules.words import WordContent, WordListContent
from tests.support.images import picture
from tests.support.quiz_files import outcomes, package, pairs, read
from tests.support.sounds import tone

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


def make_quiz_of(words: tuple[WordContent, ...], exercise: Exercise) -> tuple[QuestionContent, ...]:
    content = WordListContent("x", "x", "fr", "en", words=words)
    return generate(content, quiz_id="q", title="q", exercises=(exercise,), count=10).quiz.questions


def test_gaps_among_words_are_words_whose_sentence_asks_for_them() -> None:
    text = "Hier je {{c1::suis allé::aller}} au {{c2::marché}}.\x1fYesterday I went to the market."
    imported = read(package(collection__anki2=database(11, [*NOTES, (2, text), (2, "{{c1::x}}")])))
    gone, market = imported.words[-2:]
    assert (gone.term, gone.meanings) == ("suis allé", ("Hier je ____ (aller) au marché.",))
    assert gone.example == "Hier je {suis allé} au marché."
    assert gone.notes == "Yesterday I went to the market."
    assert (market.term, market.example) == ("marché", "Hier je suis allé au {marché}.")
    told = "This text with gaps became a word: the gap is the word, the sentence is its meaning and example."
    assert [(row.outcome, row.notes) for row in imported.rows[-3:]] == [
        ("changed", (told,)),
        ("changed", (told,)),
        ("skipped", ("This text with gaps makes no word. Export such notes alone, and import that file.",)),
    ]
    cloze = make_quiz_of(imported.words, "cloze")
    assert ("suis allé",) in [question.correct_answers for question in cloze]


def test_it_tells_of_media_that_are_not_read() -> None:
    imported = read(package(**{"collection__anki2": database(11, NOTES), "0": b"no image"}))
    assert imported.notes == (
        "1 file of the package was not read: only the first image and the first sound of a note are.",
    )


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
        ("A sound was left out. This is not a recording. Use MP3, WAV, Ogg or FLAC.",),
    ]
    assert imported.notes == (
        "2 files of the package were not read: only the first image and the first sound of a note are.",
    )


@pytest.mark.parametrize("newer", [False, True])
def test_it_takes_the_sound_of_each_word_along_and_tells_of_the_others(newer: bool) -> None:
    notes = [
        (1, "le chat[sound:cat.mp3]\x1fcat\x1f"),
        (1, "le chien\x1fdog\x1f[sound:dog sentence.wav]"),
        (1, "la vache[sound:cow.ogg][sound:cat.mp3]\x1fcow\x1f"),
        (1, "le cheval[sound:no.mp3]\x1fhorse\x1f"),
        (1, "l'âne[sound:film.mp4]\x1fdonkey\x1f"),
        (1, "le loup[sound:endless.wav]\x1fwolf\x1f"),
        (1, "le coq<audio src='cow.ogg'></audio>\x1frooster\x1f"),
    ]
    files = {
        "cat.mp3": tone("MP3"),
        "dog sentence.wav": tone(),
        "cow.ogg": tone("OGG", pitch=300.0),
        "film.mp4": b"\0\0\0\x20ftypisom\0\0\0\0",
        "endless.wav": tone(seconds=31, rate=8_000),
    }
    members = dict(zip(map(str, range(len(files))), files.values(), strict=True))
    if newer:
        data = package(
            collection__anki21b=zstandard.compress(database(18, notes)),
            media=zstandard.compress(media_entries(*files)),
            **{number: zstandard.compress(member) for number, member in members.items()},
        )
    else:
        media = json.dumps(dict(zip(members, files, strict=True))).encode()
        data = package(collection__anki2=database(11, notes), media=media, **members)
    imported = read(data)
    sounds = [word.sound for word in imported.words]
    assert [bool(sound) for sound in sounds] == [True, False, True, False, False, False, True]
    assert sounds[2] == sounds[6] != sounds[0]
    assert set(imported.sounds) == {sounds[0], sounds[2]}
    left_out = "A sound was left out."
    assert [row.notes for row in imported.rows] == [
        (),
        (left_out,),
        (left_out,),
        (left_out,),
        (f"{left_out} This is M4A, which is not read here. Save the recording as MP3, WAV, Ogg or FLAC.",),
        (f"{left_out} The recording is longer than 30 seconds.",),
        (),
    ]


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
