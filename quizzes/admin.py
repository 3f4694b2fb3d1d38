"""The quiz editor in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action

from quizzes.access import visible_quizzes
from quizzes.editor import word_admin  # noqa: F401  # registers the word lists
from quizzes.editor.admin_pages import OwnContent, export_actions, import_page, may_copy_all, signed_in_user
from quizzes.editor.editor_texts import attachments, editor_texts
from quizzes.editor.filters import FolderFilter, TagFilter
from quizzes.editor.forms import QuestionForm, QuestionFormSet, QuizForm
from quizzes.editor.language_view import other_language_view
from quizzes.exporters.formats import QUIZ_FORMATS
from quizzes.importers.base import lookalike_notes
from quizzes.models import Question, Quiz
from quizzes.rules.limits import QUESTIONS_MAX
from quizzes.services.quizzes import quiz_duplicate

if TYPE_CHECKING:
    from django.forms import ModelForm

_FieldsetSpec = tuple[tuple[Any, dict[str, Any]], ...]


def _peek(request: HttpRequest) -> list[Any]:
    """The messages that the page is about to show; they stay to be shown."""
    storage = messages.get_messages(request)
    waiting = list(storage)
    storage.used = False  # type: ignore[union-attr]
    return waiting


class QuestionInline(OwnContent, StackedInline):
    model = Question
    form = QuestionForm
    formset = QuestionFormSet
    extra = 0
    max_num = QUESTIONS_MAX
    # Each costs some 15 ms and 30 KB; three hundred took seconds from the players of this process.
    per_page = 50
    ordering_field = "position"
    collapsible = True
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "text",
                    "kind",
                    ("options", "correct_answers", "gaps"),
                    ("points", "time_limit"),
                    "explanation",
                )
            },
        ),
        (
            gettext_lazy("More"),
            {
                "classes": ("collapse",),
                "fields": (
                    ("media", "upload"),
                    ("sound", "recording"),
                    ("listen", "listen_language"),
                    "position",
                    ("tolerance", "language"),
                    "confusable",
                    ("case", "articles"),
                    ("accents", "almost"),
                ),
            },
        ),
    )

    def get_extra(self, request: HttpRequest, obj: Quiz | None = None, **kwargs: Any) -> int:
        return 1 if obj is None else 0


@admin.register(Quiz)
class QuizAdmin(OwnContent, ModelAdmin):
    form = QuizForm
    inlines = (QuestionInline,)
    list_display = ("title", "id", "language", "question_count", "owner", "updated_at", "run")
    list_filter = (FolderFilter, TagFilter, "language")
    list_select_related = ("owner",)
    search_fields = ("id", "search_text", "questions__search_text")
    actions = ("duplicate", *export_actions(QUIZ_FORMATS))
    actions_list = ("import_quiz",)
    change_form_outer_before_template = "admin/quizzes/quiz/links.html"
    empty_list_template = "admin/quizzes/quiz/empty.html"
    warn_unsaved_form = True

    class Media:
        js = ("host/editor.js",)

    def get_urls(self) -> list[URLPattern]:
        """With what the editor asks about the language."""
        view = self.admin_site.admin_view(other_language_view)
        return [path("language/", view, name="quizzes_quiz_language"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quiz]:
        return (
            visible_quizzes(signed_in_user(request))
            .annotate(question_count=Count("questions", distinct=True))
            .order_by("title", "id")
        )

    def get_fieldsets(self, request: HttpRequest, obj: Quiz | None = None) -> _FieldsetSpec:
        advanced = ("id", "shuffle_options", *(("owner",) if signed_in_user(request).is_superuser else ()))
        return (
            (None, {"fields": ("title", "language", "description", ("folder", "tags"))}),
            (gettext_lazy("Advanced"), {"classes": ("collapse",), "fields": advanced}),
        )

    def get_fields(self, request: HttpRequest, obj: Quiz | None = None) -> tuple[str, ...]:
        return tuple(name for _, part in self.get_fieldsets(request, obj) for name in part["fields"])

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page, with what its script says."""
        stored = any(message.level == messages.SUCCESS for message in _peek(request))
        editor = {
            "texts": editor_texts(),
            **attachments(),
            "language": reverse("admin:quizzes_quiz_language"),
            "adding": object_id is None,
            "refused": request.method == "POST",
            "stored": stored,
        }
        response: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), "editor": editor}
        )
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Quiz | None = None) -> tuple[str, ...]:
        # Another id would be another quiz: the old one would stay beside it.
        return () if obj is None else ("id",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Quiz, form: ModelForm[Quiz], change: bool) -> None:
        if not change and "owner" not in form.fields:
            obj.owner = signed_in_user(request)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for note in lookalike_notes(form.instance.content().questions, ()):
            messages.warning(request, note)

    @admin.display(description=gettext_lazy("Questions"), ordering="question_count")
    def question_count(self, quiz: Quiz) -> int:
        return quiz.question_count  # type: ignore[attr-defined, no-any-return]

    @admin.display(description=gettext_lazy("Run"))
    def run(self, quiz: Quiz) -> str:
        return render_to_string("admin/quizzes/quiz/row_link.html", {"quiz": quiz})

    @action(description=gettext_lazy("Paste or import"), permissions=["add"], icon="content_paste")
    def import_quiz(self, request: HttpRequest) -> HttpResponse:
        return import_page(self, request)

    @admin.action(description=gettext_lazy("Duplicate the selected quizzes"), permissions=["add"])
    def duplicate(self, request: HttpRequest, queryset: QuerySet[Quiz]) -> HttpResponse | None:
        """Copy quizzes; a single copy is opened, to be changed."""
        if not may_copy_all(request, queryset):
            return None
        copies = [
            quiz_duplicate(quiz, owner=signed_in_user(request), title=_("%(title)s (copy)") % {"title": quiz.title})
            for quiz in queryset
        ]
        message = ngettext("%(count)d quiz was copied.", "%(count)d quizzes were copied.", len(copies))
        self.message_user(request, message % {"count": len(copies)}, messages.SUCCESS)
        return redirect("admin:quizzes_quiz_change", copies[0].pk) if len(copies) == 1 else None
