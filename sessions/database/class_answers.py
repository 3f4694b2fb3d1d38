"""The answers that the pupils of a class gave in its sessions, and at home where that counts. Removed players' do not
count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from classes.models import Pupil, SchoolClass
from common.batching import chunks
from quizzes.rules.content import QuestionContent, QuizContent, content_from_json
from scoring.models import AnswerSubmission
from sessions.database.practised import PractisedAnswer, practice_book
from sessions.database.rows import to_ms
from sessions.models import Participant, PupilPlace, QuizSession
from sessions.protocol.encoding import iso
from sessions.rules.attempts import person_of

#: Sessions that are read at a time: a quiz may be large.
_SESSIONS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class PupilAnswer:
    """An answer of a pupil, with the question it is to. ``at`` is Unix milliseconds."""

    pupil_id: str
    session_id: str
    quiz: QuizContent
    question: QuestionContent
    answer: str
    verdict: str
    points: int
    at: int
    #: Whether it was given at home, after the session.
    practised: bool = False


def pupil_answers(school_class: SchoolClass, pupil: Pupil | None = None) -> list[PupilAnswer]:
    """The answers of all pupils, or of one, the oldest first."""
    places = PupilPlace.objects.filter(pupil__school_class=school_class)
    if pupil is not None:
        places = places.filter(pupil=pupil)
    of: dict[tuple[str, str], str] = {
        (session_id, user_id): pupil_id
        for session_id, user_id, pupil_id in places.values_list("session_id", "user_id", "pupil_id")
    }
    practised: dict[str, list[PractisedAnswer]] = defaultdict(list)
    for each in practice_book().counting(school_class, pupil):
        practised[each.session_id].append(each)
    found: list[PupilAnswer] = []
    for some in chunks(sorted({session_id for session_id, _ in of}), _SESSIONS_AT_ONCE):
        found += _answers(some, of, practised)
    return sorted(found, key=lambda each: (each.at, each.pupil_id, each.question.id))


def _answers(
    session_ids: Iterable[str], of: dict[tuple[str, str], str], practised: Mapping[str, Sequence[PractisedAnswer]]
) -> Iterable[PupilAnswer]:
    session_ids = list(session_ids)
    quizzes = {
        session_id: content_from_json(content)
        for session_id, content in QuizSession.objects.filter(id__in=session_ids).values_list("id", "content")
    }
    removed = set(
        Participant.objects.filter(session_id__in=session_ids, status="removed").values_list("session_id", "user_id")
    )
    questions = {
        session_id: {question.id: question for question in quiz.questions} for session_id, quiz in quizzes.items()
    }
    rows = AnswerSubmission.objects.filter(session_id__in=session_ids)
    for session_id, user_id, question_id, answer, verdict, points, at in rows.values_list(
        "session_id", "user_id", "question_id", "answer", "verdict", "points", "submitted_at"
    ):
        # Whichever attempt at a homework it is of.
        player = session_id, person_of(user_id)
        pupil_id = of.get(player)
        question = questions.get(session_id, {}).get(question_id)
        if pupil_id is None or question is None or player in removed:
            continue
        yield PupilAnswer(pupil_id, session_id, quizzes[session_id], question, answer, verdict, points, to_ms(at))
    for session_id, quiz in quizzes.items():
        for each in practised.get(session_id, ()):
            if question := questions[session_id].get(each.question_id):
                yield PupilAnswer(
                    each.pupil_id, session_id, quiz, question, each.answer, each.verdict, 0, each.at, practised=True
                )


def class_export(school_class: SchoolClass, pupil: Pupil | None = None) -> list[dict[str, Any]]:
    """The answers as plain data."""
    return [
        {
            "pupil_id": each.pupil_id,
            "session_id": each.session_id,
            "quiz_id": each.quiz.id,
            "question_id": each.question.id,
            "question": each.question.shown_text,
            "answer": each.answer,
            "verdict": each.verdict,
            "points": each.points,
            "submitted_at": iso(each.at),
            "practised": each.practised,
        }
        for each in pupil_answers(school_class, pupil)
    ]
