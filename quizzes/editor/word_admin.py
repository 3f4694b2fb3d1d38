"""Word lists in the admin: the editor, pasting and importing, and making a quiz."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action

from quizzes.access import visible_word_lists
from quizzes.editor.admin_pages import OwnContent, export_actions, import_page, signed_in_user
from quizzes.editor.editor_texts import attachment_texts, attachments
from quizzes.editor.filters import FolderFilter, TagFilter
from quizzes.editor.word_forms import QuizOptionsForm, WordForm, WordFormSet, WordListForm
from quizzes.exporters.formats import WORD_LIST_FORMATS
from quizzes.importers.base import lookalike_notes
from quizzes.models import Word, WordList
from quizzes.services.quiz_making import TooFewWords, draw_quiz, make_quiz, notices

if TYPE_CHECKING:
    from django.forms import ModelForm


class WordInline(OwnContent, StackedInline):
    model = Word
    form = WordForm
    formset = WordFormSet
    extra = 0
    per_page = 100
    ordering_field = "position"
    collapsible = True
    fieldsets = (
        (None, {"fields": (("term", "part_of_speech"), ("meanings", "alternatives"), "example")}),
        (
            gettext_lazy("More"),
            {
                "classes": ("collapse",),
                "fields": (("image", "upload"), ("sound", "recording"), ("notes", "tags"), "position"),
            },
        ),
    )


@admin.register(WordList)
class WordListAdmin(OwnContent, ModelAdmin):
    form = WordListForm
    inlines = (WordInline,)
    list_display = ("title", "id", "term_language", "meaning_language", "word_count", "owner", "updated_at")
    list_filter = (FolderFilter, TagFilter, "term_language", "meaning_language")
    list_select_related = ("owner",)
    search_fields = ("id", "search_text", "words__search_text")
    actions = export_actions(WORD_LIST_FORMATS)
    actions_list = ("import_words",)
    change_form_outer_before_template = "admin/quizzes/wordlist/links.html"
    empty_list_template = "admin/quizzes/wordlist/empty.html"
    actions_row = ("make_quiz",)
    actions_detail = ("make_quiz", "add_words")
    warn_unsaved_form = True

    class Media:
        js = ("host/editor.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WordList]:
        lists = visible_word_lists(signed_in_user(request))
        return lists.annotate(word_count=Count("words", distinct=True)).order_by("title", "id")

    def get_fieldsets(self, request: HttpRequest, obj: WordList | None = None) -> Any:
        first = ["title", "id", ("term_language", "meaning_language"), "description", "folder"]
        if signed_in_user(request).is_superuser:
            first.append("owner")
        grading = [("case", "articles"), ("accents", "almost"), "tags"]
        return (
            (None, {"fields": first}),
            (gettext_lazy("Grading of typed answers"), {"classes": ("collapse",), "fields": grading}),
        )

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with what its script says."""
        editor = {"texts": attachment_texts(), **attachments()}
        response: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), "editor": editor}
        )
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: WordList | None = None) -> tuple[str, ...]:
        return () if obj is None else ("id",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: WordList, form: ModelForm[WordList], change: bool) -> None:
        if not change and "owner" not in form.fields:
            obj.owner = signed_in_user(request)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for note in lookalike_notes((), form.instance.content().words):
            messages.warning(request, note)

    @admin.display(description=gettext_lazy("Words"), ordering="word_count")
    def word_count(self, word_list: WordList) -> int:
        return word_list.word_count  # type: ignore[attr-defined, no-any-return]

    @action(description=gettext_lazy("Paste or import words"), permissions=["add"], icon="content_paste")
    def import_words(self, request: HttpRequest) -> HttpResponse:
        return import_page(self, request)

    def has_add_words_permission(self, request: HttpRequest, object_id: str) -> bool:
        """Whether the page of this list offers to add words to it."""
        if not self.has_view_permission(request):
            return False
        word_list = visible_word_lists(signed_in_user(request)).filter(pk=object_id).first()
        return word_list is not None and self.has_change_permission(request, word_list)

    @action(description=gettext_lazy("Paste or import words"), permissions=["add_words"], icon="content_paste")
    def add_words(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return import_page(self, request, get_object_or_404(visible_word_lists(signed_in_user(request)), pk=object_id))

    @action(description=gettext_lazy("Make a quiz"), permissions=["view"], icon="quiz")
    def make_quiz(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose exercises, see the questions, draw others, and store the quiz to edit and play it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        word_list = get_object_or_404(visible_word_lists(signed_in_user(request)), pk=object_id)
        sent = request.POST.copy() if request.method == "POST" else None
        if sent is not None and "redraw" in sent:
            sent["seed"] = str(secrets.randbelow(1_000_000))
        form = QuizOptionsForm(sent, initial={"title": word_list.title, "seed": secrets.randbelow(1_000_000)})
        context: dict[str, Any] = {"form": form, "word_list": word_list}
        if sent is not None and form.is_valid():
            try:
                if "save" in sent or "run" in sent:
                    quiz, _shortages = make_quiz(word_list, form.quiz_options(), owner=signed_in_user(request))
                    if "run" in sent:
                        page = reverse("admin:quiz_sessions_quizsession_open")
                        return redirect(f"{page}?{urlencode({'quiz': quiz.id})}")
                    messages.success(request, _("The quiz was made. Change what you like, then run it."))
                    return redirect("admin:quizzes_quiz_change", quiz.id)
                drawn = draw_quiz(word_list.content(), form.quiz_options())
            except TooFewWords as error:
                form.add_error(None, str(error))
            else:
                context |= {
                    "questions": drawn.quiz.questions,
                    "notices": notices(drawn.quiz, drawn.shortages),
                }
        request.current_app = self.admin_site.name
        title = _("Make a quiz of “%(title)s”") % {"title": word_list.title}
        each = self.admin_site.each_context(request)
        return TemplateResponse(request, "admin/quizzes/make_quiz.html", {**each, "title": title, **context})
