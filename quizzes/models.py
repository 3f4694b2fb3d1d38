"""Tables of the content side. What a quiz means as plain data is in :mod:`quizzes.rules.content`."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from quizzes.rules import limits
from quizzes.rules.content import Grading, Kind, Listen, QuestionContent, QuizContent, gap_from_json
from quizzes.rules.words import WordContent, WordListContent
from quizzes.searching import SearchText


class QuestionKind(models.TextChoices):
    """The values of :data:`quizzes.rules.content.Kind`, with the names a teacher reads."""

    CHOICE = "choice", _("One right option")
    MULTI = "multi", _("Several right options")
    TRUE_FALSE = "true_false", _("True or false")
    TYPED = "typed", _("Typed answer")
    ORDER = "order", _("Put in order")
    NUMBER = "number", _("Number")
    POLL = "poll", _("Poll (no points)")
    GAPS = "gaps", _("Text with gaps")


class Listening(models.TextChoices):
    """The values of :data:`quizzes.rules.content.Listen`, with the names a teacher reads."""

    READ = "", _("Read")
    BESIDE = "beside", _("Read and heard")
    INSTEAD = "instead", _("Heard only")


_id_validator = RegexValidator(
    limits.ID_PATTERN, _("Use 1 to 36 letters without accents, digits, dots, underscores or hyphens.")
)


class Image(models.Model):
    """An image that words and questions show, in the database, so that every instance has it and a backup too.

    The name is a digest of the bytes: a row never changes, and browsers may keep what they got for good.
    """

    digest = models.CharField(primary_key=True, max_length=32)
    data = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    #: When somebody last stored it. Between that and the word that shows it passes some time.
    stored_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "images"

    def __str__(self) -> str:
        return self.digest


class Sound(models.Model):
    """A recording that questions play, kept as :class:`Image` keeps images."""

    digest = models.CharField(primary_key=True, max_length=32)
    data = models.BinaryField()
    duration_ms = models.PositiveIntegerField()
    #: As :attr:`Image.stored_at`.
    stored_at = models.DateTimeField(default=timezone.now, db_index=True)
    #: Of the server's own speech: a digest of what is said and by which voice, so that it is said once. Else empty.
    spoken = models.CharField(max_length=64, blank=True, default="", db_index=True)

    class Meta:
        db_table = "sounds"

    def __str__(self) -> str:
        return self.digest


class Quiz(models.Model):
    """A quiz and who wrote it. A quiz without an owner is one of the demo quizzes, which every host may use."""

    id = models.CharField(_("id"), primary_key=True, max_length=limits.ID_LENGTH, validators=[_id_validator])
    title = models.CharField(_("title"), max_length=limits.TITLE_LENGTH)
    language = models.CharField(
        _("language"),
        max_length=limits.LANGUAGE_LENGTH,
        default="en",
        help_text=_("Language of the answers, as a tag such as en, es or pt-BR. It decides what counts as an article."),
    )
    description = models.TextField(_("description"), blank=True, max_length=limits.DESCRIPTION_LENGTH)
    folder = models.CharField(
        _("folder"), max_length=limits.FOLDER_LENGTH, blank=True, default="", db_default="", db_index=True
    )
    tags = models.JSONField(_("tags"), default=list, db_default=[], blank=True)
    shuffle_options = models.BooleanField(
        _("shuffle options"), default=False, help_text=_("Show the options in an order of each session's own.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="quizzes",
    )
    #: Digest of the content a file gave this quiz, or empty. While it equals the digest of the quiz as it stands,
    #: nobody has edited the quiz, and a newer file may replace it.
    loaded_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    search_text = SearchText(of=("title", "description"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "quizzes"
        permissions = [("host", "Can prepare and run quizzes")]
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    def content(self) -> QuizContent:
        """The quiz as plain data, its questions in their order (one query, none when they are prefetched)."""
        return QuizContent(
            id=self.id,
            title=self.title,
            language=self.language,
            description=self.description,
            shuffle_options=self.shuffle_options,
            questions=tuple(question.content() for question in self.questions.all()),
        )


class Question(models.Model):
    """One question of a quiz, its lists as JSON: they are only ever read and written whole."""

    quiz = models.ForeignKey(Quiz, verbose_name=_("quiz"), on_delete=models.CASCADE, related_name="questions")
    question_id = models.CharField(
        _("id"),
        max_length=limits.ID_LENGTH,
        validators=[_id_validator],
        help_text=_("Names the question in results."),
    )
    position = models.PositiveIntegerField(_("position"), default=0, db_index=True)
    kind = models.CharField(_("kind"), max_length=16, choices=QuestionKind.choices, default=QuestionKind.CHOICE)
    text = models.TextField(_("question"), max_length=limits.TEXT_LENGTH)
    options = models.JSONField(_("options"), default=list, blank=True)
    correct_answers = models.JSONField(_("right answers"), default=list, blank=True)
    points = models.PositiveIntegerField(
        _("points"), default=limits.POINTS_DEFAULT, validators=[MaxValueValidator(limits.POINTS_MAX)]
    )
    time_limit_ms = models.PositiveIntegerField(
        _("time limit (ms)"),
        default=limits.TIME_LIMIT_MS_DEFAULT,
        validators=[MinValueValidator(limits.TIME_LIMIT_MS_MIN), MaxValueValidator(limits.TIME_LIMIT_MS_MAX)],
    )
    explanation = models.TextField(
        _("explanation"),
        blank=True,
        max_length=limits.EXPLANATION_LENGTH,
        help_text=_("Shown with the right answer once the question is closed."),
    )
    media = models.CharField(
        _("image"), blank=True, max_length=limits.MEDIA_LENGTH, help_text=_("Address of an image, or empty.")
    )
    tolerance = models.FloatField(
        _("tolerance"),
        default=0.0,
        validators=[MinValueValidator(0)],
        help_text=_("For a number: how far an answer may be off and still be right."),
    )
    gaps = models.JSONField(_("gaps"), default=list, db_default=[], blank=True)
    grading = models.JSONField(_("grading"), default=dict, blank=True)
    confusable = models.JSONField(
        _("confusable words"),
        default=list,
        blank=True,
        help_text=_("Other words that a typed answer must not be taken for."),
    )
    language = models.CharField(
        _("language of the answers"),
        max_length=limits.LANGUAGE_LENGTH,
        blank=True,
        default="",
        help_text=_("A tag such as en, where it is not the quiz's language."),
    )
    listen = models.CharField(
        _("heard"),
        max_length=8,
        choices=Listening.choices,
        default=Listening.READ,
        blank=True,
        help_text=_("Players hear the question: beside its text, or instead of it until it is closed."),
    )
    sound = models.CharField(
        _("recording"),
        blank=True,
        max_length=limits.MEDIA_LENGTH,
        help_text=_("Address of a recording. Left empty, a voice reads the question."),
    )
    listen_language = models.CharField(
        _("language that is heard"),
        max_length=limits.LANGUAGE_LENGTH,
        blank=True,
        default="",
        help_text=_("A tag such as en, where it is not the quiz's language."),
    )
    word = models.ForeignKey(
        "Word",
        verbose_name=_("word"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="questions",
    )

    search_text = SearchText(of=("text", "options", "correct_answers", "explanation", "gaps"))

    class Meta:
        db_table = "questions"
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "question_id"], name="questions_id_unique_per_quiz"),
            models.CheckConstraint(condition=models.Q(kind__in=QuestionKind.values), name="questions_kind_known"),
            models.CheckConstraint(
                condition=models.Q(points__gte=0, points__lte=limits.POINTS_MAX), name="questions_points_in_range"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    time_limit_ms__gte=limits.TIME_LIMIT_MS_MIN, time_limit_ms__lte=limits.TIME_LIMIT_MS_MAX
                ),
                name="questions_time_limit_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_inline_title(self) -> str:
        """What the admin writes over the question's form."""
        return f"{self.question_id} · {Truncator(self.text).chars(80)}"

    def content(self) -> QuestionContent:
        """The question as plain data."""
        return QuestionContent(
            id=self.question_id,
            kind=cast("Kind", self.kind),
            text=self.text,
            options=tuple(self.options),
            correct_answers=tuple(self.correct_answers),
            points=self.points,
            time_limit_ms=self.time_limit_ms,
            explanation=self.explanation,
            media=self.media,
            tolerance=self.tolerance,
            grading=Grading(**self.grading),
            gaps=tuple(map(gap_from_json, self.gaps)),
            confusable=tuple(self.confusable),
            language=self.language,
            listen=cast("Listen", self.listen),
            sound=self.sound,
            listen_language=self.listen_language,
        )


