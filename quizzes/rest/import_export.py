"""REST: files in, files out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.principals import host_of
from common.rest import Problem
from quizzes.access import visible_quizzes, visible_word_lists
from quizzes.exporters.formats import QUIZ_FORMATS, WORD_LIST_FORMATS, ExportFormat, media_of
from quizzes.importers.base import CannotRead, Imported
from quizzes.importers.formats import NAMES, Source
from quizzes.rest.shared import (
    CONFLICT,
    CONTENT,
    FILE,
    NOT_FOUND,
    PROBLEMS,
    RawParser,
    check_copyable,
    find,
    sent_file,
    taken,
)
from quizzes.rest.word_lists import made_quiz
from quizzes.rest.word_serializers import ImportedSerializer
from quizzes.rules import limits
from quizzes.rules.content import QuizContent, content_to_json
from quizzes.rules.words import WordListContent, word_list_to_json
from quizzes.services.importing import BadHeading, report_json, store_questions, store_words
from quizzes.services.quiz_making import QuizOptions, TooFewWords
from quizzes.services.quizzes import QuizExists
from quizzes.services.reading import read_source
from quizzes.services.word_lists import WordListExists
from quizzes.validation.checker import as_json


class ImportWishes(serializers.Serializer[Any]):
    """How a file is to be read, in the query or beside it in the form."""

    format = serializers.ChoiceField(list(NAMES), default="", allow_blank=True)
    encoding = serializers.CharField(max_length=40, default="", allow_blank=True)
    separator = serializers.CharField(max_length=10, default="", allow_blank=True, trim_whitespace=False)
    row_separator = serializers.CharField(max_length=10, default="\n", allow_blank=True, trim_whitespace=False)
    columns = serializers.CharField(max_length=2_000, default="", allow_blank=True)
    preview = serializers.BooleanField(default=False)
    allow_skipped = serializers.BooleanField(default=False)
    id = serializers.RegexField(limits.ID_PATTERN, required=False)
    title = serializers.CharField(max_length=limits.TITLE_LENGTH, required=False)
    language = serializers.CharField(max_length=limits.LANGUAGE_LENGTH, required=False)
    term_language = serializers.CharField(max_length=limits.LANGUAGE_LENGTH, required=False)
    meaning_language = serializers.CharField(max_length=limits.LANGUAGE_LENGTH, required=False)


def _parameter(name: str, description: Any, **options: Any) -> OpenApiParameter:
    return OpenApiParameter(name, options.pop("type", str), description=description, **options)


_PARAMETERS = [
    _parameter("format", gettext_lazy("Left out, the server finds out."), enum=list(NAMES)),
    _parameter("encoding", gettext_lazy("Of a text file; left out, the server finds out.")),
    _parameter("separator", gettext_lazy("Quizlet: between a word and its meaning; left out, the server finds out.")),
    _parameter("row_separator", gettext_lazy("Quizlet: between two words; left out, the end of a line.")),
    _parameter(
        "columns",
        gettext_lazy(
            "What the columns of a table are, from the first on, with commas between; left out, it is guessed."
        ),
    ),
    _parameter("preview", gettext_lazy("Tell what the file holds and store nothing."), type=bool),
    _parameter("allow_skipped", gettext_lazy("Go on without the rows that cannot be read."), type=bool),
    _parameter("id", gettext_lazy("Left out, the file's own or made from the title.")),
    _parameter("title", gettext_lazy("Left out, the file's own.")),
]
_RESPONSES = {200: ImportedSerializer, 201: ImportedSerializer, 400: PROBLEMS, 409: CONFLICT}


class _ImportView(APIView):
    scope = CONTENT
    parser_classes = (MultiPartParser, RawParser)

    @property
    def max_bytes(self) -> int:
        """Of the file."""
        return int(settings.IMPORT_MAX_BYTES)

    def read(self, request: Request) -> tuple[Imported, dict[str, Any]]:
        """What was sent, and how it is wished.

        :raises Problem: when it cannot be read, or rows would be skipped that may not.
        """
        body = dict(request.data.items()) if isinstance(request.data, Mapping) else {}
        data = sent_file(body.pop("file", None), self.max_bytes)
        options = ImportWishes(data={**body, **request.query_params.dict()})
        options.is_valid(raise_exception=True)
        said = options.validated_data
        source = Source(
            data,
            said["format"],
            said["encoding"],
            said["separator"],
            said["row_separator"],
            columns=tuple(role.strip() for role in said["columns"].split(",")) if said["columns"].strip() else (),
            languages=tuple(said.get(name, "") for name in ("term_language", "meaning_language", "language")),
        )
        try:
            imported = read_source(source)
        except CannotRead as error:
            raise Problem(status.HTTP_400_BAD_REQUEST, str(error)) from None
        if imported.skipped and not said["preview"] and not said["allow_skipped"]:
            raise Problem(status.HTTP_400_BAD_REQUEST, _("Some rows cannot be read."), report=report_json(imported))
        return imported, said

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case BadHeading():
                exc = Problem(status.HTTP_400_BAD_REQUEST, str(exc), errors={"problems": as_json(exc.problems)})
            case TooFewWords():
                exc = Problem(status.HTTP_400_BAD_REQUEST, str(exc))
            case QuizExists() | WordListExists():
                exc = taken(str(exc))
        return super().handle_exception(exc)


class ImportQuiz(_ImportView):
    """Questions of other programs; words become a list and a quiz made of it."""

    @extend_schema(summary=gettext_lazy("Import a quiz"), parameters=_PARAMETERS, request=FILE, responses=_RESPONSES)
    def post(self, request: Request) -> Response:
        imported, said = self.read(request)
        if said["preview"]:
            return Response(_preview(imported))
        report = {"report": report_json(imported)}
        if imported.holds == "questions":
            heading: dict[str, Any] = {name: said[name] for name in ("id", "title", "language") if name in said}
            quiz = store_questions(imported, heading, owner=host_of(request)).content()
            return Response({"quiz": content_to_json(quiz), **report}, status=status.HTTP_201_CREATED)
        with transaction.atomic():
            word_list = store_words(imported, _list_heading(said), owner=host_of(request))
            options = QuizOptions(title=word_list.title, quiz_id=said.get("id", ""))
            made = made_quiz(request, word_list, options)
        return Response({**made, **report}, status=status.HTTP_201_CREATED)


class ImportWordList(_ImportView):
    """Words of other programs."""

    @extend_schema(
        summary=gettext_lazy("Import a word list"), parameters=_PARAMETERS, request=FILE, responses=_RESPONSES
    )
    def post(self, request: Request) -> Response:
        imported, said = self.read(request)
        if imported.holds != "words":
            raise Problem(status.HTTP_400_BAD_REQUEST, _("This file holds questions, not words."))
        if said["preview"]:
            return Response(_preview(imported))
        word_list = store_words(imported, _list_heading(said), owner=host_of(request))
        answer = {"word_list": word_list_to_json(word_list.content()), "report": report_json(imported)}
        return Response(answer, status=status.HTTP_201_CREATED)


def _list_heading(said: dict[str, Any]) -> dict[str, Any]:
    names = ("id", "title", "term_language", "meaning_language")
    return {name: said[name] for name in names if name in said}


def _preview(imported: Imported) -> dict[str, Any]:
    if imported.holds == "questions":
        quiz = content_to_json(QuizContent("preview", "", questions=imported.questions))
        return {"questions": quiz["questions"], "report": report_json(imported)}
    words = word_list_to_json(WordListContent("preview", "", words=imported.words))
    return {"words": words["words"], "report": report_json(imported)}


def file_response(content: QuizContent | WordListContent, export_format: ExportFormat) -> HttpResponse:
    """A download named after the content's id."""
    response = HttpResponse(export_format.write(content, media_of(content)), content_type=export_format.media_type)
    response["Content-Disposition"] = f'attachment; filename="{content.id}.{export_format.extension}"'
    return response


