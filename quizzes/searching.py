"""Quizzes and word lists are searched in a column of their own: databases differ in what they take for the same letter
(SQLite knows the case of ASCII alone), and a list in a JSON column has its letters escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.request import Request

from common.search import MOST_CHARACTERS, BoundedSearch, BoundedSearchAdmin
from quizzes.rules.text import normalize


def search_text(*values: Any) -> str:
    """What is searched of these texts, and of those in these lists: without case, accents and other marks."""
    text = normalize("NFKD", " ".join(_texts(values))).casefold()
    return " ".join("".join(each for each in text if unicodedata.category(each) != "Mn").split())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


class SearchText(models.TextField):  # type: ignore[type-arg]  # only its stubs are generic
    """What other fields of the row say, in the form of :func:`search_text`; written with the row."""

    def __init__(self, *, of: tuple[str, ...], **options: Any) -> None:
        """:param of: names of those fields."""
        self.of = tuple(of)
        super().__init__(**{"default": "", "db_default": "", "editable": False, **options})

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        text = search_text([getattr(model_instance, name) for name in self.of])
        setattr(model_instance, self.attname, text)
        return text


class ContentSearch(BoundedSearch):
    """REST: searches columns of :class:`SearchText`."""

    def get_search_terms(self, request: Request) -> Any:
        return [search_text(term) for term in super().get_search_terms(request)]


class ContentSearchAdmin(BoundedSearchAdmin):
    """The admin: searches columns of :class:`SearchText`."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_text(search_term[:MOST_CHARACTERS]))
