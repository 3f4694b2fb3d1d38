"""Pages of players and of the hall. A page is a shell: what happens in it comes over the WebSocket."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from http import HTTPStatus

import segno
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page

from common.addresses import LOOPBACK, WILDCARDS, reachable_url
from common.config import CONFIG
from common.limits import network_of
from scoring.ports import ServiceUnavailable
from sessions.pages.texts import player_texts, screen_texts, suggested_names
from sessions.protocol.errors import RateLimited, SessionError
from sessions.rules.join_codes import read_code
from sessions.services.pupils import Name
from sessions.wiring.runtime import current_runtime

#: Bytes of a body that tells a card.
_CARD_BODY = 1_000


@dataclass(frozen=True, slots=True)
class OfferedPupils:
    """Names to pick from, and whether it takes a card, and whether others may come."""

    names: list[Name]
    cards_only: bool
    guests: bool


@dataclass(frozen=True, slots=True)
class FoundSession:
    """What a page tells of a session before its socket is open."""

    id: str
    code: str
    title: str
    over: bool
    #: Whether its players are offered names.
    suggested_names: bool
    #: In the session of a class, what its pupils are offered.
    pupils: OfferedPupils | None = None

    def json(self) -> dict[str, object]:
        """For the page's script."""
        return {"id": self.id, "code": self.code, "title": self.title, "over": self.over}


# Its texts and shapes are most of what a phone has to fetch first. The token in it is masked anew in each response.
@gzip_page
async def play(request: HttpRequest, code: str = "") -> HttpResponse:
    """The player's page; without a known code, or before the player has joined, the join form."""
    code = read_code(code)
    session, wait = await find_session(request, code)
    data = {
        "code": code,
        "session": session.json() if session else None,
        "texts": player_texts(),
        "names": suggested_names() if session is None or session.suggested_names else [],
    }
    context = {"code": code, "session": session, "data": data, "pupils": session.pupils if session else None}
    response = render(request, "play.html", context)
    if session and session.pupils:
        # Names of pupils are kept by nobody.
        response.headers["Cache-Control"] = "no-store"
    return _refused(response, wait) if wait else response


@csrf_exempt
async def card(request: HttpRequest) -> HttpResponse:
    """Where a pupil's card leads. GET: the page, whose script alone sees the secret; POST: who it is, and what to play.

    The POST changes nothing and trusts no cookie: there is nothing to forge.
    """
    if request.method == "POST":
        return await _greet(request)
    data: dict[str, object] = {"code": "", "session": None, "texts": player_texts(), "names": []}
    data["card"] = reverse("card")
    return render(request, "play.html", {"code": "", "session": None, "data": data, "card": True})


async def _greet(request: HttpRequest) -> HttpResponse:
    runtime = await current_runtime()
    try:
        sent = json.loads(request.body) if len(request.body) <= _CARD_BODY else None
    except ValueError:
        sent = None
    secret = sent.get("card") if isinstance(sent, dict) else None
    if not isinstance(secret, str):
        return JsonResponse({"detail": 'A body like {"card": "..."}, please.'}, status=400)
    try:
        found = await runtime.pupils.greet(secret)
        if found is None:
            await runtime.lookups.guessed(network_of(request.META.get("REMOTE_ADDR", "")))
    except RateLimited as error:
        return _refused(JsonResponse({"detail": error.message}), error.retry_after_ms or 1)
    except ServiceUnavailable:
        return JsonResponse({"detail": "The server cannot read anything just now."}, status=503)
    if found is None:
        return JsonResponse({"detail": "This card opens nothing."}, status=404)
    sessions = [{"code": code, "title": title} for code, title in found.sessions]
    answer = JsonResponse({"name": found.name, "sessions": sessions})
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The big screen of a session."""
    session, wait = await find_session(request, code)
    url = join_url(request, session.code) if session else ""
    data = {"code": code, "session": session.json() if session else None, "texts": screen_texts()}
    context = {
        "session": session,
        "data": data,
        "qr": qr_svg(url) if session else "",
        "address": url.partition("//")[2].rpartition("/j/")[0],
    }
    response = render(request, "screen.html", context, status=200 if session else 404)
    return _refused(response, wait) if wait else response


def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers and programs ask for without having been told: the icon, which is drawn as SVG."""
    return redirect(static("shared/icon.svg"))


def manifest(request: HttpRequest) -> JsonResponse:
    """By this a phone can keep the start page among its apps."""
    icon = {"src": static("shared/icon.svg"), "type": "image/svg+xml", "sizes": "any"}
    page = {
        "name": gettext("Live quiz"),
        "short_name": gettext("Live quiz"),
        "lang": get_language(),
        "id": reverse("start"),
        "start_url": reverse("start"),
        "scope": reverse("start"),
        "display": "standalone",
        "background_color": "#f6f1e7",
        "theme_color": "#f6f1e7",
        "icons": [icon, {**icon, "src": static("shared/icon-maskable.svg"), "purpose": "maskable"}],
    }
    return JsonResponse(page, content_type="application/manifest+json")


def _refused(response: HttpResponse, wait_ms: int) -> HttpResponse:
    """The page that knows no session, as it is answered to whoever guesses codes."""
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response.headers["Retry-After"] = str(math.ceil(wait_ms / 1_000))
    return response


async def find_session(request: HttpRequest, id_or_code: str) -> tuple[FoundSession | None, int]:
    """The session, if there is one and it can be read: without the database a page still loads, and says so itself.

    Beside it the milliseconds that an address which guesses codes has to wait; 0 where it need not.
    """
    if not id_or_code:
        return None, 0
    runtime = await current_runtime()
    try:
        setup = await runtime.lookups.find(id_or_code, address=network_of(request.META.get("REMOTE_ADDR", "")))
        state = await runtime.store.state(setup.id)
        over = state is not None and state.status == "completed"
        names = [] if over else await runtime.pupils.names(setup)
    except RateLimited as error:
        return None, error.retry_after_ms or 1
    except (SessionError, ServiceUnavailable):
        return None, 0
    options = setup.options
    offered = OfferedPupils(names, options.cards_only, options.guests) if options.class_id and not over else None
    return FoundSession(setup.id, setup.join_code, setup.quiz.title, over, options.suggested_names, offered), 0


def join_url(request: HttpRequest, code: str) -> str:
    """The address that joins this session: of the ``PUBLIC_URL``, else as the request came.

    A host whose browser runs on the server's own machine is shown the address that others reach it by.
    """
    return public_url(request, reverse("join", args=[code]))


def public_url(request: HttpRequest, path: str) -> str:
    """The address of a page as :func:`join_url` has it.

    :param path: as ``reverse`` tells it, with the path below which the server lives.
    """
    base = str(CONFIG.public.origin) if CONFIG.public else ""
    if not base and request.get_host().rpartition(":")[0] in LOOPBACK and CONFIG.bind in WILDCARDS:
        base = reachable_url(CONFIG.bind, CONFIG.port)
    return base + path if base else request.build_absolute_uri(path)


def qr_svg(url: str) -> SafeString:
    """A QR code as inline SVG; the style sheet gives it its size and colours."""
    code = segno.make(url, error="m", micro=False)
    svg: str = code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass="qr-dark")
    return mark_safe(svg)  # noqa: S308 - made here, from modules alone
