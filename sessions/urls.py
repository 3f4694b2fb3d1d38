"""REST routes of sessions, below /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from sessions.rest import classes, growth, homework, participants, people, results, sessions

_COMMANDS = "|".join(sessions.COMMANDS)

urlpatterns = [
    path("sessions", sessions.SessionList.as_view(), name="sessions-api"),
    path("sessions/<str:session_id>", sessions.SessionDetail.as_view()),
    path("sessions/<str:session_id>/participants", participants.SessionParticipants.as_view()),
    path("sessions/<str:session_id>/participants/<str:user_id>", participants.SessionParticipant.as_view()),
    path("sessions/<str:session_id>/participants/<str:user_id>/place", participants.SessionPlace.as_view()),
    path("sessions/<str:session_id>/ask-again", sessions.SessionAskAgain.as_view()),
    path("sessions/<str:session_id>/questions", sessions.SessionQuestions.as_view()),
    path("sessions/<str:session_id>/closing", homework.SessionClosing.as_view()),
    path("sessions/<str:session_id>/extend", sessions.SessionExtend.as_view()),
    path("sessions/<str:session_id>/progress", results.SessionProgress.as_view()),
    path("sessions/<str:session_id>/questions/<str:question_id>/answers", sessions.SessionAnswers.as_view()),
    path("sessions/<str:session_id>/questions/<str:question_id>/accept", sessions.SessionAccept.as_view()),
    path("sessions/<str:session_id>/leaderboard", results.SessionLeaderboard.as_view()),
    path("sessions/<str:session_id>/results", results.SessionResults.as_view()),
    path("sessions/<str:session_id>/results.csv", results.SessionResultsCsv.as_view()),
    path("sessions/<str:session_id>/results.xlsx", results.SessionResultsXlsx.as_view()),
    path("people", people.People.as_view(), name="people-api"),
    path("people/<str:user_id>", people.Person.as_view()),
    path("classes", classes.ClassList.as_view(), name="classes-api"),
    path("classes/<str:class_id>", classes.ClassDetail.as_view()),
    path("classes/<str:class_id>/pupils", classes.ClassPupils.as_view()),
    path("classes/<str:class_id>/pupils/<str:pupil_id>", classes.ClassPupil.as_view()),
    path("classes/<str:class_id>/pupils/<str:pupil_id>/card", classes.PupilCard.as_view()),
    path("classes/<str:class_id>/cards", classes.ClassCards.as_view()),
    path("classes/<str:class_id>/shares", classes.ClassShares.as_view()),
    path("classes/<str:class_id>/shares/<str:username>", classes.ClassShare.as_view()),
    path("classes/<str:class_id>/growth", growth.ClassGrowth.as_view(), name="class-growth-api"),
    path("classes/<str:class_id>/growth.csv", growth.ClassGrowthCsv.as_view()),
    path("classes/<str:class_id>/growth.xlsx", growth.ClassGrowthXlsx.as_view()),
    path("classes/<str:class_id>/growth/quiz", growth.ClassGrowthQuiz.as_view()),
    path("classes/<str:class_id>/export", classes.ClassExportView.as_view()),
    re_path(
        rf"^sessions/(?P<session_id>[^/]+)/(?P<command>{_COMMANDS})$",
        sessions.SessionCommand.as_view(),
    ),
]
