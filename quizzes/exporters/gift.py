"""GIFT for Moodle and its like. What it cannot hold goes into comments, so that nothing is lost on the way back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

from quizzes.importers.gift import FORMAT, QUESTION_COMMENT, QUIZ_COMMENT, read_questions
from quizzes.rules.content import Gap, Grading, QuestionContent, QuizContent
from quizzes.rules.gaps import BLANK, pieces
from quizzes.validation.quiz import validate_question

_SPECIAL = str.maketrans({char: f"\\{char}" for char in "~=#{}:\\"} | {"\n": "\\n"})


def to_gift(quiz: QuizContent) -> bytes:
    """The quiz as a UTF-8 text."""
    heading = {field.name: getattr(quiz, field.name) for field in fields(quiz) if field.name != "questions"}
    lines = [QUIZ_COMMENT + json.dumps(heading, ensure_ascii=False), ""]
    for question in quiz.questions:
        source = _question(question)
        lines += [QUESTION_COMMENT + json.dumps(_lost(question, source), ensure_ascii=False), source, ""]
    return "\n".join(lines).encode()


def _question(question: QuestionContent) -> str:
    explanation = f" ####{_escaped(question.explanation)}" if question.explanation else ""
    return f"::{question.id}::[plain]{_escaped(_text(question))} {{{_answers(question)}{explanation}}}"


def _text(question: QuestionContent) -> str:
    """The text; of one with several gaps with their numbers, by which they are matched: GIFT has no such kind."""
    if len(question.gaps) < 2:
        return question.shown_text
    before, *rest = pieces(question.text)
    return before + "".join(f"({number}) {BLANK}{piece}" for number, piece in enumerate(rest, start=1))


def _gap_answers(gaps: Sequence[Gap]) -> str:
    if len(gaps) > 1:
        return " ".join(f"={place} -> {_escaped(gap.correct_answers[0])}" for place, gap in enumerate(gaps, start=1))
    (gap,) = gaps
    if gap.options:
        return " ".join(f"{'=' if option in gap.correct_answers else '~'}{_said(option)}" for option in gap.options)
    return " ".join(f"={_said(answer)}".replace("*", "\\*") for answer in gap.correct_answers)


def _answers(question: QuestionContent) -> str:
    right = question.correct_answers
    match question.kind:
        case "true_false" if set(question.options) == {"True", "False"}:
            return right[0].upper()
        case "gaps":
            return _gap_answers(question.gaps)
        case "typed":
            # Moodle takes a bare asterisk for any letters.
            return " ".join(f"={_said(answer)}".replace("*", "\\*") for answer in right)
        case "number":
            return "#" + " ".join(f"={answer}:{question.tolerance:g}" for answer in right)
        case "order":
            return " ".join(f"={place} -> {_escaped(entry)}" for place, entry in enumerate(right, start=1))
        case "multi":
            plus, minus = 100 / len(right), -100 / max(1, len(question.options) - len(right))
            weights = {option: plus if option in right else minus for option in question.options}
            return " ".join(f"~%{weight:.5g}%{_said(option)}" for option, weight in weights.items())
        case "poll":
            return " ".join(f"~%0%{_said(option)}" for option in question.options)
        case _:
            return " ".join(f"{'=' if option in right else '~'}{_said(option)}" for option in question.options)


def _said(answer: str) -> str:
    """An answer, so marked that one which begins like a format is taken for text."""
    return f"[plain]{_escaped(answer)}" if FORMAT.match(answer) else _escaped(answer)


def _lost(question: QuestionContent, source: str) -> dict[str, Any]:
    """The fields that reading the source alone would not give back."""
    try:
        found = read_questions(source)
    except ValueError:
        found = []
    # One that would be read as several is known by its comment alone.
    data = found[0][0] if len(found) == 1 else {}
    read = validate_question({"id": question.id, **data})
    # Fields of another kind are read otherwise, such as the points of a poll.
    known = read if isinstance(read, QuestionContent) and read.kind == question.kind else None
    lost: dict[str, Any] = {}
    for field in fields(QuestionContent):
        value = getattr(question, field.name)
        if field.name == "id" or known is None or getattr(known, field.name) != value:
            lost[field.name] = asdict(value) if isinstance(value, Grading) else value
    # Only one with gaps has them, and releases without them read the others.
    if question.gaps:
        lost["gaps"] = [asdict(gap) for gap in question.gaps]
    else:
        lost.pop("gaps", None)
    return lost


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)
