"""The REST face of sessions: each view parses, calls one service, and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classes.access import visible_classes
from common.principals import actor_of, host_of, require_scope
from common.rest import Pages, Problem
from quizzes.access import visible_quizzes
from quizzes.rest.word_lists import quiz_of_pasted
from quizzes.services.quiz_making import phrases
from scoring.ports import ServiceUnavailable
from scoring.rules.grading import InvalidAnswer, in_gap
from scoring.rules.regrading import right_answers
from sessions.access import visible_sessions
from sessions.models import QuizSession
from sessions.protocol.errors import SessionError
from sessions.rest import serializers
from sessions.rest.questions import questions_json
from sessions.rules.commands import (
    Accept,
    CloseQuestion,
    Command,
    End,
    Extend,
    Hold,
    Next,
    Pause,
    Resume,
    SetLock,
    Start,
)
from sessions.rules.hearing import Unheard
from sessions.rules.lifecycle import NotAllowed
from sessions.rules.options import InvalidOptions, SessionOptions
from sessions.rules.player_names import USER_ID
from sessions.services.asking_again import NothingToAsk
from sessions.services.hosting import SessionView, StaleRevision
from sessions.wiring.deletion import delete_session
from sessions.wiring.runtime import call, runtime

PROBLEM = OpenApiResponse(serializers.ProblemDocument, description="A problem document (RFC 9457).")
NOT_FOUND = {404: PROBLEM, 401: PROBLEM}

#: Answers in the reply to an accept.
_ANSWERS_TOLD = 100

COMMANDS: dict[str, Callable[[], Command]] = {
    "start": Start,
    "next": Next,
    "close-question": CloseQuestion,
    "pause": Pause,
    "resume": Resume,
    "hold": Hold,
    "end": End,
    "lock": lambda: SetLock(True),
    "unlock": lambda: SetLock(False),
}


class SessionAPI(APIView):
    """Finds the session and turns the services' refusals into problems."""

    #: What a key needs for everything but looking.
    scope = "run"

    def session(self, request: Request, session_id: str) -> QuizSession:
        """The session, if the caller may see it."""
        # What cannot be an id is not asked for: a database may refuse its characters.
        row = visible_sessions(host_of(request)).filter(id=session_id).first() if USER_ID.match(session_id) else None
        if row is None:
            raise Problem(status.HTTP_404_NOT_FOUND, f"Session {session_id} does not exist")
        return row

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case NotAllowed():
                problem = Problem(
                    status.HTTP_409_CONFLICT,
                    exc.reason,
                    session_status=exc.state.status,
                    phase=exc.state.phase,
                    paused=bool(exc.state.paused_at),
                )
            case NothingToAsk():
                problem = Problem(status.HTTP_409_CONFLICT, str(exc), code="NOTHING_TO_ASK_AGAIN")
            case StaleRevision():
                problem = Problem(status.HTTP_409_CONFLICT, str(exc), session=serializers.session_json(exc.view))
            case SessionError(code="INVALID_SESSION" | "NOT_JOINED" | "INVALID_QUESTION"):
                problem = Problem(status.HTTP_404_NOT_FOUND, exc.message)
            case SessionError(code="INVALID_USERNAME" | "INVALID_TEAM"):
                problem = Problem(status.HTTP_400_BAD_REQUEST, exc.message, code=exc.code, reason=exc.reason)
            case SessionError(code="USERNAME_TAKEN"):
                problem = Problem(status.HTTP_409_CONFLICT, exc.message, code=exc.code)
            case InvalidOptions():
                problem = Problem(status.HTTP_400_BAD_REQUEST, str(exc), option=exc.name, reason=exc.reason)
            case Unheard():
                problem = Problem(
                    status.HTTP_400_BAD_REQUEST, str(exc), questions=exc.questions, languages=exc.languages
                )
            case InvalidAnswer():
                problem = Problem(status.HTTP_400_BAD_REQUEST, str(exc))
            case SessionError(code="SERVICE_UNAVAILABLE") | ServiceUnavailable():
                problem = Problem(status.HTTP_503_SERVICE_UNAVAILABLE, "The server cannot store anything just now.")
            case _:
                return super().handle_exception(exc)
        return super().handle_exception(problem)


