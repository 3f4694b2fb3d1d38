"""What the REST views of quizzes and word lists share."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from common.principals import host_of
from common.rest import Problem
from quizzes.access import may_copy, may_edit, owns
from quizzes.models import Quiz, WordList
from quizzes.rules import limits

PROBLEMS = OpenApiResponse(
    description="What was sent is wrong: problem details whose `errors.problems` list a `path` and a `message` each."
)
CONFLICT = OpenApiResponse(description="There is one with this id already: problem details.")
FORBIDDEN = OpenApiResponse(description="Somebody else's: problem details.")
NOT_FOUND = OpenApiResponse(description="There is none such: problem details.")
#: A request that is a file, or a form with one.
FILE: Any = {
    "multipart/form-data": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}},
    "application/octet-stream": OpenApiTypes.BINARY,
}
#: What a key needs to change quizzes, word lists, images and recordings.
CONTENT = "content"
#: An address names its content, so that a browser never has to ask again.
FOR_EVER = "public, max-age=31536000, immutable"
_ID = re.compile(limits.ID_PATTERN)
_Owned = TypeVar("_Owned", Quiz, WordList)


class RawParser(BaseParser):
    """A body that is the file itself, whatever type it says it is. Its view has a bound, ``max_bytes``; 0 for none."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        bound = parser_context["view"].max_bytes
        data = stream.read(bound + 1) if bound else stream.read()
        return {"file": data}


def sent_file(sent: object, bound: int) -> bytes:
    """The file that was sent as the body or in a form.

    :raises Problem: when there is none, or it has more bytes than the bound.
    """
    data = sent.read(bound + 1 if bound else None) if isinstance(sent, UploadedFile) else sent
    if not isinstance(data, bytes):
        raise Problem(status.HTTP_400_BAD_REQUEST, _("Send a file."))
    if bound and len(data) > bound:
        message = _("The file has more than %(max)d bytes.")
        raise Problem(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, message % {"max": bound})
    return data


def find(rows: QuerySet[_Owned], pk: str) -> _Owned:
    """The one with this id.

    :raises Problem: 404 when there is none.
    """
    # PostgreSQL refuses to look for what it cannot hold, such as a NUL.
    found = rows.filter(pk=pk).first() if _ID.match(pk) else None
    if found is None:
        name = capfirst(str(rows.model._meta.verbose_name))
        raise Problem(status.HTTP_404_NOT_FOUND, f"{name} {pk} does not exist")
    return found


def check_editable(request: Request, rows: QuerySet[_Owned], pk: str) -> None:
    """Lock the one with this id, which the caller must be allowed to change."""
    if not may_edit(host_of(request), find(rows.select_for_update(), pk)):
        raise PermissionDenied(_("Only its owner may change this."))


def check_copyable(request: Request, owned: Quiz | WordList) -> None:
    """Refuse whoever may only see and run it."""
    if not may_copy(host_of(request), owned):
        raise PermissionDenied(_("This is shared to be seen and run, not to be copied."))


def check_owned(request: Request, rows: QuerySet[_Owned], pk: str) -> None:
    """Lock the one with this id, which the caller must own."""
    if not owns(host_of(request), find(rows.select_for_update(), pk)):
        raise PermissionDenied(_("Only its owner may delete this."))


def taken(identifier: str) -> Problem:
    """The answer to an id that is taken."""
    detail = _("The id %(id)s is taken already.") % {"id": identifier}
    return Problem(status.HTTP_409_CONFLICT, detail)
