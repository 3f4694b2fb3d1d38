"""Texts with gaps as a form takes them, with the page's script or without."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django import forms

from quizzes.editor.gap_fields import GapFields, GapsField


class Form(GapFields):
    text = forms.CharField()


def taken(text: str, gaps: list[Any] | str = "") -> dict[str, Any]:
    form = Form({"text": text, "gaps": gaps if isinstance(gaps, str) else json.dumps(gaps)})
    assert form.is_valid(), form.errors
    return form.take_gaps()


def test_brackets_alone_make_gaps_that_are_typed() -> None:
    assert taken("The [cat|kitten] sat on the [mat].") == {
        "text": "The [[1]] sat on the [[2]].",
        "gaps": [{"correct_answers": ["cat", "kitten"], "options": []}, {"correct_answers": ["mat"], "options": []}],
    }


def test_a_gap_keeps_what_the_field_has_for_it() -> None:
    gap = {"correct_answers": ["cat", "kitten"], "options": ["dog", "cat", "kitten"], "grading": {"case": "strict"}}
    assert taken("A [cat].", [gap])["gaps"] == [gap]


def test_a_bracket_that_says_something_else_is_right_now() -> None:
    gap = {"correct_answers": ["cat"], "options": ["cat", "dog"]}
    assert taken("A [cow].", [gap])["gaps"] == [{"correct_answers": ["cow"], "options": ["cow", "dog"]}]


def test_gaps_of_the_field_without_a_bracket_are_gone() -> None:
    assert taken("Nothing.", [{"correct_answers": ["cat"]}]) == {"text": "Nothing.", "gaps": []}


@pytest.mark.parametrize("sent", ["{", "[" * 100_000, "[1" * 150_000, "x" * 500_000])
def test_what_is_no_list_is_refused(sent: str) -> None:
    assert not Form({"text": "A [cat].", "gaps": sent}).is_valid()


@pytest.mark.parametrize(
    "sent", ["[1]", '["x"]', '[{"correct_answers": 3}]', '[{"correct_answers": [[]], "options": [{}]}]', "{}"]
)
def test_any_list_is_left_to_the_check_of_questions(sent: str) -> None:
    assert len(taken("A [cat].", sent)["gaps"]) == 1


def test_a_list_of_no_length_is_not_new() -> None:
    assert not GapsField().has_changed([], "")
    assert GapsField().has_changed([], '[{"correct_answers": ["a"]}]')
