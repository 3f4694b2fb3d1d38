"""WebSocket frames as they come in (RFC 6455, section 5.2)."""

from __future__ import annotations

from websockets.frames import apply_mask  # type: ignore[attr-defined]

#: The first byte of a whole text frame and of a pong; what tells its opcode, and which opcodes are control frames.
TEXT = 0x81
PONG = 0x8A
OPCODE = 0x0F
CONTROL = 0x08
#: The bits of the second byte.
MASKED = 0x80
_LENGTH = 0x7F
_MASK_BYTES = 4


def header_of(data: bytes, start: int) -> tuple[int, int] | None:
    """Where the payload of a frame begins and how long it is; ``None`` while its header is not whole."""
    if len(data) < start + 2:
        return None
    length, begin = data[start + 1] & _LENGTH, start + 2
    if length > 125:
        begin += 2 if length == 126 else 8
        if len(data) < begin:
            return None
        length = int.from_bytes(data[start + 2 : begin], "big")
    if data[start + 1] & MASKED:
        begin += _MASK_BYTES
        if len(data) < begin:
            return None
    return begin, length


def unmasked(data: bytes, begin: int, length: int) -> bytes:
    """The payload of a masked frame, see :func:`header_of`."""
    plain: bytes = apply_mask(data[begin : begin + length], data[begin - _MASK_BYTES : begin])
    return plain
