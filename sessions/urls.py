"""REST routes of sessions, below /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from sessions import api, result_api

urlpatterns = [
    path("sessions", api.SessionList.as_view(), name="sessions-api"),
    path("sessions/<str:session_id>", api.SessionDetail.as_view()),
    path("sessions/<str:session_id>/participants", api.SessionParticipants.as_view()),
    path("sessions/<str:session_id>/participants/<str:user_id>", api.SessionParticipant.as_view()),
    path("sessions/<str:session_id>/extend", api.SessionExtend.as_view()),
    path("sessions/<str:session_id>/progress", result_api.SessionProgress.as_view()),
    path("sessions/<str:session_id>/questions/<str:question_id>/answers", api.SessionAnswers.as_view()),
    path("sessions/<str:session_id>/questions/<str:question_id>/accept", api.SessionAccept.as_view()),
    path("sessions/<str:session_id>/leaderboard", result_api.SessionLeaderboard.as_view()),
    path("sessions/<str:session_id>/results", result_api.SessionResults.as_view()),
    path("sessions/<str:session_id>/results.csv", result_api.SessionResultsCsv.as_view()),
    path("sessions/<str:session_id>/results.xlsx", result_api.SessionResultsXlsx.as_view()),
    re_path(rf"^sessions/(?P<session_id>[^/]+)/(?P<command>{'|'.join(api.COMMANDS)})$", api.SessionCommand.as_view()),
]
