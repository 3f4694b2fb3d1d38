"""Images: taking one in over REST, and giving it out to players and screens."""

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
from quizzes.images.sanitizing import MEDIA_TYPE, NoImage, address_of, digest_of, read_image
from quizzes.images.storage import image_store
from quizzes.models import Image
from quizzes.rest.shared import CONTENT, FILE, FOR_EVER, PROBLEMS, RawParser, sent_file


class ImageSerializer(serializers.Serializer[Any]):
    """An image that was stored."""

    address = serializers.CharField(help_text=gettext_lazy("Give it as a word's `image` or a question's `media`."))
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class Images(APIView):
    """Images for words and questions."""

    scope = CONTENT
    parser_classes = (MultiPartParser, RawParser)

    @property
    def max_bytes(self) -> int:
        """Of the file."""
        return int(settings.IMAGE_MAX_BYTES)

    @extend_schema(
        summary=gettext_lazy("Store an image"),
        description="JPEG, PNG, WebP or GIF. It is decoded and stored anew as WebP. The same image has the same "
        "address, however often it is sent. An image that nothing shows is deleted after a day.",
        request=FILE,
        responses={201: ImageSerializer, 400: PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        body = request.data if isinstance(request.data, Mapping) else {}
        try:
            image = read_image(sent_file(body.get("file"), self.max_bytes), max_bytes=self.max_bytes)
        except NoImage as error:
            raise Problem(status.HTTP_400_BAD_REQUEST, str(error)) from None
        address = image_store(image)
        answer = {"address": address, "width": image.width, "height": image.height}
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Location": address})


@require_safe
def show_image(request: HttpRequest, digest: str) -> HttpResponse:
    """An image, for everybody who knows its address: players have no account."""
    if not digest_of(address_of(digest)):
        raise Http404
    data = Image.objects.filter(pk=digest).values_list("data", flat=True).first()
    if data is None:
        raise Http404
    return HttpResponse(bytes(data), content_type=MEDIA_TYPE, headers={"Cache-Control": FOR_EVER})
