"""Images for tests, drawn here."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def picture(
    kind: str = "PNG", *, size: tuple[int, int] = (60, 40), colour: Any = (200, 30, 60), **options: Any
) -> bytes:
    """An image of one colour, its left half black."""
    mode = options.pop("mode", "RGB")
    image = Image.new(mode, size, colour)
    image.paste(0 if mode in {"P", "L"} else (0,) * len(colour), (0, 0, size[0] // 2, size[1]))
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def opened(data: bytes) -> Image.Image:
    """The image as a browser would show it."""
    return Image.open(io.BytesIO(data))