class SessionList(SessionAPI):
    """All sessions."""

    @extend_schema(
        summary="List sessions",
        operation_id="sessions_list",
        parameters=[
            OpenApiParameter("status", enum=serializers.STATUSES),
            OpenApiParameter("quiz", str, description="Id of a quiz; `quiz_id` is the same."),
            OpenApiParameter("quiz_id", str),
            OpenApiParameter("limit", int),
            OpenApiParameter("offset", int),
        ],
        responses={200: serializers.SessionPage, 400: PROBLEM, 401: PROBLEM},
    )
    def get(self, request: Request) -> Response:
        """Sessions, newest first."""
        rows = visible_sessions(host_of(request))
        if wanted := request.query_params.get("status"):
            if wanted not in serializers.STATUSES:
                raise Problem(400, f"status: one of {', '.join(serializers.STATUSES)}")
            rows = rows.filter(status=wanted)
        # The contract says "filter by quiz" and leaves open what the parameter is called.
        if quiz_id := request.query_params.get("quiz") or request.query_params.get("quiz_id"):
            rows = rows.filter(quiz_id=quiz_id) if USER_ID.match(quiz_id) else rows.none()
        pages = Pages()
        page = pages.paginate_queryset(rows.only("id"), request, view=self) or []
        views = [call(runtime().sessions.view(row.id)) for row in page]
        return pages.get_paginated_response([serializers.session_json(view) for view in views])

    @extend_schema(
        summary="Open a session",
        operation_id="sessions_create",
        request=serializers.CreateSession,
        responses={201: serializers.Session, 400: PROBLEM, 401: PROBLEM, 404: PROBLEM, 409: PROBLEM, 503: PROBLEM},
    )
    def post(self, request: Request) -> Response:
        """Open a session for a quiz, or for pasted words, of which a list and a quiz are made and stored."""
        body = serializers.CreateSession(data=request.data)
        body.is_valid(raise_exception=True)
        options = dict(body.validated_data)
        if "words" in options:
            # It stores a word list and a quiz.
            require_scope(request, "content")
            options["quiz_id"] = quiz_of_pasted(request, options.pop("words"))["quiz"]["id"]
        quiz = visible_quizzes(host_of(request)).filter(id=options.pop("quiz_id")).first()
        if quiz is None:
            raise Problem(status.HTTP_404_NOT_FOUND, f"Quiz {body.validated_data['quiz_id']} does not exist")
        host = host_of(request)
        self._check_class(request, options)
        owner_id = None if host is None else host.pk
        view = call(runtime().sessions.create(quiz.content(), owner_id=owner_id, actor=actor_of(request), **options))
        return Response(serializers.session_json(view), status=status.HTTP_201_CREATED)

    @staticmethod
    def _check_class(request: Request, options: dict[str, Any]) -> None:
        chosen: SessionOptions | None = options.get("options")
        if chosen is None or not chosen.class_id:
            return
        require_scope(request, "classes")
        if not visible_classes(host_of(request)).filter(id=chosen.class_id).exists():
            raise Problem(status.HTTP_404_NOT_FOUND, f"Class {chosen.class_id} does not exist")