class WordList(models.Model):
    """A list of words and who wrote it. A list without an owner is a demo list, which every host may use."""

    id = models.CharField(_("id"), primary_key=True, max_length=limits.ID_LENGTH, validators=[_id_validator])
    title = models.CharField(_("title"), max_length=limits.TITLE_LENGTH)
    term_language = models.CharField(
        _("language of the words"),
        max_length=limits.LANGUAGE_LENGTH,
        default="en",
        help_text=_("A tag such as en, es or pt-BR: the language to learn."),
    )
    meaning_language = models.CharField(_("language of the meanings"), max_length=limits.LANGUAGE_LENGTH, default="en")
    description = models.TextField(_("description"), blank=True, max_length=limits.DESCRIPTION_LENGTH)
    folder = models.CharField(
        _("folder"), max_length=limits.FOLDER_LENGTH, blank=True, default="", db_default="", db_index=True
    )
    grading = models.JSONField(_("grading"), default=dict, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="word_lists",
    )
    #: As :attr:`Quiz.loaded_digest`.
    loaded_digest = models.CharField(max_length=64, blank=True, default="", editable=False)
    search_text = SearchText(of=("title", "description"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        db_table = "word_lists"
        verbose_name = _("word list")
        verbose_name_plural = _("word lists")
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    def content(self) -> WordListContent:
        """The list as plain data, its words in their order (one query, none when they are prefetched)."""
        return WordListContent(
            id=self.id,
            title=self.title,
            term_language=self.term_language,
            meaning_language=self.meaning_language,
            description=self.description,
            grading=Grading(**self.grading),
            tags=tuple(self.tags),
            words=tuple(word.content() for word in self.words.all()),
        )


class Word(models.Model):
    """A word of a list. Questions that were made from it keep their link for reports, until it is deleted."""

    word_list = models.ForeignKey(WordList, verbose_name=_("list"), on_delete=models.CASCADE, related_name="words")
    position = models.PositiveIntegerField(_("position"), default=0, db_index=True)
    term = models.CharField(_("word"), max_length=limits.TERM_LENGTH)
    part_of_speech = models.CharField(
        _("part of speech"), max_length=limits.PART_OF_SPEECH_LENGTH, blank=True, help_text=_("Such as noun or verb.")
    )
    meanings = models.JSONField(_("meanings"), default=list)
    alternatives = models.JSONField(_("also accepted"), default=list, blank=True)
    example = models.CharField(
        _("example sentence"),
        max_length=limits.EXAMPLE_LENGTH,
        blank=True,
        help_text=_("Put the word in {braces} where it is inflected."),
    )
    notes = models.TextField(_("notes"), max_length=limits.NOTES_LENGTH, blank=True)
    image = models.CharField(
        _("image"), max_length=limits.MEDIA_LENGTH, blank=True, help_text=_("Address of an image, or empty.")
    )
    sound = models.CharField(
        _("recording"),
        max_length=limits.MEDIA_LENGTH,
        blank=True,
        default="",
        help_text=_("Address of a recording of the word, or empty."),
    )
    tags = models.JSONField(_("tags"), default=list, blank=True)

    search_text = SearchText(of=("term", "meanings", "alternatives", "example", "notes", "tags"))

    class Meta:
        db_table = "words"
        verbose_name = _("word")
        verbose_name_plural = _("words")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.term

    def get_inline_title(self) -> str:
        """What the admin writes over the word's form."""
        return Truncator(f"{self.term} · {', '.join(self.meanings)}").chars(80)

    def content(self) -> WordContent:
        """The word as plain data."""
        return WordContent(
            term=self.term,
            meanings=tuple(self.meanings),
            part_of_speech=self.part_of_speech,
            alternatives=tuple(self.alternatives),
            example=self.example,
            notes=self.notes,
            image=self.image,
            sound=self.sound,
            tags=tuple(self.tags),
        )


class Share(models.Model):
    """A quiz or word list that its owner lets others use: a host, the hosts of a group, or with neither all hosts."""

    class Level(models.TextChoices):
        READ = "read", _("see and run")
        COPY = "copy", _("see, run and copy")
        EDIT = "edit", _("see, run, copy and change")

    quiz = models.ForeignKey(Quiz, null=True, on_delete=models.CASCADE, related_name="shares")
    word_list = models.ForeignKey(WordList, null=True, on_delete=models.CASCADE, related_name="shares")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    group = models.ForeignKey("auth.Group", null=True, on_delete=models.CASCADE, related_name="+")
    level = models.CharField(max_length=4, choices=Level.choices, default=Level.READ)

    class Meta:
        db_table = "shares"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiz__isnull=True) ^ models.Q(word_list__isnull=True), name="share_of_one_thing"
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) | models.Q(group__isnull=True), name="share_with_one"
            ),
            models.CheckConstraint(condition=models.Q(level__in=["read", "copy", "edit"]), name="share_level_known"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id or self.word_list_id} {self.level}"
