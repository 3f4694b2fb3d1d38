"""Sessions in the admin: the list, opening one, the console that runs it, and its results."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.views import ChangeList

from classes.access import visible_classes
from classes.models import SchoolClass
from common.config import CONFIG
from common.search import BoundedSearchAdmin
from quizzes.access import is_host, visible_quizzes
from scoring.ports import ServiceUnavailable
from scoring.rules.grading import InvalidAnswer, in_gap
from sessions.access import visible_sessions
from sessions.database.counting import has_attempts, player_count
from sessions.database.pupils import known_pupils
from sessions.database.retention import names_kept_until
from sessions.database.rows import setup_of
from sessions.host.accepted_answers import accepted_answers, keep_answer
from sessions.host.asking_again import new_quiz, new_session
from sessions.host.class_pages import ClassAdmin
from sessions.host.console_texts import console_texts
from sessions.host.forms import OpenSessionForm
from sessions.host.hearing import unheard
from sessions.host.points_in_words import SCORING
from sessions.host.results import result_page
from sessions.host.retention_page import end_retention, retention_page
from sessions.models import Participant, QuizSession
from sessions.pages.links import links_of
from sessions.protocol.errors import SessionError
from sessions.rest.questions import questions_json
from sessions.rest.serializers import session_json
from sessions.rules.commands import Accept
from sessions.rules.hearing import Unheard
from sessions.rules.lifecycle import NotAllowed
from sessions.rules.player_names import USER_ID
from sessions.services.asking_again import NothingToAsk
from sessions.templatetags.local_times import local_time
from sessions.wiring.deletion import delete_session
from sessions.wiring.runtime import call, runtime

STATUS_LABELS = {"waiting": "info", "active": "success", "completed": "default"}

PLAYER_STATES = {
    "connected": pgettext_lazy("player", "here"),
    "disconnected": pgettext_lazy("player", "away"),
    "left": pgettext_lazy("player", "left"),
    "removed": pgettext_lazy("player", "removed"),
}


class ReadOnly(BoundedSearchAdmin):
    """Sessions are changed by playing them, never by editing their rows."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_host(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_host(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ParticipantInline(ReadOnly, TabularInline):
    model = Participant
    fields = readonly_fields = ("username", "score", "state", "joined")
    ordering = ("-score", "position")
    verbose_name_plural = gettext_lazy("Standings")
    per_page = 50
    hide_title = True
    extra = 0

    @display(description=gettext_lazy("Status"))
    def state(self, player: Participant) -> str:
        return str(PLAYER_STATES.get(player.status, player.status))

    @display(description=gettext_lazy("Joined"))
    def joined(self, player: Participant) -> str:
        return local_time(player.joined_at)


class SessionChangeList(ChangeList):
    """The list of sessions: a title leads to where the session is run, or to what came of it."""

    def url_for_result(self, result: QuizSession) -> str:
        page = "results" if result.status == "completed" else "run"
        return reverse(f"admin:quiz_sessions_quizsession_{page}", args=[result.pk])


