"""Quizzes that the browser tests play: every kind of question, in a known order."""

from __future__ import annotations

from typing import Any

LONG = 600_000

KINDS: dict[str, Any] = {
    "id": "every-kind",
    "title": "Every kind of word",
    "language": "fr",
    "questions": [
        {
            "id": "choice",
            "kind": "choice",
            "text": "Which word means “very happy”?",
            "options": ["furious", "delighted", "weary", "anxious"],
            "correct_answers": ["delighted"],
            "time_limit_ms": LONG,
            "explanation": "Furious is very angry, weary is tired, and anxious is worried.",
        },
        {
            "id": "multi",
            "kind": "multi",
            "text": "Which of these mean nearly the same as “big”?",
            "options": ["enormous", "tiny", "huge", "narrow", "vast"],
            "correct_answers": ["enormous", "huge", "vast"],
            "time_limit_ms": LONG,
            "explanation": "Tiny is very small, and narrow is the opposite of wide.",
        },
        {
            "id": "truth",
            "kind": "true_false",
            "text": "“Stationery”, with an e, means paper, pens and envelopes.",
            "correct_answers": ["True"],
            "time_limit_ms": LONG,
            "explanation": "E as in envelope.",
        },
        {
            "id": "typed",
            "kind": "typed",
            "text": "What is “cheese” in French?",
            "correct_answers": ["le fromage"],
            "time_limit_ms": LONG,
            "explanation": "Un plateau de fromages is a cheese board.",
        },
        {
            "id": "order",
            "kind": "order",
            "text": "Put these words in order, from 0% to 100% of the time.",
            "correct_answers": ["never", "rarely", "often", "always"],
            "options": ["often", "never", "always", "rarely"],
            "time_limit_ms": LONG,
            "points": 15,
            "explanation": "Sometimes stands between rarely and often.",
        },
        {
            "id": "number",
            "kind": "number",
            "text": "How many letters has the English alphabet?",
            "correct_answers": ["26"],
            "time_limit_ms": LONG,
            "points": 5,
        },
        {
            "id": "poll",
            "kind": "poll",
            "text": "How do you like to learn new words?",
            "options": ["with cards", "by reading", "with songs"],
            "time_limit_ms": LONG,
        },
    ],
}

#: Texts with gaps: typed and chosen ones, and one that runs from right to left.
GAP_TEXTS: dict[str, Any] = {
    "id": "gap-texts",
    "title": "Fill the gaps",
    "language": "fr",
    "questions": [
        {
            "id": "cheese",
            "kind": "gaps",
            "text": "Au marché, je voudrais [[1]] de fromage et [[2]] pommes. Ça coûte [[3]] euros.",
            "gaps": [
                {"correct_answers": ["une tranche", "un morceau"]},
                {"correct_answers": ["des"], "options": ["des", "du", "de la"]},
                {"correct_answers": ["quatre"]},
            ],
            "points": 9,
            "time_limit_ms": LONG,
            "explanation": "Des pommes: a plural.",
        },
        {
            "id": "arabic",
            "kind": "gaps",
            "text": "أنا [[1]] من مدينة [[2]].",
            "language": "ar",
            "gaps": [{"correct_answers": ["طالب"]}, {"correct_answers": ["القاهرة"], "options": ["القاهرة", "باريس"]}],
            "time_limit_ms": LONG,
        },
    ],
}

_SENTENCE = "I have been to the market and have bought a great many things"
#: As long as people write, and as short.
LENGTHS: dict[str, Any] = {
    "id": "lengths",
    "title": "A very long title of a quiz that somebody has pasted from somewhere else",
    "questions": [
        {
            "id": "sentences",
            "kind": "choice",
            "text": f"Which of these would a careful writer not use? {_SENTENCE}, {_SENTENCE}, and {_SENTENCE}.",
            "options": [f"{number}: {_SENTENCE}" for number in range(1, 9)],
            "correct_answers": [f"1: {_SENTENCE}"],
            "explanation": f"{_SENTENCE}. " * 5,
            "time_limit_ms": LONG,
        },
        {
            "id": "letters",
            "kind": "multi",
            "text": "Vowels?",
            "options": list("abcdefgh"),
            "correct_answers": ["a", "e"],
            "time_limit_ms": LONG,
        },
        {
            "id": "written",
            "kind": "typed",
            "text": f"Put this into the past: {_SENTENCE}, {_SENTENCE}.",
            "correct_answers": [_SENTENCE, "another answer"],
            "explanation": f"{_SENTENCE}. " * 5,
            "time_limit_ms": LONG,
        },
    ],
}


def explained(length: int, lines: int = 1) -> dict[str, Any]:
    """A quiz of one question, with an explanation of so many characters in so many lines."""
    line = (f"{_SENTENCE}. " * length)[: length // lines - 1]
    return {
        "id": f"explained-{length}-{lines}",
        "title": "At length",
        "questions": [
            {**KINDS["questions"][0], "id": "q1", "explanation": "\n".join([line] * lines)},
        ],
    }


#: Two questions with the same answer.
WORDS: dict[str, Any] = {
    "id": "pair-of-words",
    "title": "A pair of words",
    "questions": [
        {
            "id": f"q{number}",
            "kind": "choice",
            "text": f"Question {number}",
            "options": ["right", "wrong"],
            "correct_answers": ["right"],
            "time_limit_ms": LONG,
        }
        for number in (1, 2)
    ],
}

MARKUP: dict[str, Any] = {
    "id": "markup",
    "title": "<b>Bold</b> & plain",
    "questions": [
        {
            "id": "q1",
            "kind": "choice",
            "text": "<img src=x onerror=alert(1)> What does <em>this</em> show?",
            "options": ["<script>alert(1)</script>", "&amp;"],
            "correct_answers": ["&amp;"],
            "explanation": "<u>Only</u> text.",
            "time_limit_ms": LONG,
        }
    ],
}
