"""REST: word lists, and quizzes made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from common.principals import host_of
from common.rest import Problem
from quizzes.access import visible_word_lists
from quizzes.images.sanitizing import NoImage
from quizzes.images.storage import images_store, split_images, with_addresses
from quizzes.importers.base import CannotRead
from quizzes.importers.formats import Source
from quizzes.models import WordList
from quizzes.rest.filing import FILING, FolderSerializer, file_away, narrowed
from quizzes.rest.shared import (
    CONFLICT,
    CONTENT,
    FORBIDDEN,
    NOT_FOUND,
    PROBLEMS,
    check_editable,
    check_owned,
    find,
    taken,
)
from quizzes.rest.word_serializers import (
    MadeQuizSerializer,
    QuizOptionsSerializer,
    WordListSerializer,
    WordListSummarySerializer,
    options_of,
)
from quizzes.rules.content import content_to_json
from quizzes.rules.words import WordListContent, word_list_to_json
from quizzes.searching import ContentSearch
from quizzes.services.importing import BadHeading, report_json, store_words
from quizzes.services.quiz_making import QuizOptions, TooFewWords, make_quiz, notices
from quizzes.services.quizzes import QuizExists
from quizzes.services.reading import read_sounds, read_source
from quizzes.services.word_lists import WordListExists, word_list_create, word_list_delete, word_list_save
from quizzes.sounds.sanitizing import NoSound
from quizzes.sounds.storage import sounds_store, split_sounds
from quizzes.validation.checker import ValidationProblem, as_json
from quizzes.validation.word_list import validate_word_list


class WordListViewSet(GenericViewSet[WordList]):
    """Hosts reach their own word lists and the demo ones; operators, with an API key, reach all."""

    scope = CONTENT
    serializer_class = WordListSummarySerializer
    filter_backends = (ContentSearch,)
    search_fields = ("id", "search_text", "words__search_text")
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[WordList]:
        return visible_word_lists(host_of(self.request)).order_by("title", "id")

    @extend_schema(
        summary=gettext_lazy("List word lists"), parameters=FILING, responses=WordListSummarySerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        counted = self.get_queryset().select_related("owner").annotate(word_count=Count("words", distinct=True))
        rows = narrowed(request, self.filter_queryset(counted))
        return self.get_paginated_response(WordListSummarySerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        summary=gettext_lazy("Create a word list"),
        request=WordListSerializer,
        responses={201: WordListSerializer, 400: PROBLEMS, 409: CONFLICT},
    )
    def create(self, request: Request) -> Response:
        content = _content(request.data)
        try:
            word_list_create(content, owner=host_of(request))
        except WordListExists:
            raise taken(content.id) from None
        location = reverse("wordlist-detail", args=[content.id])
        return Response(word_list_to_json(content), status=status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(summary=gettext_lazy("Show a word list"), responses={200: WordListSerializer, 404: NOT_FOUND})
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(word_list_to_json(find(self.get_queryset(), pk).content()))

    @extend_schema(
        summary=gettext_lazy("Replace a word list"),
        request=WordListSerializer,
        responses={200: WordListSerializer, 400: PROBLEMS, 403: FORBIDDEN, 404: NOT_FOUND},
    )
    def update(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            check_editable(request, self.get_queryset(), pk)
            content = _content(request.data, list_id=pk)
            word_list_save(content)
        return Response(word_list_to_json(content))

    @extend_schema(
        summary=gettext_lazy("File a word list"),
        request=FolderSerializer,
        responses={200: FolderSerializer, 400: PROBLEMS, 403: FORBIDDEN, 404: NOT_FOUND},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        body = FolderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            check_editable(request, self.get_queryset(), pk)
            word_list = find(self.get_queryset(), pk)
            file_away(word_list, body.validated_data)
        return Response({"folder": word_list.folder})

    @extend_schema(
        summary=gettext_lazy("Delete a word list"),
        description="Quizzes made of it stay.",
        responses={204: None, 403: FORBIDDEN, 404: NOT_FOUND},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            check_owned(request, self.get_queryset(), pk)
            word_list_delete(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary=gettext_lazy("Make a quiz of a word list"),
        request=QuizOptionsSerializer,
        responses={201: MadeQuizSerializer, 400: PROBLEMS, 404: NOT_FOUND, 409: CONFLICT},
    )
    @action(detail=True, methods=["post"])
    def quiz(self, request: Request, pk: str) -> Response:
        word_list = find(self.get_queryset(), pk)
        options = QuizOptionsSerializer(data=request.data)
        options.is_valid(raise_exception=True)
        return Response(
            made_quiz(request, word_list, options_of(options.validated_data)), status=status.HTTP_201_CREATED
        )


def made_quiz(request: Request, word_list: WordList, options: QuizOptions) -> dict[str, Any]:
    """Make and store a quiz; the answer as :class:`MadeQuizSerializer` shows it."""
    try:
        quiz, shortages = make_quiz(word_list, options, owner=host_of(request))
    except TooFewWords as error:
        raise ValidationError({"problems": as_json([ValidationProblem("words", str(error))])}) from None
    except QuizExists:
        raise taken(options.quiz_id) from None
    return {
        "quiz": content_to_json(quiz),
        "notices": notices(quiz, shortages),
        "word_list_id": word_list.pk,
    }


def quiz_of_pasted(request: Request, data: Mapping[str, Any]) -> dict[str, Any]:
    """Store pasted words as a list, and a quiz of it: both or neither. The answer also has a report on each line.

    :param data: validated by :class:`FromWordsSerializer`.
    """
    try:
        imported = read_source(Source(data["text"].encode(), format="quizlet", separator=data["separator"]))
    except CannotRead as error:
        raise ValidationError({"problems": as_json([ValidationProblem("text", str(error))])}) from None
    report = report_json(imported)
    if imported.skipped and not data["allow_skipped"]:
        raise Problem(status.HTTP_400_BAD_REQUEST, _("Some lines cannot be read."), report=report)
    heading = {name: data[name] for name in ("title", "term_language", "meaning_language", "grading")}
    try:
        with transaction.atomic():
            word_list = store_words(imported, heading, owner=host_of(request))
            made = made_quiz(request, word_list, options_of(data))
    except BadHeading as error:
        raise Problem(
            status.HTTP_400_BAD_REQUEST, str(error), errors={"problems": as_json(error.problems)}, report=report
        ) from None
    return {**made, "report": report}


def _content(data: Any, *, list_id: str | None = None) -> WordListContent:
    """The list in a request's body.

    :param list_id: the id in the address, which the body may leave out but not change.
    :raises ValidationError: with every problem.
    """
    if list_id is not None and isinstance(data, dict):
        data = {"id": list_id, **data}
    try:
        data, images = split_images(data)
    except NoImage as error:
        raise ValidationError({"problems": as_json([ValidationProblem("images", str(error))])}) from None
    try:
        data, sounds = split_sounds(data, read_sounds)
    except NoSound as error:
        raise ValidationError({"problems": as_json([ValidationProblem("sounds", str(error))])}) from None
    result = validate_word_list(data)
    if isinstance(result, WordListContent):
        if list_id in (None, result.id):
            return replace(result, words=with_addresses(result.words, {**images_store(images), **sounds_store(sounds)}))
        result = [ValidationProblem("id", _("This is another id than the address has; a word list keeps its id."))]
    raise ValidationError({"problems": as_json(result)})
