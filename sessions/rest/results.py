"""The REST face of what was played: progress, ranking and results, as JSON and for spreadsheets."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from classes.access import visible_classes
from common.config import CONFIG
from common.database import replica_reads
from common.principals import Operator, host_of
from sessions.database.pupils import KnownPupil, known_pupils
from sessions.database.results import player_progress, question_progress, session_results
from sessions.database.retention import names_kept_until
from sessions.models import QuizSession
from sessions.rest import serializers
from sessions.rest.exports import SEPARATORS, default_separator, file_name, results_csv, results_xlsx
from sessions.rest.sessions import NOT_FOUND, PROBLEM, SessionAPI
from sessions.wiring.runtime import call, runtime


class SessionProgress(SessionAPI):
    """How far the players are."""

    @extend_schema(
        summary="Show the progress of a session",
        operation_id="sessions_progress",
        responses={200: serializers.Progress, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Answers per question, as stored; what a host watches while players go at their own pace."""
        row = self.session(request, session_id)
        return Response({"session_id": row.id, "questions": question_progress(row), "players": player_progress(row)})


class SessionLeaderboard(SessionAPI):
    """The ranking."""

    @extend_schema(
        summary="Show the ranking",
        operation_id="sessions_leaderboard",
        parameters=[serializers.Page],
        responses={200: serializers.Leaderboard, 400: PROBLEM, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Any page of the full ranking, live."""
        page = serializers.Page(data=request.query_params)
        page.is_valid(raise_exception=True)
        row = self.session(request, session_id)
        standings = call(runtime().store.standings(row.id))
        entries = standings.page(page.validated_data["offset"], page.validated_data["limit"])
        return Response(
            {
                "session_id": row.id,
                "version": standings.version,
                "total_participants": len(standings.order),
                "leaderboard": [
                    {"rank": e.rank, "user_id": e.user_id, "username": e.username, "score": e.score} for e in entries
                ],
            }
        )


SEPARATOR = OpenApiParameter(
    "separator",
    str,
    enum=list(SEPARATORS),
    description="Left out, a semicolon where decimals are written with a comma.",
)
WAIT = OpenApiParameter("wait", bool, description="Wait until every acknowledged answer is in the database.")


class ResultsAPI(SessionAPI):
    """Results, as the database has them."""

    def results(self, request: Request, session_id: str) -> tuple[QuizSession, dict[str, Any]]:
        """The session and its results."""
        wait = request.query_params.get("wait") in {"true", "1"}
        if wait:
            call(runtime().settle(session_id))
        row = self.session(request, session_id)
        # Who waits for the last answer must not be told by a replica that does not have it yet.
        with nullcontext() if wait else replica_reads():
            return row, session_results(row, self._pupils(request, row), _names_until(row))

    @staticmethod
    def _pupils(request: Request, row: QuizSession) -> dict[str, KnownPupil]:
        """The pupils, for who may see their class."""
        user: Any = request.user
        if isinstance(user, Operator) and "classes" not in user.scopes:
            return {}
        return known_pupils(row.id, visible_classes(host_of(request)))


class SessionResults(ResultsAPI):
    """Results for a program."""

    @extend_schema(
        summary="Show the results",
        operation_id="sessions_results",
        parameters=[WAIT],
        responses={200: serializers.Results, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Per player, per question, per answer."""
        return Response(self.results(request, session_id)[1])


class SessionResultsCsv(ResultsAPI):
    """Results for a spreadsheet."""

    @extend_schema(
        summary="Download the results as CSV",
        operation_id="sessions_results_csv",
        parameters=[WAIT, SEPARATOR],
        responses={(200, "text/csv"): OpenApiTypes.STR, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str) -> HttpResponse:
        """One line per answer; the columns are in docs/hosting.md."""
        asked = serializers.CsvWishes(data=request.query_params)
        asked.is_valid(raise_exception=True)
        row, results = self.results(request, session_id)
        data = results_csv(results, asked.validated_data.get("separator") or default_separator())
        return _download(data, "text/csv; charset=utf-8", row, "csv")


class SessionResultsXlsx(ResultsAPI):
    """Results as a workbook."""

    CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    @extend_schema(
        summary="Download the results for Excel",
        operation_id="sessions_results_xlsx",
        parameters=[WAIT],
        responses={(200, CONTENT_TYPE): OpenApiTypes.BINARY, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str) -> HttpResponse:
        """Sheets for players, questions and answers, and for the points of each player at each question."""
        row, results = self.results(request, session_id)
        return _download(results_xlsx(results), self.CONTENT_TYPE, row, "xlsx")


def _names_until(row: QuizSession) -> datetime | None:
    return names_kept_until(row, hours=CONFIG.personal_data_hours)


def _download(data: bytes, content_type: str, row: QuizSession, extension: str) -> HttpResponse:
    name = file_name(str(row.content.get("title", "")), row.created_at, row.join_code, extension)
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return HttpResponse(data, content_type=content_type, headers={"Content-Disposition": disposition})
