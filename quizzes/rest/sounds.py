"""Recordings: taking one in over REST, and giving it out to players and screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.rest import Problem
from quizzes.models import Sound
from quizzes.rest.shared import CONTENT, FILE, FOR_EVER, PROBLEMS, RawParser, sent_file
from quizzes.rules.sound_names import address_of, digest_of
from quizzes.services.reading import read_sounds
from quizzes.sounds.sanitizing import MEDIA_TYPE, NoSound
from quizzes.sounds.storage import sound_store


class SoundSerializer(serializers.Serializer[Any]):
    """A recording that was stored."""

    address = serializers.CharField(help_text=gettext_lazy("Give it as the `sound` of a word or a question."))
    duration_ms = serializers.IntegerField()


class Sounds(APIView):
    """Recordings for words and questions."""

    scope = CONTENT
    parser_classes = (MultiPartParser, RawParser)

    @property
    def max_bytes(self) -> int:
        """Of the file."""
        return int(settings.SOUND_MAX_BYTES)

    @extend_schema(
        summary=gettext_lazy("Store a recording"),
        description="MP3, WAV, Ogg (Vorbis or Opus), FLAC or AIFF, 30 seconds at most. It is decoded and stored anew "
        "as MP3. The same recording has the same address, however often it is sent. A recording that nothing plays is "
        "deleted after a day.",
        request=FILE,
        responses={201: SoundSerializer, 400: PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = request.data if isinstance(request.data, Mapping) else {}
        try:
            (sound,) = read_sounds([sent_file(body.get("file"), self.max_bytes)])
        except NoSound as error:
            raise Problem(status.HTTP_400_BAD_REQUEST, str(error)) from None
        address = sound_store(sound)
        answer = {"address": address, "duration_ms": sound.duration_ms}
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Location": address})


@require_safe
def play_sound(request: HttpRequest, digest: str) -> HttpResponse:
    """A recording, for everybody who knows its address: players have no account."""
    if not digest_of(address_of(digest)):
        raise Http404
    data = Sound.objects.filter(pk=digest).values_list("data", flat=True).first()
    if data is None:
        raise Http404
    return _part(request, bytes(data))


def _part(request: HttpRequest, data: bytes) -> HttpResponse:
    """All of it, or the bytes that were asked for: some browsers play nothing that cannot be had in parts."""
    headers = {"Cache-Control": FOR_EVER, "Accept-Ranges": "bytes"}
    unit, _equals, said = request.headers.get("Range", "").partition("=")
    first, _dash, last = said.partition("-")
    if unit != "bytes" or not first.isdecimal() or not (last.isdecimal() or not last) or len(said) > 20:
        return HttpResponse(data, content_type=MEDIA_TYPE, headers=headers)
    start, end = int(first), min(int(last or len(data)), len(data) - 1)
    if start > end:
        headers["Content-Range"] = f"bytes */{len(data)}"
        return HttpResponse(status=416, headers=headers)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
    return HttpResponse(data[start : end + 1], status=206, content_type=MEDIA_TYPE, headers=headers)
