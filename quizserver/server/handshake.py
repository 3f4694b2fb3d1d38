"""The opening handshake as browsers and libraries send it, told from the fields of a request that is already parsed.

uvicorn would write the request out again for the WebSocket library, which parses it a second time, and answers with
headers it makes one by one: a third of what a player costs who connects and joins. Whatever is not plain is left to it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence

#: RFC 6455, section 1.3.
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES = 16
_WANTED = (b"upgrade", b"connection", b"sec-websocket-key", b"sec-websocket-version")
#: Bytes of an address, or of a field's value, that are more than anybody plain sends; and so many fields.
_LONG = 4_096
_MANY = 100
#: With these there is something to agree on.
_TO_AGREE_ON = b"sec-websocket-protocol"


def accept_of(method: str, version: str, url: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bytes | None:
    """The value of Sec-WebSocket-Accept for a plain handshake (RFC 6455, section 4.2); ``None`` for anything else,
    right or wrong.

    :param version: of HTTP.
    :param headers: with lower-case names.
    """
    if len(url) > _LONG or not url.isascii() or len(headers) > _MANY:
        return None
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name == _TO_AGREE_ON or (name in _WANTED and name in found) or len(value) > _LONG:
            return None
        found[name] = value
    upgrade, connection, key, wanted = (found.get(name, b"") for name in _WANTED)
    if (method, version, wanted) != ("GET", "1.1", b"13") or upgrade.lower() != b"websocket":
        return None
    if b"upgrade" not in (option.strip() for option in connection.lower().split(b",")):
        return None
    try:
        if len(base64.b64decode(key, validate=True)) != _KEY_BYTES:
            return None
    except binascii.Error:
        return None
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def answer_to(accept: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The response that lets a client in.

    :param headers: further ones.
    """
    more = b"".join(b"%b: %b\r\n" % header for header in headers)
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n%b\r\n" % (accept, more)
    )
