"""Checks a quiz that comes from outside, and brings it into one form.

Pure: no I/O and no clock. Any JSON value may come in; what comes out is either the quiz or every problem it has, each
with the path of the value at fault (``questions[3].correct_answers``, counted from 0) and a sentence for its author.
The REST API, the admin and the file loader all ask here, so that they agree.

Text is trimmed and brought into Unicode's composed form (NFC), in which the same word typed on two keyboards is the
same string. Checking a quiz that has passed gives the same quiz again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final, get_args
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from quizzes import limits
from quizzes.content import (
    KINDS,
    AccentRule,
    ArticleRule,
    CaseRule,
    Grading,
    Kind,
    QuestionContent,
    QuizContent,
)

#: A quiz of 500 wrong questions is told about its first problems; nobody reads thousands.
PROBLEMS_MAX: Final = 200

TRUE_FALSE_OPTIONS: Final = ("True", "False")
#: Kinds whose answer is picked among options.
PICKED_KINDS: Final = frozenset({"choice", "multi", "true_false", "poll"})

_ID = re.compile(limits.ID_PATTERN)
#: The shape of RFC 5646's tags, without a look into its registry.
_LANGUAGE = re.compile(r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")
_NUMBER = re.compile(r"^[+-]?[0-9]{1,15}(\.[0-9]{1,15})?\Z")
#: Overrides of the text direction make a text read otherwise than it is spelt.
_OVERRIDES = frozenset("\u202d\u202e")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LINE_ENDS = re.compile("\r\n?")
_PARENTHESES = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one value. An empty ``path`` means the whole."""

    path: str
    message: str


def validate_quiz(data: object) -> QuizContent | list[Problem]:
    """The quiz that a value in the exchange format describes, or everything that is wrong with it."""
    checker = _Checker()
    quiz = checker.quiz(data)
    return checker.problems if checker.problems or quiz is None else quiz


def validate_heading(data: object) -> QuizContent | list[Problem]:
    """As :func:`validate_quiz`, for a quiz without its questions, which an editor checks one by one."""
    checker = _Checker()
    quiz = checker.heading(data)
    return checker.problems if checker.problems or quiz is None else quiz


def validate_question(data: object) -> QuestionContent | list[Problem]:
    """As :func:`validate_quiz`, for a single question; the paths start at the question."""
    checker = _Checker()
    question = checker.question(data, "")
    return checker.problems if checker.problems or question is None else question


