"""Decks: made for whoever proves to be a player, found by their token, told, and deleted."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import IntegrityError, transaction

from practice.models import PracticeDeck
from practice.rules.deck import is_card, is_withheld, missed
from practice.tokens import TOKEN, deck_token, player_hash, token_hash
from quizzes.rules.content import QuestionContent
from scoring.models import AnswerSubmission
from sessions.database.rows import setup_of, to_datetime
from sessions.models import Participant, PupilPlace, QuizSession
from sessions.rules.attempts import attempt_id, attempt_of, person_of
from sessions.rules.people import unpack_needs
from sessions.rules.state import SessionSetup, SessionState, state_from_json
from sessions.services.tokens import Proof

logger = logging.getLogger(__name__)

#: Sessions whose quizzes are kept ready: to read one takes longer than all the rest of a review.
_SETUPS = 32
#: A deck is in use for so long before that is written down again.
_USED_AGAIN = timedelta(hours=1)


class SolutionsWithheld(Exception):
    """The player may not know all solutions yet."""


class UnknownPlayer(Exception):
    """Nobody is known by this proof: taken out, deleted, or without an id any more."""


class UnknownDeck(Exception):
    """No deck has this token: it was deleted, or there never was one."""


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck with the session that its cards are of."""

    row: PracticeDeck
    setup: SessionSetup
    state: SessionState
    #: Whether accents do not matter for this player.
    lenient: bool

    def question(self, question_id: str) -> QuestionContent | None:
        """The question of a card, or ``None``."""
        question = self.setup.quiz.question(question_id)
        return question if question is not None and is_card(question) else None


def make_deck(session_id: str, proof: Proof, *, now: int) -> PracticeDeck:
    """The player's deck, made if there is none; the words that were missed are looked up again.

    :param now: Unix milliseconds.
    :raises UnknownPlayer: when the proof is nobody's.
    :raises SolutionsWithheld: when it is too early.
    """
    hashed = player_hash(session_id, proof.user_id)
    known = PracticeDeck.objects.select_related("participant").filter(player_hash=hashed).first()
    player = _player(session_id, proof)
    if player is None:
        # The ids of the session were replaced since.
        if known is None or known.participant.moves != proof.moves or known.participant.status == "removed":
            raise UnknownPlayer
        return _with_token(known)
    words = _missed(player)
    if known is not None:
        if known.missed != words:
            known.missed = words
            known.save(update_fields=["missed"])
        return _with_token(known)
    return _new(player, hashed, words, to_datetime(now))


def _player(session_id: str, proof: Proof) -> Participant | None:
    rows = Participant.objects.select_related("session").filter(session_id=session_id, user_id=proof.user_id)
    player = rows.exclude(status="removed").first()
    return player if player is not None and player.moves == proof.moves else None


def _missed(player: Participant) -> list[str]:
    """What the player missed in the last attempt.

    :raises SolutionsWithheld: when it is too early.
    """
    setup, user_id = setup_of(player.session), player.user_id
    rows = Participant.objects.filter(session=player.session_id, user_id__startswith=attempt_id(user_id, 2)[:-1])
    ids = sorted((user_id, *rows.values_list("user_id", flat=True)), key=attempt_of)
    ids = [each for each in ids if person_of(each) == user_id]
    verdicts: dict[str, dict[str, str]] = defaultdict(dict)
    answers = AnswerSubmission.objects.filter(session=player.session_id, user_id__in=ids)
    for attempt, question_id, verdict in answers.values_list("user_id", "question_id", "verdict"):
        verdicts[attempt][question_id] = verdict
    state = state_from_json(player.session.state)
    if is_withheld(
        setup.quiz,
        status=state.status,
        reveal=setup.reveal,
        options=setup.options,
        answered=[set(each) for each in verdicts.values()],
    ):
        raise SolutionsWithheld
    last = next((each for each in reversed(ids) if verdicts[each]), user_id)
    return missed(setup.quiz, verdicts[last])


def _new(player: Participant, hashed: str, words: list[str], now: datetime) -> PracticeDeck:
    place = PupilPlace.objects.filter(session=player.session_id, user_id=player.user_id).first()
    deck = PracticeDeck(
        session_id=player.session_id,
        participant=player,
        pupil_id=place.pupil_id if place else None,
        player_hash=hashed,
        missed=words,
        created_at=now,
        used_at=now,
    )
    deck.token_hash = token_hash(deck_token(deck.id))
    try:
        with transaction.atomic():
            deck.save(force_insert=True)
    except IntegrityError:
        # Made by another request of the same player in this moment; or the player was deleted.
        made = PracticeDeck.objects.filter(player_hash=hashed).first()
        if made is None:
            raise UnknownPlayer from None
        return made
    logger.info("practice_deck_made", extra={"session_id": player.session_id})
    return deck


def _with_token(deck: PracticeDeck) -> PracticeDeck:
    """After a change of the server's key, the link that is shown is what counts."""
    hashed = token_hash(deck_token(deck.id))
    if deck.token_hash != hashed:
        deck.token_hash = hashed
        deck.save(update_fields=["token_hash"])
    return deck


def find_deck(token: str, *, now: int, lock: bool = False) -> Deck:
    """The deck that a token opens; it is in use from now on.

    :param now: Unix milliseconds.
    :param lock: whether nobody else may change it until the transaction ends.
    :raises UnknownDeck: when there is none.
    """
    rows = PracticeDeck.objects.select_related("session", "participant", "pupil__school_class")
    rows = rows.defer("session__content")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(token_hash=token_hash(token)).first() if TOKEN.match(token) else None
    if row is None:
        raise UnknownDeck
    moment = to_datetime(now)
    if row.used_at + _USED_AGAIN < moment:
        row.used_at = moment
        row.save(update_fields=["used_at"])
    lenient = unpack_needs(row.participant.needs).ignore_accents
    return Deck(row, _setup(row.session_id, row.session.revision), state_from_json(row.session.state), lenient)


@lru_cache(_SETUPS)
def _setup(session_id: str, _revision: int) -> SessionSetup:
    """The setup of a session, of which nothing changes without its revision."""
    return setup_of(QuizSession.objects.get(pk=session_id))


def delete_deck(token: str) -> None:
    """Delete a deck with everything of it.

    :raises UnknownDeck: when there is none.
    """
    row = PracticeDeck.objects.filter(token_hash=token_hash(token)).first() if TOKEN.match(token) else None
    if row is None:
        raise UnknownDeck
    row.delete()
    logger.info("practice_deck_deleted", extra={"session_id": row.session_id})