def _files(formats: dict[str, ExportFormat]) -> dict[Any, Any]:
    types = sorted({export_format.media_type.partition(";")[0] for export_format in formats.values()})
    bodies = {name: OpenApiTypes.OBJECT if name == "application/json" else OpenApiTypes.BINARY for name in types}
    return {**{(200, name): body for name, body in bodies.items()}, 404: NOT_FOUND}


class ExportQuiz(APIView):
    """A quiz as a file."""

    @extend_schema(
        summary=gettext_lazy("Export a quiz"),
        parameters=[OpenApiParameter("format", str, enum=list(QUIZ_FORMATS), default="json")],
        responses=_files(QUIZ_FORMATS),
    )
    def get(self, request: Request, pk: str) -> HttpResponse:
        export_format = _export_format(request, QUIZ_FORMATS)
        quiz = find(visible_quizzes(host_of(request)), pk)
        check_copyable(request, quiz)
        return file_response(quiz.content(), export_format)


class ExportWordList(APIView):
    """A word list as a file."""

    @extend_schema(
        summary=gettext_lazy("Export a word list"),
        parameters=[OpenApiParameter("format", str, enum=list(WORD_LIST_FORMATS), default="json")],
        responses=_files(WORD_LIST_FORMATS),
    )
    def get(self, request: Request, pk: str) -> HttpResponse:
        export_format = _export_format(request, WORD_LIST_FORMATS)
        word_list = find(visible_word_lists(host_of(request)), pk)
        check_copyable(request, word_list)
        return file_response(word_list.content(), export_format)


def _export_format(request: Request, formats: dict[str, ExportFormat]) -> ExportFormat:
    name = request.query_params.get("format", "json")
    if name not in formats:
        detail = _("Give one of: %(values)s.") % {"values": ", ".join(formats)}
        raise Problem(status.HTTP_400_BAD_REQUEST, detail)
    return formats[name]
