"""The player's page for whoever wrote the quiz: it is played in earnest, and leaves no session behind."""

from __future__ import annotations

import time
import uuid
from typing import Annotated

import msgspec
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from quizzes.access import is_host, visible_quizzes
from quizzes.models import Quiz
from sessions.pages.texts import player_texts
from sessions.protocol import encoding, inbound
from sessions.protocol.errors import SessionError
from sessions.protocol.outbound import Error, Outbound
from sessions.services.previewing import Preview

#: Bytes of a message with all the answers before it.
_BODY = 500_000


class _Played(msgspec.Struct, frozen=True):
    """A message of the protocol, with what a session would know."""

    preview_id: inbound.Id
    type: str
    payload: msgspec.Raw
    #: The question on show, or the last one that was.
    shown: inbound.Id = ""
    answers: Annotated[list[inbound.SubmitAnswer], msgspec.Meta(max_length=1_000)] = []


_decoder = msgspec.json.Decoder(_Played)


def preview(request: HttpRequest, pk: str) -> HttpResponse:
    """GET: the page. POST: what a session would answer to one message."""
    if not is_host(request.user):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    assert isinstance(request.user, User)
    quiz = get_object_or_404(visible_quizzes(request.user), pk=pk)
    if request.method == "POST":
        return _answered(request, quiz)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    if not quiz.questions.exists():
        raise Http404
    back = reverse("admin:quizzes_quiz_change", args=[quiz.pk])
    preview_id = str(uuid.uuid4())
    data: dict[str, object] = {
        "code": "",
        "session": None,
        "texts": {**player_texts(), "another_game": _("Back to the quiz")},
        "names": [],
        "preview": {"id": preview_id, "url": request.path, "back": back},
    }
    context = {"code": "", "session": quiz, "data": data, "preview": {"back": back}}
    return render(request, "play.html", context)


def _answered(request: HttpRequest, quiz: Quiz) -> HttpResponse:
    now = int(time.time() * 1_000)
    try:
        if len(request.body) > _BODY:
            raise inbound.BadMessage("INVALID_MESSAGE", "too long", None)
        played = _decoder.decode(request.body)
        message, _id = inbound.parse(msgspec.json.encode({"type": played.type, "payload": played.payload}))
        answer = _reply(Preview(played.preview_id, quiz.content(), answers=played.answers), message, played, request)
    except (msgspec.DecodeError, UnicodeError, RecursionError, inbound.BadMessage) as error:
        return JsonResponse({"detail": str(error)}, status=400)
    except SessionError as error:
        answer = Error(code=error.code, message=error.message, recoverable=True, reason=error.reason)
    body = encoding.encode(answer, at=now)
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})


def _reply(game: Preview, message: inbound.Inbound, played: _Played, request: HttpRequest) -> Outbound:
    now = int(time.time() * 1_000)
    match message:
        case inbound.JoinSession():
            return game.joined(_player_name(request), now)
        case inbound.NextQuestion():
            return game.next_question(played.shown, now)
        case inbound.SubmitAnswer():
            return game.answer(message)
        case inbound.GetSummary():
            return game.summary()
        case _:
            raise inbound.BadMessage("UNKNOWN_TYPE", f"A preview has no {played.type}", None)


def _player_name(request: HttpRequest) -> str:
    assert isinstance(request.user, User)
    return request.user.get_short_name() or request.user.get_username()
