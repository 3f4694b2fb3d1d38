"""The quiz editor's forms: a teacher writes lines and seconds, never JSON or milliseconds.

What is right and wrong is asked of :mod:`quizzes.validation.quiz`; a form only says it beside the field it concerns.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from quizzes.editor.gap_fields import GapFields
from quizzes.editor.image_forms import UploadFields
from quizzes.editor.language_input import LanguageSelect
from quizzes.editor.sound_forms import RecordingFields
from quizzes.models import Question, Quiz
from quizzes.rules import limits
from quizzes.rules.content import Grading
from quizzes.services.filing import tidy_folder
from quizzes.services.quizzes import free_id
from quizzes.validation.checker import ValidationProblem
from quizzes.validation.quiz import validate_heading, validate_question

_ENTRY = re.compile(r"^(\w+)\[(\d+)\]\Z")
_GAP = re.compile(r"^gaps\[(\d+)\]")
#: Fields whose name in the exchange format is another.
_FIELDS = {"time_limit_ms": "time_limit"}


class LinesField(forms.Field):
    """A list of texts, written one a line. Empty lines do not count."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        lines = value if isinstance(value, list) else str(value or "").split("\n")
        return [line.strip() for line in lines if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class TagsField(LinesField):
    """Tags, as many and as long as a word list may have them, each once."""

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(super().to_python(value)))

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > limits.TAGS_MAX or any(len(tag) > limits.TAG_LENGTH for tag in value):
            wide = {"count": limits.TAGS_MAX, "length": limits.TAG_LENGTH}
            raise forms.ValidationError(_("At most %(count)d tags of %(length)d characters.") % wide)


if TYPE_CHECKING:
    QuizModelForm = forms.ModelForm[Quiz]
    QuestionModelForm = forms.ModelForm[Question]
else:
    QuizModelForm = QuestionModelForm = forms.ModelForm


class FiledForm(forms.Form):
    """What has a folder."""

    def clean_folder(self) -> str:
        """As it is kept."""
        return tidy_folder(self.cleaned_data["folder"])


