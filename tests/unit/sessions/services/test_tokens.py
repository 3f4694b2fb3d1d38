"""Session tokens prove one player in one session on servers of one secret, and nothing else."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from sessions.services.tokens import TokenSigner

SIGNER = TokenSigner("a secret")
ids = st.text("abcXYZ019._-", min_size=1, max_size=36)


@given(ids, ids)
def test_a_token_proves_its_user_in_its_session(session_id: str, user_id: str) -> None:
    token = SIGNER.issue(session_id, user_id)
    assert SIGNER.user_of(session_id, token) == user_id
    assert SIGNER.issue(session_id, user_id) == token
    assert len(token) <= 200


@given(ids, ids, ids)
def test_a_token_of_another_session_proves_nothing(session_id: str, other: str, user_id: str) -> None:
    assume(session_id != other)
    assert SIGNER.user_of(other, SIGNER.issue(session_id, user_id)) is None


@given(ids, ids, ids)
def test_a_token_with_another_user_in_it_proves_nothing(session_id: str, user_id: str, other: str) -> None:
    assume(user_id != other)
    mac = SIGNER.issue(session_id, user_id).rpartition(".")[2]
    assert SIGNER.user_of(session_id, f"{other}.{mac}") is None


@given(ids, ids)
def test_a_token_of_another_secret_proves_nothing(session_id: str, user_id: str) -> None:
    assert SIGNER.user_of(session_id, TokenSigner("another secret").issue(session_id, user_id)) is None


@given(ids, st.text(st.characters(codec=None), max_size=200))
def test_any_text_is_taken_for_a_token_without_proving_anything(session_id: str, text: str) -> None:
    assert SIGNER.user_of(session_id, text) is None


@given(ids, ids, st.data())
def test_a_token_with_a_character_changed_proves_nothing(session_id: str, user_id: str, data: st.DataObject) -> None:
    token = SIGNER.issue(session_id, user_id)
    at = data.draw(st.integers(0, len(token) - 1))
    char = data.draw(st.characters(codec="ascii").filter(lambda char: char != token[at]))
    assert SIGNER.user_of(session_id, token[:at] + char + token[at + 1 :]) is None
