"""Word lists and options for quizzes as the OpenAPI document shows them.

The lists are read by :mod:`quizzes.validation.word_list`; the options are read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from quizzes.importers.columns import ROLES
from quizzes.rest.serializers import GradingSerializer, ImagesField, QuestionSerializer, QuizSerializer, SoundsField
from quizzes.rules import limits
from quizzes.rules.generator import DIFFICULTIES, EXERCISES, READ_EXERCISES
from quizzes.rules.words import WordContent, WordListContent
from quizzes.services.quiz_making import QuizOptions


class WordSerializer(serializers.Serializer[WordContent]):
    """A word. What stands in parentheses in a term or a meaning may be left out of an answer."""

    term = serializers.CharField(max_length=limits.TERM_LENGTH)
    meanings = serializers.ListField(
        child=serializers.CharField(max_length=limits.MEANING_LENGTH), min_length=1, max_length=limits.MEANINGS_MAX
    )
    part_of_speech = serializers.CharField(max_length=limits.PART_OF_SPEECH_LENGTH, allow_blank=True, default="")
    alternatives = serializers.ListField(
        child=serializers.CharField(max_length=limits.TERM_LENGTH),
        max_length=limits.ALTERNATIVES_MAX,
        default=list,
        help_text=_("Other accepted ways to write the term."),
    )
    example = serializers.CharField(
        max_length=limits.EXAMPLE_LENGTH,
        allow_blank=True,
        default="",
        help_text=_("A sentence with the word; braces mark it where it is inflected."),
    )
    notes = serializers.CharField(max_length=limits.NOTES_LENGTH, allow_blank=True, default="")
    image = serializers.CharField(
        max_length=limits.MEDIA_LENGTH, allow_blank=True, default="", help_text=_("Address of an image.")
    )
    sound = serializers.CharField(
        max_length=limits.MEDIA_LENGTH, allow_blank=True, default="", help_text=_("Address of a recording of the word.")
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=limits.TAG_LENGTH), max_length=limits.TAGS_MAX, default=list
    )


class WordListSerializer(serializers.Serializer[WordListContent]):
    """A word list in the exchange format."""

    id = serializers.RegexField(limits.ID_PATTERN)
    title = serializers.CharField(max_length=limits.TITLE_LENGTH)
    term_language = serializers.CharField(max_length=limits.LANGUAGE_LENGTH, default="en")
    meaning_language = serializers.CharField(max_length=limits.LANGUAGE_LENGTH, default="en")
    description = serializers.CharField(max_length=limits.DESCRIPTION_LENGTH, allow_blank=True, default="")
    grading = GradingSerializer(required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=limits.TAG_LENGTH), max_length=limits.TAGS_MAX, default=list
    )
    words = serializers.ListField(child=WordSerializer(), min_length=1, max_length=limits.WORDS_MAX)
    images = ImagesField()
    sounds = SoundsField()


class WordListSummarySerializer(serializers.Serializer[Any]):
    """A word list as lists show it, without its words."""

    id = serializers.CharField()
    title = serializers.CharField()
    term_language = serializers.CharField()
    meaning_language = serializers.CharField()
    description = serializers.CharField()
    folder = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    word_count = serializers.IntegerField()
    owner = serializers.CharField(
        source="owner.username", default=None, allow_null=True, help_text=_("User name of its host; null for a demo.")
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class QuizOptionsSerializer(serializers.Serializer[Any]):
    """What quiz is wanted of a list."""

    id = serializers.RegexField(limits.ID_PATTERN, required=False, help_text=_("Left out, it is made from the title."))
    title = serializers.CharField(
        max_length=limits.TITLE_LENGTH, required=False, help_text=_("Left out, it is the list's.")
    )
    exercises = serializers.ListField(
        child=serializers.ChoiceField(EXERCISES),
        min_length=1,
        default=list(READ_EXERCISES),
        help_text=_("Taken in turns."),
    )
    count = serializers.IntegerField(min_value=1, max_value=limits.QUESTIONS_MAX, default=20)
    difficulty = serializers.ChoiceField(DIFFICULTIES, default="medium")
    seed = serializers.IntegerField(
        min_value=0, max_value=2**53, required=False, help_text=_("The same seed draws the same questions.")
    )

    def validate_id(self, value: str) -> str:
        if value in limits.RESERVED_IDS:
            raise serializers.ValidationError(_("This id is reserved; choose another."))
        return value


def options_of(data: Mapping[str, Any]) -> QuizOptions:
    """What was wished, of a :class:`QuizOptionsSerializer`'s validated data."""
    return QuizOptions(
        title=data.get("title", ""),
        quiz_id=data.get("id", ""),
        exercises=data["exercises"],
        count=data["count"],
        difficulty=data["difficulty"],
        seed=data.get("seed"),
    )


class FromWordsSerializer(QuizOptionsSerializer):
    """Pasted words, and the quiz wanted of them."""

    title = serializers.CharField(max_length=limits.TITLE_LENGTH)
    text = serializers.CharField(max_length=1_000_000, trim_whitespace=False)
    separator = serializers.CharField(
        max_length=10,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text=_("What stands between a word and its meaning; left out, the server finds out."),
    )
    term_language = serializers.CharField(max_length=limits.LANGUAGE_LENGTH, default="en")
    meaning_language = serializers.CharField(max_length=limits.LANGUAGE_LENGTH, default="en")
    grading = GradingSerializer(default=dict)
    allow_skipped = serializers.BooleanField(
        default=False, help_text=_("Whether to go on without the lines that cannot be read.")
    )


class RowSerializer(serializers.Serializer[Any]):
    """What became of one line, row or entry of a file."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    outcome = serializers.ChoiceField(["read", "changed", "skipped"])
    notes = serializers.ListField(child=serializers.CharField())


class ColumnSerializer(serializers.Serializer[Any]):
    """What a column of a table was taken for."""

    title = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(list(ROLES))
    samples = serializers.ListField(child=serializers.CharField())


class ReportSerializer(serializers.Serializer[Any]):
    """What became of a file."""

    holds = serializers.ChoiceField(["questions", "words"])
    count = serializers.IntegerField(help_text=_("How many questions or words were read."))
    skipped = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField())
    asks = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("What to look at before it is stored: the file does not say it for sure."),
    )
    columns = ColumnSerializer(many=True, help_text=_("Of a table that may be read otherwise: give them as `columns`."))
    rows = RowSerializer(many=True)


class MadeQuizSerializer(serializers.Serializer[Any]):
    """A quiz that was made, and what it could not hold."""

    quiz = QuizSerializer()
    notices = serializers.ListField(child=serializers.CharField())
    word_list_id = serializers.CharField()
    report = ReportSerializer(required=False)


class ImportedSerializer(serializers.Serializer[Any]):
    """What became of a file: a preview has its questions or words, an import what was stored of them."""

    report = ReportSerializer()
    questions = serializers.ListField(child=QuestionSerializer(), required=False)
    words = serializers.ListField(child=WordSerializer(), required=False)
    quiz = QuizSerializer(required=False)
    word_list = WordListSerializer(required=False)
    word_list_id = serializers.CharField(required=False)
    notices = serializers.ListField(child=serializers.CharField(), required=False)
