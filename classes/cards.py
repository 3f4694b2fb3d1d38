"""The cards of pupils: a secret on paper that says who holds it.

A secret is made of the pupil's id, the number of the card and the server's key, so that a sheet can be printed again
without the secrets being kept: the database has a keyed hash of each, by which a card is found. A new card has the next
number, and the one before opens nothing any more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from django.conf import settings

#: 128 bits: nobody guesses one.
_BYTES = 16
SECRET = re.compile(r"[A-Za-z0-9_-]{22}\Z")


def card_secret(pupil_id: str, number: int) -> str:
    """What is on a pupil's card with this number."""
    mac = hmac.digest(_key(b"card"), f"{pupil_id}\0{number}".encode(), "sha256")
    return base64.urlsafe_b64encode(mac[:_BYTES]).decode().rstrip("=")


def card_hash(secret: str) -> str:
    """By this a card is found, and nothing is told of it."""
    return hmac.new(_key(b"hash"), secret.encode(errors="replace"), hashlib.sha256).hexdigest()


def _key(purpose: bytes) -> bytes:
    return hashlib.sha256(b"quizserver.pupil-" + purpose + b"\0" + settings.SECRET_KEY.encode()).digest()
