"""REST: with whom a quiz or a word list is shared."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.principals import host_of
from quizzes.access import owns, visible_quizzes, visible_word_lists
from quizzes.models import Quiz, Share, WordList
from quizzes.rest.shared import CONTENT, FORBIDDEN, NOT_FOUND, PROBLEMS, find
from quizzes.services.sharing import NoSuchReader, share, share_json, unshare


class ShareSerializer(serializers.Serializer[dict[str, Any]]):
    """With whom something is shared; with neither a name nor a group, with all hosts."""

    id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(max_length=150, required=False, allow_null=True)
    group = serializers.CharField(max_length=150, required=False, allow_null=True)
    level = serializers.ChoiceField(
        Share.Level.choices,
        help_text="`read`: see and run; `copy`: duplicate and export as well; `edit`: change as well.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("username") and attrs.get("group"):
            raise ValidationError(_("Either a user name or a group."))
        return attrs


class _Shares(APIView):
    """Only the owner shares; whoever may not see the thing is told there is none."""

    scope = CONTENT
    read_scope = CONTENT
    words: ClassVar[bool] = False

    def _owned(self, request: Request, pk: str) -> Quiz | WordList:
        user = host_of(request)
        rows: QuerySet[Any] = visible_word_lists(user) if self.words else visible_quizzes(user)
        owned: Quiz | WordList = find(rows, pk)
        if not owns(user, owned):
            raise PermissionDenied(_("Only its owner may share this."))
        return owned

    def get(self, request: Request, pk: str) -> Response:
        """All shares."""
        rows = self._owned(request, pk).shares.select_related("user", "group")
        return Response([share_json(row) for row in rows])

    def post(self, request: Request, pk: str) -> Response:
        """Share, or share otherwise than before."""
        owned = self._owned(request, pk)
        body = ShareSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        try:
            row = share(owned, level=data["level"], username=data.get("username") or "", group=data.get("group") or "")
        except NoSuchReader:
            raise ValidationError(_("There is no host and no group of this name.")) from None
        return Response(share_json(row), status=status.HTTP_201_CREATED)


class _Share(_Shares):
    """One share."""

    def delete(self, request: Request, pk: str, share_id: int) -> Response:
        """Take it back. What was run or copied stays; taking back what is not there is harmless."""
        unshare(self._owned(request, pk), share_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


_REFUSED: dict[int, Any] = {403: FORBIDDEN, 404: NOT_FOUND}


def _listed(kind: str, *, shown: Any, made: Any) -> Any:
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"{kind}_shares_list",
            summary=shown,
            responses={200: ShareSerializer(many=True), **_REFUSED},
        ),
        post=extend_schema(
            operation_id=f"{kind}_shares_create",
            summary=made,
            request=ShareSerializer,
            responses={201: ShareSerializer, 400: PROBLEMS, **_REFUSED},
        ),
    )


def _single(kind: str, *, summary: Any) -> Any:
    return extend_schema_view(
        delete=extend_schema(
            operation_id=f"{kind}_shares_delete",
            summary=summary,
            responses={204: None, **_REFUSED},
        )
    )


@_listed("quizzes", shown=gettext_lazy("Show with whom a quiz is shared"), made=gettext_lazy("Share a quiz"))
class QuizShares(_Shares):
    """With whom a quiz is shared."""


@_listed(
    "wordlists", shown=gettext_lazy("Show with whom a word list is shared"), made=gettext_lazy("Share a word list")
)
class WordListShares(_Shares):
    """With whom a word list is shared."""

    words = True


@_single("quizzes", summary=gettext_lazy("Stop sharing a quiz"))
class QuizShare(_Share):
    """A share of a quiz."""

    http_method_names = ("delete", "options")


@_single("wordlists", summary=gettext_lazy("Stop sharing a word list"))
class WordListShare(_Share):
    """A share of a word list."""

    http_method_names = ("delete", "options")
    words = True
