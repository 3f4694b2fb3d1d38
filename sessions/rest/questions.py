"""A session's questions as its host sees them."""

from __future__ import annotations

from typing import Any

from quizzes.rules.content import question_to_json
from scoring.rules.regrading import right_answers
from sessions.services.event_messages import options_of
from sessions.services.hosting import SessionView


def questions_json(view: SessionView) -> list[dict[str, Any]]:
    """The questions in their order, as ``sessions.rest.serializers.SessionQuestion``."""
    setup, state = view.setup, view.state
    return [
        {
            **question_to_json(question),
            # As the hall and the phones have them: the third option is the same one for everybody in the room.
            "options": options_of(setup, question),
            "time_limit_ms": setup.limit_ms(question),
            "correct_answers": right_answers(question, state.accepted_to(question.id)),
            "again_of": question.again_of or None,
        }
        for question in setup.quiz.questions
    ]
