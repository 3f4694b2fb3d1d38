"""REST: quizzes in the exchange format, for operators and hosts."""

from __future__ import annotations

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
from quizzes.access import visible_quizzes
from quizzes.images.sanitizing import NoImage
from quizzes.images.storage import images_store, split_images, with_addresses
from quizzes.models import Quiz
from quizzes.rest.filing import FILING, FilingSerializer, file_away, narrowed
from quizzes.rest.serializers import QuizSerializer, QuizSummarySerializer
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
from quizzes.rest.word_lists import quiz_of_pasted
from quizzes.rest.word_serializers import FromWordsSerializer, MadeQuizSerializer
from quizzes.rules.content import QuizContent, content_to_json
from quizzes.searching import ContentSearch
from quizzes.services.quizzes import QuizExists, quiz_create, quiz_delete, quiz_save
from quizzes.services.reading import read_sounds
from quizzes.sounds.sanitizing import NoSound
from quizzes.sounds.storage import sounds_store, split_sounds
from quizzes.validation.checker import ValidationProblem, as_json
from quizzes.validation.quiz import validate_quiz


class QuizViewSet(GenericViewSet[Quiz]):
    """Hosts reach the quizzes that the admin shows them; operators, with an API key, reach all."""

    scope = CONTENT
    serializer_class = QuizSummarySerializer
    filter_backends = (ContentSearch,)
    search_fields = ("id", "search_text", "questions__search_text")
    # The router's default would end an id at its first dot.
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Quiz]:
        return visible_quizzes(host_of(self.request)).order_by("title", "id")

    @extend_schema(summary=gettext_lazy("List quizzes"), parameters=FILING, responses=QuizSummarySerializer(many=True))
    def list(self, request: Request) -> Response:
        quizzes = self.filter_queryset(
            self.get_queryset().select_related("owner").annotate(question_count=Count("questions", distinct=True))
        )
        page = self.paginate_queryset(narrowed(request, quizzes))
        return self.get_paginated_response(QuizSummarySerializer(page, many=True).data)

    @extend_schema(
        summary=gettext_lazy("Create a quiz"),
        request=QuizSerializer,
        responses={201: QuizSerializer, 400: PROBLEMS, 409: CONFLICT},
    )
    def create(self, request: Request) -> Response:
        content = _content(request.data)
        try:
            quiz_create(content, owner=host_of(request))
        except QuizExists:
            raise taken(content.id) from None
        location = reverse("quiz-detail", args=[content.id])
        return Response(content_to_json(content), status=status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(
        summary=gettext_lazy("Make a quiz of pasted words"),
        description="One word and its meaning a line, with a tab or any other separator between them. The words are "
        "stored as a word list, and the quiz drawn from it. `report` tells what became of each line.",
        request=FromWordsSerializer,
        responses={201: MadeQuizSerializer, 400: PROBLEMS, 409: CONFLICT},
    )
    @action(detail=False, methods=["post"], url_path="from-words")
    def from_words(self, request: Request) -> Response:
        wishes = FromWordsSerializer(data=request.data)
        wishes.is_valid(raise_exception=True)
        made = quiz_of_pasted(request, wishes.validated_data)
        return Response(made, status=status.HTTP_201_CREATED)

    @extend_schema(summary=gettext_lazy("Show a quiz"), responses={200: QuizSerializer, 404: NOT_FOUND})
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(content_to_json(find(self.get_queryset(), pk).content()))

    @extend_schema(
        summary=gettext_lazy("Replace a quiz"),
        request=QuizSerializer,
        responses={200: QuizSerializer, 400: PROBLEMS, 403: FORBIDDEN, 404: NOT_FOUND},
    )
    def update(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            check_editable(request, self.get_queryset(), pk)
            content = _content(request.data, quiz_id=pk)
            quiz_save(content)
        return Response(content_to_json(content))

    @extend_schema(
        summary=gettext_lazy("File a quiz"),
        request=FilingSerializer,
        responses={200: FilingSerializer, 400: PROBLEMS, 403: FORBIDDEN, 404: NOT_FOUND},
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        body = FilingSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        with transaction.atomic():
            check_editable(request, self.get_queryset(), pk)
            quiz = find(self.get_queryset(), pk)
            file_away(quiz, body.validated_data)
        return Response({"folder": quiz.folder, "tags": quiz.tags})

    @extend_schema(
        summary=gettext_lazy("Delete a quiz"),
        description="Sessions of the quiz go on and keep their results: they play a copy.",
        responses={204: None, 403: FORBIDDEN, 404: NOT_FOUND},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            check_owned(request, self.get_queryset(), pk)
            quiz_delete(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _content(data: Any, *, quiz_id: str | None = None) -> QuizContent:
    """The quiz in a request's body.

    :param quiz_id: the id in the address, which the body may leave out but not change.
    :raises ValidationError: with every problem.
    """
    if quiz_id is not None and isinstance(data, dict):
        data = {"id": quiz_id, **data}
    try:
        data, images = split_images(data)
    except NoImage as error:
        raise ValidationError({"problems": as_json([ValidationProblem("images", str(error))])}) from None
    try:
        data, sounds = split_sounds(data, read_sounds)
    except NoSound as error:
        raise ValidationError({"problems": as_json([ValidationProblem("sounds", str(error))])}) from None
    result = validate_quiz(data)
    if isinstance(result, QuizContent):
        if quiz_id in (None, result.id):
            return replace(
                result, questions=with_addresses(result.questions, {**images_store(images), **sounds_store(sounds)})
            )
        result = [ValidationProblem("id", _("This is another id than the address has; a quiz keeps its id."))]
    raise ValidationError({"problems": as_json(result)})
