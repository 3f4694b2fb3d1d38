"""The HTTP face of practice: JSON for the practice page and for clients of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from common.rest import Problem
from practice.database.decks import (
    Deck,
    SolutionsWithheld,
    UnknownDeck,
    UnknownPlayer,
    delete_deck,
    find_deck,
    make_deck,
)
from practice.database.reviews import Result, add_reviews
from practice.rest import serializers
from practice.rest.cards import cards_json, deck_json
from practice.rest.shared import PracticeAPI, count_for, unknown_deck
from practice.rules.reviews import NoReviews, read_reviews
from practice.tokens import deck_token, player_hash
from quizzes.exporters.formats import QUIZ_FORMATS, media_of
from quizzes.rules.content import QuizContent
from scoring.ports import ServiceUnavailable
from sessions.database.rows import to_ms
from sessions.models import QuizSession
from sessions.pages.views import public_url, qr_svg
from sessions.rest.sessions import PROBLEM
from sessions.rules.player_names import USER_ID
from sessions.wiring.runtime import call, runtime

#: For so long after the end of a session answers may be on their way to the database; milliseconds.
_SETTLES_FOR = 60_000


#: How the document names the token of a deck; see SPECTACULAR_SETTINGS.
_BY_TOKEN: Any = [{"Practice": []}]


def _refused(*codes: int) -> dict[Any, Any]:
    return dict.fromkeys(codes, PROBLEM)


def deck_url(request: HttpRequest, token: str) -> str:
    """The address of a deck. Browsers keep what stands behind the # to themselves: no log has it."""
    return f"{public_url(request, reverse('practice'))}#{token}"


