"""What is exported comes back as it was, in every format; and nothing in it runs as a formula."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.exporters.formats import QUIZ_FORMATS, WORD_LIST_FORMATS
from quizzes.importers.formats import Source, read_source
from quizzes.rules import spreadsheet_rows
from quizzes.rules.content import Gap, Grading, Kind, QuestionContent, QuizContent, content_to_json
from quizzes.rules.words import WordContent, WordListContent
from quizzes.validation.quiz import validate_heading, validate_quiz
from quizzes.validation.word_list import validate_word_list, validate_word_list_heading
from tests.support.word_lists import as_sent

#: What separates, quotes, escapes or runs in one of the formats, and scripts beside Latin.
_HARD = "aB é|\\;:,\"'=+-@~#{}%<>&/_[]->*?!水אb\u00a0１＝"
texts = st.text(_HARD, min_size=1, max_size=12).map(str.strip).filter(bool)
tricky = st.sampled_from(
    [
        "=1+1",
        "'=1",
        "''@x",
        "-3",
        "a->b",
        "%50%x",
        "T",
        "[html]<b>",
        "// x",
        "#title",
        "&amp;",
        "<br>",
        "::x::",
        "_x0041_",
    ]
)
line = texts | tricky
paragraph = st.lists(line, min_size=1, max_size=3).map("\n".join) | st.just("a\n\nb") | line
addresses = st.sampled_from(
    [
        "",
        "/a.png",
        "https://example.org/ü.png?a=1&b=2",
        "/images/0123456789abcdef0123456789abcdef.webp",
        "/images/x.webp",
    ]
)
recordings = st.sampled_from(["", "/sounds/0123456789abcdef0123456789abcdef.mp3"])
typed = line.filter(lambda text: "(" not in text)


@st.composite
def _gap(draw: st.DrawFn) -> Gap:
    answers = draw(st.lists(typed, min_size=1, max_size=3, unique=True))
    others = draw(
        st.lists(line, max_size=2, unique=True).map(lambda found: [one for one in found if one not in answers])
    )
    rules = draw(st.sampled_from([Grading(), Grading(case="strict", accents="ignore", almost=0.25)]))
    return Gap(tuple(answers), (*others, *answers) if others else (), rules)


filled_gaps = _gap()


@st.composite
def questions(draw: st.DrawFn, number: int) -> QuestionContent:
    kind: Kind = draw(st.sampled_from(["choice", "multi", "true_false", "typed", "order", "number", "poll", "gaps"]))
    options = draw(st.lists(line, min_size=2, max_size=4, unique=True))
    right: list[str] = []
    if kind == "true_false":
        options = draw(st.sampled_from([["True", "False"], ["False", "True"], options[:2]]))
    if kind == "true_false":
        right = [draw(st.sampled_from(options))]
    elif kind in {"choice", "multi"}:
        right = draw(st.lists(st.sampled_from(options), min_size=1, unique=True))
    elif kind == "order":
        right = draw(st.permutations(options))
    elif kind == "typed":
        options, right = [], draw(st.lists(typed, min_size=1, max_size=3, unique=True))
    elif kind == "number":
        options, right = [], draw(st.lists(st.sampled_from(["0", "-3.5", "12", "+7", "007"]), min_size=1, unique=True))
    gaps: list[Gap] = []
    text = draw(paragraph)
    if kind == "gaps":
        options = []
        gaps = draw(st.lists(filled_gaps, min_size=1, max_size=3))
        text = " ".join(
            [text.replace("[[", "[ ["), *(f"[[{place}]] {draw(line)}" for place in range(1, len(gaps) + 1))]
        )
    question = QuestionContent(
        id=f"q{number}",
        kind=kind,
        gaps=tuple(gaps),
        text=text,
        options=tuple(options),
        correct_answers=tuple(right),
        points=0 if kind == "poll" else draw(st.integers(0, 1000)),
        time_limit_ms=draw(st.integers(1000, 600_000)),
        explanation=draw(st.just("") | paragraph),
        media=draw(addresses),
        tolerance=draw(st.sampled_from([0.0, 0.1, 1e-9, 1e12, 1 / 3])),
        grading=Grading(
            case=draw(st.sampled_from(["ignore", "strict"])),
            accents=draw(st.sampled_from(["almost", "ignore", "strict"])),
            articles=draw(st.sampled_from(["optional", "required"])),
            almost=draw(st.sampled_from([0.0, 0.5, 1.0, 0.123])),
        ),
        confusable=tuple(draw(st.lists(line, max_size=3, unique=True))),
        language=draw(st.sampled_from(["", "pt-BR"])),
        listen=draw(st.sampled_from(["", "beside", "instead"])),
        sound=draw(recordings),
        listen_language=draw(st.sampled_from(["", "es-MX"])),
    )
    if kind == "gaps":
        return replace(question, listen="beside" if question.sound and question.listen else "")
    if kind == "order" and question.options == question.correct_answers:
        return replace(question, options=question.options[::-1])
    return question


@st.composite
def quizzes(draw: st.DrawFn) -> QuizContent:
    count = draw(st.integers(1, 4))
    return QuizContent(
        id="quiz",
        title=draw(line),
        language=draw(st.sampled_from(["en", "zh-Hant"])),
        description=draw(st.just("") | paragraph),
        shuffle_options=draw(st.booleans()),
        questions=tuple(draw(questions(number)) for number in range(1, count + 1)),
    )


@st.composite
def word_lists(draw: st.DrawFn) -> WordListContent:
    terms = draw(st.lists(typed, min_size=1, max_size=4, unique=True))
    entries = [
        WordContent(
            term=term,
            meanings=tuple(draw(st.lists(typed, min_size=1, max_size=3, unique=True))),
            part_of_speech=draw(st.just("") | line),
            alternatives=tuple(draw(st.lists(typed, max_size=2, unique=True))),
            example=draw(st.just("") | line),
            notes=draw(st.just("") | paragraph),
            image=draw(addresses),
            sound=draw(recordings),
            tags=tuple(draw(st.lists(line, max_size=2, unique=True))),
        )
        for term in terms
        if " ".join(term.split()) not in {" ".join(other.split()) for other in terms if other != term}
    ]
    return WordListContent(
        id="list",
        title=draw(line),
        term_language=draw(st.sampled_from(["de", "zh-Hant"])),
        meaning_language=draw(st.sampled_from(["en", "pt-BR"])),
        description=draw(st.just("") | paragraph),
        grading=Grading(
            case=draw(st.sampled_from(["ignore", "strict"])),
            accents=draw(st.sampled_from(["almost", "ignore", "strict"])),
            articles=draw(st.sampled_from(["optional", "required"])),
            almost=draw(st.sampled_from([0.0, 0.25, 1.0])),
        ),
        tags=tuple(draw(st.lists(line, max_size=2, unique=True))),
        words=tuple(entries) or (WordContent("a", ("b",)),),
    )


def as_quiz(data: bytes, name: str) -> QuizContent:
    imported = read_source(Source(data, format=name))
    assert [row for row in imported.rows if row.outcome == "skipped"] == []
    heading = validate_heading(dict(imported.heading))
    assert isinstance(heading, QuizContent)
    return replace(heading, questions=imported.questions)


def as_words(data: bytes, name: str) -> WordListContent:
    imported = read_source(Source(data, format=name))
    assert [row for row in imported.rows if row.outcome == "skipped"] == []
    heading = validate_word_list_heading(dict(imported.heading))
    assert isinstance(heading, WordListContent)
    return replace(heading, words=imported.words)


@pytest.mark.parametrize("name", QUIZ_FORMATS)
@settings(max_examples=40, deadline=None)
@given(quiz=quizzes())
def test_a_quiz_comes_back_as_it_was(name: str, quiz: QuizContent) -> None:
    assert validate_quiz(json.loads(json.dumps(content_to_json(quiz)))) == quiz
    assert as_quiz(QUIZ_FORMATS[name].write(quiz), name) == quiz
    assert as_quiz(QUIZ_FORMATS[name].write(quiz), "") == quiz


@pytest.mark.parametrize("name", WORD_LIST_FORMATS)
@settings(max_examples=40, deadline=None)
@given(words=word_lists())
def test_a_word_list_comes_back_as_it_was(name: str, words: WordListContent) -> None:
    assert validate_word_list(as_sent(words)) == words
    assert as_words(WORD_LIST_FORMATS[name].write(words), name) == words
    assert as_words(WORD_LIST_FORMATS[name].write(words), "") == words


@given(st.lists(line, max_size=5))
def test_a_list_comes_back_out_of_its_cell(entries: list[str]) -> None:
    assert spreadsheet_rows.split_list(spreadsheet_rows.join_list(entries)) == entries


@given(paragraph)
def test_no_cell_runs_as_a_formula(text: str) -> None:
    cell = spreadsheet_rows.escape_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"))
    assert spreadsheet_rows.unescape_cell(cell) == text


HOSTILE = QuizContent(
    id="quiz",
    title='=HYPERLINK("http://example.org")',
    questions=(
        QuestionContent(
            id="q1",
            kind="choice",
            text="@SUM(A1)",
            options=("=1+1", "-2", "+3"),
            correct_answers=("-2",),
            explanation="\u200b",
        ),
    ),
)


def test_a_spreadsheet_of_formulas_holds_text_only() -> None:
    for row in csv.reader(io.StringIO(QUIZ_FORMATS["csv"].write(HOSTILE).decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
    book = openpyxl.load_workbook(io.BytesIO(QUIZ_FORMATS["xlsx"].write(HOSTILE)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(str(cell.value).startswith("=") for cell in cells)


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_a_list_longer_than_a_cell_goes_on_in_the_next_column(name: str) -> None:
    confusable = tuple(f"{number:03d}" + "x" * 290 for number in range(500))
    question = QuestionContent(id="q1", kind="typed", text="?", correct_answers=("a",), confusable=confusable)
    quiz = QuizContent(id="quiz", title="Long", questions=(question,))
    assert as_quiz(QUIZ_FORMATS[name].write(quiz), name) == quiz


@pytest.mark.parametrize("name", QUIZ_FORMATS)
def test_the_same_quiz_gives_the_same_text_each_time(name: str) -> None:
    if name != "xlsx":
        assert QUIZ_FORMATS[name].write(HOSTILE) == QUIZ_FORMATS[name].write(HOSTILE)
