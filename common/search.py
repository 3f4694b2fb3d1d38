"""Searches of lists, bounded: each word is a clause on each column, and a database follows so many and no more."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import ValidationError
from rest_framework.filters import SearchFilter
from rest_framework.request import Request

MOST_CHARACTERS = 200
MOST_WORDS = 10


class BoundedSearch(SearchFilter):
    """REST: a longer search is refused."""

    def get_search_terms(self, request: Request) -> Any:
        value = request.query_params.get(self.search_param, "")
        if len(value) > MOST_CHARACTERS or len(value.split()) > MOST_WORDS:
            most = f"At most {MOST_CHARACTERS} characters and {MOST_WORDS} words."
            raise ValidationError({self.search_param: [most]})
        return super().get_search_terms(request)


class BoundedSearchAdmin:
    """The admin: the beginning of a longer search is searched for."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term[:MOST_CHARACTERS].split()[:MOST_WORDS]
        found: tuple[QuerySet[Any], bool] = super().get_search_results(request, queryset, " ".join(words))  # type: ignore[misc]
        return found
