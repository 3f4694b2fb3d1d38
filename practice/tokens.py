"""The secret of a deck's link: made of the deck's id and the server's key, so that it can be shown again without being
kept. The database has its hash, by which the deck is found."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from django.conf import settings

#: 192 bits: nobody guesses one.
_BYTES = 24
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}\Z")


def deck_token(deck_id: str) -> str:
    """What opens the deck."""
    return base64.urlsafe_b64encode(_mac(b"deck", deck_id)[:_BYTES]).decode()


def token_hash(token: str) -> str:
    """By this a deck is found, and nothing is told of its token."""
    return hashlib.sha256(token.encode()).hexdigest()


def player_hash(session_id: str, user_id: str) -> str:
    """By this a player's deck is found once the player has another id."""
    return _mac(b"player", f"{session_id}\0{user_id}").hex()


def _mac(purpose: bytes, text: str) -> bytes:
    key = hashlib.sha256(b"quizserver.practice-" + purpose + b"\0" + settings.SECRET_KEY.encode()).digest()
    return hmac.digest(key, text.encode(errors="replace"), "sha256")
