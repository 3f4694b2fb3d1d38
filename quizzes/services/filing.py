"""Folders and tags of quizzes and word lists, by which lists of them are narrowed."""

from __future__ import annotations

import json
from typing import TypeVar, cast

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

_Owned = TypeVar("_Owned", bound=Model)


def in_folder(rows: QuerySet[_Owned], folder: str) -> QuerySet[_Owned]:
    """Those in a folder, or in one below it: ``7a`` has ``7a/Unit 3``, too."""
    return rows.filter(Q(folder=folder) | Q(folder__startswith=f"{folder}/"))


def with_tag(rows: QuerySet[_Owned], tag: str) -> QuerySet[_Owned]:
    """Those that have a tag."""
    # As text: databases write what is not ASCII in JSON in either of two ways.
    written = Q(tags_text__contains=json.dumps(tag)) | Q(tags_text__contains=json.dumps(tag, ensure_ascii=False))
    # An alias is in no row; for the types it makes another kind of query set.
    return cast("QuerySet[_Owned]", rows.alias(tags_text=Cast("tags", TextField())).filter(written))


def folders_of(rows: QuerySet[_Owned]) -> list[str]:
    """All folders, those above others too, by name."""
    found: set[str] = set()
    for folder in rows.order_by().exclude(folder="").values_list("folder", flat=True).distinct():
        parts = folder.split("/")
        found |= {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    return sorted(found)


def tags_of(rows: QuerySet[_Owned]) -> list[str]:
    """All tags, by name."""
    found: set[str] = set()
    for tags in rows.order_by().exclude(tags=[]).values_list("tags", flat=True):
        found |= set(tags)
    return sorted(found)


def tidy_folder(folder: str) -> str:
    """A folder as it is kept: without empty parts and spaces around the strokes."""
    return "/".join(part for part in (" ".join(part.split()) for part in folder.split("/")) if part)