@admin.register(QuizSession)
class QuizSessionAdmin(ReadOnly, ModelAdmin):
    inlines = (ParticipantInline,)
    list_display = ("title", "code", "status_label", "player_count", "pace", "created", "links")
    list_filter = ("status", "pace")
    search_fields = ("title", "join_code", "quiz_id")
    date_hierarchy = "created_at"
    list_per_page = 50
    fields = readonly_fields = (
        "title",
        "join_code",
        "status",
        "pace",
        "reveal",
        "scoring",
        "max_participants",
        "owner",
        "created",
        "started",
        "ended",
    )
    change_form_outer_before_template = "admin/quiz_sessions/quizsession/links.html"
    empty_list_template = "admin/quiz_sessions/quizsession/empty.html"

    @display(description=gettext_lazy("Created"), ordering="created_at")
    def created(self, session: QuizSession) -> str:
        return local_time(session.created_at)

    @display(description=gettext_lazy("Started"))
    def started(self, session: QuizSession) -> str:
        return local_time(session.start_time) or "-"

    @display(description=gettext_lazy("Ended"))
    def ended(self, session: QuizSession) -> str:
        return local_time(session.end_time) or "-"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_host(request.user)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        # Not the hundred thousands of answers, one by one.
        return [_what_goes(session) for session in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: QuizSession) -> None:
        session_id, actor = obj.id, f"user:{request.user.get_username()}"
        # Not inside the view's transaction: what ends the session writes on another connection.
        transaction.on_commit(lambda: delete_session(session_id, actor=actor))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[QuizSession]) -> None:
        for session in queryset:
            self.delete_model(request, session)

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuizSession]:
        sessions = visible_sessions(_user(request)).defer("content", "state")
        return sessions.annotate(player_count=player_count()).select_related("owner")

    def get_inlines(self, request: HttpRequest, obj: QuizSession | None) -> Any:
        # Rows of attempts are no standings; the results are.
        return [] if obj is not None and has_attempts(obj) else super().get_inlines(request, obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[SessionChangeList]:
        return SessionChangeList

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.list_display[:-1], "owner", "links") if _user(request).is_superuser else self.list_display

    @display(description=gettext_lazy("Join code"), ordering="join_code", label=True)
    def code(self, session: QuizSession) -> str:
        return session.join_code

    @display(description=gettext_lazy("Status"), ordering="status", label=STATUS_LABELS)
    def status_label(self, session: QuizSession) -> tuple[str, str]:
        return session.status, session.get_status_display()

    @display(description=gettext_lazy("Players"), ordering="player_count")
    def player_count(self, session: QuizSession) -> int:
        return session.player_count  # type: ignore[attr-defined, no-any-return]

    @display(description=gettext_lazy("Open"))
    def links(self, session: QuizSession) -> str:
        return render_to_string("admin/quiz_sessions/quizsession/row_links.html", {"session": session})

    # -- pages of our own -----------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("open/", wrap(self.open_view), name="quiz_sessions_quizsession_open"),
            path("kept/", wrap(self.kept_view), name="quiz_sessions_quizsession_kept"),
            path("<str:session_id>/run/", wrap(self.run_view), name="quiz_sessions_quizsession_run"),
            path("<str:session_id>/results/", wrap(self.results_view), name="quiz_sessions_quizsession_results"),
            *super().get_urls(),
        ]

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Run a quiz: choose it and how it is played."""
        if not is_host(request.user):
            raise PermissionDenied
        user = _user(request)
        form = OpenSessionForm(user, request.POST or None, initial=_asked_for(request))
        if request.method == "POST" and form.is_valid():
            quiz = form.cleaned_data["quiz"].content()
            actor = f"user:{user.get_username()}"
            try:
                view = call(runtime().sessions.create(quiz, owner_id=user.pk, actor=actor, **form.options()))
            except ServiceUnavailable:
                messages.error(request, _("The server cannot store anything just now. Please try again."))
            except Unheard as error:
                messages.error(request, unheard(error))
            else:
                return redirect("admin:quiz_sessions_quizsession_run", view.setup.id)
        return self._page(request, "open", _("Run a quiz"), form=form, name_hours=round(CONFIG.personal_data_hours))

    def kept_view(self, request: HttpRequest) -> HttpResponse:
        """What is kept of whom until when, and its end."""
        if not is_host(request.user):
            raise PermissionDenied
        if request.method == "POST":
            end_retention(request, _user(request))
            return redirect(request.get_full_path())
        return self._page(request, "kept", _("What is kept"), **retention_page(request, _user(request)))

    def run_view(self, request: HttpRequest, session_id: str) -> HttpResponse:
        """The console: one page to run the session by mouse or keyboard."""
        session = self._find(request, session_id)
        view = call(runtime().sessions.view(session.id))
        links = links_of(request, session.join_code)
        return self._page(
            request,
            "run",
            session.title,
            session=session,
            links=links,
            scoring=SCORING[view.setup.scoring],
            console={
                "texts": console_texts(),
                "language": view.setup.quiz.language,
                "join": links.join,
                "session": session_json(view),
                "questions": questions_json(view),
                "api": f"{reverse('sessions-api')}/{session.id}",
                "results": reverse("admin:quiz_sessions_quizsession_results", args=[session.id]),
            },
        )

    def results_view(self, request: HttpRequest, session_id: str) -> HttpResponse:
        """What came of the session."""
        session = self._find(request, session_id)
        if "again" in request.POST:
            return self._ask_again(request, session)
        if request.method == "POST":
            return self._keep(request, session) if "keep" in request.POST else self._accept(request, session)
        call(runtime().settle(session.id))
        every_player = request.GET.get("players") == "all"
        pupils = known_pupils(session.id, visible_classes(_user(request)))
        page = result_page(session, page=request.GET.get("page", "1"), every_player=every_player, pupils=pupils)
        page["names_until"] = names_kept_until(session, hours=CONFIG.personal_data_hours)
        page["of_class"] = visible_classes(_user(request)).filter(pk=session.class_id).first()
        page["accepted"] = accepted_answers(session, _user(request))
        page["may_run"] = visible_quizzes(_user(request)).filter(pk=session.quiz_id, questions__isnull=False).exists()
        return self._page(request, "results", session.title, api=f"{reverse('sessions-api')}/{session.id}", **page)

    @staticmethod
    def _accept(request: HttpRequest, session: QuizSession) -> HttpResponse:
        """Accept a typed answer, and show the results again."""
        question = setup_of(session).quiz.question(request.POST.get("question", ""))
        if session.purged_at is not None:
            raise Http404
        gap = request.POST.get("gap", "")
        try:
            answer = request.POST.get("answer", "")
            if question is not None:
                answer = in_gap(question, answer, int(gap) if gap.isdecimal() and len(gap) < 4 else 0)
            accept = Accept(request.POST.get("question", ""), answer)
            call(runtime().sessions.command(session.id, accept, actor=f"user:{_user(request).get_username()}"))
        except (NotAllowed, InvalidAnswer):
            messages.error(request, _("This answer cannot be accepted now."))
        except (ServiceUnavailable, SessionError):
            messages.error(request, _("The server cannot store anything just now. Please try again."))
        else:
            messages.success(request, _("Everybody who gave this answer has its points."))
        return _to_accepting(session)

    @staticmethod
    def _ask_again(request: HttpRequest, session: QuizSession) -> HttpResponse:
        """Ask what was missed in a new session, or keep it as a quiz."""
        try:
            if request.POST["again"] == "quiz":
                quiz_id = new_quiz(session, _user(request))
                messages.success(request, _("This quiz has the questions that many had wrong."))
                return redirect("admin:quizzes_quiz_change", quiz_id)
            return redirect("admin:quiz_sessions_quizsession_run", new_session(session, _user(request)))
        except NothingToAsk:
            messages.info(request, _("Every question was right often enough; there is nothing to ask again."))
        except Unheard as error:
            messages.error(request, unheard(error))
        except (ServiceUnavailable, SessionError):
            messages.error(request, _("The server cannot store anything just now. Please try again."))
        return redirect("admin:quiz_sessions_quizsession_results", session.id)

    @staticmethod
    def _keep(request: HttpRequest, session: QuizSession) -> HttpResponse:
        """Add what was accepted to the quiz, and show the results again."""
        question_id, answer = request.POST.get("question", ""), request.POST.get("answer", "")
        try:
            in_list = keep_answer(session, question_id, answer, _user(request))
        except LookupError:
            messages.error(request, _("This answer cannot be added to the quiz. Has the question been changed?"))
        else:
            in_quiz, in_both = (
                _("The answer is in the quiz now."),
                _("The answer is in the quiz and its word list now."),
            )
            messages.success(request, in_both if in_list else in_quiz)
        return _to_accepting(session)

    def _find(self, request: HttpRequest, session_id: str) -> QuizSession:
        if not is_host(request.user):
            raise PermissionDenied
        # What cannot be an id is not asked for: a database may refuse its characters.
        known = visible_sessions(_user(request)) if USER_ID.match(session_id) else QuizSession.objects.none()
        return get_object_or_404(known, id=session_id)

    def _page(self, request: HttpRequest, template: str, title: str, **context: Any) -> TemplateResponse:
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            f"admin/quiz_sessions/quizsession/{template}.html",
            {**self.admin_site.each_context(request), "title": title, "media": self.media, **context},
        )


admin.site.register(SchoolClass, ClassAdmin)


def _asked_for(request: HttpRequest) -> dict[str, str]:
    """The quiz and the class that a link to the Run form names."""
    return {name: request.GET[name] for name in ("quiz", "class_id") if name in request.GET}


def _what_goes(session: QuizSession) -> str:
    """What deleting the session costs, for who is asked whether to."""
    players: int = session.player_count  # type: ignore[attr-defined]
    counted = ngettext(
        "%(session)s, with %(count)d player and all answers",
        "%(session)s, with %(count)d players and all answers",
        players,
    ) % {"session": session, "count": players}
    if session.status == "completed":
        return counted
    return _("%(session)s. It is open, and ends for everybody.") % {"session": counted}


def _to_accepting(session: QuizSession) -> HttpResponse:
    results = reverse("admin:quiz_sessions_quizsession_results", args=[session.id])
    return redirect(f"{results}#accepting")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
