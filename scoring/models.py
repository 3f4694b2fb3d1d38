"""The answers, as they are kept for good."""

from __future__ import annotations

import uuid

from django.db import models


class AnswerSubmission(models.Model):
    """One answer of one player to one question of one session.

    The primary key starts with the session, so that the table can be partitioned by it.
    """

    pk = models.CompositePrimaryKey("session_id", "id")
    id = models.UUIDField(default=uuid.uuid4, editable=False)
    # No index of its own: three others begin with the session.
    session = models.ForeignKey(
        "quiz_sessions.QuizSession", on_delete=models.CASCADE, related_name="answers", db_index=False
    )
    #: Of a participant; those of further attempts at a homework are longer than users' (sessions/rules/attempts.py).
    user_id = models.CharField(max_length=39)
    question_id = models.CharField(max_length=36)
    answer = models.TextField()
    verdict = models.CharField(max_length=8)
    is_correct = models.BooleanField()
    points = models.IntegerField()
    submitted_at = models.DateTimeField()
    time_taken_ms = models.PositiveIntegerField()

    class Meta:
        db_table = "answer_submissions"
        constraints = [
            models.UniqueConstraint(fields=["session", "user_id", "question_id"], name="answer_once"),
        ]
        # Each index is a page more to write for each answer; nobody looks for a user's answers across sessions.
        indexes = [models.Index(fields=["session", "question_id"], name="answer_by_question")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.question_id}"
