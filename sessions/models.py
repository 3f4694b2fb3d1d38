"""Sessions, participants, the audit trail and final standings, as they are kept for good.

Rows are written by sessions/database/rows.py and session_log.py alone; what is here is their shape.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from classes.models import Pupil
from sessions.rules.attempts import ATTEMPT_LENGTH


class QuizSession(models.Model):
    """One play of a quiz. ``content`` is the frozen quiz, ``state`` the state machine's state."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ACTIVE = "active", _("active")
        COMPLETED = "completed", _("completed")

    id = models.CharField(primary_key=True, max_length=36)
    quiz_id = models.CharField(_("quiz"), max_length=36, db_index=True)
    title = models.CharField(_("title"), max_length=200)
    content = models.JSONField()
    join_code = models.CharField(_("join code"), max_length=12)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.WAITING, db_index=True)
    pace = models.CharField(_("pace"), max_length=4, choices=[("self", _("players'")), ("host", _("host's"))])
    reveal = models.CharField(
        _("results"), max_length=11, choices=[("immediately", _("at once")), ("on_close", _("when a question closes"))]
    )
    scoring = models.CharField(
        _("scoring"),
        max_length=6,
        choices=[
            ("speed", _("with speed points")),
            ("scaled", _("with speed points over the whole time")),
            ("flat", _("without speed points")),
        ],
    )
    max_participants = models.PositiveIntegerField(_("maximum number of participants"), default=1000)
    time_limit_ms = models.PositiveIntegerField(null=True)
    max_duration_ms = models.PositiveIntegerField(default=0)
    #: What is not as it is by default, see sessions/rules/options.py.
    options = models.JSONField(default=dict, db_default={})
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.SET_NULL
    )
    revision = models.PositiveIntegerField(default=0)
    state = models.JSONField()
    #: Whether it opens and closes at times of its own: until one is near, nothing but this row knows of it.
    homework = models.BooleanField(default=False)
    #: When the session's timer is due; Unix milliseconds.
    due_at = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(_("created"))
    start_time = models.DateTimeField(_("started"), null=True)
    end_time = models.DateTimeField(_("ended"), null=True)
    #: The class that plays, or empty; as the options have it, to be looked for.
    class_id = models.CharField(max_length=36, blank=True, default="", db_default="", db_index=True, editable=False)
    #: When the players' names and ids were replaced (sessions/database/retention.py).
    purged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "quiz_sessions"
        ordering = ["-created_at", "id"]
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes = [
            models.Index(fields=["join_code"], name="session_by_code"),
            models.Index(fields=["due_at"], name="homework_by_time", condition=models.Q(homework=True)),
            models.Index(
                fields=["due_at"],
                name="session_live",
                condition=models.Q(homework=False) & ~models.Q(status="completed"),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "active", "completed"]), name="session_status_known"
            ),
            models.UniqueConstraint(
                fields=["join_code"], condition=~models.Q(status="completed"), name="session_code_of_live_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.join_code})"


class Participant(models.Model):
    """A player of a session. ``score`` is the sum of the points of the player's answers."""

    session = models.ForeignKey(QuizSession, on_delete=models.CASCADE, related_name="participants")
    #: Of another attempt than the first the player's own with the attempt's number (sessions/rules/attempts.py).
    user_id = models.CharField(max_length=36 + ATTEMPT_LENGTH)
    username = models.CharField(max_length=30)
    #: Order of joining; it breaks ties.
    position = models.PositiveIntegerField()
    score = models.IntegerField(default=0)
    joined_at = models.DateTimeField()
    last_active_at = models.DateTimeField()
    status = models.CharField(max_length=12)
    #: When the host last gave the player another name; Unix milliseconds, 0 for never.
    renamed_at = models.BigIntegerField(default=0)
    #: What is arranged for the player, see sessions/rules/people.py, and when that last changed.
    arranged_at = models.BigIntegerField(default=0, db_default=0)
    moves = models.PositiveIntegerField(default=0, db_default=0)
    team = models.PositiveSmallIntegerField(default=0, db_default=0)
    needs = models.CharField(max_length=12, blank=True, default="", db_default="")
    #: Self pace: the question on show, and since when on the session's active clock.
    shown_question_id = models.CharField(max_length=36, blank=True, default="")
    shown_at = models.BigIntegerField(default=0)

    class Meta:
        db_table = "participants"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["session", "user_id"], name="participant_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=["connected", "disconnected", "left", "removed"]),
                name="participant_status_known",
            ),
        ]
        indexes = [models.Index(fields=["session", "-score", "position"], name="participant_rank")]

    def __str__(self) -> str:
        return self.username


class PupilPlace(models.Model):
    """Which player of a session is which pupil of the class: the link that lasts as long as the class.

    Written before the player joins. A place whose player the host took out counts no more: the pupil gets another one.
    """

    session = models.ForeignKey(QuizSession, on_delete=models.CASCADE, related_name="pupil_places")
    pupil = models.ForeignKey(Pupil, on_delete=models.CASCADE, related_name="places")
    user_id = models.CharField(max_length=36)
    #: Digest of the join key of whoever picked the name, or empty where a card showed who it is.
    picked_by = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "pupil_places"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["session", "user_id"], name="pupil_place_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.user_id}"


class SessionEventRecord(models.Model):
    """The audit trail: transitions, and what was done about a player, and who asked for them.

    ``seq`` is null for what is no event of the session.
    """

    session = models.ForeignKey(QuizSession, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    command = models.CharField(max_length=20)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "session_events"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["session", "seq"], name="event_once")]

    def __str__(self) -> str:
        return f"{self.session_id} {self.kind}"


class FinalStanding(models.Model):
    """Where a player ended. Written once, when the session ends."""

    session = models.ForeignKey(QuizSession, on_delete=models.CASCADE, related_name="standings")
    user_id = models.CharField(max_length=36)
    username = models.CharField(max_length=30)
    rank = models.PositiveIntegerField()
    score = models.IntegerField()

    class Meta:
        db_table = "final_standings"
        ordering = ["rank"]
        constraints = [models.UniqueConstraint(fields=["session", "user_id"], name="standing_once")]

    def __str__(self) -> str:
        return f"{self.rank}. {self.username}"


class ServerInstance(models.Model):
    """What an instance among others said of itself last, see sessions/stores/failover/instances.py."""

    id = models.CharField(primary_key=True, max_length=12)
    #: Unix milliseconds, on the clock that the instances share.
    seen_at = models.BigIntegerField(db_default=0)
    redis_seen_at = models.BigIntegerField()
    plays_on = models.CharField(max_length=40, db_default="nobody")

    class Meta:
        db_table = "server_instances"

    def __str__(self) -> str:
        return self.id


class StoreMark(models.Model):
    """A row that is written to find out whether the database takes writes: a full or demoted one still answers."""

    name = models.CharField(primary_key=True, max_length=20)
    value = models.BigIntegerField()

    class Meta:
        db_table = "store_marks"

    def __str__(self) -> str:
        return self.name