class QuizForm(FiledForm, QuizModelForm):
    """A quiz without its questions."""

    tags = TagsField(label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("One a line."))

    class Meta:
        model = Quiz
        fields = ("title", "id", "language", "description", "folder", "tags", "shuffle_options", "owner")
        widgets = {"language": LanguageSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_rows(self, description=3, tags=2)
        if "id" in self.fields:
            self.fields["id"].required = False
            self.fields["id"].help_text = _("Part of addresses and exports. Left empty, it is made from the title.")

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if "id" in self.fields and not data.get("id"):
            data["id"] = free_id(Quiz, data.get("title", ""))
        names = ("id", "title", "language", "description", "shuffle_options")
        result = validate_heading({"id": self.instance.pk, **{name: data[name] for name in names if name in data}})
        if isinstance(result, list):
            tell(self, result)
        else:
            data.update({name: getattr(result, name) for name in names if name in data})
        return data


class GradingFields(forms.Form):
    """How typed answers are compared, as fields of a question or a word list."""

    case = forms.ChoiceField(
        label=gettext_lazy("Capitals"),
        choices=[("ignore", gettext_lazy("do not matter")), ("strict", gettext_lazy("must be right"))],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    accents = forms.ChoiceField(
        label=gettext_lazy("An answer without the right accents"),
        choices=[
            ("almost", gettext_lazy("is almost right")),
            ("ignore", gettext_lazy("is right")),
            ("strict", gettext_lazy("is wrong")),
        ],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    articles = forms.ChoiceField(
        label=gettext_lazy("Articles"),
        choices=[("optional", gettext_lazy("may be left out")), ("required", gettext_lazy("must be right"))],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    almost = forms.FloatField(
        label=gettext_lazy("Share of the points for almost right"),
        required=False,
        min_value=0,
        max_value=1,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=gettext_lazy("From 0 to 1."),
    )

    def grading(self) -> dict[str, Any]:
        """What the fields say, in the exchange format."""
        rules = ("case", "accents", "articles", "almost")
        return {name: self.cleaned_data[name] for name in rules if self.cleaned_data.get(name) not in (None, "")}


class QuestionForm(UploadFields, RecordingFields, GradingFields, GapFields, QuestionModelForm):
    """One question, as a row of the quiz's page."""

    options = LinesField(
        label=gettext_lazy("Options"),
        required=False,
        help_text=gettext_lazy("One a line. For typed answers and numbers: none."),
    )
    correct_answers = LinesField(
        label=gettext_lazy("Right answers"),
        required=False,
        help_text=gettext_lazy(
            "One a line, as among the options. For an order: all entries, in the right order. Parentheses in a typed "
            "answer hold what may be left out."
        ),
    )
    time_limit = forms.DecimalField(
        label=gettext_lazy("Time limit (seconds)"),
        min_value=limits.TIME_LIMIT_MS_MIN / 1000,
        max_value=limits.TIME_LIMIT_MS_MAX / 1000,
        decimal_places=3,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        required=False,
        min_value=0,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Drag the questions to sort them, or number them. Without a number it comes last."),
    )
    confusable = LinesField(
        label=gettext_lazy("Confusable words"),
        required=False,
        help_text=gettext_lazy("One a line. A typed answer that is one of them is wrong, however close it is."),
    )

    class Meta:
        model = Question
        fields = (
            "text",
            "kind",
            "options",
            "correct_answers",
            "gaps",
            "points",
            "explanation",
            "media",
            "listen",
            "sound",
            "listen_language",
            "tolerance",
            "confusable",
            "language",
            "position",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_rows(self, text=3, options=6, correct_answers=6, explanation=3, confusable=3, gaps=3)
        if self.instance.kind == "gaps":
            self.show_gaps(self.instance.text, self.instance.gaps)
        if self.instance._state.adding:
            self.initial["position"] = None
        self.show_image("media", self.instance.media)
        self.play_recording(self.instance.sound)
        self.initial["time_limit"] = Decimal(self.instance.time_limit_ms) / 1000
        self.initial.update(asdict(Grading(**self.instance.grading)))

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        self.take_upload("media")
        self.take_recording()
        names = (
            "text",
            "kind",
            "options",
            "correct_answers",
            "points",
            "explanation",
            "media",
            "listen",
            "sound",
            "listen_language",
            "tolerance",
            "confusable",
            "language",
        )
        checked = {name: data[name] for name in names if data.get(name) is not None}
        checked["id"] = self.instance.question_id or "new"
        if checked.get("kind") == "gaps":
            checked |= self.take_gaps()
        if data.get("time_limit") is not None:
            checked["time_limit_ms"] = int(data["time_limit"] * 1000)
        checked["grading"] = self.grading()
        result = validate_question(checked)
        if isinstance(result, list):
            tell(self, result)
            return data
        for name in names:
            value = getattr(result, name)
            data[name] = list(value) if isinstance(value, tuple) else value
        data["gaps"] = [asdict(gap) for gap in result.gaps]
        self.instance.time_limit_ms = result.time_limit_ms
        self.instance.grading = asdict(result.grading)
        return data


class QuestionFormSet(PaginationInlineFormSet):
    """The questions on a page of the quiz: one in the quiz at least, each with an id and a place of its own."""

    def clean(self) -> None:
        super().clean()
        stored = dict(self.instance.questions.values_list("question_id", "position")) if self.instance.pk else {}
        elsewhere = len(stored) - self.initial_form_count()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in kept if not self._should_delete_form(form)]
        if not kept and not elsewhere:
            raise forms.ValidationError(_("A quiz needs at least one question."))
        if len(kept) + elsewhere > limits.QUESTIONS_MAX:
            raise forms.ValidationError(_("A quiz has at most %(max)d questions.") % {"max": limits.QUESTIONS_MAX})
        places = [form.cleaned_data.get("position") for form in kept]
        last = max((place for place in (*places, *stored.values()) if place is not None), default=-1)
        taken = {*stored, *(form.instance.question_id for form in self.forms)}
        number = 0
        for form, place in zip(kept, places, strict=True):
            if place is None:
                last += 1
                form.instance.position = last
            while not form.instance.question_id:
                number += 1
                if f"q{number}" not in taken:
                    form.instance.question_id = f"q{number}"


def set_rows(form: forms.BaseForm, **rows: int) -> None:
    """Make text areas as high as what is mostly written in them. A page that is only shown has none."""
    for name, count in rows.items():
        if name in form.fields:
            form.fields[name].widget.attrs["rows"] = count


def tell(form: forms.BaseForm, problems: list[ValidationProblem]) -> None:
    """Write each problem beside its field, unless Django has refused that field already."""
    refused = set(form.errors)
    for problem in problems:
        path, message = problem.path.removeprefix("grading."), problem.message
        if gap := _GAP.match(path):
            path = "gaps"
            message = _("Gap %(number)d: %(message)s") % {"number": int(gap[1]) + 1, "message": message}
        elif entry := _ENTRY.match(path):
            path = entry[1]
            message = _("Entry %(number)d: %(message)s") % {"number": int(entry[2]) + 1, "message": message}
        field = _FIELDS.get(path, path)
        if field not in refused:
            form.add_error(field if field in form.fields else None, message)
