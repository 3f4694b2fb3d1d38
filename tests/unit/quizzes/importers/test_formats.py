"""Texts with any separator, in any encoding, and JSON; and no file of any kind that makes an importer fail."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.importers.base import CannotRead
from quizzes.importers.formats import NAMES
from quizzes.importers.text_rows import find_separator
from tests.support.quiz_files import outcomes, pairs, read


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


@pytest.mark.parametrize("name", ["", "csv", "xlsx", "gift", "quizlet"])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "picture"),
        (b"RIFF\x1a\0\0\0WEBPVP8 ", "picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
    ],
)
def test_a_picture_and_a_pdf_are_called_what_they_are(name: str, data: bytes, said: str) -> None:
    with pytest.raises(CannotRead, match=f"{said}.*can be imported"):
        read(data, name)


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


@pytest.mark.parametrize(
    ("language", "encoding", "words"),
    [
        ("hu", "cp1250", "őz nő könyv víz kérdés fű"),
        ("ro", "cp1250", "şcoală ţară mâine apă"),
        ("tr", "cp1254", "çiçek değil kapı şeker yağmur"),
        ("lt", "cp1257", "šuo ačiū vėjas ąžuolas"),
        ("ru", "koi8_r", "собака кошка дерево Москва"),
        ("ru", "cp866", "собака кошка дерево Москва"),
        ("uk", "cp1251", "хліб їсти сіль їжак"),
        ("el", "cp1253", "νερό σπίτι άνθρωπος"),
        ("he", "cp1255", "שלום מים ספר"),
        ("th", "cp874", "สวัสดี ขอบคุณ น้ำ"),
        ("ja", "cp932", "日本 時間 電車 学生"),
        ("ja", "euc_jp", "猫 新聞 ありがとう"),
        ("zh", "gb18030", "你好 谢谢 中国 学生"),
        ("zh", "big5", "你好 謝謝 中國 學生"),
        ("ko", "cp949", "안녕 감사 학생"),
        ("de", "mac_roman", "Mädchen Tür schön"),
        ("fr", "cp1252", "fenêtre être garçon où"),
    ],
)
@pytest.mark.parametrize("told", [False, True])
def test_old_encodings_of_a_language_are_found_out(language: str, encoding: str, words: str, told: bool) -> None:
    data = "\n".join(f"{word}\tword{place}" for place, word in enumerate(words.split())).encode(encoding)
    imported = read(data, languages=(language, "en") if told else ())
    assert [word.term for word in imported.words] == words.split()


AIKEN_TEXT = "What is 2 + 2?\nA. 3\nB. 4\nANSWER: B\n"
GIFT_TEXT = "::q:: The capital of France? {=Paris ~Rome}\n"
TABBED_TEXT = "der Hund\tdog\ndie Katze\tcat\n"


@pytest.mark.parametrize(
    ("text", "taken_for", "other"),
    [
        (f"{AIKEN_TEXT}\n{GIFT_TEXT}", "Aiken", "GIFT"),
        (f"{GIFT_TEXT}\n{AIKEN_TEXT}", "Aiken", "GIFT"),
        (f"{TABBED_TEXT}\n{AIKEN_TEXT}", "Aiken", "Quizlet text, or a word and its meaning a line"),
        (f"{AIKEN_TEXT}\n{TABBED_TEXT}", "Aiken", "Quizlet text, or a word and its meaning a line"),
    ],
)
def test_a_file_of_two_formats_is_asked_about(text: str, taken_for: str, other: str) -> None:
    assert read(text).asks == (
        f"This file looks like {taken_for} and like {other}. It was read as {taken_for}: choose the format if that is "
        "wrong.",
    )
    assert not [said for said in read(text, "gift").asks if "looks like" in said]


@pytest.mark.parametrize("text", [AIKEN_TEXT, GIFT_TEXT, TABBED_TEXT])
def test_a_file_of_one_format_is_not(text: str) -> None:
    assert not [said for said in read(text).asks if "looks like" in said]
