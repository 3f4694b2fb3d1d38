"""Forms of the word list editor, of the import page and of "Make a quiz"."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from quizzes.editor.forms import FiledForm, GradingFields, LinesField, set_rows, tell
from quizzes.editor.image_forms import UploadFields
from quizzes.editor.language_input import LanguageInput
from quizzes.editor.sound_forms import RecordingFields
from quizzes.importers.base import excerpt
from quizzes.importers.formats import NAMES, Source
from quizzes.models import Word, WordList
from quizzes.rules import limits
from quizzes.rules.content import Grading
from quizzes.rules.generator import DIFFICULTIES, READ_EXERCISES
from quizzes.rules.words import WordContent
from quizzes.services.quiz_making import DIFFICULTY_NAMES, EXERCISE_NAMES, QuizOptions
from quizzes.services.quizzes import free_id
from quizzes.validation.word_list import validate_word, validate_word_list_heading

if TYPE_CHECKING:
    WordListModelForm = forms.ModelForm[WordList]
    WordModelForm = forms.ModelForm[Word]
else:
    WordListModelForm = WordModelForm = forms.ModelForm


class WordListForm(FiledForm, GradingFields, WordListModelForm):
    """A word list without its words."""

    tags = LinesField(label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("One a line."))

    class Meta:
        model = WordList
        fields = ("title", "id", "term_language", "meaning_language", "description", "folder", "tags", "owner")
        widgets = {"term_language": LanguageInput, "meaning_language": LanguageInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_rows(self, description=3, tags=2)
        if "id" in self.fields:
            self.fields["id"].required = False
            self.fields["id"].help_text = _("Part of addresses and exports. Left empty, it is made from the title.")
        self.initial.update(asdict(Grading(**self.instance.grading)))

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if "id" in self.fields and not data.get("id"):
            data["id"] = free_id(WordList, data.get("title", ""))
        names = ("id", "title", "term_language", "meaning_language", "description", "tags")
        sent = {name: data[name] for name in names if name in data}
        result = validate_word_list_heading({"id": self.instance.pk, **sent, "grading": self.grading()})
        if isinstance(result, list):
            tell(self, result)
            return data
        data.update({name: getattr(result, name) for name in sent})
        data["tags"] = list(result.tags)
        self.instance.grading = asdict(result.grading)
        return data


_WORD_FIELDS = tuple(field.name for field in fields(WordContent))


class WordForm(UploadFields, RecordingFields, WordModelForm):
    """One word, as a row of the list's page."""

    meanings = LinesField(label=gettext_lazy("Meanings"), help_text=gettext_lazy("One a line, the commonest first."))
    alternatives = LinesField(
        label=gettext_lazy("Also accepted"), required=False, help_text=gettext_lazy("Other spellings, one a line.")
    )
    tags = LinesField(label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("One a line."))
    position = forms.IntegerField(
        label=gettext_lazy("Position"), required=False, min_value=0, widget=UnfoldAdminIntegerFieldWidget
    )

    class Meta:
        model = Word
        fields = (*_WORD_FIELDS, "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_rows(self, meanings=2, alternatives=2, notes=2, tags=2)
        self.show_image("image", self.instance.image)
        self.play_recording(self.instance.sound)
        if self.instance._state.adding:
            self.initial["position"] = None

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        self.take_upload("image")
        self.take_recording()
        result = validate_word({name: data[name] for name in _WORD_FIELDS if data.get(name) is not None})
        if isinstance(result, list):
            tell(self, result)
            return data
        for name in _WORD_FIELDS:
            value = getattr(result, name)
            data[name] = list(value) if isinstance(value, tuple) else value
        return data


class WordFormSet(PaginationInlineFormSet):
    """The words on a page of the list; new ones come last."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.has_changed() and not self._should_delete_form(form)]
        seen = set()
        for form in self.forms:
            key = (form.cleaned_data.get("term"), form.cleaned_data.get("part_of_speech"))
            if key[0] and key in seen and not self._should_delete_form(form):
                form.add_error("term", _("This word is here twice with the same part of speech."))
            seen.add(key)
        last = self.instance.words.order_by("-position").values_list("position", flat=True).first()
        for form in kept:
            if form.cleaned_data.get("position") is None:
                last = 0 if last is None else last + 1
                form.instance.position = form.cleaned_data["position"] = last


class ImportForm(forms.Form):
    """A file or a text, and how to read it."""

    text = forms.CharField(
        label=gettext_lazy("Paste here"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=UnfoldAdminTextareaWidget({"rows": 12, "dir": "auto", "spellcheck": "false"}),
        help_text=gettext_lazy("One word and its meaning a line, with a tab between them; or any format below."),
    )
    file = forms.FileField(label=gettext_lazy("Or choose a file"), required=False, widget=UnfoldAdminFileFieldWidget)
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        required=False,
        choices=[("", gettext_lazy("Detect automatically")), *NAMES.items()],
        widget=UnfoldAdminSelectWidget,
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=limits.TITLE_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Left empty, the one in the file, or the file's name."),
    )
    term_language = forms.CharField(
        label=gettext_lazy("Language of the words"),
        required=False,
        max_length=limits.LANGUAGE_LENGTH,
        widget=LanguageInput,
        help_text=gettext_lazy("A tag such as en, es or pt-BR."),
    )
    meaning_language = forms.CharField(
        label=gettext_lazy("Language of the meanings"),
        required=False,
        max_length=limits.LANGUAGE_LENGTH,
        widget=LanguageInput({"placeholder": "en"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        file = data.get("file")
        if not file and not data.get("text", "").strip():
            raise forms.ValidationError(_("Paste a text or choose a file."))
        bound = settings.IMPORT_MAX_BYTES
        if file and bound and file.size > bound:
            raise forms.ValidationError(_("The file has more than %(max)d bytes.") % {"max": bound})
        heading = validate_word_list_heading({"id": "new", "title": "-", **self.heading()})
        if isinstance(heading, list):
            tell(self, heading)
        return data

    def source(self) -> Source:
        """What was sent."""
        data = self.cleaned_data
        content = data["file"].read() if data.get("file") else data["text"].encode()
        languages = tuple(data.get(name, "") for name in ("term_language", "meaning_language"))
        return Source(content, format=data["format"], languages=languages)

    def file_title(self) -> dict[str, str]:
        """A title for what has none of its own."""
        file = self.cleaned_data.get("file")
        title = excerpt(PurePath(file.name).stem) if file else ""
        return {"title": title} if title else {}

    def heading(self) -> dict[str, str]:
        """What the form says of the whole."""
        names = ("title", "term_language", "meaning_language")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}


class QuizOptionsForm(forms.Form):
    """What quiz is wanted of a list."""

    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=limits.TITLE_LENGTH, widget=UnfoldAdminTextInputWidget
    )
    exercises = forms.MultipleChoiceField(
        label=gettext_lazy("Exercises"),
        choices=list(EXERCISE_NAMES.items()),
        initial=list(READ_EXERCISES),
        widget=forms.CheckboxSelectMultiple,
    )
    count = forms.IntegerField(
        label=gettext_lazy("Questions"),
        min_value=1,
        max_value=limits.QUESTIONS_MAX,
        initial=20,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    difficulty = forms.ChoiceField(
        label=gettext_lazy("Difficulty"),
        choices=[(name, DIFFICULTY_NAMES[name]) for name in DIFFICULTIES],
        initial="medium",
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Harder: more and likelier options, and less time."),
    )
    seed = forms.IntegerField(min_value=0, max_value=2**53, widget=forms.HiddenInput)

    def quiz_options(self) -> QuizOptions:
        """What was sent."""
        return QuizOptions(**self.cleaned_data)
