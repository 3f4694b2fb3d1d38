"""The REST face of homework: another time to close, for all or for one player."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as fields
from rest_framework.request import Request
from rest_framework.response import Response

from common.principals import actor_of
from sessions.rest import serializers
from sessions.rest.homework_serializers import Closing, closing
from sessions.rest.sessions import NOT_FOUND, PROBLEM, SessionAPI
from sessions.wiring.runtime import call, runtime


class MovedClosing(serializers.TransitionRequest, Closing):
    """Body of POST closing."""

    user_id = fields.CharField(
        required=False, max_length=36, help_text="The one player who has until then; by default all."
    )


class SessionClosing(SessionAPI):
    """When a homework closes."""

    @extend_schema(
        summary="Let a homework close at another time",
        operation_id="sessions_closing",
        request=MovedClosing,
        responses={200: serializers.Session, 400: PROBLEM, 409: PROBLEM, 503: PROBLEM, **NOT_FOUND},
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Move the time a homework closes, for all, or give one player longer; everybody is told their own.

        A player's time that is not later than everybody's takes what the player was given back.
        """
        row = self.session(request, session_id)
        body = MovedClosing(data=request.data)
        body.is_valid(raise_exception=True)
        view = call(
            runtime().sessions.move_closing(
                row.id,
                closing(body.validated_data),
                user_id=body.validated_data.get("user_id", ""),
                actor=actor_of(request),
                expected_revision=body.validated_data.get("revision"),
            )
        )
        return Response(serializers.session_json(view))
