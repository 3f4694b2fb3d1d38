"""Classes in the admin: the list, a class and its pupils, the sheet of cards, sharing, export and deletion.

No name of a pupil is put into a message or a log entry: those are stored, and outlive the class.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display

from classes.access import owns, visible_classes
from classes.models import Pupil, SchoolClass
from classes.rules.names import InvalidName
from classes.rules.roll import Roll, TooMany, read_roll
from classes.services import (
    PupilNameTaken,
    add_pupils,
    card_of,
    create_class,
    let_practice_count,
    name_keys,
    pupils_by_name,
    rename_pupil,
    replace_card,
)
from common.search import BoundedSearchAdmin
from quizzes.access import is_host
from scoring.ports import ServiceUnavailable
from sessions.database.growth import growth_of
from sessions.database.growth_quiz import NothingLeft, make_growth_quiz
from sessions.database.rows import to_datetime
from sessions.host.class_forms import WHY_NO_NAME, DetailsForm, NamesForm, NewClassForm, too_many, why_not
from sessions.host.growth import growth_page
from sessions.models import QuizSession
from sessions.pages.views import qr_svg
from sessions.rest.classes import card_url, export_json
from sessions.wiring.class_deletion import delete_class, delete_pupil, live_sessions
from sessions.wiring.runtime import call, runtime

#: Sessions of a class that its page lists.
_RECENT = 12


class ClassAdmin(BoundedSearchAdmin, ModelAdmin):
    """The pages of classes. Whoever may not see a class is told that there is none."""

    list_display = ("name", "pupil_count", "keep_until", "owner")
    search_fields = ("name",)
    list_per_page = 50
    empty_list_template = "admin/classes/schoolclass/empty.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_host(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_host(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_host(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_host(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # On a page of its own, which says what goes.
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[SchoolClass]:
        return visible_classes(_user(request)).annotate(pupil_count=Count("pupils")).select_related("owner")

    @display(description=gettext_lazy("Pupils"), ordering="pupil_count")
    def pupil_count(self, school_class: SchoolClass) -> int:
        return school_class.pupil_count  # type: ignore[attr-defined, no-any-return]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own: dict[str, Callable[..., HttpResponse]] = {
            "cards": self.cards_view,
            "growth": self.growth_view,
            "export": self.export_view,
            "delete-class": self.delete_class_view,
        }
        return [
            *(path(f"<str:class_id>/{name}/", wrap(view), name=f"classes_{name}") for name, view in own.items()),
            path("<str:class_id>/pupils/<str:pupil_id>/", wrap(self.pupil_view), name="classes_pupil"),
            *super().get_urls(),
        ]

    # -- making and changing --------------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Make a class."""
        if not is_host(request.user):
            raise PermissionDenied
        form = NewClassForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            made = create_class(data["name"], owner_id=_user(request).pk, keep_until=data["keep_until"])
            if not data["names"].strip():
                return _to(made)
            return self._add_names(request, made, data["names"])
        return self._page(request, "new", _("New class"), form=form)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A class: its pupils, and everything that can be done with it."""
        school_class = self._find(request, object_id)
        do = {
            "details": self._change_details,
            "practice": self._let_practice_count,
            "names": lambda request, of: self._add_names(request, of, _pasted(request)),
            "share": self._share,
            "unshare": self._unshare,
        }
        if request.method == "POST":
            act: Callable[[HttpRequest, SchoolClass], HttpResponse] | None = do.get(request.POST.get("do", ""))
            if act is None:
                raise Http404
            return act(request, school_class)
        return self._class_page(request, school_class)

    def _class_page(
        self, request: HttpRequest, school_class: SchoolClass, details: DetailsForm | None = None, **context: Any
    ) -> HttpResponse:
        known = {"name": school_class.name, "keep_until": school_class.keep_until.isoformat()}
        sessions = QuizSession.objects.filter(class_id=school_class.id, owner=_user(request))
        return self._page(
            request,
            "class",
            school_class.name,
            school_class=school_class,
            pupils=pupils_by_name(school_class),
            details=details or DetailsForm(initial=known),
            names=NamesForm(),
            shares=school_class.shared_with.order_by("username"),
            owns=owns(_user(request), school_class),
            sessions=sessions.defer("content", "state")[:_RECENT],
            **context,
        )

    def _change_details(self, request: HttpRequest, school_class: SchoolClass) -> HttpResponse:
        form = DetailsForm(request.POST)
        if not form.is_valid():
            return self._class_page(request, school_class, details=form)
        school_class.name = form.cleaned_data["name"]
        if owns(_user(request), school_class):
            school_class.keep_until = form.cleaned_data["keep_until"]
        school_class.save()
        messages.success(request, _("Saved."))
        return _to(school_class)

    def _let_practice_count(self, request: HttpRequest, school_class: SchoolClass) -> HttpResponse:
        if not owns(_user(request), school_class):
            raise PermissionDenied
        let_practice_count(school_class, "counts" in request.POST, now=to_datetime(runtime().clock.now()))
        messages.success(request, _("Saved."))
        return _to(school_class)

    def _add_names(self, request: HttpRequest, school_class: SchoolClass, text: str) -> HttpResponse:
        """Add pasted names; where one is there twice, or cannot be one, ask first."""
        try:
            roll = read_roll(text, name_keys(school_class))
            if not roll.twice and not roll.wrong:
                roll = add_pupils(school_class, roll.fresh)
        except TooMany:
            messages.error(request, too_many())
            return _to(school_class)
        if roll.twice or roll.wrong:
            return self._ask(request, school_class, roll)
        messages.success(request, _("Pupils added: %(count)d") % {"count": len(roll.fresh)})
        return _to(school_class)

    def _ask(self, request: HttpRequest, school_class: SchoolClass, roll: Roll) -> HttpResponse:
        title = _("One pupil or two?") if roll.twice else _("These cannot be names")
        fresh = "\n".join(roll.fresh)
        return self._page(request, "ask", title, school_class=school_class, roll=roll, fresh=fresh, wrong=why_not(roll))

    def _share(self, request: HttpRequest, school_class: SchoolClass) -> HttpResponse:
        if not owns(_user(request), school_class):
            raise PermissionDenied
        colleague = User.objects.filter(username=request.POST.get("username", "").strip()[:150], is_active=True).first()
        if colleague is None or not is_host(colleague):
            return self._class_page(request, school_class, share_error=_("No host has this user name."))
        school_class.shared_with.add(colleague)
        return _to(school_class)

    def _unshare(self, request: HttpRequest, school_class: SchoolClass) -> HttpResponse:
        if not owns(_user(request), school_class):
            raise PermissionDenied
        user_id = request.POST.get("user", "")
        if user_id.isdecimal() and len(user_id) < 10:
            school_class.shared_with.remove(int(user_id))
        return _to(school_class)

    # -- one pupil ------------------------------------------------------------------------------------------------

    def pupil_view(self, request: HttpRequest, class_id: str, pupil_id: str) -> HttpResponse:
        """One pupil: another name, a new card, what is kept, deletion."""
        school_class = self._find(request, class_id)
        pupil = get_object_or_404(school_class.pupils, id=pupil_id if pupil_id.isalnum() else "")
        error = ""
        match request.POST.get("do") if request.method == "POST" else None:
            case "rename":
                try:
                    rename_pupil(pupil, request.POST.get("name", ""))
                except InvalidName as fault:
                    error = str(WHY_NO_NAME[fault.reason])
                except PupilNameTaken:
                    error = _("Another pupil of the class has this name.")
                else:
                    return _to(school_class)
            case "card":
                replace_card(pupil)
                return redirect(f"{reverse('admin:classes_cards', args=[school_class.id])}?pupil={pupil.id}")
            case "delete":
                if _deleted(request, lambda: delete_pupil(pupil.id, actor=_actor(request))):
                    return _to(school_class)
            case None:
                pass
            case _:
                raise Http404
        return self._page(request, "pupil", pupil.name, school_class=school_class, pupil=pupil, error=error)

    # -- the class as a whole -------------------------------------------------------------------------------------

    def cards_view(self, request: HttpRequest, class_id: str) -> HttpResponse:
        """The sheet of cards, to be printed and cut."""
        school_class = self._find(request, class_id)
        only = request.GET.get("pupil", "")
        pupils = list(school_class.pupils.filter(id=only)) if only.isalnum() else pupils_by_name(school_class)
        cards = [(pupil.name, qr_svg(card_url(request, card_of(pupil)))) for pupil in pupils]
        return self._page(request, "cards", _("Cards"), school_class=school_class, cards=cards)

    def growth_view(self, request: HttpRequest, class_id: str) -> HttpResponse:
        """How surely the class, or one pupil, knows what was asked; and a quiz of what is not known yet."""
        school_class = self._find(request, class_id)
        only = request.GET.get("pupil", "")
        pupil: Pupil | None = get_object_or_404(school_class.pupils, id=only) if only.isalnum() else None
        for session in live_sessions(school_class.pk):
            call(runtime().settle(session.pk))
        growth = growth_of(school_class, pupil, now=int(time.time() * 1_000))
        if request.method == "POST":
            try:
                quiz = make_growth_quiz(growth, _user(request))
            except NothingLeft:
                messages.info(request, _("Everything that was asked is surely known."))
                return redirect(request.get_full_path())
            return redirect("admin:quizzes_quiz_change", quiz.pk)
        title = pupil.name if pupil else _("Growth of %(name)s") % {"name": school_class.name}
        api = f"{reverse('classes-api')}/{school_class.id}/growth"
        return self._page(
            request,
            "growth",
            title,
            school_class=school_class,
            pupil=pupil,
            api=api,
            query=f"?pupil={pupil.id}" if pupil else "",
            **growth_page(growth),
        )

    def export_view(self, request: HttpRequest, class_id: str) -> HttpResponse:
        """All that is kept of the class, or of one pupil, as a file."""
        school_class = self._find(request, class_id)
        only = request.GET.get("pupil", "")
        pupil: Pupil | None = get_object_or_404(school_class.pupils, id=only) if only.isalnum() else None
        data = json.dumps(export_json(school_class, pupil), ensure_ascii=False, indent=2).encode()
        disposition = {"Content-Disposition": 'attachment; filename="class.json"'}
        return HttpResponse(data, content_type="application/json", headers=disposition)

    def delete_class_view(self, request: HttpRequest, class_id: str) -> HttpResponse:
        """Delete the class, after saying what goes and what stays."""
        school_class = self._find(request, class_id)
        if not owns(_user(request), school_class):
            raise PermissionDenied
        if request.method == "POST" and _deleted(request, lambda: delete_class(school_class.pk, actor=_actor(request))):
            return redirect("admin:classes_schoolclass_changelist")
        return self._page(
            request,
            "delete",
            _("Delete the class?"),
            school_class=school_class,
            pupil_count=school_class.pupils.count(),
            playing=live_sessions(school_class.pk),
        )

    def _find(self, request: HttpRequest, class_id: str) -> SchoolClass:
        if not is_host(request.user):
            raise PermissionDenied
        # What cannot be an id is not asked for: a database may refuse its characters.
        return get_object_or_404(visible_classes(_user(request)), id=class_id if class_id.isalnum() else "")

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            f"admin/classes/schoolclass/{template}.html",
            {**self.admin_site.each_context(request), "title": title, "media": self.media, **context},
        )


def _pasted(request: HttpRequest) -> str:
    """The names that were sent: those that are new, and those that were told apart."""
    return "\n".join([request.POST.get("names", ""), *request.POST.getlist("other")])


def _deleted(request: HttpRequest, delete: Callable[[], None]) -> bool:
    try:
        delete()
    except ServiceUnavailable:
        messages.error(request, _("The server cannot store anything just now. Please try again."))
        return False
    messages.success(request, _("Deleted. Answers stay, as of players without names."))
    return True


def _to(school_class: SchoolClass) -> HttpResponse:
    return redirect("admin:classes_schoolclass_change", school_class.pk)


def _actor(request: HttpRequest) -> str:
    return f"user:{_user(request).get_username()}"


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
