"""What the exchange format accepts, and what it says of what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules import limits
from quizzes.rules.content import (
    KINDS,
    Gap,
    Grading,
    QuestionContent,
    QuizContent,
    content_from_json,
    content_to_json,
)
from quizzes.validation.checker import PROBLEMS_MAX, ValidationProblem
from quizzes.validation.quiz import validate_question, validate_quiz


def question(**changes: Any) -> dict[str, Any]:
    base = {"id": "q1", "kind": "choice", "text": "2 + 2?", "options": ["3", "4"], "correct_answers": ["4"]}
    return {name: value for name, value in {**base, **changes}.items() if value is not ...}


def quiz(**changes: Any) -> dict[str, Any]:
    base = {"id": "sums", "title": "Sums", "language": "en", "description": "", "questions": [question()]}
    return {name: value for name, value in {**base, **changes}.items() if value is not ...}


def paths(data: object) -> list[str]:
    result = validate_quiz(data)
    return [] if isinstance(result, QuizContent) else [problem.path for problem in result]


def accepted(**changes: Any) -> QuestionContent:
    result = validate_question(question(**changes))
    assert isinstance(result, QuestionContent), result
    return result


def refused(**changes: Any) -> list[ValidationProblem]:
    result = validate_question(question(**changes))
    assert isinstance(result, list), result
    return result


def test_it_takes_the_contracts_own_example() -> None:
    result = validate_quiz(
        {
            "id": "vocab-101",
            "title": "...",
            "language": "en",
            "description": "",
            "questions": [
                {
                    "id": "q1",
                    "kind": "choice",
                    "text": "...",
                    "options": ["a", "b"],
                    "correct_answers": ["a"],
                    "points": 10,
                    "time_limit_ms": 20000,
                    "explanation": "",
                }
            ],
        }
    )
    assert isinstance(result, QuizContent)
    assert result.questions[0] == QuestionContent(
        id="q1", kind="choice", text="...", options=("a", "b"), correct_answers=("a",)
    )


@pytest.mark.parametrize("data", [None, 1, "quiz", [], [1], True])
def test_it_wants_an_object(data: object) -> None:
    assert paths(data) == [""]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": ...}, "id"),
        ({"id": ""}, "id"),
        ({"id": 5}, "id"),
        ({"id": "a" * 37}, "id"),
        ({"id": "a b"}, "id"),
        ({"id": "ä"}, "id"),
        ({"id": ".."}, "id"),
        ({"id": "quiz\n"}, "id"),
        ({"id": "import"}, "id"),
        ({"title": ...}, "title"),
        ({"title": "  "}, "title"),
        ({"title": ["x"]}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "\u202eneddih"}, "title"),
        ({"title": "lone \ud800 surrogate"}, "title"),
        ({"title": "nul \x00"}, "title"),
        ({"language": ""}, "language"),
        ({"language": "en us"}, "language"),
        ({"language": None}, "language"),
        ({"description": 5}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"shuffle_options": "yes"}, "shuffle_options"),
        ({"shuffle_options": 1}, "shuffle_options"),
        ({"questions": ...}, "questions"),
        ({"questions": []}, "questions"),
        ({"questions": {}}, "questions"),
        ({"questions": [question(), 7]}, "questions[1]"),
        ({"questions": [question(), question()]}, "questions[1].id"),
        ({"questions": [question(id=f"q{n}") for n in range(501)]}, "questions"),
        ({"questions": [question(id="a"), question(id="b", correct_answers=["5"])]}, "questions[1].correct_answers[0]"),
        ({"color": "red"}, ""),
    ],
)
def test_it_names_the_value_of_a_quiz_at_fault(changes: dict[str, Any], path: str) -> None:
    assert paths(quiz(**changes)) == [path]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": "ü"}, "id"),
        ({"kind": ...}, "kind"),
        ({"kind": "essay"}, "kind"),
        ({"kind": ["choice"]}, "kind"),
        ({"text": ...}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"options": "3,4"}, "options"),
        ({"options": ["4", 3]}, "options[1]"),
        ({"options": ["4", ""]}, "options[1]"),
        ({"options": ["4", "x" * 301]}, "options[1]"),
        ({"options": ["4", "a\nb"]}, "options[1]"),
        ({"options": ["4", "3", "4"]}, "options[2]"),
        ({"options": ["4", " 4 "]}, "options[1]"),
        ({"options": ["4"]}, "options"),
        ({"options": [str(n) for n in range(21)]}, "options"),
        ({"correct_answers": ...}, "correct_answers"),
        ({"correct_answers": []}, "correct_answers"),
        ({"correct_answers": "4"}, "correct_answers"),
        ({"correct_answers": [4]}, "correct_answers[0]"),
        ({"correct_answers": ["5"]}, "correct_answers[0]"),
        ({"kind": "true_false", "correct_answers": ["3", "4"]}, "correct_answers"),
        ({"kind": "multi", "correct_answers": []}, "correct_answers"),
        ({"kind": "multi", "correct_answers": ["3", "5"]}, "correct_answers[1]"),
        ({"kind": "true_false", "options": ["a", "b", "c"], "correct_answers": ["a"]}, "options"),
        ({"kind": "true_false", "options": [], "correct_answers": ["Yes"]}, "correct_answers[0]"),
        ({"kind": "poll"}, "correct_answers"),
        ({"kind": "poll", "options": ["4"], "correct_answers": []}, "options"),
        ({"kind": "order", "options": [], "correct_answers": ["one"]}, "correct_answers"),
        ({"kind": "order", "options": ["3", "4"], "correct_answers": ["4", "5"]}, "options"),
        ({"kind": "order", "options": ["3", "4", "5"], "correct_answers": ["4", "5"]}, "options"),
        ({"kind": "typed"}, "options"),
        ({"kind": "typed", "options": [], "correct_answers": []}, "correct_answers"),
        ({"kind": "typed", "options": [], "correct_answers": ["(to go"]}, "correct_answers[0]"),
        ({"kind": "typed", "options": [], "correct_answers": ["to) go"]}, "correct_answers[0]"),
        ({"kind": "typed", "options": [], "correct_answers": ["((to)) go"]}, "correct_answers[0]"),
        ({"kind": "typed", "options": [], "correct_answers": ["go", "(to)"]}, "correct_answers[1]"),
        ({"kind": "number", "options": [], "correct_answers": ["four"]}, "correct_answers[0]"),
        ({"kind": "number", "options": [], "correct_answers": ["nan"]}, "correct_answers[0]"),
        ({"kind": "number", "options": [], "correct_answers": ["1e400"]}, "correct_answers[0]"),
        ({"kind": "number", "options": [], "correct_answers": ["٤"]}, "correct_answers[0]"),
        ({"kind": "number", "correct_answers": ["4"]}, "options"),
        ({"points": -1}, "points"),
        ({"points": 1001}, "points"),
        ({"points": 1.5}, "points"),
        ({"points": True}, "points"),
        ({"points": "10"}, "points"),
        ({"points": float("nan")}, "points"),
        ({"points": float("inf")}, "points"),
        ({"points": 10**400}, "points"),
        ({"time_limit_ms": 999}, "time_limit_ms"),
        ({"time_limit_ms": 600_001}, "time_limit_ms"),
        ({"time_limit_ms": None}, "time_limit_ms"),
        ({"explanation": {}}, "explanation"),
        ({"media": "javascript:alert(1)"}, "media"),
        ({"media": "//elsewhere.example/a.png"}, "media"),
        ({"media": "data:image/png;base64,AAAA"}, "media"),
        ({"media": "https:///a.png"}, "media"),
        ({"media": "http://[bad/a.png"}, "media"),
        ({"media": "picture.png"}, "media"),
        ({"tolerance": -0.5}, "tolerance"),
        ({"tolerance": "1"}, "tolerance"),
        ({"tolerance": float("nan")}, "tolerance"),
        ({"tolerance": float("inf")}, "tolerance"),
        ({"tolerance": 10**400}, "tolerance"),
        ({"grading": []}, "grading"),
        ({"grading": {"case": "loose"}}, "grading.case"),
        ({"grading": {"accents": None}}, "grading.accents"),
        ({"grading": {"articles": {}}}, "grading.articles"),
        ({"grading": {"almost": 1.1}}, "grading.almost"),
        ({"grading": {"almost": True}}, "grading.almost"),
        ({"grading": {"typos": 1}}, "grading"),
        ({"confusable": ["a", 1]}, "confusable[1]"),
        ({"correct_answer": "4"}, ""),
    ],
)
def test_it_names_the_value_of_a_question_at_fault(changes: dict[str, Any], path: str) -> None:
    assert [problem.path for problem in refused(**changes)] == [path]


def test_it_says_which_answer_is_not_among_the_options() -> None:
    assert refused(correct_answers=["5"]) == [ValidationProblem("correct_answers[0]", "“5” is not among the options.")]


def test_it_lists_all_problems_at_once() -> None:
    result = paths(
        quiz(title="", language="?", questions=[question(points=-1, kind="essay"), question(id="q2", text="")])
    )
    assert result == ["title", "language", "questions[0].kind", "questions[0].points", "questions[1].text"]


def test_it_bounds_what_it_says_of_a_hopeless_quiz() -> None:
    assert len(paths(quiz(questions=[{}] * limits.QUESTIONS_MAX))) == PROBLEMS_MAX


def test_true_or_false_has_its_options_by_default() -> None:
    assert accepted(kind="true_false", options=..., correct_answers=["True"]).options == ("True", "False")


def test_true_or_false_may_be_said_in_another_language() -> None:
    assert accepted(kind="true_false", options=["Oui", "Non"], correct_answers=["Non"]).options == ("Oui", "Non")


def test_several_right_options_may_be_all_of_them() -> None:
    assert accepted(kind="multi", correct_answers=["3", "4"]).correct_answers == ("3", "4")


@pytest.mark.parametrize(
    ("correct", "options", "shown"),
    [
        (["one", "two", "three"], ..., ("one", "three", "two")),
        (["one", "two", "three"], ["one", "two", "three"], ("one", "three", "two")),
        (["a", "b", "c"], ..., ("c", "b", "a")),
        (["a", "b", "c"], ["b", "a", "c"], ("b", "a", "c")),
    ],
)
def test_the_options_of_an_order_question_never_stand_in_the_right_order(
    correct: list[str], options: Any, shown: tuple[str, ...]
) -> None:
    assert accepted(kind="order", options=options, correct_answers=correct).options == shown


def test_a_poll_is_worth_nothing() -> None:
    assert accepted(kind="poll", correct_answers=[], points=10).points == 0


@pytest.mark.parametrize("answer", ["0", "-3.5", "+7", "007", "3.14159"])
def test_a_number_is_written_in_digits(answer: str) -> None:
    assert accepted(kind="number", options=[], correct_answers=[answer], tolerance=1).tolerance == 1.0


def test_a_typed_answer_may_have_optional_parts_and_a_grading_of_its_own() -> None:
    result = accepted(
        kind="typed", options=[], correct_answers=["(to) go", "colo(u)r"], grading={"accents": "strict", "almost": 0}
    )
    assert result.correct_answers == ("(to) go", "colo(u)r")
    assert result.grading == Grading(accents="strict", almost=0.0)


def test_the_same_word_typed_on_two_keyboards_is_one_word() -> None:
    assert accepted(options=["cafe\u0301", "the"], correct_answers=["caf\u00e9"]).correct_answers == ("caf\u00e9",)
    assert [problem.path for problem in refused(options=["cafe\u0301", "caf\u00e9"])] == ["options[1]"]


def test_it_trims_texts_and_has_one_kind_of_line_end() -> None:
    assert accepted(text=" first\r\nsecond\rthird\n").text == "first\nsecond\nthird"


def test_it_leaves_the_marks_alone_that_scripts_need() -> None:
    word = "می\u200cخواهم"
    assert accepted(options=[word, "x"], correct_answers=[word]).options[0] == word


def test_it_takes_a_whole_number_however_it_is_written() -> None:
    assert accepted(points=20.0).points == 20


@pytest.mark.parametrize("media", ["https://example.org/a.png", "/media/a.png", ""])
def test_an_image_is_an_address(media: str) -> None:
    assert accepted(media=media).media == media


def test_a_name_nobody_can_print_can_be_told() -> None:
    (problem,) = refused(**{"\ud800\x00" + "x" * 5000: 1})
    assert problem.path == ""
    json.dumps(problem.message, ensure_ascii=False).encode()
    assert len(problem.message) < 100


# -- properties -----------------------------------------------------------------------------------------------------

any_text = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=12)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | any_text | st.just(10**4000)
any_json = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4), max_leaves=8
)
answers = st.lists(st.sampled_from(["3", "4", "(x) y", "(", "x" * 301, "True"]) | any_text, max_size=4)
nearly_question = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["q1", "q2", "q3"]) | any_json,
        "kind": st.sampled_from(KINDS) | any_json,
        "text": st.just("text") | any_json,
    },
    optional={
        "options": answers | any_json,
        "correct_answers": answers | any_json,
        "points": st.integers(-1, 1001) | any_json,
        "time_limit_ms": st.integers(999, 600_001) | any_json,
        "explanation": any_json,
        "media": any_json,
        "tolerance": st.floats() | any_json,
        "grading": st.dictionaries(st.sampled_from(["case", "accents", "articles", "almost"]), any_json) | any_json,
        "confusable": answers | any_json,
    },
)
nearly_quiz = st.fixed_dictionaries(
    {"id": st.just("q") | any_json, "title": st.just("t") | any_json},
    optional={
        "language": st.sampled_from(["en", "pt-BR"]) | any_json,
        "description": any_json,
        "shuffle_options": any_json,
        "questions": st.lists(nearly_question, max_size=4) | any_json,
    },
)


@given(any_json | nearly_quiz)
def test_it_never_fails_whatever_the_value(data: object) -> None:
    result = validate_quiz(data)
    if isinstance(result, QuizContent):
        assert 1 <= len(result.questions) <= limits.QUESTIONS_MAX
        return
    assert result
    for problem in result:
        assert problem.message
        # A problem can be sent: no lone surrogates from the input.
        f"{problem.path}{problem.message}".encode()


clean_text = st.text(
    alphabet=st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\u202d\u202e"), min_size=1
).filter(lambda text: text.strip() != "")
number_text = st.integers(-999, 999).map(str)
word = st.from_regex(r"[a-zéñ]{1,8}", fullmatch=True)


@st.composite
def valid_questions(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    words = draw(st.lists(word, min_size=2, max_size=6, unique=True))
    data: dict[str, Any] = {"id": "q1", "kind": kind, "text": draw(clean_text), "explanation": draw(clean_text)}
    if kind in ("choice", "true_false"):
        options = words[:2] if kind == "true_false" else words
        data |= {"options": options, "correct_answers": [draw(st.sampled_from(options))]}
    elif kind == "multi":
        data |= {"options": words, "correct_answers": draw(st.lists(st.sampled_from(words), min_size=1, unique=True))}
    elif kind == "poll":
        data |= {"options": words}
    elif kind == "number":
        data |= {"correct_answers": [draw(number_text)], "tolerance": draw(st.floats(0, 1e12))}
    elif kind == "gaps":
        count = draw(st.integers(1, 5))
        data["text"] = " and ".join(f"[[{number}]]" for number in range(1, count + 1))
        data["gaps"] = [
            {"correct_answers": words[:1], "options": words if draw(st.booleans()) else []} for _gap in range(count)
        ]
    else:
        data |= {"correct_answers": words}
    return data


@given(valid_questions(), clean_text.filter(lambda text: len(text) <= 60))
def test_a_quiz_that_has_passed_passes_again_unchanged(data: dict[str, Any], title: str) -> None:
    content = validate_quiz(quiz(title=title, questions=[data]))
    assert isinstance(content, QuizContent), content
    through_json = json.loads(json.dumps(content_to_json(content)))
    assert content_from_json(through_json) == content
    assert validate_quiz(through_json) == content


@given(valid_questions())
def test_the_right_answers_are_among_the_options(data: dict[str, Any]) -> None:
    result = validate_question(data)
    assert isinstance(result, QuestionContent)
    if result.kind in ("choice", "multi", "true_false", "order"):
        assert set(result.correct_answers) <= set(result.options)
    if result.kind == "order":
        assert result.options != result.correct_answers


GAP_TEXT = {
    "kind": "gaps",
    "text": "The [[1]] sat on the [[2]].",
    "options": ...,
    "correct_answers": ...,
    "gaps": [
        {"correct_answers": ["cat", "(little) kitten"], "grading": {"accents": "strict"}},
        {"correct_answers": ["mat"], "options": ["rug", "mat"]},
    ],
}


def gap_text(**changes: Any) -> dict[str, Any]:
    return {**GAP_TEXT, **changes}


def test_a_text_has_gaps_that_are_typed_or_chosen() -> None:
    content = accepted(**GAP_TEXT)
    assert content.gaps == (
        Gap(("cat", "(little) kitten"), (), Grading(accents="strict")),
        Gap(("mat",), ("rug", "mat"), Grading()),
    )
    assert (content.options, content.correct_answers) == ((), ())
    assert content.shown_text == "The ____ sat on the ____."


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"gaps": []}, "gaps"),
        ({"gaps": ...}, "gaps"),
        ({"gaps": "cat"}, "gaps"),
        ({"gaps": [{"correct_answers": ["cat"]}]}, "text"),
        ({"text": "The [[2]] sat on the [[1]]."}, "text"),
        ({"text": "The [[1]] sat on the [[1]]."}, "text"),
        ({"text": "The [[1]] sat on the mat."}, "text"),
        ({"text": "[[1]] [[2]] [[3]]"}, "text"),
        ({"options": ["a", "b"]}, "options"),
        ({"correct_answers": ["cat"]}, "correct_answers"),
        ({"listen": "instead"}, "listen"),
        ({"listen": "beside"}, "listen"),
        ({"text": "[[1]]", "gaps": ["cat"]}, "gaps[0]"),
        ({"text": "[[1]]", "gaps": [{"correct_answers": []}]}, "gaps[0].correct_answers"),
        ({"text": "[[1]]", "gaps": [{"correct_answers": ["(to)"]}]}, "gaps[0].correct_answers[0]"),
        ({"text": "[[1]]", "gaps": [{"correct_answers": ["x" * 151]}]}, "gaps[0].correct_answers[0]"),
        ({"text": "[[1]]", "gaps": [{"correct_answers": ["a"], "options": ["b", "c"]}]}, "gaps[0].correct_answers[0]"),
        ({"text": "[[1]]", "gaps": [{"correct_answers": ["a"], "options": ["a"]}]}, "gaps[0].options"),
        ({"text": "[[1]]", "gaps": [{"correct_answers": ["a"], "grading": {"case": "no"}}]}, "gaps[0].grading.case"),
        ({"text": "[[1]]", "gaps": [{"correct_answers": ["a"], "points": 3}]}, "gaps[0]"),
        ({"text": "[[1]]" * 21, "gaps": [{"correct_answers": ["a"]}] * 21}, "gaps"),
    ],
)
def test_it_names_what_is_wrong_with_a_gap(changes: dict[str, Any], path: str) -> None:
    assert [problem.path for problem in refused(**gap_text(**changes))] == [path]


def test_other_questions_have_no_gaps_and_may_have_brackets() -> None:
    assert [problem.path for problem in refused(gaps=[{"correct_answers": ["a"]}])] == ["gaps"]
    assert accepted(text="What is [[1]][0]?").shown_text == "What is [[1]][0]?"


def test_a_quiz_without_gaps_is_written_as_releases_before_know_it() -> None:
    (written,) = content_to_json(QuizContent("z", "Z", questions=(accepted(),)))["questions"]
    assert "gaps" not in written


def test_a_million_marks_are_refused_at_once() -> None:
    assert [problem.path for problem in refused(**gap_text(text="[[1]]" * 1_000_000))] == ["text"]
