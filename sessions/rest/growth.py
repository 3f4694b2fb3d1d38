"""The REST face of growth: how surely a class, or a pupil, knows what was asked; as JSON and for spreadsheets."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from classes.models import Pupil, SchoolClass
from common.principals import host_of, require_scope
from common.rest import Problem
from quizzes.rules.spreadsheet_rows import escape_csv_cell
from sessions.database.growth import Growth, growth_of
from sessions.database.growth_quiz import NothingLeft, make_growth_quiz
from sessions.protocol.encoding import iso
from sessions.rest.classes import ClassAPI
from sessions.rest.exports import SEPARATORS, default_separator, safe_cell, sheet
from sessions.rest.results import SEPARATOR
from sessions.rest.serializers import CsvWishes
from sessions.rest.sessions import NOT_FOUND, PROBLEM
from sessions.rules.growth import level

WORD_HEADERS = ["word", "question", "language", "sureness", "level", "answers", "right", "known", "shaky", "unknown"]
PUPIL_HEADERS = ["pupil_id", "name", "answers", "right", "known", "shaky", "unknown", "last_at"]
CONFUSION_HEADERS = ["word", "typed", "pupils"]
DAY_HEADERS = ["day", "known", "shaky", "unknown"]
UNDONE_HEADERS = ["title", "closes_at", "pupil_id", "name", "answered", "questions"]
OF_PUPIL = OpenApiParameter("pupil", str, description="Id of a pupil; left out, the whole class.")


class WordGrowth(serializers.Serializer[dict[str, Any]]):
    """A word, over all pupils who were asked it."""

    word = serializers.CharField(help_text="The right answer.")
    question = serializers.CharField(help_text="What asked for it last.")
    language = serializers.CharField()
    sureness = serializers.FloatField(help_text="The chance that it would be right a day from now, 0 to 1: the mean.")
    level = serializers.ChoiceField(["known", "shaky", "unknown"])
    answers = serializers.IntegerField()
    right = serializers.IntegerField()
    known = serializers.IntegerField(help_text="Pupils who know it: a chance of 0.8 or more.")
    shaky = serializers.IntegerField(help_text="0.4 or more.")
    unknown = serializers.IntegerField()


class ConfusionOut(serializers.Serializer[dict[str, Any]]):
    """What at least two pupils typed for a word that it is not."""

    word = serializers.CharField()
    typed = serializers.CharField()
    pupils = serializers.IntegerField()


class DayGrowth(serializers.Serializer[dict[str, Any]]):
    """Pairs of a pupil and a word at the end of a day on which was played, by how surely it was known."""

    day = serializers.DateField()
    known = serializers.IntegerField()
    shaky = serializers.IntegerField()
    unknown = serializers.IntegerField()


class PupilGrowth(serializers.Serializer[dict[str, Any]]):
    """A pupil, with the number of words by how surely they are known."""

    pupil_id = serializers.CharField()
    name = serializers.CharField()
    answers = serializers.IntegerField()
    right = serializers.IntegerField()
    known = serializers.IntegerField()
    shaky = serializers.IntegerField()
    unknown = serializers.IntegerField()
    last_at = serializers.DateTimeField(allow_null=True)


class UndonePupil(serializers.Serializer[dict[str, Any]]):
    """A pupil who has not answered every question of a homework."""

    pupil_id = serializers.CharField()
    name = serializers.CharField()
    answered = serializers.IntegerField(help_text="Questions, in the attempt with the most.")


class HomeworkGrowth(serializers.Serializer[dict[str, Any]]):
    """A homework that has opened, and who has not done it."""

    session_id = serializers.CharField()
    title = serializers.CharField()
    closes_at = serializers.DateTimeField()
    questions = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Pupils who answered every question in one attempt.")
    not_done = UndonePupil(many=True)


class GrowthOut(serializers.Serializer[dict[str, Any]]):
    """Growth of a class or a pupil."""

    class_id = serializers.CharField()
    practised = serializers.IntegerField(help_text="How many of the answers were given at home.")
    words = WordGrowth(many=True, help_text="The least surely known first.")
    hardest = WordGrowth(many=True)
    confusions = ConfusionOut(many=True)
    days = DayGrowth(many=True)
    pupils = PupilGrowth(many=True)
    homework = HomeworkGrowth(many=True, help_text="The newest first, at most 12.")


class MakeGrowthQuiz(serializers.Serializer[dict[str, Any]]):
    """Body of POST classes/ID/growth/quiz."""

    pupil = serializers.CharField(required=False, max_length=36, help_text="Of one pupil; left out, of the class.")


class MadeGrowthQuiz(serializers.Serializer[dict[str, Any]]):
    """The quiz that was made."""

    quiz_id = serializers.CharField()
    questions = serializers.IntegerField()


class GrowthAPI(ClassAPI):
    """Finds the growth that is asked for."""

    def growth(self, request: Request, class_id: str, pupil_id: str) -> tuple[SchoolClass, Growth]:
        """Of the class, or of the pupil with this id where there is one."""
        school_class = self.school_class(request, class_id)
        pupil: Pupil | None = self.pupil(request, class_id, pupil_id) if pupil_id else None
        return school_class, growth_of(school_class, pupil, now=int(time.time() * 1_000))

    def asked(self, request: Request, class_id: str) -> tuple[SchoolClass, Growth]:
        """As the query says."""
        return self.growth(request, class_id, request.query_params.get("pupil", ""))


class ClassGrowth(GrowthAPI):
    """Growth for a program."""

    @extend_schema(
        summary="Show growth",
        operation_id="classes_growth",
        parameters=[OF_PUPIL],
        responses={200: GrowthOut, 403: PROBLEM, **NOT_FOUND},
    )
    def get(self, request: Request, class_id: str) -> Response:
        """Words by how surely they are known, over time; hardest words; confusions; pupils. From stored answers."""
        school_class, growth = self.asked(request, class_id)
        return Response({"class_id": school_class.id, **growth_json(growth)})


class ClassGrowthCsv(GrowthAPI):
    """Growth for a spreadsheet."""

    @extend_schema(
        summary="Download growth as CSV",
        operation_id="classes_growth_csv",
        parameters=[OF_PUPIL, SEPARATOR],
        responses={(200, "text/csv"): OpenApiTypes.STR, 400: PROBLEM, 403: PROBLEM, **NOT_FOUND},
    )
    def get(self, request: Request, class_id: str) -> HttpResponse:
        """One line per word."""
        wishes = CsvWishes(data=request.query_params)
        wishes.is_valid(raise_exception=True)
        _, growth = self.asked(request, class_id)
        data = growth_csv(growth, wishes.validated_data.get("separator") or default_separator())
        return download(data, "text/csv; charset=utf-8", "csv")


class ClassGrowthXlsx(GrowthAPI):
    """Growth as a workbook."""

    CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @extend_schema(
        summary="Download growth for Excel",
        operation_id="classes_growth_xlsx",
        parameters=[OF_PUPIL],
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY, 403: PROBLEM, **NOT_FOUND},
    )
    def get(self, request: Request, class_id: str) -> HttpResponse:
        """Sheets for words, pupils, confusions, days, and who has not done which homework."""
        _, growth = self.asked(request, class_id)
        return download(growth_xlsx(growth), self.CONTENT_TYPE, "xlsx")


class ClassGrowthQuiz(GrowthAPI):
    """A quiz of what is not known yet."""

    @extend_schema(
        summary="Make a quiz of what is not known yet",
        operation_id="classes_growth_quiz",
        request=MakeGrowthQuiz,
        responses={201: MadeGrowthQuiz, 400: PROBLEM, 403: PROBLEM, 409: PROBLEM, **NOT_FOUND},
    )
    def post(self, request: Request, class_id: str) -> Response:
        """Of at most 30 words, the least sure first, as they were asked last. 409 when everything is surely known."""
        body = MakeGrowthQuiz(data=request.data)
        body.is_valid(raise_exception=True)
        _, growth = self.growth(request, class_id, body.validated_data.get("pupil", ""))
        require_scope(request, "content")
        try:
            quiz = make_growth_quiz(growth, host_of(request))
        except NothingLeft:
            raise Problem(status.HTTP_409_CONFLICT, "Everything that was asked is surely known.") from None
        made = {"quiz_id": quiz.pk, "questions": quiz.questions.count()}
        return Response(made, status=status.HTTP_201_CREATED)


def growth_json(growth: Growth) -> dict[str, Any]:
    """Growth as plain data."""
    return {
        "practised": growth.practised,
        "words": [_word(growth, row) for row in growth.words],
        "hardest": [_word(growth, row) for row in growth.hardest],
        "confusions": [
            {
                "word": growth.asked[each.word].right,
                "typed": growth.typed[each.word, each.typed],
                "pupils": each.pupils,
            }
            for each in growth.confusions
        ],
        "days": [{"day": day.day.date().isoformat(), **day.levels} for day in growth.days],
        "pupils": [
            {
                "pupil_id": row.id,
                "name": row.name,
                "answers": row.answers,
                "right": row.right,
                **row.levels,
                "last_at": iso(row.last_at) if row.last_at else None,
            }
            for row in growth.pupils
        ],
        "homework": [
            {
                "session_id": each.session_id,
                "title": each.title,
                "closes_at": iso(each.closes_at),
                "questions": each.questions,
                "done": each.done,
                "not_done": [
                    {"pupil_id": undone.pupil.id, "name": undone.pupil.name, "answered": undone.answered}
                    for undone in each.undone
                ],
            }
            for each in growth.homework
        ],
    }


def _word(growth: Growth, row: Any) -> dict[str, Any]:
    asked = growth.asked[row.word]
    return {
        "word": asked.right,
        "question": asked.question.shown_text,
        "language": row.word.language,
        "sureness": round(row.sureness, 4),
        "level": level(row.sureness),
        "answers": row.answers,
        "right": row.right,
        **row.levels,
    }


def growth_csv(growth: Growth, separator: str) -> bytes:
    """One line per word, as :func:`sessions.rest.exports.results_csv` writes results."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=SEPARATORS[separator])
    writer.writerow(WORD_HEADERS)
    for row in growth_json(growth)["words"]:
        writer.writerow([safe_cell(row[header], escape_csv_cell) for header in WORD_HEADERS])
    return text.getvalue().encode("utf-8-sig")


def growth_xlsx(growth: Growth) -> bytes:
    """Sheets for words, pupils, confusions, days, and who has not done which homework."""
    import openpyxl

    told = growth_json(growth)
    book = openpyxl.Workbook(write_only=True)
    for title, name, headers in (
        ("Words", "words", WORD_HEADERS),
        ("Pupils", "pupils", PUPIL_HEADERS),
        ("Confusions", "confusions", CONFUSION_HEADERS),
        ("Days", "days", DAY_HEADERS),
    ):
        sheet(book, title, headers, _rows(told[name], headers))
    undone = [{**each, **pupil} for each in told["homework"] for pupil in each["not_done"]]
    sheet(book, "Homework not done", UNDONE_HEADERS, _rows(undone, UNDONE_HEADERS))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _rows(rows: Sequence[dict[str, Any]], headers: Sequence[str]) -> list[list[Any]]:
    return [[row[header] for header in headers] for row in rows]


def download(data: bytes, content_type: str, extension: str) -> HttpResponse:
    """A file; its name tells no names."""
    disposition = content_disposition_header(as_attachment=True, filename=f"growth.{extension}") or "attachment"
    return HttpResponse(data, content_type=content_type, headers={"Content-Disposition": disposition})
