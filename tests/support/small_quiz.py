"""A quiz of three questions, for sessions that are to be short."""

from __future__ import annotations

import contextlib
from typing import Any

from simulation.rest import CallRefused, RestClient

SMALL: dict[str, Any] = {
    "id": "small",
    "title": "Small",
    "questions": [
        {
            "id": f"q{number}",
            "kind": "choice",
            "text": f"Which is number {number}?",
            "options": [str(each) for each in range(1, 5)],
            "correct_answers": [str(number)],
        }
        for number in range(1, 4)
    ],
}


async def store_small_quiz(rest: RestClient) -> None:
    """Store it where it is not there yet."""
    with contextlib.suppress(CallRefused):
        await rest.post("quizzes", SMALL)
