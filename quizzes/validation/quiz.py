"""Checks a quiz that comes from outside, and brings it into one form.

Pure: no I/O and no clock. Any JSON value may come in; what comes out is either the quiz or every problem it has, each
with the path of the value at fault (``questions[3].correct_answers``, counted from 0) and a sentence for its author.
The REST API, the admin and the file loader all ask here, so that they agree. Checking a quiz that has passed gives
the same quiz again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from quizzes.rules import limits
from quizzes.rules.content import KINDS, LISTEN, Gap, Kind, QuestionContent, QuizContent
from quizzes.rules.gaps import mark, marks
from quizzes.validation.checker import Checker, ValidationProblem, join

TRUE_FALSE_OPTIONS: Final = ("True", "False")
#: Kinds whose answer is picked among options.
PICKED_KINDS: Final = frozenset({"choice", "multi", "true_false", "poll"})

_NUMBER = re.compile(r"^[+-]?[0-9]{1,15}(\.[0-9]{1,15})?\Z")


def validate_quiz(data: object) -> QuizContent | list[ValidationProblem]:
    """The quiz that a value in the exchange format describes, or everything that is wrong with it."""
    checker = _QuizChecker()
    quiz = checker.quiz(data)
    return checker.problems if checker.problems or quiz is None else quiz


def validate_heading(data: object) -> QuizContent | list[ValidationProblem]:
    """As :func:`validate_quiz`, for a quiz without its questions, which an editor checks one by one."""
    checker = _QuizChecker()
    quiz = checker.heading(data)
    return checker.problems if checker.problems or quiz is None else quiz


def validate_question(data: object) -> QuestionContent | list[ValidationProblem]:
    """As :func:`validate_quiz`, for a single question; the paths start at the question."""
    checker = _QuizChecker()
    question = checker.question(data, "")
    return checker.problems if checker.problems or question is None else question


class _QuizChecker(Checker):
    """A quiz and its parts."""

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
        return QuizContent(
            id=quiz_id,
            title=self.text(mapping, "title", "", limits.TITLE_LENGTH, required=True),
            language=self.language(mapping, "language", ""),
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
        gaps = self.gaps(mapping, path, kind, text)
        points = self.integer(mapping, "points", path, default=limits.POINTS_DEFAULT, low=0, high=limits.POINTS_MAX)
        listen, sound = self.choice(mapping, "listen", path, LISTEN, ""), self.sound(mapping, path)
        if kind == "gaps" and listen and (listen == "instead" or not sound):
            self.problem(
                join(path, "listen"), _("A text with gaps can be heard beside its text alone, and from a recording.")
            )
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
            language=self.language(mapping, "language", path, default=""),
            listen=listen,
            sound=sound,
            listen_language=self.language(mapping, "listen_language", path, default=""),
            gaps=gaps,
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
        elif kind == "gaps":
            for name, given in (("options", options), ("correct_answers", correct)):
                if given:
                    self.problem(join(path, name), _("What belongs in a gap stands with the gap: leave this empty."))
        else:
            self.blank(path, kind, options, correct)
        return options, correct

    def picked(self, path: str, kind: Kind, options: tuple[str, ...], correct: tuple[str, ...]) -> None:
        options_path, correct_path = join(path, "options"), join(path, "correct_answers")
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
        elif kind == "true_false" and len(correct) > 1:
            self.problem(correct_path, _("This kind of question has exactly one right answer."))
        for index, answer in enumerate(correct):
            if answer not in options:
                message = _("“%(answer)s” is not among the options.") % {"answer": answer}
                self.problem(f"{correct_path}[{index}]", message)

    def order(self, path: str, options: tuple[str, ...], correct: tuple[str, ...]) -> tuple[str, ...]:
        if len(correct) < 2:
            self.problem(
                join(path, "correct_answers"), _("Give the entries in their right order, two of them at least.")
            )
        elif options and sorted(options) != sorted(correct):
            self.problem(
                join(path, "options"),
                _("The options must be the entries of the right answer. Left empty, they are shown by alphabet."),
            )
        if options in ((), correct):
            # Shown as they stand they would be the answer. By alphabet they say nothing, unless that is the answer.
            options = tuple(sorted(correct))
            if options == correct:
                options = options[::-1]
        return options

    def blank(self, path: str, kind: Kind, options: tuple[str, ...], correct: tuple[str, ...]) -> None:
        correct_path = join(path, "correct_answers")
        if options:
            self.problem(join(path, "options"), _("Players write this answer themselves: leave the options empty."))
        if not correct:
            self.problem(correct_path, _("No right answer is given."))
        for index, answer in enumerate(correct):
            place = f"{correct_path}[{index}]"
            if kind == "typed":
                self.written(place, answer)
            elif not _NUMBER.match(answer):
                self.problem(place, _("Write a number in digits, such as 12 or -3.5."))

    # -- gaps -----------------------------------------------------------------------------------------------------

    def gaps(self, mapping: Mapping[str, object], path: str, kind: Kind | None, text: str) -> tuple[Gap, ...]:
        """The gaps, which the text must have, each once and in their order."""
        value, place = mapping.get("gaps", []), join(path, "gaps")
        if not isinstance(value, list):
            self.problem(place, _("Give a list of gaps."))
            return ()
        if kind != "gaps":
            if kind and value:
                self.problem(place, _("Only a text with gaps has gaps: leave this empty."))
            return ()
        if not value:
            self.problem(place, _("A text with gaps needs at least one gap."))
        elif len(value) > limits.GAPS_MAX:
            self.problem(place, _("A text has at most %(max)d gaps.") % {"max": limits.GAPS_MAX})
        elif text and marks(text) != list(range(1, len(value) + 1)):
            self.problem(
                join(path, "text"),
                _("Mark each gap in the text once, in order: %(first)s, %(second)s and so on.")
                % {"first": mark(1), "second": mark(2)},
            )
        found = (self.gap(item, f"{place}[{index}]") for index, item in enumerate(value[: limits.GAPS_MAX]))
        return tuple(gap for gap in found if gap is not None)

    def gap(self, data: object, path: str) -> Gap | None:
        mapping = self.mapping(data, path, Gap)
        if mapping is None:
            return None
        before = len(self.problems)
        length = limits.GAP_LENGTH
        options = self.texts(mapping, "options", path, limits.OPTIONS_MAX, length=length)
        correct = self.texts(mapping, "correct_answers", path, limits.CORRECT_ANSWERS_MAX, length=length)
        if len(self.problems) == before:
            if options:
                self.picked(path, "choice", options, correct)
            else:
                self.blank(path, "typed", options, correct)
        return Gap(correct, options, self.grading(mapping, path))
