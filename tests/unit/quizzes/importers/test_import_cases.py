"""Small files as people have them, each for a kind, with what is right."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from quizzes.exporters.anki import to_apkg
from quizzes.importers.base import CannotRead, Imported
from quizzes.importers.formats import TABLE_AGAIN, Source, read_source
from quizzes.importers.free_tables import table_to_json
from quizzes.rules.content import Gap, Grading, QuizContent
from tests.support.quiz_files import kinds, package, pairs, read

CASES = Path(__file__).parents[3] / "support/import_cases"


def case(number: str, **options: Any) -> Imported:
    path = next(CASES.glob(f"{number}[-.]*"))
    return read(path.read_bytes(), **options)


def notes(imported: Imported) -> list[str]:
    return [note for row in imported.rows for note in row.notes]


def texts(imported: Imported) -> list[str]:
    return [question.text for question in imported.questions]


@pytest.mark.parametrize("name", ["03", "24"])
def test_of_two_full_answers_either_is_right(name: str) -> None:
    imported = case(name)
    assert kinds(imported) == [("choice", ("pear", "plum", "brick"), ("pear", "plum"))]
    assert not notes(imported)


def test_a_bare_answer_between_braces_is_typed() -> None:
    assert kinds(case("07", name="gift")) == [("typed", (), ("four",))]


def test_gift_without_a_format_is_html_as_moodle_reads_it() -> None:
    assert texts(case("08")) == ["The word big means:\na & b"]
    assert kinds(case("08")) == [("choice", ("grand", "small"), ("grand",))]
    assert texts(case("08b")) == ["Big means"]


def test_no_space_is_added_around_a_gap() -> None:
    assert texts(case("09"))[-1] == "She work____ here."


def test_line_breaks_in_options_are_spaces() -> None:
    assert [options for _kind, options, _right in kinds(case("10"))] == [("one two", "three"), ("first line", "second")]


def test_feedback_may_have_a_format_mark() -> None:
    assert case("11").questions[0].explanation == "Because."


def test_a_distractor_of_a_match_is_left_out_and_said() -> None:
    imported = case("12")
    assert imported.questions[0].correct_answers == ("Hund", "Katze")
    assert notes(imported) == ["An answer that goes with nothing was left out."]


@pytest.mark.parametrize("name", ["13", "15", "23"])
def test_what_is_left_out_is_said(name: str) -> None:
    assert case(name).count == 1
    assert any("left out" in note for note in notes(case(name)))


def test_a_category_and_an_essay_are_gift() -> None:
    imported = case("14")
    assert (imported.holds, imported.count, imported.skipped) == ("questions", 0, 1)
    assert imported.heading == {"title": "Unit 1, verbs"}


def test_raised_and_lowered_figures_stay_apart() -> None:
    assert kinds(case("21")) == [("choice", ("x²", "x₂"), ("x²",))]
    assert pairs(case("74")) == [("ten cubed", ("10^3",)), ("forms", ("go went",)), ("bank", ("Bank", "Ufer"))]


def test_cells_and_headings_part_words() -> None:
    assert " ".join(texts(case("22"))[0].split()) == "Articles Fill in. der Hund ? Katze One is missing. Which?"


def test_a_match_of_many_to_one_is_a_question_for_each() -> None:
    assert kinds(case("25")) == [
        ("choice", ("animal", "plant"), (right,)) for right in ("animal", "animal", "plant")
    ]  # fmt: skip
    assert texts(case("25"))[0] == "Sort.\ndog"


def test_a_cloze_is_a_text_with_a_typed_and_a_chosen_gap() -> None:
    [question] = case("26").questions
    assert (question.kind, question.text) == ("gaps", "One [[1]] and two [[2]].")
    assert question.gaps == (Gap(("cat",)), Gap(("dogs",), ("dogs", "dog")))
    assert notes(case("26")) == []


def test_gaps_that_cannot_stand_together_are_a_question_each() -> None:
    text = "<questiontext><text>{1:NUMERICAL:=3.14:0.1} and {1:SA:=cat} and [[1]]</text></questiontext>"
    imported = read(f"<quiz><question type='cloze'>{text}</question></quiz>")
    assert [question.kind for question in imported.questions] == ["number", "typed"]
    assert notes(imported) == ["This became 2 questions, one for each gap or pair."]


def test_rules_of_a_cloze_are_those_of_its_gap() -> None:
    text = "<questiontext><text>{1:SAC:=Cat~%50%cat} and {1:NUMERICAL:=7}</text></questiontext>"
    [question] = read(f"<quiz><question type='cloze'>{text}</question></quiz>").questions
    assert question.gaps == (Gap(("Cat",), (), Grading(case="strict")), Gap(("7",)))


def test_several_gaps_of_gift_are_one_text() -> None:
    [question] = read("The {=cat =kitten} sat on the {~rug =mat} in {T}.", "gift").questions
    assert question.text == "The [[1]] sat on the [[2]] in [[3]]."
    assert question.gaps == (
        Gap(("cat", "kitten")),
        Gap(("mat",), ("rug", "mat")),
        Gap(("True",), ("True", "False")),
    )


@pytest.mark.parametrize("name", ["30", "31", "32", "34"])
def test_aiken_in_any_capitals_and_with_wrapped_lines(name: str) -> None:
    imported = case(name)
    assert imported.questions[0].correct_answers == ("a dog",)
    assert imported.questions[0].options[0] == ("a cat that is very small" if name == "32" else "a cat")
    assert imported.skipped == 0
    assert imported.questions[0].explanation == ("Dogs bark." if name == "34" else "")


def test_a_line_of_a_question_may_begin_like_an_option() -> None:
    assert texts(case("33")) == ["Which country sent\nU.S. troops there?"]
    assert kinds(case("33"))[0][1] == ("America", "Spain")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("42", [("der Hund", ("dog", "hound"))]),
        ("44", [("der Hund", ("dog",)), ("die Katze", ("cat",))]),
        ("45", [("huis", ("house",)), ("lopen", ("to walk",))]),
        ("46", [("Hund", ("dog",)), ("Katze", ("cat",))]),
        ("47", [("Hund", ("dog", "hound")), ("Katze", ("cat",))]),
        ("49", [("der Hund", ("dog", "hound")), ("die Katze", ("cat",))]),
        ("61", [("der Hund", ("dog",)), ("die Katze", ("cat",))]),
        ("67", [("der Hund", ("dog",))]),
        ("72", [("der Hund", ("perro",))]),
        ("73", [("der Hund", ("dog",)), ("die Katze", ("cat",))]),
    ],
)
def test_words_of_tables_with_any_header_or_none(name: str, words: list[tuple[str, tuple[str, ...]]]) -> None:
    assert pairs(case(name)) == words


def test_a_part_of_speech_and_a_sentence_are_known_by_what_they_are() -> None:
    assert [word.part_of_speech for word in case("45").words] == ["Noun", "Verb"]
    assert case("72").words[0].example == "Der Hund bellt."
    assert case("72").heading == {"term_language": "de", "meaning_language": "es"}


@pytest.mark.parametrize(
    ("name", "first", "language"), [("51", "żółw", "pl"), ("51b", "žába", "cs"), ("52", "كلب", "ar")]
)
def test_old_encodings_are_found_out(name: str, first: str, language: str) -> None:
    assert case(name).words[0].term == first
    assert case(name, languages=(language,)).words[0].term == first


def test_cells_are_read_as_the_sheet_shows_them() -> None:
    assert kinds(case("62")) == [
        ("choice", ("03.10.1990", "09.11.1989"), ("03.10.1990",)),
        ("choice", ("50%", "25%"), ("50%",)),
        ("multi", ("a", "b", "c"), ("a", "c")),
    ]


@pytest.mark.parametrize("name", ["63", "64"])
def test_numbers_and_seconds_as_spreadsheets_write_them(name: str) -> None:
    question = case(name).questions[0]
    assert (question.correct_answers, question.time_limit_ms) == (("dog",), 20_000)


def test_a_table_of_questions_is_known_by_its_header() -> None:
    imported = case("65")
    assert kinds(imported) == [("choice", ("cat", "dog", "cow"), ("dog",))]
    assert imported.questions[0].explanation == "Dogs do."


def test_json_of_another_kind_is_refused_as_such() -> None:
    with pytest.raises(CannotRead, match="JSON, but neither"):
        case("66")


def test_a_card_of_anki_shows_lists_as_lines_and_formulas_as_the_text_they_are() -> None:
    [question] = case("68").questions
    data = to_apkg(QuizContent("q", "Q", questions=(question,)), {})
    with zipfile.ZipFile(io.BytesIO(data)) as archive, closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(archive.read("collection.anki2"))
        [[fields]] = connection.execute("SELECT flds FROM notes").fetchall()
        [[models]] = connection.execute("SELECT models FROM col").fetchall()
    assert r"\(x\)<br>a | b<br>c" in fields.split("\x1f")
    [model] = json.loads(models).values()
    # MathJax leaves alone what has this class.
    assert all("tex2jax_ignore" in card["qfmt"] for card in model["tmpls"])
    assert read(data).questions == (question,)


# -- neighbours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Wort;Bedeutung\nHund;dog", [("Hund", ("dog",))]),
        ("Deutsch\tEnglisch\nHund\tdog", [("Hund", ("dog",))]),
        ("Español,Inglés,Ejemplo\nperro,dog,El perro ladra.", [("perro", ("dog",))]),
        ("単語,読み,意味\n犬,いぬ,dog", [("犬", ("dog",))]),
        ("Hanzi\tPinyin\tEnglish\n狗\tgǒu\tdog", [("狗", ("dog",))]),
        ("слово|перевод\nсобака|dog", [("собака", ("dog",))]),
        ("Nr.;Vokabel;Übersetzung\n1;Hund;dog\n2;Katze;cat", [("Hund", ("dog",)), ("Katze", ("cat",))]),
        ("English,Latin\ndog,canis", [("dog", ("canis",))]),
        ("Hund -> dog\nKatze -> cat", [("Hund", ("dog",)), ("Katze", ("cat",))]),
        ("Hund // dog\nKatze // cat", [("Hund", ("dog",)), ("Katze", ("cat",))]),
        ("Hund == dog\nKatze = cat", None),
        ("Hund   dog\nKatze   cat", [("Hund", ("dog",)), ("Katze", ("cat",))]),
        ("der\tHund\tdog\ndie\tKatze\tcat", [("der Hund", ("dog",)), ("die Katze", ("cat",))]),
        ("1\teins\n2\tzwei\n3\tdrei", [("1", ("eins",)), ("2", ("zwei",)), ("3", ("drei",))]),
        ("Wort\tword\nFrage\tquestion", [("Wort", ("word",)), ("Frage", ("question",))]),
        ("sep=;\nHund;dog", [("Hund", ("dog",))]),
        ("1. Hund - dog\n2. Katze - cat", [("Hund", ("dog",)), ("Katze", ("cat",))]),
        ('"Hund, groß",dog\nKatze,cat', [("Hund, groß", ("dog",)), ("Katze", ("cat",))]),
    ],
)
def test_separators_and_headers(text: str, words: list[tuple[str, tuple[str, ...]]] | None) -> None:
    imported = read(text)
    assert words is None or pairs(imported) == words


@pytest.mark.parametrize(
    ("fields", "values", "word"),
    [
        (["Hanzi", "Pinyin", "Meaning", "Audio"], ["狗", "gǒu", "dog", "[sound:a.mp3]"], ("狗", ("dog",), "")),
        (
            ["Index", "Vocabulary-Kanji", "Vocabulary-Kana", "Vocabulary-English", "Expression", "Sentence-English"],
            ["1", "犬", "いぬ", "dog", "犬が好き。", "I like dogs."],
            ("犬", ("dog",), "犬が好き。"),
        ),
        (["Rank", "Korean", "English", "Example"], ["1", "개", "dog", "개가 있다."], ("개", ("dog",), "개가 있다.")),
        (["Artikel", "Wort", "Englisch"], ["der", "Hund", "<b>dog</b>"], ("der Hund", ("dog",), "")),
    ],
)
def test_fields_of_anki_by_their_names(fields: list[str], values: list[str], word: tuple[str, Any, str]) -> None:
    model = {"crowdanki_uuid": "m", "flds": [{"name": name, "ord": place} for place, name in enumerate(fields)]}
    deck = {
        "__type__": "Deck",
        "name": "D",
        "note_models": [model],
        "notes": [{"fields": values, "note_model_uuid": "m"}],
    }
    [found] = read(json.dumps(deck)).words
    assert (found.term, found.meanings, found.example) == word


def test_notes_with_several_gaps_are_one_text() -> None:
    model = {"crowdanki_uuid": "m", "type": 1, "flds": [{"name": "Text", "ord": 0}, {"name": "Extra", "ord": 1}]}
    notes_ = [{"fields": ["The {{c1::cat}} sat on the {{c2::mat::place}}.", "why"], "note_model_uuid": "m"}]
    imported = read(json.dumps({"__type__": "Deck", "name": "D", "note_models": [model], "notes": notes_}))
    [question] = imported.questions
    assert question.text == "The [[1]] sat on the [[2]] (place)."
    assert question.gaps == (Gap(("cat",)), Gap(("mat",)))
    assert question.explanation == "why"


def test_notes_with_gaps_outlive_a_correction_of_the_columns() -> None:
    model = {"crowdanki_uuid": "m", "type": 0, "flds": [{"name": "Front", "ord": 0}, {"name": "Back", "ord": 1}]}
    cloze = {"crowdanki_uuid": "c", "type": 1, "flds": [{"name": "Text", "ord": 0}]}
    plain = [{"fields": [f"Wort{number}", f"word {number}"], "note_model_uuid": "m"} for number in range(5)]
    gaps = [{"fields": ["The {{c1::cat}} sat on the {{c2::mat}}."], "note_model_uuid": "c"}]
    imported = read(json.dumps({"__type__": "Deck", "name": "D", "note_models": [model, cloze], "notes": plain + gaps}))
    assert [word.term for word in imported.words][-2:] == ["cat", "mat"]
    assert imported.table is not None
    kept = table_to_json(imported.table).encode()
    again = read_source(Source(kept, format=TABLE_AGAIN, columns=("meaning", "term")))
    assert [word.term for word in again.words] == [*(f"word {number}" for number in range(5)), "cat", "mat"]
    asked = read_source(Source(kept, format=TABLE_AGAIN, columns=("question", "correct")))
    assert [question.kind for question in asked.questions] == [*["typed"] * 5, "gaps"]


def test_descriptions_and_categories_of_moodle_are_said() -> None:
    category = "<question type='category'><category><text>$course$/top/{}</text></category></question>"
    text = "<question type='description'><questiontext><text>Read this.</text></questiontext></question>"
    imported = read(f"<quiz>{category.format('A')}{text}</quiz>")
    assert imported.heading == {"title": "A"}
    assert notes(imported) == ["This is a text without answers."]
    imported = read(f"<quiz>{category.format('A')}{category.format('B')}{text}</quiz>")
    assert imported.notes == ("The categories of the file were left out: A; B.",)


def test_columns_may_be_told() -> None:
    imported = read("dog\tHund\tx\ncat\tKatze\ty", columns=("meaning", "term", "-"))
    assert pairs(imported) == [("Hund", ("dog",)), ("Katze", ("cat",))]
    assert imported.notes == ("This column was left out: 3 (“x” and so on).",)
    with pytest.raises(CannotRead, match="no kind of column"):
        read("dog\tHund", columns=("nonsense",))


def test_several_columns_of_plain_words_are_asked_about() -> None:
    assert read("Hund\tdog\tchien\nKatze\tcat\tchat").asks
    assert not read("Hund\tdog\nKatze\tcat").asks


def test_a_quotation_mark_that_is_not_closed_is_said_with_its_line() -> None:
    imported = read('Hund\tdog\nTon\t"clay\nBaum\ttree\n')
    assert [word.term for word in imported.words] == ["Hund", "Ton", "Baum"]
    assert imported.notes == ("Line 2: a quotation mark is not closed. Quotation marks were read as letters.",)


def test_a_word_that_is_its_own_meaning_is_warned_of() -> None:
    assert "the same" in notes(read("Radio\tRadio\nHund\tdog"))[0]


def test_braces_in_a_cell_are_no_gift() -> None:
    assert pairs(read("f(x)\t{=x}\nHund\tdog")) == [("f(x)", ("{=x}",)), ("Hund", ("dog",))]


@pytest.mark.parametrize(
    "table",
    [
        "Question,A,B,C,Answer\nWhat barks?,cat,dog,cow,B",
        "Frage;Antwort 1;Antwort 2;Antwort 3;Richtige Antwort\nWhat barks?;cat;dog;cow;2",
        "Pregunta\tOpción A\tOpción B\tOpción C\tRespuesta correcta\nWhat barks?\tcat\tdog\tcow\tdog",
        "What barks?|cat|dog|cow|2\nWhat purrs?|cat|dog|cow|A",
        "question,options,answer\nWhat barks?,cat;dog;cow,dog",
    ],
)
def test_tables_of_questions(table: str) -> None:
    assert kinds(read(table))[0] == ("choice", ("cat", "dog", "cow"), ("dog",))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (package(h5p__json=b"{}"), "H5P"),
        (package(imsmanifest__xml=b"<manifest/>"), "QTI"),
        (package(**{"word/document__xml": b""}), "Word"),
        (package(mimetype=b"application/vnd.oasis.opendocument.text"), "ODT"),
        (package(a__csv=b"a,b"), "archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old version of Excel"),
        (b"{\\rtf1 a}", "RTF"),
        (b"%PDF-1.7", "PDF"),
        (b"ID3\x04", "sound"),
        (b"\x1f\x8b\x08", "archive"),
        (b"<!DOCTYPE html><html><body>x</body></html>", None),
        (b"<assessmentItem/>", "QTI"),
        (b"<html><p>x</p></html>", "web page"),
    ],
)
def test_what_is_not_read_is_called_what_it_is(data: bytes, said: str | None) -> None:
    with pytest.raises(CannotRead, match=said):
        read(data)


@pytest.mark.parametrize(
    ("gift", "right"),
    [
        ("Q {=a ~%50%b ~c}", ("choice", ("a", "b", "c"), ("a",))),
        ("Q {~=a ~b}", ("choice", ("a", "b"), ("a",))),
        ("Q {#3.141..3.142}", ("number", (), ("3.1415",))),
        ("Q {#2,5:0,5#Yes}", ("number", (), ("2.5",))),
        ("Q {=*dog* =*}", ("typed", (), ("dog",))),
        ("Q {false#Wrong#Right}", ("true_false", ("True", "False"), ("False",))),
    ],
)
def test_gift_as_moodle_reads_it(gift: str, right: tuple[str, tuple[str, ...], tuple[str, ...]]) -> None:
    assert kinds(read(gift, "gift")) == [right]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("gapselect", "<selectoption><text>cat</text><group>1</group></selectoption>"
                      "<selectoption><text>dog</text><group>1</group></selectoption>"),
        ("ddwtos", "<dragbox><text>cat</text><group>1</group></dragbox>"
                   "<dragbox><text>dog</text><group>1</group></dragbox>"),
    ],
)  # fmt: skip
def test_gaps_with_options_of_moodle(kind: str, body: str) -> None:
    text = "<questiontext format='html'><text>&lt;p&gt;A [[1]] and a [[2]].&lt;/p&gt;</text></questiontext>"
    imported = read(f"<quiz><question type='{kind}'>{text}{body}</question></quiz>")
    [question] = imported.questions
    assert question.text == "A [[1]] and a [[2]]."
    assert question.gaps == (Gap(("cat",), ("cat", "dog")), Gap(("dog",), ("cat", "dog")))


def test_a_gapfill_of_moodle_is_typed() -> None:
    text = "<questiontext format='html'><text>The [cat|kitten] sat.</text></questiontext>"
    imported = read(f"<quiz><question type='gapfill'>{text}<answerdisplay>gapfill</answerdisplay></question></quiz>")
    assert kinds(imported) == [("typed", (), ("cat", "kitten"))]


def test_the_line_of_a_fault_in_xml_is_said() -> None:
    with pytest.raises(CannotRead, match="line 2, column"):
        read("<quiz>\n<question></quiz>", "moodle")


@pytest.mark.parametrize(
    "flood",
    [
        lambda: "," * 30_000,
        lambda: "<a " * 10_000,
        lambda: "[sound:" * 5_000,
        lambda: "{{c1::" * 5_000,
        lambda: "::" * 15_000,
        lambda: "{" * 30_000,
        lambda: "a\t" + "," * 30_000,
        lambda: '"' * 30_000,
        lambda: "<p> " * 8_000,
        lambda: "**" * 15_000 + "{=a}",
        lambda: "A. x\n\n" * 5_000,
    ],
)
@pytest.mark.parametrize("name", ["", "gift", "quizlet", "anki-text", "aiken"])
def test_floods_are_read_in_a_moment(flood: Callable[[], str], name: str) -> None:
    """A scan that is not linear takes minutes here, and the test's own time limit ends it."""
    try:
        read(flood(), name)
    except CannotRead as error:
        assert str(error)
