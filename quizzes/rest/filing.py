"""REST: the folder and tags of quizzes and word lists."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from quizzes.rules import limits
from quizzes.services.filing import in_folder, tidy_folder, with_tag

_Owned = TypeVar("_Owned", bound=Model)

#: What narrows a list.
FILING = [
    OpenApiParameter("folder", str, description=_("Those in a folder and below it.")),
    OpenApiParameter("tag", str, description=_("Those that have a tag.")),
]


class FolderSerializer(serializers.Serializer[dict[str, Any]]):
    """Where something is kept: parts of a folder's name are parted by strokes, as in `7a/Unit 3`."""

    folder = serializers.CharField(max_length=limits.FOLDER_LENGTH, allow_blank=True, required=False)

    def validate_folder(self, value: str) -> str:
        """As it is kept."""
        return tidy_folder(value)


class FilingSerializer(FolderSerializer):
    """Where a quiz is kept, and its tags."""

    tags = serializers.ListField(
        child=serializers.CharField(max_length=limits.TAG_LENGTH), max_length=limits.TAGS_MAX, required=False
    )

    def validate_tags(self, value: list[str]) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(value))


def narrowed(request: Request, rows: QuerySet[_Owned]) -> QuerySet[_Owned]:
    """Those in the folder and with the tag that the query names."""
    if folder := tidy_folder(request.query_params.get("folder", "")):
        rows = in_folder(rows, folder)
    if tag := request.query_params.get("tag", "").strip():
        rows = with_tag(rows, tag)
    return rows


def file_away(owned: Any, changes: dict[str, Any]) -> None:
    """Note another folder, other tags."""
    for name, value in changes.items():
        setattr(owned, name, value)
    owned.save(update_fields=[*changes, "updated_at"])
