"""Results as CSV and XLSX. The spreadsheet library is loaded with the first download: most processes never need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quizzes.rules.spreadsheet_rows import escape_cell

if TYPE_CHECKING:
    import tablib

PLAYER_HEADERS = ["rank", "user_id", "username", "score", "correct", "answered", "place"]
QUESTION_HEADERS = ["question_id", "text", "answered", "correct"]
ANSWER_HEADERS = [
    "user_id",
    "username",
    "question_id",
    "answer",
    "is_correct",
    "points",
    "time_taken_ms",
    "submitted_at",
    # After those that were there first: whoever reads columns by their place finds them.
    "question",
]


def safe_cell(value: Any) -> Any:
    """The value as a spreadsheet may have it: names and answers come from strangers, and must not run as formulas."""
    if isinstance(value, list):
        value = " | ".join(value)
    return escape_cell(value) if isinstance(value, str) else value


def _sheet(title: str, headers: list[str], rows: list[dict[str, Any]]) -> tablib.Dataset:
    import tablib

    return tablib.Dataset(
        *[[safe_cell(row[header]) for header in headers] for row in rows], headers=headers, title=title
    )


def _answers(results: dict[str, Any]) -> tablib.Dataset:
    names = {participant["user_id"]: participant["username"] for participant in results["participants"]}
    asked = {question["question_id"]: question["text"] for question in results["questions"]}
    rows = [
        {**answer, "username": names.get(answer["user_id"], ""), "question": asked.get(answer["question_id"], "")}
        for answer in results["answers"]
    ]
    return _sheet("Answers", ANSWER_HEADERS, rows)


def results_csv(results: dict[str, Any]) -> str:
    """One line per answer."""
    text: str = _answers(results).export("csv")
    return text


def results_xlsx(results: dict[str, Any]) -> bytes:
    """Three sheets: players, questions, answers."""
    import tablib

    book = tablib.Databook(
        [
            _sheet("Players", PLAYER_HEADERS, results["participants"]),
            _sheet("Questions", QUESTION_HEADERS, results["questions"]),
            _answers(results),
        ]
    )
    data: bytes = book.export("xlsx")
    return data