class SessionDetail(SessionAPI):
    """One session."""

    @extend_schema(
        summary="Show a session", operation_id="sessions_get", responses={200: serializers.Session, **NOT_FOUND}
    )
    def get(self, request: Request, session_id: str) -> Response:
        """How the session stands."""
        row = self.session(request, session_id)
        return Response(serializers.session_json(call(runtime().sessions.view(row.id))))

    @extend_schema(
        summary="Delete a session", operation_id="sessions_delete", responses={204: None, 503: PROBLEM, **NOT_FOUND}
    )
    def delete(self, request: Request, session_id: str) -> Response:
        """End the session where it is live, and delete it with its players, answers and results."""
        row = self.session(request, session_id)
        delete_session(row.id, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionCommand(SessionAPI):
    """The transitions."""

    @extend_schema(
        summary="Move a session on",
        operation_id="sessions_command",
        parameters=[OpenApiParameter("command", str, OpenApiParameter.PATH, enum=list(COMMANDS))],
        request=serializers.TransitionRequest,
        responses={200: serializers.Session, 400: PROBLEM, 409: PROBLEM, 503: PROBLEM, **NOT_FOUND},
    )
    def post(self, request: Request, session_id: str, command: str) -> Response:
        """Move the session on. Repeating what has happened is harmless; what does not fit the state is a 409."""
        row = self.session(request, session_id)
        body = serializers.TransitionRequest(data=request.data)
        body.is_valid(raise_exception=True)
        view: SessionView = call(
            runtime().sessions.command(
                row.id,
                COMMANDS[command](),
                actor=actor_of(request),
                expected_revision=body.validated_data.get("revision"),
            )
        )
        return Response(serializers.session_json(view))


class SessionAskAgain(SessionAPI):
    """Questions that come back."""

    @extend_schema(
        summary="Ask again what many had wrong",
        operation_id="sessions_ask_again",
        request=serializers.AskingAgain,
        responses={200: serializers.Session, 400: PROBLEM, 409: PROBLEM, 503: PROBLEM, **NOT_FOUND},
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Put the questions that fewer than a share of the answers had right at the end of the session: the word by
        another exercise where the quiz was made from a word list, else the question with its options shuffled.

        Harmless to repeat: what comes back already is not added twice. When every question was answered right, a 409
        with the code NOTHING_TO_ASK_AGAIN.
        """
        row = self.session(request, session_id)
        body = serializers.AskingAgain(data=request.data)
        body.is_valid(raise_exception=True)
        view = call(
            runtime().sessions.ask_again(
                row.id,
                share=body.validated_data["share"],
                phrases=phrases(),
                actor=actor_of(request),
                expected_revision=body.validated_data.get("revision"),
            )
        )
        return Response(serializers.session_json(view))


class SessionQuestions(SessionAPI):
    """The questions of a session."""

    @extend_schema(
        summary="List a session's questions",
        operation_id="sessions_questions",
        responses={200: serializers.Questions, 503: PROBLEM, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str) -> Response:
        """The questions as this session asks them, with their right answers, those that are asked again at the end."""
        view = call(runtime().sessions.view(self.session(request, session_id).id))
        return Response({"session_id": view.setup.id, "questions": questions_json(view)})


class SessionExtend(SessionAPI):
    """More time."""

    @extend_schema(
        summary="Give the open question more time",
        operation_id="sessions_extend",
        request=serializers.Extension,
        responses={200: serializers.Session, 400: PROBLEM, 409: PROBLEM, 503: PROBLEM, **NOT_FOUND},
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Move the deadline of the open question back. Not harmless to repeat: state the revision."""
        row = self.session(request, session_id)
        body = serializers.Extension(data=request.data)
        body.is_valid(raise_exception=True)
        view = call(
            runtime().sessions.command(
                row.id,
                Extend(body.validated_data["by_ms"]),
                actor=actor_of(request),
                expected_revision=body.validated_data.get("revision"),
            )
        )
        return Response(serializers.session_json(view))


def _given(session_id: str, question_id: str, *, limit: int, offset: int) -> dict[str, Any]:
    """A page of the answers, as they stand now."""
    given = call(runtime().sessions.given_answers(session_id, question_id))
    return {
        "session_id": session_id,
        "question_id": question_id,
        "text": given.question.shown_text,
        "correct_answers": right_answers(given.question, ()),
        "accepted": given.accepted,
        "answered": given.answered,
        "different": len(given.groups),
        "answers": [asdict(group) for group in given.page(offset, limit)],
    }


class SessionAnswers(SessionAPI):
    """What was typed to a question."""

    @extend_schema(
        summary="List what was typed",
        operation_id="sessions_answers",
        parameters=[serializers.Page],
        responses={200: serializers.AnswerCounts, 400: PROBLEM, 409: PROBLEM, 503: PROBLEM, **NOT_FOUND},
    )
    def get(self, request: Request, session_id: str, question_id: str) -> Response:
        """What was typed to a question, live and by frequency; a 409 for a question that is not answered by typing."""
        page = serializers.Page(data=request.query_params)
        page.is_valid(raise_exception=True)
        row = self.session(request, session_id)
        return Response(_given(row.id, question_id, **page.validated_data))


class SessionAccept(SessionAPI):
    """One more right answer."""

    @extend_schema(
        summary="Accept a typed answer",
        operation_id="sessions_accept",
        request=serializers.AnswerToAccept,
        responses={200: serializers.AnswerCounts, 400: PROBLEM, 409: PROBLEM, 503: PROBLEM, **NOT_FOUND},
    )
    def post(self, request: Request, session_id: str, question_id: str) -> Response:
        """Accept a typed answer: everybody who gave it is graded again, and who gives it still has it right.

        In host pace the question has to be closed; afterwards, and in self pace, it may be done at any time. To accept
        what is right already changes nothing. The answer is what was typed, as it stands then.
        """
        row = self.session(request, session_id)
        body = serializers.AnswerToAccept(data=request.data)
        body.is_valid(raise_exception=True)
        if row.purged_at is not None:
            raise Problem(status.HTTP_409_CONFLICT, "The players' names are deleted; the results stay as they are.")
        question = call(runtime().sessions.view(row.id)).setup.quiz.question(question_id)
        if question is None:
            raise Problem(status.HTTP_404_NOT_FOUND, f"Question {question_id} is not in this quiz")
        accept = Accept(question_id, in_gap(question, **body.validated_data))
        call(runtime().sessions.command(row.id, accept, actor=actor_of(request)))
        return Response(_given(row.id, question_id, limit=_ANSWERS_TOLD, offset=0))