class Decks(PracticeAPI):
    """Decks, made for players."""

    @extend_schema(
        summary="Make a player's deck",
        operation_id="practice_decks",
        request=serializers.Proof,
        responses={201: serializers.MadeDeck, **_refused(400, 401, 404, 409, 429, 503)},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """The deck of a player, who shows the token of the session: the same one each time."""
        body = request.data if isinstance(request.data, Mapping) else {}
        session_id, shown = body.get("session_id"), body.get("session_token")
        if not isinstance(session_id, str) or not isinstance(shown, str) or not USER_ID.match(session_id):
            told = 'A body like {"session_id": "...", "session_token": "..."}, please.'
            raise Problem(status.HTTP_400_BAD_REQUEST, told)
        proof = runtime().tokens.proof_of(session_id, shown)
        if proof is None:
            told = _("The token is not yours, or not of this session.")
            raise Problem(status.HTTP_401_UNAUTHORIZED, told, code="INVALID_TOKEN")
        count_for(player_hash(session_id, proof.user_id))
        now = runtime().clock.now()
        try:
            _settle(session_id, now)
            deck = make_deck(session_id, proof, now=now)
        except SolutionsWithheld:
            told = _("The solutions are not told yet. Come back when everybody is done.")
            raise Problem(status.HTTP_409_CONFLICT, told, code="SOLUTIONS_WITHHELD") from None
        except UnknownPlayer:
            told = _("Nothing is known of this player any more.")
            raise Problem(status.HTTP_404_NOT_FOUND, told, code="UNKNOWN_PLAYER") from None
        token = deck_token(deck.id)
        url = deck_url(request._request, token)
        return Response({"token": token, "url": url, "qr": qr_svg(url)}, status.HTTP_201_CREATED)


def _settle(session_id: str, now: int) -> None:
    """Let come in what is on its way to the database.

    :raises SolutionsWithheld: while the session is played: nothing has to be written sooner for that.
    :raises Problem: when it cannot be written.
    """
    rows = QuizSession.objects.filter(id=session_id).values_list("status", "homework", "end_time")
    for session_status, homework, ended in rows:
        if session_status != "completed" and not homework:
            raise SolutionsWithheld
        if ended is not None and now - to_ms(ended) > _SETTLES_FOR:
            return
    try:
        call(runtime().settle(session_id))
    except ServiceUnavailable as error:
        raise Problem(status.HTTP_503_SERVICE_UNAVAILABLE, str(error)) from None


class OneDeck(PracticeAPI):
    """The deck that the token opens."""

    @extend_schema(
        summary="Show a deck",
        operation_id="practice_deck",
        responses={200: serializers.DeckWithCards, **_refused(404, 429)},
        auth=_BY_TOKEN,
    )
    def get(self, request: Request) -> Response:
        """The deck with all its cards, as they stand."""
        now = runtime().clock.now()
        deck = _found(self.token(request), now)
        return Response({"deck": deck_json(deck), "cards": cards_json(deck, now=now), "server_time": now})

    @extend_schema(
        summary="Delete a deck",
        operation_id="practice_delete",
        responses={204: None, **_refused(404, 429)},
        auth=_BY_TOKEN,
    )
    def delete(self, request: Request) -> Response:
        """Delete the deck, and what was practised with it."""
        try:
            delete_deck(self.token(request))
        except UnknownDeck:
            raise unknown_deck() from None
        return Response(status=status.HTTP_204_NO_CONTENT)


class Reviews(PracticeAPI):
    """What was practised."""

    @extend_schema(
        summary="Send what was practised",
        operation_id="practice_reviews",
        request=serializers.ReviewsIn,
        responses={200: serializers.ReviewsOut, **_refused(400, 404, 413, 429)},
        auth=_BY_TOKEN,
    )
    def post(self, request: Request) -> Response:
        """Take reviews in, each once, and tell what they make of their cards."""
        token = self.token(request)
        try:
            sent = read_reviews(request.data)
        except NoReviews as error:
            raise Problem(status.HTTP_400_BAD_REQUEST, str(error)) from None
        now = runtime().clock.now()
        try:
            deck, results, changed = add_reviews(token, sent, now=now)
        except UnknownDeck:
            raise unknown_deck() from None
        cards = cards_json(deck, now=now, only=changed)
        return Response({"results": list(map(_result, results)), "cards": cards, "server_time": now})


def _result(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "status": result.status,
        "correct": result.verdict == "correct" if result.verdict else None,
        "verdict": result.verdict,
        "difference": [[*segment] for segment in result.difference] if result.difference else None,
        "detail": _(result.refusal) if result.refusal else None,
    }


class Qr(PracticeAPI):
    """The deck's address for another device."""

    @extend_schema(
        summary="Show a deck's address as a QR code",
        operation_id="practice_qr",
        responses={(200, "image/svg+xml"): OpenApiTypes.BINARY, **_refused(404, 429)},
        auth=_BY_TOKEN,
    )
    def get(self, request: Request) -> HttpResponse:
        """The QR code of the address, as SVG."""
        token = self.token(request)
        _found(token, runtime().clock.now())
        return HttpResponse(qr_svg(deck_url(request._request, token)), content_type="image/svg+xml")


class Anki(PracticeAPI):
    """The words that were missed, to take along."""

    @extend_schema(
        summary="Export the missed words for Anki",
        operation_id="practice_anki",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **_refused(404, 429)},
        auth=_BY_TOKEN,
    )
    def get(self, request: Request) -> HttpResponse:
        """An Anki package of the words that the player missed, with images and recordings."""
        deck = _found(self.token(request), runtime().clock.now())
        quiz = deck.setup.quiz
        missed = set(deck.row.missed)
        questions = tuple(question for question in quiz.questions if question.id in missed)
        if not questions:
            raise Problem(status.HTTP_404_NOT_FOUND, _("You missed no word."), code="NOTHING_MISSED")
        # Of an id of its own: in Anki it is a deck beside that of the whole quiz.
        content = QuizContent(f"practice-{deck.row.id}", quiz.title, quiz.language, questions=questions)
        file = QUIZ_FORMATS["apkg"]
        response = HttpResponse(file.write(content, media_of(content)), content_type=file.media_type)
        response.headers["Content-Disposition"] = 'attachment; filename="practice.apkg"'
        return response


def _found(token: str, now: int) -> Deck:
    try:
        return find_deck(token, now=now)
    except UnknownDeck:
        raise unknown_deck() from None
