"""How recordings are called: by a digest of their bytes, which tells nothing of what is heard. Pure."""

from __future__ import annotations

import re
from typing import Final

_ADDRESS: Final = re.compile(r"/sounds/([0-9a-f]{32})\.mp3\Z")


def address_of(digest: str) -> str:
    """The address of the recording of this name."""
    return f"/sounds/{digest}.mp3"


def digest_of(address: str) -> str:
    """The name in the address of one of our recordings; empty for any other address."""
    found = _ADDRESS.match(address)
    return found[1] if found else ""
