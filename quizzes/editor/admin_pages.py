"""What the admin pages of quizzes and word lists share: whose they are, importing, exporting."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from quizzes.access import is_host, may_copy, may_edit, owns
from quizzes.editor.import_columns import column_menus, corrected
from quizzes.editor.language_input import LanguageInput, language_name
from quizzes.editor.share_page import share_page
from quizzes.editor.word_forms import ImportForm
from quizzes.exporters.formats import ExportFormat, media_of
from quizzes.images.storage import with_addresses
from quizzes.importers.base import CannotRead, Imported
from quizzes.importers.formats import Source
from quizzes.models import QuestionKind, Quiz, WordList
from quizzes.rest.import_export import file_response
from quizzes.rules import limits
from quizzes.searching import ContentSearchAdmin
from quizzes.services.importing import BadHeading, media_store, store_questions, store_words
from quizzes.services.quizzes import QuizExists
from quizzes.services.reading import other_language, read_source
from quizzes.services.word_lists import ListFull, WordListExists, word_list_add

_EXPORT_NAMES = {
    "csv": gettext_lazy("Export as CSV"),
    "xlsx": gettext_lazy("Export for Excel"),
    "json": gettext_lazy("Export as JSON"),
    "gift": gettext_lazy("Export as GIFT for Moodle"),
    "apkg": gettext_lazy("Export for Anki"),
}
_Export = Callable[[ModelAdmin, HttpRequest, QuerySet[Any]], HttpResponse]


class OwnContent(ContentSearchAdmin):
    """Permissions by ownership (:mod:`quizzes.access`): any host may have quizzes and word lists."""

    def has_view_permission(self, request: HttpRequest, obj: Quiz | WordList | None = None) -> bool:
        return is_host(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Quiz | WordList | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Quiz | WordList | None = None) -> bool:
        if not is_host(request.user):
            return False
        return obj is None or obj._state.adding or may_edit(signed_in_user(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Quiz | WordList | None = None) -> bool:
        if not is_host(request.user):
            return False
        return obj is None or owns(signed_in_user(request), obj)

    def get_urls(self) -> list[URLPattern]:
        """With the page that shares one."""
        view = self.admin_site.admin_view(partial(share_page, self))  # type: ignore[attr-defined]
        name = f"quizzes_{self.model._meta.model_name}_share"  # type: ignore[attr-defined]
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [path("<path:pk>/share/", view, name=name), *urls]


def may_copy_all(request: HttpRequest, rows: Iterable[Quiz | WordList]) -> bool:
    """Whether everything that was selected may be copied; if not, the host is told."""
    if all(may_copy(signed_in_user(request), row) for row in rows):
        return True
    messages.error(request, _("This is shared to be seen and run, not to be copied."))
    return False


def signed_in_user(request: HttpRequest) -> User:
    """The user; nobody gets into the admin without one."""
    assert isinstance(request.user, User)
    return request.user


def import_page(model_admin: ModelAdmin, request: HttpRequest, word_list: WordList | None = None) -> HttpResponse:
    """Paste or choose a file, see what it holds row by row, then store it: all of it, or all that can be read.

    :param word_list: the list to add words to, which the user may change; ``None`` to store something new.

    Between the preview and the storing the browser keeps what was read, in the exchange format; it is checked anew.
    """
    if not is_host(request.user):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    if word_list is not None:
        for name in ("title", "term_language", "meaning_language"):
            del form.fields[name]
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and "save" in request.POST:
        context["form"] = ImportForm()
        try:
            imported = read_source(Source(request.POST.get("content", "").encode(), format="json"))
        except CannotRead as error:
            messages.error(request, str(error))
        else:
            try:
                return _stored(request, imported) if word_list is None else _added(request, imported, word_list)
            except (BadHeading, QuizExists, WordListExists) as error:
                messages.error(request, str(error))
                context |= _preview(imported, word_list)
    elif request.method == "POST" and (again := corrected(request)):
        context |= {"form": ImportForm(), **_corrected(request, *again, word_list)}
    elif request.method == "POST" and form.is_valid():
        try:
            imported = read_source(form.source())
        except CannotRead as error:
            form.add_error(None, str(error))
        else:
            heading = {**form.file_title(), **imported.heading, **form.heading()}
            context |= _preview(replace(imported, heading=heading), word_list)
    request.current_app = model_admin.admin_site.name
    each = model_admin.admin_site.each_context(request)
    title = _("Paste or import") if word_list is None else _("Add words to “%(title)s”") % {"title": word_list.title}
    return TemplateResponse(request, "admin/quizzes/import.html", {**each, "title": title, **context})


def _corrected(
    request: HttpRequest, source: Source, heading: Mapping[str, str], word_list: WordList | None
) -> dict[str, Any]:
    """The preview of a table whose columns the host has corrected."""
    try:
        imported = read_source(source)
    except CannotRead as error:
        messages.error(request, str(error))
        return {}
    return _preview(replace(imported, heading={**imported.heading, **heading}), word_list)


def _preview(imported: Imported, word_list: WordList | None) -> dict[str, Any]:
    """What the page shows of what was read."""
    # Words of no language would be graded as English, and those of another one as what they are not.
    said = word_list.term_language if word_list else _said_language(imported)
    looks = other_language(_words(imported), said)
    asks_language = word_list is None and (not said or looks)
    return {
        "imported": imported,
        # What went wrong comes first: among hundreds of rows nobody would find it.
        "rows": sorted(imported.rows, key=lambda row: row.outcome == "read"),
        # What was read as it stands is on the page itself.
        "remarks": [row for row in imported.rows if row.outcome != "read"],
        "questions": [(question, QuestionKind(question.kind).label) for question in imported.questions],
        "content": _exchange_json(imported),
        **column_menus(imported),
        "language": LanguageInput().render("term_language", said or looks, {"id": "language"}) if asks_language else "",
        "looks": language_name(looks),
    }


def _said_language(imported: Imported) -> str:
    named = ("language", "term_language") if imported.holds == "questions" else ("term_language",)
    return next((str(imported.heading[name]) for name in named if imported.heading.get(name)), "")


def _words(imported: Imported) -> Iterator[str]:
    """What players would be graded by."""
    for word in imported.words:
        yield word.term
    for question in imported.questions:
        if question.kind == "typed":
            yield from question.correct_answers


def _exchange_json(imported: Imported) -> str:
    entries = imported.questions if imported.holds == "questions" else imported.words
    # A form of images would be too large to send. Those of an import that is not stored are deleted after a day.
    entries = with_addresses(entries, media_store(imported))
    return json.dumps({**imported.heading, imported.holds: [asdict(entry) for entry in entries]}, ensure_ascii=False)


def _stored(request: HttpRequest, imported: Imported) -> HttpResponse:
    user = signed_in_user(request)
    # Another import of the same file is another quiz: a host who imports twice must not be stopped by an id.
    heading = {"id": ""}
    language = LanguageInput().value_from_datadict(request.POST, None, "term_language") or _said_language(imported)
    if language:
        heading["language" if imported.holds == "questions" else "term_language"] = language
    if imported.holds == "questions":
        quiz = store_questions(imported, heading, owner=user)
        messages.success(request, _("The quiz was stored. Change what you like, then run it."))
        return redirect("admin:quizzes_quiz_change", quiz.pk)
    word_list = store_words(imported, heading, owner=user)
    messages.success(request, _("The word list was stored. Make a quiz of it now, or later."))
    return redirect("admin:quizzes_wordlist_make_quiz", word_list.pk)


def _added(request: HttpRequest, imported: Imported, word_list: WordList) -> HttpResponse:
    try:
        added, changed = word_list_add(word_list.pk, imported.words)
    except ListFull:
        messages.error(request, _("A list has at most %(max)d words.") % {"max": limits.WORDS_MAX})
    else:
        said = ngettext("%(count)d word was added.", "%(count)d words were added.", added) % {"count": added}
        if changed:
            more = ngettext("%(count)d word got a meaning.", "%(count)d words got a meaning.", changed)
            said = f"{said} {more % {'count': changed}}"
        messages.success(request, said)
    return redirect("admin:quizzes_wordlist_change", word_list.pk)


def export_actions(formats: Mapping[str, ExportFormat]) -> tuple[_Export, ...]:
    """Admin actions, one a format: a file of what is selected, or a zip of several."""
    return tuple(_export_action(name, export_format) for name, export_format in formats.items())


def _export_action(name: str, export_format: ExportFormat) -> _Export:
    def export(model_admin: ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        if not may_copy_all(request, queryset):
            return redirect(request.get_full_path())
        contents = [row.content() for row in queryset]
        if len(contents) == 1:
            return file_response(contents[0], export_format)
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            for content in contents:
                file = export_format.write(content, media_of(content))
                archive.writestr(f"{content.id}.{export_format.extension}", file)
        response = HttpResponse(data.getvalue(), content_type="application/zip")
        response["Content-Disposition"] = f'attachment; filename="{queryset.model._meta.db_table}.zip"'
        return response

    export.__name__ = f"export_{name}"
    return admin.action(description=_EXPORT_NAMES[name], permissions=["view"])(export)
