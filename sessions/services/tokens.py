"""Session tokens: the proof that a player is who they say, without a table to look them up in.

A token is ``USER_ID.MAC`` with ``MAC = base64url(HMAC-SHA256(key, session_id NUL user_id))`` cut to 192 bits. Making or
checking one costs about two microseconds and no I/O, so that ten thousand players can come back at once. After a
player's place has moved to another browser it is ``USER_ID~MOVES.MAC``, and only the store knows whether it is the
latest.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import NamedTuple

#: No vowels and nothing that looks like something else: no words, no mistakes when read aloud.
CODE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
#: Of a place code, 38 bits: nobody guesses one in the time it holds.
_SECRET_LETTERS = 8


class Proof(NamedTuple):
    """Who a token proves, and of which browser: how often the place had moved when it was given out."""

    user_id: str
    moves: int


class TokenSigner:
    """Makes and checks tokens with a key derived from the server's secret."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"quizserver.session-token\0" + secret.encode()).digest()

    def issue(self, session_id: str, user_id: str, moves: int = 0) -> str:
        """The token of this player in this session; always the same one until the place moves."""
        bearer = f"{user_id}~{moves}" if moves else user_id
        return f"{bearer}.{self._mac(session_id, bearer)}"

    def proof_of(self, session_id: str, token: str) -> Proof | None:
        """What a token proves in this session, or ``None`` when it proves nothing."""
        bearer, _, mac = token.rpartition(".")
        # Compared as bytes: compare_digest refuses text that is not ASCII, and a token may be any text.
        expected = self._mac(session_id, bearer).encode()
        if bearer and hmac.compare_digest(mac.encode(errors="replace"), expected):
            user_id, _, moves = bearer.partition("~")
            return Proof(user_id, int(moves or 0))
        return None

    def user_for(self, session_id: str, join_key: str) -> str:
        """The user id of whoever has this key in this session: nobody else can come to it, and nothing is stored."""
        return self._mac(f"join-key\0{session_id}", join_key)

    def place_code(self, session_id: str, user_id: str, *, position: int, moves: int, period: int) -> str:
        """The code by which a player's place moves to another browser, in letters that are easily read aloud.

        :param position: the player's, which the code names.
        :param moves: how often the place has moved: once it has again, this is another code.
        :param period: the period of time in which it is shown.
        """
        digest = hmac.digest(self._key, f"place\0{session_id}\0{user_id}\0{moves}\0{period}".encode(), "sha256")
        secret = _letters(int.from_bytes(digest, "big"))[-_SECRET_LETTERS:]
        return secret + _letters(position)

    @staticmethod
    def position_in(code: str) -> int | None:
        """The position of the player that a place code names, or ``None`` when it cannot be one."""
        letters = code[_SECRET_LETTERS:]
        # A session has 10,000 players at most, and those who were removed.
        if not 1 <= len(letters) <= _SECRET_LETTERS or not set(code) <= set(CODE_ALPHABET):
            return None
        position = 0
        for letter in letters:
            position = position * len(CODE_ALPHABET) + CODE_ALPHABET.index(letter)
        return position

    def _mac(self, session_id: str, user_id: str) -> str:
        text = f"{session_id}\0{user_id}".encode(errors="replace")
        return base64.urlsafe_b64encode(hmac.digest(self._key, text, "sha256")[:24]).decode()


def _letters(number: int) -> str:
    found = ""
    while number or not found:
        number, rest = divmod(number, len(CODE_ALPHABET))
        found = CODE_ALPHABET[rest] + found
    return found
