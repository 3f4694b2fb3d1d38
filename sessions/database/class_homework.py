"""Who of a class has done its homework, from the stored answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from classes.models import Pupil, SchoolClass
from scoring.models import AnswerSubmission
from sessions.models import Participant, PupilPlace, QuizSession
from sessions.rules.attempts import person_of
from sessions.rules.options import options_from_json

#: Homeworks that are told of, the newest ones.
_HOMEWORKS = 12


@dataclass(frozen=True, slots=True)
class Undone:
    """A pupil who has not answered every question; ``answered`` of the attempt with the most answers."""

    pupil: Pupil
    answered: int


@dataclass(frozen=True, slots=True)
class Homework:
    """A homework of a class that has opened. It is done by whoever answered every question in one attempt."""

    session_id: str
    title: str
    #: Unix milliseconds.
    closes_at: int
    questions: int
    done: int
    undone: list[Undone]


def class_homework(school_class: SchoolClass, pupils: Sequence[Pupil], *, now: int) -> list[Homework]:
    """The homework of a class, the newest first.

    :param pupils: of whom it is told who has not done it.
    :param now: Unix milliseconds; what opens later is not told.
    """
    rows = QuizSession.objects.filter(class_id=school_class.pk, homework=True).order_by("-created_at")
    found = []
    for row in rows[:_HOMEWORKS]:
        options = options_from_json(row.options)
        if options.opens_at > now:
            continue
        answered = _answered(row.id)
        questions = len(row.content["questions"])
        undone = [Undone(each, answered.get(each.id, 0)) for each in pupils if answered.get(each.id, 0) < questions]
        found.append(Homework(row.id, row.title, options.closes_at, questions, len(pupils) - len(undone), undone))
    return found


def _answered(session_id: str) -> dict[str, int]:
    """By pupil: answers of the attempt that has the most, of players whom the host has not taken out."""
    removed = Participant.objects.filter(session_id=session_id, status="removed").values("user_id")
    places = PupilPlace.objects.filter(session_id=session_id).exclude(user_id__in=removed)
    pupil_of = dict(places.values_list("user_id", "pupil_id"))
    answered: dict[str, int] = {}
    counted = AnswerSubmission.objects.filter(session_id=session_id).values_list("user_id").annotate(Count("id"))
    for user_id, count in counted.order_by("user_id"):
        pupil_id = pupil_of.get(person_of(user_id))
        if pupil_id is not None:
            answered[pupil_id] = max(count, answered.get(pupil_id, 0))
    return answered
