"""What is done to images: storing them, taking them along with exports, and deleting those nothing shows any more."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from quizzes.images.sanitizing import ImageFile, NoImage, address_of, digest_of, read_image
from quizzes.models import Image, Question, Word
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.rules.words import WordContent, WordListContent

#: The field of a file in the exchange format that holds images: address -> bytes in base64.
IMAGES: Final = "images"


def image_store(image: ImageFile) -> str:
    """Store an image, once however often it comes, and tell its address."""
    Image.objects.update_or_create(
        digest=image.digest,
        defaults={"stored_at": timezone.now()},
        create_defaults={"data": image.data, "width": image.width, "height": image.height},
    )
    return image.address


def images_store(images: Mapping[str, ImageFile]) -> dict[str, str]:
    """Store what came with a file.

    :param images: by the addresses that the file's words or questions have.
    :returns: the addresses they have here. An image of another server was encoded anew, so it may have another one; one
        that is here already keeps its own.
    """
    here = _stored(images)
    addresses = {address: image_store(image) for address, image in images.items() if address not in here}
    Image.objects.filter(pk__in=map(digest_of, here)).update(stored_at=timezone.now())
    return addresses


def with_addresses(entries: Iterable[QuestionContent | WordContent], addresses: Mapping[str, str]) -> tuple[Any, ...]:
    """The questions or words with the addresses that their images and recordings have here."""
    moved: list[QuestionContent | WordContent] = []
    for entry in entries:
        sound = addresses.get(entry.sound, entry.sound)
        if isinstance(entry, WordContent):
            moved.append(replace(entry, image=addresses.get(entry.image, entry.image), sound=sound))
        else:
            moved.append(replace(entry, media=addresses.get(entry.media, entry.media), sound=sound))
    return tuple(moved)


def images_of(content: QuizContent | WordListContent) -> dict[str, bytes]:
    """The images that a quiz or a word list shows and that are stored here, by address."""
    if isinstance(content, WordListContent):
        shown = {word.image for word in content.words}
    else:
        shown = {question.media for question in content.questions}
    return _stored(shown)


def split_images(data: Any) -> tuple[Any, dict[str, ImageFile]]:
    """A value in the exchange format without its images, and these by address.

    :raises NoImage: when one of them is none.
    """
    if not isinstance(data, dict) or IMAGES not in data:
        return data, {}
    value = data[IMAGES]
    if not isinstance(value, dict):
        raise NoImage(_("Give an object with named fields."))
    images = {}
    for address, said in value.items():
        try:
            sent = base64.b64decode(said if isinstance(said, str) else "", validate=True)
        except (binascii.Error, ValueError):
            sent = b""
        if not digest_of(address):
            raise NoImage(_("There is no field “%(name)s”.") % {"name": address[:80]})
        images[address] = read_image(sent, max_bytes=settings.IMAGE_MAX_BYTES)
    return {name: entry for name, entry in data.items() if name != IMAGES}, images


def media_to_json(media: Mapping[str, bytes]) -> dict[str, str]:
    """Images as :func:`split_images` reads them, and recordings likewise."""
    return {address: base64.b64encode(data).decode() for address, data in sorted(media.items())}


def unused_images(*, stored_before: datetime) -> set[str]:
    """Names of the images that no word and no question shows, and that nobody stored again since a moment."""
    old = Image.objects.filter(stored_at__lt=stored_before).values_list("digest", flat=True)
    shown = set(Word.objects.exclude(image="").values_list("image", flat=True))
    shown |= set(Question.objects.exclude(media="").values_list("media", flat=True))
    return {digest for digest in old if address_of(digest) not in shown}


def _stored(addresses: Iterable[str]) -> dict[str, bytes]:
    digests = [digest for digest in map(digest_of, addresses) if digest]
    rows = Image.objects.filter(pk__in=digests).values_list("digest", "data")
    return {address_of(digest): bytes(data) for digest, data in rows}
