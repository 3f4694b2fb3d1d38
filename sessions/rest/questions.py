"""A session's questions as its host sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quizzes.rules.content import QuestionContent, question_to_json
from scoring.rules.regrading import right_answers, right_in_gaps
from sessions.rules.state import SessionSetup
from sessions.services.event_messages import gaps_shown, options_of
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
            **_gaps(setup, question, state.accepted_to(question.id)),
        }
        for question in setup.quiz.questions
    ]


def _gaps(setup: SessionSetup, question: QuestionContent, accepted: Sequence[str]) -> dict[str, Any]:
    """The gaps of a text, as the hall and the phones have them, with what is right in each."""
    shown = gaps_shown(setup, question)
    if shown is None:
        return {}
    rights = right_in_gaps(question, accepted)
    return {
        "gaps": [
            {**gap, "options": session.options, "correct_answers": right}
            for gap, session, right in zip(question_to_json(question)["gaps"], shown, rights, strict=True)
        ]
    }
