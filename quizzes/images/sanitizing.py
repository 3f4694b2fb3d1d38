"""Images of words and questions: what comes in is decoded and encoded anew, so that what goes out is an image. Pure.

Whatever an image's file held besides its pixels (places, scripts, other files) is gone, and the browser gets one format
only. An image is named by a digest of its bytes: the same image is stored once, and its address never changes content.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from quizzes.rules import limits

MEDIA_TYPE: Final = "image/webp"
#: What PIL may try: no decoder of a format that teachers do not have is ever reached.
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_ADDRESS: Final = re.compile(r"/images/([0-9a-f]{32})\.webp\Z")
#: WebP's, 0 to 100. Photographs show no loss, and a picture of the longest side allowed has about 150 KB.
_QUALITY: Final = 82


class NoImage(ValueError):
    """This is no image, or too large a one. The message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """An image as it is stored and served: WebP, at most :data:`limits.IMAGE_SIDE` pixels a side."""

    data: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """Its name: half of the SHA-256 of its bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()[:32]

    @property
    def address(self) -> str:
        """Where players get it, relative to the server."""
        return address_of(self.digest)


def address_of(digest: str) -> str:
    """The address of the image of this name."""
    return f"/images/{digest}.webp"


def digest_of(address: str) -> str:
    """The name in the address of one of our images; empty for any other address."""
    found = _ADDRESS.match(address)
    return found[1] if found else ""


def read_image(data: bytes, *, max_bytes: int) -> ImageFile:
    """The image in a file, its first frame where there are several, turned as the camera was held.

    :param max_bytes: of the file; 0 for no bound.
    :raises NoImage: when it is none, or has more bytes or pixels than are allowed.
    """
    # Loaded with the first image: most processes never see one.
    from PIL import Image, ImageOps

    if max_bytes and len(data) > max_bytes:
        raise NoImage(_("The image has more than %(max)d bytes.") % {"max": max_bytes})
    try:
        with warnings.catch_warnings():
            # About oddities of a file that do not matter for its pixels, and sizes, which are bounded below.
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                # Known from the header, before a pixel is decoded.
                if image.width * image.height > limits.IMAGE_PIXELS_MAX:
                    raise _too_many_pixels()
                image.thumbnail((limits.IMAGE_SIDE, limits.IMAGE_SIDE))
                upright = ImageOps.exif_transpose(image)
                pixels = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
                pixels.info.clear()
                encoded = io.BytesIO()
                pixels.save(encoded, "WEBP", quality=_QUALITY, method=4)
                return ImageFile(encoded.getvalue(), pixels.width, pixels.height)
    except NoImage:
        raise
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception as error:  # decoders raise anything at a broken image
        raise NoImage(_("This is not an image. Use JPEG, PNG, WebP or GIF.")) from error


def _too_many_pixels() -> NoImage:
    message = _("The image has more than %(max)d megapixels.")
    return NoImage(message % {"max": limits.IMAGE_PIXELS_MAX // 1_000_000})
