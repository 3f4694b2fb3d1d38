"""The REST face of one person's data: found by name, given out whole, deleted whole. For hosts and operators alone."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from common.principals import actor_of, host_of
from common.rest import Problem
from sessions.access import visible_sessions
from sessions.database.people import find_players, person_in, sessions_of
from sessions.models import QuizSession
from sessions.rest.sessions import NOT_FOUND, PROBLEM, SessionAPI
from sessions.rules.player_names import USER_ID
from sessions.wiring.forgetting import forget_person
from sessions.wiring.runtime import call, runtime


class Wanted(serializers.Serializer[dict[str, Any]]):
    """Query of GET people."""

    name = serializers.CharField(max_length=60, help_text="As the player was called; capitals do not count.")


class FoundPlayer(serializers.Serializer[dict[str, Any]]):
    """A player of that name."""

    user_id = serializers.CharField()
    username = serializers.CharField()
    session_id = serializers.CharField()
    title = serializers.CharField()
    joined_at = serializers.CharField()


class FoundPlayers(serializers.Serializer[dict[str, Any]]):
    """Players of that name, the newest sessions first."""

    players = FoundPlayer(many=True)


class PersonData(serializers.Serializer[dict[str, Any]]):
    """All that is kept of a person, by session."""

    user_id = serializers.CharField()
    sessions = serializers.ListField(child=serializers.DictField())


SESSION = OpenApiParameter("session_id", str, description="Only in this session.")


class PeopleAPI(SessionAPI):
    """Players in the sessions that the caller may see. A key needs the right to run sessions, to look as well."""

    read_scope = "run"

    def sessions(self, request: Request, user_id: str) -> list[QuizSession]:
        """Those in which the player is on record."""
        wanted = request.query_params.get("session_id", "")
        sessions = visible_sessions(host_of(request))
        if wanted:
            sessions = sessions.filter(id=wanted) if USER_ID.match(wanted) else sessions.none()
        # What cannot be an id is not asked for: a database may refuse its characters.
        found = sessions_of(sessions, user_id) if USER_ID.match(user_id) else []
        if not found:
            # Without the id: the log has this text.
            raise Problem(status.HTTP_404_NOT_FOUND, "Nothing is kept of this person.")
        return found


class People(PeopleAPI):
    """Who is meant."""

    @extend_schema(
        summary="Find players by name",
        operation_id="people_find",
        parameters=[Wanted],
        responses={200: FoundPlayers, 400: PROBLEM, 401: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Players of sessions whose names have not been replaced yet; 200 at most."""
        query = Wanted(data=request.query_params)
        query.is_valid(raise_exception=True)
        players = find_players(visible_sessions(host_of(request)), query.validated_data["name"])
        return Response({"players": players})


class Person(PeopleAPI):
    """One person."""

    @extend_schema(
        summary="Export one person's data",
        operation_id="people_export",
        parameters=[SESSION],
        responses={200: PersonData, **NOT_FOUND},
    )
    def get(self, request: Request, user_id: str) -> Response:
        """All that is kept of a player: names, answers, places and records, in the sessions that the caller may see."""
        sessions = self.sessions(request, user_id)
        for session in sessions:
            call(runtime().settle(session.id))
        return Response({"user_id": user_id, "sessions": [person_in(session, user_id) for session in sessions]})

    @extend_schema(
        summary="Delete one person's data",
        operation_id="people_delete",
        parameters=[SESSION],
        responses={204: None, 503: PROBLEM, **NOT_FOUND},
    )
    def delete(self, request: Request, user_id: str) -> Response:
        """Delete a player from the sessions that the caller may see: the player leaves those that are being played, and
        the results of the others close up."""
        forget_person(self.sessions(request, user_id), user_id, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
