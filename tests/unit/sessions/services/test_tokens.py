"""Session tokens prove one player in one session on servers of one secret, and nothing else."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from sessions.services.tokens import CODE_ALPHABET, Proof, TokenSigner

SIGNER = TokenSigner("a secret")
ids = st.text("abcXYZ019._-", min_size=1, max_size=36)


@given(ids, ids)
def test_a_token_proves_its_user_in_its_session(session_id: str, user_id: str) -> None:
    token = SIGNER.issue(session_id, user_id)
    assert SIGNER.proof_of(session_id, token) == Proof(user_id, 0)
    assert SIGNER.issue(session_id, user_id) == token
    assert len(token) <= 200


@given(ids, ids, ids)
def test_a_token_of_another_session_proves_nothing(session_id: str, other: str, user_id: str) -> None:
    assume(session_id != other)
    assert SIGNER.proof_of(other, SIGNER.issue(session_id, user_id)) is None


@given(ids, ids, ids)
def test_a_token_with_another_user_in_it_proves_nothing(session_id: str, user_id: str, other: str) -> None:
    assume(user_id != other)
    mac = SIGNER.issue(session_id, user_id).rpartition(".")[2]
    assert SIGNER.proof_of(session_id, f"{other}.{mac}") is None


@given(ids, ids)
def test_a_token_of_another_secret_proves_nothing(session_id: str, user_id: str) -> None:
    assert SIGNER.proof_of(session_id, TokenSigner("another secret").issue(session_id, user_id)) is None


@given(ids, st.text(st.characters(codec=None), max_size=200))
def test_any_text_is_taken_for_a_token_without_proving_anything(session_id: str, text: str) -> None:
    assert SIGNER.proof_of(session_id, text) is None


@given(ids, ids, st.data())
def test_a_token_with_a_character_changed_proves_nothing(session_id: str, user_id: str, data: st.DataObject) -> None:
    token = SIGNER.issue(session_id, user_id)
    at = data.draw(st.integers(0, len(token) - 1))
    char = data.draw(st.characters(codec="ascii").filter(lambda char: char != token[at]))
    assert SIGNER.proof_of(session_id, token[:at] + char + token[at + 1 :]) is None


@given(ids, ids, st.integers(0, 1_000), st.integers(0, 1_000))
def test_a_token_says_how_often_its_place_had_moved(session_id: str, user_id: str, moves: int, other: int) -> None:
    token = SIGNER.issue(session_id, user_id, moves)
    assert SIGNER.proof_of(session_id, token) == Proof(user_id, moves)
    assert len(token) <= 200
    mac = token.rpartition(".")[2]
    assume(other != moves)
    bearer = f"{user_id}~{other}" if other else user_id
    assert SIGNER.proof_of(session_id, f"{bearer}.{mac}") is None


@given(ids, ids, st.integers(1, 100_000), st.integers(0, 9), st.integers(0, 10**6))
def test_a_place_code_names_its_player_and_is_another_one_for_anything_else(
    session_id: str, user_id: str, position: int, moves: int, period: int
) -> None:
    code = SIGNER.place_code(session_id, user_id, position=position, moves=moves, period=period)
    assert set(code) <= set(CODE_ALPHABET)
    assert SIGNER.position_in(code) == position
    others = [
        SIGNER.place_code(session_id, user_id, position=position, moves=moves + 1, period=period),
        SIGNER.place_code(session_id, user_id, position=position, moves=moves, period=period + 1),
        SIGNER.place_code(session_id, user_id + "x", position=position, moves=moves, period=period),
        SIGNER.place_code(session_id + "x", user_id, position=position, moves=moves, period=period),
    ]
    assert code not in others


@given(st.text(max_size=64))
def test_any_text_is_taken_for_a_place_code_without_naming_anybody_wrongly(text: str) -> None:
    position = SIGNER.position_in(text)
    assert position is None or position >= 0