class _Checker:
    """Gathers problems. A value at fault is replaced by a harmless one, so that the rest is checked as well."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, path: str, message: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(path, message))

    # -- the quiz and its parts -----------------------------------------------------------------------------------

    def quiz(self, data: object) -> QuizContent | None:
        heading = self.heading(data)
        if heading is None or not isinstance(data, dict):
            return None
        return replace(heading, questions=self.questions(data))

    def heading(self, data: object) -> QuizContent | None:
        mapping = self.mapping(data, "", QuizContent)
        if mapping is None:
            return None
        quiz_id = self.id(mapping, "")
        if quiz_id in limits.RESERVED_QUIZ_IDS:
            self.problem("id", _("This id is reserved; choose another."))
        return QuizContent(
            id=quiz_id,
            title=self.text(mapping, "title", "", limits.TITLE_LENGTH, required=True),
            language=self.language(mapping),
            description=self.text(mapping, "description", "", limits.DESCRIPTION_LENGTH, lines=True),
            shuffle_options=self.boolean(mapping, "shuffle_options", ""),
        )

    def questions(self, mapping: Mapping[str, object]) -> tuple[QuestionContent, ...]:
        value = mapping.get("questions", [])
        if not isinstance(value, list):
            self.problem("questions", _("Give a list of questions."))
            return ()
        if not value:
            self.problem("questions", _("A quiz needs at least one question."))
        if len(value) > limits.QUESTIONS_MAX:
            self.problem("questions", _("A quiz has at most %(max)d questions.") % {"max": limits.QUESTIONS_MAX})
        questions = []
        places: dict[str, int] = {}
        for index, item in enumerate(value[: limits.QUESTIONS_MAX]):
            path = f"questions[{index}]"
            question = self.question(item, path)
            if question is None:
                continue
            if question.id and question.id in places:
                message = _("Question %(number)d has this id as well.") % {"number": places[question.id] + 1}
                self.problem(f"{path}.id", message)
            places.setdefault(question.id, index)
            questions.append(question)
        return tuple(questions)

    def question(self, data: object, path: str) -> QuestionContent | None:
        mapping = self.mapping(data, path, QuestionContent)
        if mapping is None:
            return None
        question_id = self.id(mapping, path)
        text = self.text(mapping, "text", path, limits.TEXT_LENGTH, required=True, lines=True)
        kind = self.choice(mapping, "kind", path, KINDS)
        options, correct = self.answers(mapping, path, kind) if kind else ((), ())
        points = self.integer(mapping, "points", path, default=limits.POINTS_DEFAULT, low=0, high=limits.POINTS_MAX)
        return QuestionContent(
            id=question_id,
            kind=kind or "choice",
            text=text,
            options=options,
            correct_answers=correct,
            points=0 if kind == "poll" else points,
            time_limit_ms=self.integer(
                mapping,
                "time_limit_ms",
                path,
                default=limits.TIME_LIMIT_MS_DEFAULT,
                low=limits.TIME_LIMIT_MS_MIN,
                high=limits.TIME_LIMIT_MS_MAX,
            ),
            explanation=self.text(mapping, "explanation", path, limits.EXPLANATION_LENGTH, lines=True),
            media=self.media(mapping, path),
            tolerance=self.number(mapping, "tolerance", path, 0.0, limits.TOLERANCE_MAX),
            grading=self.grading(mapping, path),
            confusable=self.texts(mapping, "confusable", path, limits.CONFUSABLE_MAX),
        )

    def grading(self, mapping: Mapping[str, object], path: str) -> Grading:
        path = _join(path, "grading")
        value = self.mapping(mapping.get("grading", {}), path, Grading)
        if value is None:
            return Grading()
        default = Grading()
        return Grading(
            case=self.choice(value, "case", path, get_args(CaseRule), default.case) or default.case,
            accents=self.choice(value, "accents", path, get_args(AccentRule), default.accents) or default.accents,
            articles=self.choice(value, "articles", path, get_args(ArticleRule), default.articles) or default.articles,
            almost=self.number(value, "almost", path, default.almost, 1.0),
        )

    # -- options and right answers --------------------------------------------------------------------------------

    def answers(self, mapping: Mapping[str, object], path: str, kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The options and the right answers, which must fit each other and the kind."""
        before = len(self.problems)
        options = self.texts(mapping, "options", path, limits.OPTIONS_MAX)
        correct = self.texts(mapping, "correct_answers", path, limits.CORRECT_ANSWERS_MAX)
        if len(self.problems) > before:
            return options, correct
        if kind == "true_false" and not options:
            options = TRUE_FALSE_OPTIONS
        if kind in PICKED_KINDS:
            self.picked(path, kind, options, correct)
        elif kind == "order":
            options = self.order(path, options, correct)
        else:
            self.written(path, kind, options, correct)
        return options, correct

    def picked(self, path: str, kind: Kind, options: tuple[str, ...], correct: tuple[str, ...]) -> None:
        options_path, correct_path = _join(path, "options"), _join(path, "correct_answers")
        if kind == "true_false" and len(options) != 2:
            self.problem(options_path, _("A true-or-false question has exactly two options."))
        elif len(options) < limits.OPTIONS_MIN:
            self.problem(options_path, _("Give at least %(min)d options.") % {"min": limits.OPTIONS_MIN})
        if kind == "poll":
            if correct:
                self.problem(correct_path, _("A poll has no right answer: leave this empty."))
            return
        if not correct:
            self.problem(correct_path, _("No right answer is given."))
        elif kind != "multi" and len(correct) > 1:
            self.problem(correct_path, _("This kind of question has exactly one right answer."))
        for index, answer in enumerate(correct):
            if answer not in options:
                message = _("“%(answer)s” is not among the options.") % {"answer": answer}
                self.problem(f"{correct_path}[{index}]", message)

    def order(self, path: str, options: tuple[str, ...], correct: tuple[str, ...]) -> tuple[str, ...]:
        if len(correct) < 2:
            self.problem(
                _join(path, "correct_answers"), _("Give the entries in their right order, two of them at least.")
            )
        elif options and sorted(options) != sorted(correct):
            self.problem(
                _join(path, "options"),
                _("The options must be the entries of the right answer. Left empty, they are shown by alphabet."),
            )
        if options in ((), correct):
            # Shown as they stand they would be the answer. By alphabet they say nothing, unless that is the answer.
            options = tuple(sorted(correct))
            if options == correct:
                options = options[::-1]
        return options

    def written(self, path: str, kind: Kind, options: tuple[str, ...], correct: tuple[str, ...]) -> None:
        correct_path = _join(path, "correct_answers")
        if options:
            self.problem(_join(path, "options"), _("Players write this answer themselves: leave the options empty."))
        if not correct:
            self.problem(correct_path, _("No right answer is given."))
        for index, answer in enumerate(correct):
            place = f"{correct_path}[{index}]"
            if kind == "number":
                if not _NUMBER.match(answer):
                    self.problem(place, _("Write a number in digits, such as 12 or -3.5."))
                continue
            # What stands in parentheses may be left out of an answer, so they must pair and leave something over.
            bare = _PARENTHESES.sub("", answer)
            if "(" in bare or ")" in bare:
                self.problem(place, _("The parentheses do not pair, or stand inside each other."))
            elif not bare.strip():
                self.problem(
                    place, _("All of this is optional, for it stands in parentheses: an empty answer would be right.")
                )

    # -- single values --------------------------------------------------------------------------------------------

    def mapping(self, data: object, path: str, form: type) -> Mapping[str, object] | None:
        """``data`` as a mapping; its keys are the fields of the dataclass ``form``."""
        if not isinstance(data, dict):
            self.problem(path, _("Give an object with named fields."))
            return None
        known = {field.name for field in fields(form)}
        for name in data:
            if name not in known:
                self.problem(path, _("There is no field “%(name)s”.") % {"name": _printable(str(name))})
                break
        return data

    def id(self, mapping: Mapping[str, object], path: str) -> str:
        path = _join(path, "id")
        value = mapping.get("id", "")
        if not isinstance(value, str):
            self.problem(path, _("Give a text."))
        elif not value:
            self.problem(path, _("An id is needed."))
        elif not _ID.match(value):
            self.problem(path, _("Use 1 to 36 letters without accents, digits, dots, underscores or hyphens."))
        else:
            return value
        return ""

    def language(self, mapping: Mapping[str, object]) -> str:
        value = self.text(mapping, "language", "", limits.LANGUAGE_LENGTH, default="en")
        if _LANGUAGE.match(value):
            return value
        if not self.problems or self.problems[-1].path != "language":
            self.problem("language", _("Give a language tag such as en, es or pt-BR."))
        return "en"

    def media(self, mapping: Mapping[str, object], path: str) -> str:
        value = self.text(mapping, "media", path, limits.MEDIA_LENGTH)
        if value and not _is_address(value):
            self.problem(_join(path, "media"), _("Give an address that starts with https://, http:// or a single /."))
        return value

    def text(
        self,
        mapping: Mapping[str, object],
        name: str,
        path: str,
        length: int,
        *,
        default: str = "",
        required: bool = False,
        lines: bool = False,
    ) -> str:
        path = _join(path, name)
        text = self.string(mapping.get(name, default), path, length, lines=lines)
        if text == "" and required:
            self.problem(path, _("This must not be empty."))
        return text or ""

    def texts(self, mapping: Mapping[str, object], name: str, path: str, count: int) -> tuple[str, ...]:
        """A list of distinct texts of one line each."""
        path = _join(path, name)
        value = mapping.get(name, [])
        if not isinstance(value, list):
            self.problem(path, _("Give a list of texts."))
            return ()
        if len(value) > count:
            self.problem(path, _("Give at most %(max)d entries.") % {"max": count})
        texts: list[str] = []
        for index, item in enumerate(value[:count]):
            place = f"{path}[{index}]"
            text = self.string(item, place, limits.OPTION_LENGTH)
            if text == "":
                self.problem(place, _("This must not be empty."))
            elif text in texts:
                self.problem(place, _("“%(text)s” is given twice.") % {"text": text})
            elif text is not None:
                texts.append(text)
        return tuple(texts)

    def string(self, value: object, path: str, length: int, *, lines: bool = False) -> str | None:
        """``value`` trimmed and composed, or ``None`` after a problem."""
        if not isinstance(value, str):
            self.problem(path, _("Give a text."))
            return None
        # Composing at most quarters a text, and should not be asked of megabytes.
        text = value if len(value) > 4 * length + 100 else unicodedata.normalize("NFC", value).strip()
        if len(text) > length:
            self.problem(path, _("This is longer than %(max)d characters.") % {"max": length})
            return None
        if lines:
            text = _LINE_ENDS.sub("\n", text)
        allowed = "\n\t" if lines else ""
        if any(
            char in _OVERRIDES or (unicodedata.category(char) in _UNPRINTABLE and char not in allowed) for char in text
        ):
            self.problem(path, _("This holds a control character."))
            return None
        return text

    def choice(
        self, mapping: Mapping[str, object], name: str, path: str, values: tuple[Any, ...], default: Any = None
    ) -> Any:
        value = mapping.get(name, default)
        # A list is not hashable but compares well enough for "in" on a tuple.
        if value in values and isinstance(value, str):
            return value
        self.problem(_join(path, name), _("Give one of: %(values)s.") % {"values": ", ".join(values)})
        return None

    def boolean(self, mapping: Mapping[str, object], name: str, path: str) -> bool:
        value = mapping.get(name, False)
        if not isinstance(value, bool):
            self.problem(_join(path, name), _("Give true or false."))
        return value is True

    def integer(self, mapping: Mapping[str, object], name: str, path: str, *, default: int, low: int, high: int) -> int:
        value = mapping.get(name, default)
        if isinstance(value, float) and value.is_integer():
            # JSON knows one kind of number: 10.0 is an integer.
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            message = _("Give a whole number from %(low)d to %(high)d.") % {"low": low, "high": high}
            self.problem(_join(path, name), message)
            return default
        return value

    def number(self, mapping: Mapping[str, object], name: str, path: str, default: float, high: float) -> float:
        value = mapping.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= high:
            message = _("Give a number from 0 to %(high)s.") % {"high": f"{high:g}"}
            self.problem(_join(path, name), message)
            return default
        return float(value)


def as_json(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """The problems as the REST API lists them."""
    return [{"path": problem.path, "message": problem.message} for problem in problems]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:40])


def _is_address(value: str) -> bool:
    if any(char.isspace() for char in value) or "\\" in value:
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    return value.startswith("/") and not value.startswith("//")
