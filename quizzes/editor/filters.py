"""The filters of the lists of quizzes and word lists: by folder and by tag."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from quizzes.services.filing import folders_of, in_folder, tags_of, with_tag


class FolderFilter(admin.SimpleListFilter):
    """Those in a folder and below it."""

    title = _("folder")
    parameter_name = "folder"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(folder, folder) for folder in folders_of(model_admin.get_queryset(request))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        folder = self.value()
        return in_folder(queryset, folder) if folder else queryset


class TagFilter(admin.SimpleListFilter):
    """Those that have a tag."""

    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(tag, tag) for tag in tags_of(model_admin.get_queryset(request))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        tag = self.value()
        return with_tag(queryset, tag) if tag else queryset
