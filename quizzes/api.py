"""REST: quizzes in the exchange format, for operators and hosts."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.filters import SearchFilter
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from quizserver.rest import Problem as ProblemResponse
from quizzes import limits
from quizzes.access import is_host, may_edit, visible_quizzes
from quizzes.checking import Problem, as_json
from quizzes.content import QuizContent, content_to_json
from quizzes.models import Quiz
from quizzes.serializers import QuizSerializer, QuizSummarySerializer
from quizzes.services import QuizExists, quiz_create, quiz_delete, quiz_save
from quizzes.validation import validate_quiz

_PROBLEMS = OpenApiResponse(
    description="The quiz is wrong: problem details whose `errors.problems` list a `path` and a `message` each."
)
_CONFLICT = OpenApiResponse(description="There is a quiz with this id already: problem details.")
_FORBIDDEN = OpenApiResponse(description="Somebody else's quiz: problem details.")
_NOT_FOUND = OpenApiResponse(description="There is no such quiz: problem details.")
_ID = re.compile(limits.ID_PATTERN)


class QuizViewSet(GenericViewSet[Quiz]):
    """Hosts reach the quizzes that the admin shows them; operators, with an API key, reach all."""

    serializer_class = QuizSummarySerializer
    filter_backends = (SearchFilter,)
    search_fields = ("id", "title", "description")
    # The router's default would end an id at its first dot.
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[Quiz]:
        return visible_quizzes(_user(self.request)).order_by("title", "id")

    @extend_schema(summary=gettext_lazy("List quizzes"), responses=QuizSummarySerializer(many=True))
    def list(self, request: Request) -> Response:
        quizzes = self.filter_queryset(
            self.get_queryset().select_related("owner").annotate(question_count=Count("questions"))
        )
        page = self.paginate_queryset(quizzes)
        return self.get_paginated_response(QuizSummarySerializer(page, many=True).data)

    @extend_schema(
        summary=gettext_lazy("Create a quiz"),
        request=QuizSerializer,
        responses={201: QuizSerializer, 400: _PROBLEMS, 409: _CONFLICT},
    )
    def create(self, request: Request) -> Response:
        content = _content(request.data)
        try:
            quiz_create(content, owner=_user(request))
        except QuizExists:
            detail = _("There is a quiz with the id %(id)s already.") % {"id": content.id}
            raise ProblemResponse(status.HTTP_409_CONFLICT, detail) from None
        location = reverse("quiz-detail", args=[content.id])
        return Response(content_to_json(content), status=status.HTTP_201_CREATED, headers={"Location": location})

    @extend_schema(summary=gettext_lazy("Show a quiz"), responses={200: QuizSerializer, 404: _NOT_FOUND})
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(content_to_json(self._find(self.get_queryset(), pk).content()))

    @extend_schema(
        summary=gettext_lazy("Replace a quiz"),
        request=QuizSerializer,
        responses={200: QuizSerializer, 400: _PROBLEMS, 403: _FORBIDDEN, 404: _NOT_FOUND},
    )
    def update(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            self._check_editable(pk)
            content = _content(request.data, quiz_id=pk)
            quiz_save(content)
        return Response(content_to_json(content))

    @extend_schema(
        summary=gettext_lazy("Delete a quiz"),
        description="Sessions of the quiz go on and keep their results: they play a copy.",
        responses={204: None, 403: _FORBIDDEN, 404: _NOT_FOUND},
    )
    def destroy(self, request: Request, pk: str) -> Response:
        with transaction.atomic():
            self._check_editable(pk)
            quiz_delete(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _find(self, quizzes: QuerySet[Quiz], pk: str) -> Quiz:
        # PostgreSQL refuses to look for what it cannot hold, such as a NUL.
        if not _ID.match(pk):
            raise Http404
        return get_object_or_404(quizzes, pk=pk)

    def _check_editable(self, pk: str) -> None:
        quiz = self._find(self.get_queryset().select_for_update(), pk)
        if not may_edit(_user(self.request), quiz):
            raise PermissionDenied(_("Only its owner may change this quiz."))


def _user(request: Request) -> User | None:
    """The signed-in host, or ``None`` for an operator: nobody gets here without being one of them."""
    return request.user if isinstance(request.user, User) and is_host(request.user) else None


def _content(data: Any, *, quiz_id: str | None = None) -> QuizContent:
    """The quiz in a request's body.

    :param quiz_id: the id in the address, which the body may leave out but not change.
    :raises ValidationError: with every problem.
    """
    if quiz_id is not None and isinstance(data, dict):
        data = {"id": quiz_id, **data}
    result = validate_quiz(data)
    if isinstance(result, QuizContent):
        if quiz_id in (None, result.id):
            return result
        result = [Problem("id", _("This is another id than the address has; a quiz keeps its id."))]
    raise ValidationError({"problems": as_json(result)})
