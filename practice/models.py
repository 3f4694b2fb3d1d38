"""What one player practises at home of one session: a deck, the cards that were practised, and the log they come from.

No name is here. A deck goes with its session, with its player, and with the pupil whose it is.
"""

from __future__ import annotations

from django.db import models

from classes.models import Pupil, new_id
from sessions.models import Participant, QuizSession


class PracticeDeck(models.Model):
    """The words of a session that one player practises."""

    id = models.CharField(primary_key=True, max_length=36, default=new_id, editable=False)
    session = models.ForeignKey(QuizSession, on_delete=models.CASCADE, related_name="practice_decks")
    #: The player's own row, not that of a further attempt; it keeps its key when the ids of players are replaced.
    participant = models.OneToOneField(Participant, on_delete=models.CASCADE, related_name="practice_deck")
    #: In the session of a class: who it is.
    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.CASCADE, related_name="practice_decks")
    #: What the deck is found by, see practice/tokens.py: its link, and its player after the ids were replaced.
    token_hash = models.CharField(max_length=64, unique=True)
    player_hash = models.CharField(max_length=64, unique=True)
    #: Ids of the questions that the player missed.
    missed = models.JSONField(default=list)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "practice_decks"
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.id


class PracticeCard(models.Model):
    """What is remembered of a card that was practised: where the log has brought it. Made anew from it at any time."""

    deck = models.ForeignKey(PracticeDeck, on_delete=models.CASCADE, related_name="cards", db_index=False)
    question_id = models.CharField(max_length=36)
    #: See :class:`practice.rules.schedule.Memory`.
    memory = models.JSONField()
    reviews = models.PositiveIntegerField()

    class Meta:
        db_table = "practice_cards"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["deck", "question_id"], name="practice_card_once")]

    def __str__(self) -> str:
        return f"{self.deck_id} {self.question_id}"


class PracticeReview(models.Model):
    """One answer at home. The log: nothing in it changes."""

    deck = models.ForeignKey(PracticeDeck, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    #: The client's own, by which it may send the review again.
    review_id = models.UUIDField()
    question_id = models.CharField(max_length=36)
    #: As scoring/rules/grading.py has it; empty for "I do not know".
    answer = models.TextField(blank=True)
    verdict = models.CharField(max_length=8)
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField(default=0)
    #: Whether the class's host had said before that what is practised counts.
    counts = models.BooleanField(default=False)

    class Meta:
        db_table = "practice_reviews"
        ordering = ["at", "review_id"]
        constraints = [models.UniqueConstraint(fields=["deck", "review_id"], name="practice_review_once")]
        indexes = [models.Index(fields=["deck", "question_id"], name="practice_review_by_card")]

    def __str__(self) -> str:
        return f"{self.deck_id} {self.question_id}"
