"""The REST face of the players of a session."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from common.database import UNREACHABLE
from common.principals import actor_of
from scoring.ports import ServiceUnavailable
from sessions.database.rows import record_place_code
from sessions.protocol.encoding import iso
from sessions.rest import serializers
from sessions.rest.sessions import NOT_FOUND, PROBLEM, SessionAPI
from sessions.rules.attempts import is_attempt
from sessions.rules.look_alikes import doubtful
from sessions.rules.player_names import ROLES
from sessions.wiring.runtime import call, runtime


class SessionParticipants(SessionAPI):
    """The players of a session."""

    @extend_schema(
        summary="List players",
        operation_id="sessions_participants",
        responses={200: serializers.Participants, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Players in the order of joining, removed ones too."""
        row = self.session(request, session_id)
        players = call(runtime().store.participants(row.id))
        standings = call(runtime().store.standings(row.id))
        scores = {standing.user_id: standing.score for standing in standings.order}
        looks_like = doubtful(((player.user_id, player.username) for player in players), ROLES)
        return Response(
            {
                "session_id": row.id,
                "participant_count": call(runtime().store.participant_count(row.id)),
                "participants": [
                    {
                        **serializers.participant_json(player, scores.get(player.user_id, 0)),
                        "looks_like": looks_like.get(player.user_id),
                    }
                    for player in players
                    if not is_attempt(player.user_id)
                ],
            }
        )


class SessionParticipant(SessionAPI):
    """One player of a session."""

    @extend_schema(
        summary="Change what is arranged for a player",
        operation_id="sessions_participant_rename",
        request=serializers.PlayerChanges,
        responses={200: serializers.ParticipantLine, 400: PROBLEM, 409: PROBLEM, **NOT_FOUND},
    )
    def patch(self, request: Request, session_id: str, user_id: str) -> Response:
        """Give the player another name (400 when it breaks a rule, `reason` says which; 409 when it is taken), or put
        the player into another team (400 where there is none of this number), or arrange what the player needs, of
        which nobody else is told.
        """
        row = self.session(request, session_id)
        body = serializers.PlayerChanges(data=request.data)
        body.is_valid(raise_exception=True)
        changes, actor = body.validated_data, actor_of(request)
        setup = call(runtime().sessions.view(row.id)).setup
        if "team" in changes:
            player = call(runtime().people.set_team(setup, user_id, changes["team"], actor=actor))
        if "needs" in changes:
            player = call(runtime().people.set_needs(setup, user_id, changes["needs"], actor=actor))
        if "username" in changes:
            player = call(runtime().sessions.rename(row.id, user_id, changes["username"], actor=actor))
        return Response(serializers.participant_json(player, call(runtime().store.score(row.id, user_id))))

    @extend_schema(
        summary="Remove a player", operation_id="sessions_participant_remove", responses={204: None, **NOT_FOUND}
    )
    def delete(self, request: Request, session_id: str, user_id: str) -> Response:
        """Remove the player for good; the connection is closed with 4003."""
        row = self.session(request, session_id)
        call(runtime().sessions.remove(row.id, user_id, actor=actor_of(request)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionPlace(SessionAPI):
    """A player's way back from another browser."""

    @extend_schema(
        summary="Show the code that moves a player's place",
        operation_id="sessions_participant_place",
        request=None,
        responses={200: serializers.PlaceCode, 503: PROBLEM, **NOT_FOUND},
    )
    def post(self, request: Request, session_id: str, user_id: str) -> Response:
        """A code by which a player comes back from a browser that knows nothing of them, with name, score and answers.

        It holds once and for ten to twenty minutes. Once it is used, what the browser before knew proves nothing, and
        its connection is closed with 4001. Who asked for it is in the audit trail.
        """
        row = self.session(request, session_id)
        shown = call(runtime().places.code(row.id, user_id))
        try:
            record_place_code(row.id, user_id, at=runtime().clock.now(), actor=actor_of(request))
        except UNREACHABLE:
            raise ServiceUnavailable("The database cannot be reached.") from None
        return Response({"code": shown.code, "expires_at": iso(shown.expires_at)})
