"""Results of a session as the database has them. Read models for REST, admin and exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from leaderboards.ranking import Standing, shared_places
from leaderboards.teams import team_lines
from quizzes.rules.content import QuestionContent
from scoring.models import AnswerSubmission
from scoring.rules.grading import as_given, grade_gaps
from scoring.rules.points import PointsRule, Verdict, points_rule
from sessions.database.counting import (
    attempts_begun,
    counted_answers,
    counted_players,
    counted_rows,
    has_attempts,
)
from sessions.database.pupils import KnownPupil, name_of
from sessions.database.rows import setup_of, to_ms
from sessions.models import Participant, QuizSession
from sessions.protocol.encoding import iso
from sessions.rules.attempts import attempt_of, person_of
from sessions.rules.state import state_from_json

_NOBODY: Mapping[str, KnownPupil] = {}


def session_results(
    session: QuizSession, pupils: Mapping[str, KnownPupil] = _NOBODY, names_until: datetime | None = None
) -> dict[str, Any]:
    """Per player, per question and per answer, in the form of the REST contract.

    :param pupils: the players who are pupils, by user id.
    :param names_until: when the names go that no class has.
    """
    answers: list[dict[str, Any]] = [
        {**row, "user_id": person_of(row["user_id"]), "attempt": attempt_of(row["user_id"]), "row": row["user_id"]}
        for row in AnswerSubmission.objects.filter(session_id=session.id)
        .order_by("submitted_at", "user_id")
        .values("user_id", "question_id", "answer", "is_correct", "points", "time_taken_ms", "submitted_at", "verdict")
    ]
    setup = setup_of(session)

    def rule(question_id: str, verdict: Verdict, points: int) -> PointsRule | None:
        question = setup.quiz.question(question_id)
        return points_rule(question, setup.scoring, verdict, points) if question else None

    rows = set(counted_rows(session).values()) if has_attempts(session) else None
    counted = [answer for answer in answers if rows is None or answer["row"] in rows]
    accepted = state_from_json(session.state).accepted_by_question()
    kinds = {question["id"]: question["kind"] for question in session.content["questions"]}
    return {
        "session_id": session.id,
        "quiz_id": session.quiz_id,
        "status": session.status,
        "names_until": None if names_until is None else iso(to_ms(names_until)),
        "participants": participant_results(session, pupils),
        "teams": team_results(counted_players(session)),
        "questions": [
            _question(question, counted, language=setup.quiz.language, accepted=accepted.get(question.id, ()))
            for question in setup.quiz.questions
        ],
        "answers": [
            {
                "user_id": answer["user_id"],
                "question_id": answer["question_id"],
                "answer": as_given(kinds.get(answer["question_id"], "choice"), answer["answer"]),
                "is_correct": answer["is_correct"],
                "verdict": answer["verdict"],
                "points": answer["points"],
                "rule": rule(answer["question_id"], answer["verdict"], answer["points"]),
                "time_taken_ms": answer["time_taken_ms"],
                "submitted_at": iso(to_ms(answer["submitted_at"])),
                "attempt": answer["attempt"],
                "counts": rows is None or answer["row"] in rows,
            }
            for answer in answers
        ],
    }


def participant_results(session: QuizSession, pupils: Mapping[str, KnownPupil]) -> list[dict[str, Any]]:
    """Players in the order of the ranking; removed ones are not in it."""
    counts: dict[str, dict[str, Any]] = {
        person_of(row["user_id"]): dict(row)
        for row in counted_answers(session)
        .values("user_id")
        .annotate(answered=Count("question_id"), correct=Count("question_id", filter=Q(is_correct=True)))
    }
    ranked, begun = counted_players(session), attempts_begun(session) if has_attempts(session) else {}
    places = shared_places([participant.score for participant in ranked])
    return [
        {
            "rank": rank,
            "place": place,
            "user_id": participant.user_id,
            "username": name_of(participant, pupils),
            "pupil_id": pupils[participant.user_id].id if participant.user_id in pupils else None,
            "score": participant.score,
            "correct": counts.get(participant.user_id, {}).get("correct", 0),
            "answered": counts.get(participant.user_id, {}).get("answered", 0),
            "attempts": begun.get(participant.user_id, 1),
            "team": participant.team or None,
        }
        for rank, (participant, place) in enumerate(zip(ranked, places, strict=True), start=1)
    ]


def team_results(players: Sequence[Participant]) -> list[dict[str, Any]]:
    """The teams by the average of their members; empty without any."""
    order = (Standing(row.user_id, row.username, row.score, row.position, row.team) for row in players)
    return [asdict(line) for line in team_lines(order)]


def question_progress(session: QuizSession) -> list[dict[str, Any]]:
    """How many have answered each question, and how many rightly, in the order of the quiz."""
    counts = {
        row["question_id"]: row
        for row in counted_answers(session)
        .values("question_id")
        .annotate(answered=Count("user_id"), correct=Count("user_id", filter=Q(is_correct=True)))
    }
    return [
        counts.get(question["id"], {"question_id": question["id"], "answered": 0, "correct": 0})
        for question in session.content["questions"]
    ]


#: Players whose progress is told one by one; a host of more looks at the questions.
PLAYERS_ONE_BY_ONE = 1000


def player_progress(session: QuizSession) -> list[dict[str, Any]] | None:
    """How many questions each player who answered has answered, and when last; ``None`` for too many players."""
    if Participant.objects.filter(session=session).count() > PLAYERS_ONE_BY_ONE:
        return None
    rows = AnswerSubmission.objects.filter(session_id=session.id).values("user_id")
    counted = rows.annotate(answered=Count("question_id"), last=Max("submitted_at"))
    # Of several attempts the latest.
    latest = {person_of(row["user_id"]): row for row in sorted(counted, key=lambda row: attempt_of(row["user_id"]))}
    return [
        {"user_id": user_id, "answered": row["answered"], "last_answered_at": iso(to_ms(row["last"]))}
        for user_id, row in sorted(latest.items())
    ]


def _question(
    question: QuestionContent, answers: list[dict[str, Any]], *, language: str, accepted: Sequence[str]
) -> dict[str, Any]:
    own = [answer for answer in answers if answer["question_id"] == question.id]
    given = Counter(answer["answer"] for answer in own)
    return {
        "question_id": question.id,
        "text": question.shown_text,
        "answered": len(own),
        "correct": sum(answer["is_correct"] for answer in own),
        "distribution": dict(given.most_common()),
        **_gaps(question, given, language=language, accepted=accepted),
    }


def _gaps(question: QuestionContent, given: Counter[str], *, language: str, accepted: Sequence[str]) -> dict[str, Any]:
    """Of a text with gaps, how each was filled."""
    if question.kind != "gaps":
        return {}
    filled: list[Counter[str]] = [Counter() for _gap in question.gaps]
    correct = [0] * len(filled)
    for answer, count in given.items():
        texts = as_given("gaps", answer)
        grades = grade_gaps(question, texts, language=language, accepted=accepted)
        for place, (text, judged) in enumerate(zip(texts, grades, strict=True)):
            if judged:
                filled[place][text] += count
                correct[place] += count * (judged.verdict == "correct")
    return {
        "gaps": [
            {"answered": texts.total(), "correct": right, "distribution": dict(texts.most_common())}
            for texts, right in zip(filled, correct, strict=True)
        ]
    }
