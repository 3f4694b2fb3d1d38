"""The exchange format as the OpenAPI document shows it.

They describe and write out; :mod:`quizzes.validation.quiz` reads what comes in, for it can say more.
"""

from __future__ import annotations

from typing import Any, get_args

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from quizzes.rules import limits
from quizzes.rules.content import (
    KINDS,
    LISTEN,
    AccentRule,
    ArticleRule,
    CaseRule,
    Gap,
    Grading,
    QuestionContent,
    QuizContent,
)

_DEFAULT = Grading()


class ImagesField(serializers.DictField):
    """The images that come with a quiz or a word list."""

    child = serializers.CharField()

    def __init__(self) -> None:
        help_text = _("As a JSON export has them: the bytes in base64, by the address that shows them.")
        super().__init__(required=False, write_only=True, help_text=help_text)


class SoundsField(serializers.DictField):
    """The recordings that come with a quiz or a word list."""

    child = serializers.CharField()

    def __init__(self) -> None:
        help_text = _("As a JSON export has them: the bytes in base64, by the address that plays them.")
        super().__init__(required=False, write_only=True, help_text=help_text)


class GradingSerializer(serializers.Serializer[Grading]):
    """How a typed answer is compared with the right ones."""

    case = serializers.ChoiceField(
        get_args(CaseRule), default=_DEFAULT.case, help_text=_("Whether capitals must be right.")
    )
    accents = serializers.ChoiceField(
        get_args(AccentRule),
        default=_DEFAULT.accents,
        help_text=_("What an answer is that differs in accents alone: almost right, right (ignore) or wrong (strict)."),
    )
    articles = serializers.ChoiceField(
        get_args(ArticleRule), default=_DEFAULT.articles, help_text=_("Whether an answer may lack its article.")
    )
    almost = serializers.FloatField(
        min_value=0,
        max_value=1,
        default=_DEFAULT.almost,
        help_text=_("Share of the points that an almost right answer earns."),
    )


class GapSerializer(serializers.Serializer[Gap]):
    """A gap in a text: chosen among its options where it has some, else typed."""

    correct_answers = serializers.ListField(
        child=serializers.CharField(max_length=limits.GAP_LENGTH),
        min_length=1,
        max_length=limits.CORRECT_ANSWERS_MAX,
        help_text=_("Any of them is right; the first is the one that is shown."),
    )
    options = serializers.ListField(
        child=serializers.CharField(max_length=limits.GAP_LENGTH), max_length=limits.OPTIONS_MAX, default=list
    )
    grading = GradingSerializer(required=False)


class QuestionSerializer(serializers.Serializer[QuestionContent]):
    """A question."""

    id = serializers.RegexField(limits.ID_PATTERN, help_text=_("Unique within the quiz."))
    kind = serializers.ChoiceField(KINDS)
    text = serializers.CharField(max_length=limits.TEXT_LENGTH)
    options = serializers.ListField(
        child=serializers.CharField(max_length=limits.OPTION_LENGTH),
        max_length=limits.OPTIONS_MAX,
        default=list,
        help_text=_(
            "What players pick from. Empty for typed and number; left empty, True and False for true_false, and the "
            "entries by alphabet for order."
        ),
    )
    correct_answers = serializers.ListField(
        child=serializers.CharField(max_length=limits.OPTION_LENGTH),
        max_length=limits.CORRECT_ANSWERS_MAX,
        default=list,
        help_text=_(
            "One option for choice and true_false, some for multi, the sequence for order, any accepted answer for "
            "typed and number, none for poll."
        ),
    )
    points = serializers.IntegerField(min_value=0, max_value=limits.POINTS_MAX, default=limits.POINTS_DEFAULT)
    time_limit_ms = serializers.IntegerField(
        min_value=limits.TIME_LIMIT_MS_MIN, max_value=limits.TIME_LIMIT_MS_MAX, default=limits.TIME_LIMIT_MS_DEFAULT
    )
    explanation = serializers.CharField(
        max_length=limits.EXPLANATION_LENGTH,
        allow_blank=True,
        default="",
        help_text=_("Shown once the question is closed."),
    )
    media = serializers.CharField(
        max_length=limits.MEDIA_LENGTH, allow_blank=True, default="", help_text=_("Address of an image.")
    )
    tolerance = serializers.FloatField(
        min_value=0,
        max_value=limits.TOLERANCE_MAX,
        default=0.0,
        help_text=_("How far a number may be off and still be right."),
    )
    grading = GradingSerializer(required=False)
    confusable = serializers.ListField(
        child=serializers.CharField(max_length=limits.OPTION_LENGTH),
        max_length=limits.CONFUSABLE_MAX,
        default=list,
        help_text=_("Other words that a typed answer must not be taken for."),
    )
    language = serializers.CharField(
        max_length=limits.LANGUAGE_LENGTH,
        allow_blank=True,
        default="",
        help_text=_("Language tag of the answers where it is not the quiz's."),
    )
    listen = serializers.ChoiceField(
        LISTEN,
        allow_blank=True,
        default="",
        help_text=_("Whether players hear the text: beside it, or instead of it until the question is closed."),
    )
    sound = serializers.CharField(
        max_length=limits.MEDIA_LENGTH,
        allow_blank=True,
        default="",
        help_text=_("Address of a recording of the text; empty for a voice that speaks it."),
    )
    listen_language = serializers.CharField(
        max_length=limits.LANGUAGE_LENGTH,
        allow_blank=True,
        default="",
        help_text=_("Language tag of what is heard where it is not the quiz's."),
    )
    gaps = serializers.ListField(
        child=GapSerializer(),
        max_length=limits.GAPS_MAX,
        required=False,
        help_text=_("Of gaps: what belongs where the text has [[1]], [[2]] and so on."),
    )


class QuizSerializer(serializers.Serializer[QuizContent]):
    """A quiz in the exchange format."""

    id = serializers.RegexField(limits.ID_PATTERN)
    title = serializers.CharField(max_length=limits.TITLE_LENGTH)
    language = serializers.CharField(
        max_length=limits.LANGUAGE_LENGTH, default="en", help_text=_("A language tag such as en, es or pt-BR.")
    )
    description = serializers.CharField(max_length=limits.DESCRIPTION_LENGTH, allow_blank=True, default="")
    shuffle_options = serializers.BooleanField(
        default=False, help_text=_("Whether players see the options in an order of each session's own.")
    )
    questions = serializers.ListField(child=QuestionSerializer(), min_length=1, max_length=limits.QUESTIONS_MAX)
    images = ImagesField()
    sounds = SoundsField()


class QuizSummarySerializer(serializers.Serializer[Any]):
    """A quiz as lists show it, without its questions."""

    id = serializers.CharField()
    title = serializers.CharField()
    language = serializers.CharField()
    description = serializers.CharField()
    folder = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    question_count = serializers.IntegerField()
    owner = serializers.CharField(
        source="owner.username", default=None, allow_null=True, help_text=_("User name of its host; null for a demo.")
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
