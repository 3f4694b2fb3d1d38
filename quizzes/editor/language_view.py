"""What the quiz editor asks while somebody writes: whether the answers are in another language than the quiz says."""

from __future__ import annotations

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse

from quizzes.access import is_host
from quizzes.services.language_guess import MAX_LENGTH
from quizzes.services.reading import other_language

#: Bytes of a body; a letter may take four.
_BODY = 4 * MAX_LENGTH + 1_000


class _Asked(msgspec.Struct, frozen=True):
    words: list[str]
    language: str = ""


_decoder = msgspec.json.Decoder(_Asked)


def other_language_view(request: HttpRequest) -> HttpResponse:
    """POST ``{"words": [...], "language": TAG}``; the answer's ``language`` is empty when there is nothing to say."""
    if not is_host(request.user):
        raise PermissionDenied
    if request.method != "POST" or len(request.body) > _BODY:
        return JsonResponse({"detail": "A short list of words, please."}, status=400)
    try:
        asked = _decoder.decode(request.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return JsonResponse({"detail": str(error)}, status=400)
    return JsonResponse({"language": other_language(asked.words, asked.language)})
