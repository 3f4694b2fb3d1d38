"""What a quiz is, as plain data: the form the rules, the stores and the wire share.

A session plays a frozen copy of a quiz (see docs/decisions/0002-a-session-plays-a-copy.md), so that editing a quiz
never changes a game in progress. That copy is a :class:`QuizContent`, stored as JSON in the exchange format of the
REST API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from quizzes.rules.gaps import blanked

Kind = Literal["choice", "multi", "true_false", "typed", "order", "number", "poll", "gaps"]
KINDS: tuple[Kind, ...] = ("choice", "multi", "true_false", "typed", "order", "number", "poll", "gaps")

#: Whether a question is heard beside its text, or in its place; empty for read.
Listen = Literal["", "beside", "instead"]
LISTEN: tuple[Listen, ...] = ("", "beside", "instead")

CaseRule = Literal["ignore", "strict"]
AccentRule = Literal["almost", "ignore", "strict"]
ArticleRule = Literal["optional", "required"]


@dataclass(frozen=True, slots=True)
class Grading:
    """How a typed answer is compared with the right ones. The first value of each rule is the default."""

    case: CaseRule = "ignore"
    accents: AccentRule = "almost"
    articles: ArticleRule = "optional"
    #: Share (0 to 1) of the question's points that an almost right answer earns, without speed points.
    almost: float = 0.5


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap in a text: chosen among its options where it has some, else typed."""

    correct_answers: tuple[str, ...]
    options: tuple[str, ...] = ()
    grading: Grading = field(default_factory=Grading)


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """One question. ``correct_answers`` is the sequence itself for ``order``, empty for ``poll`` and ``gaps``."""

    id: str
    kind: Kind
    text: str
    options: tuple[str, ...] = ()
    correct_answers: tuple[str, ...] = ()
    points: int = 10
    time_limit_ms: int = 20_000
    explanation: str = ""
    #: Address of an image shown with the question, or empty.
    media: str = ""
    #: Allowed absolute difference for ``number``.
    tolerance: float = 0.0
    grading: Grading = field(default_factory=Grading)
    #: Other words of the quiz's list: an answer that is one of them is never "almost" (typed only).
    confusable: tuple[str, ...] = ()
    #: BCP 47 tag of the answers where it is not the quiz's, or empty: a quiz may ask in both directions.
    language: str = ""
    listen: Listen = ""
    #: Address of a recording of the text, or empty: then a voice speaks it.
    sound: str = ""
    #: BCP 47 tag of the text that is heard where it is not the quiz's, or empty.
    listen_language: str = ""
    #: Of ``gaps``: what belongs where the text has ``[[1]]``, ``[[2]]`` and so on.
    gaps: tuple[Gap, ...] = ()
    #: Only in a session's copy: the id of the question that this one asks again, or empty.
    again_of: str = ""

    @property
    def has_options(self) -> bool:
        """Whether players choose of what they are shown, or put it in order."""
        return bool(self.options) or self.kind == "order" or any(gap.options for gap in self.gaps)

    @property
    def shown_text(self) -> str:
        """The text for people to read where nothing is written into it."""
        return blanked(self.text) if self.kind == "gaps" else self.text


@dataclass(frozen=True, slots=True)
class QuizContent:
    """A whole quiz. ``language`` is a BCP 47 tag; it decides what an article or an optional mark is."""

    id: str
    title: str
    language: str = "en"
    description: str = ""
    #: Whether each player sees the options in an order of the session's own instead of the author's.
    shuffle_options: bool = False
    questions: tuple[QuestionContent, ...] = ()

    def question(self, question_id: str) -> QuestionContent | None:
        """The question with this id, or ``None``."""
        for question in self.questions:
            if question.id == question_id:
                return question
        return None


#: Fields that a question which is read does not have.
HEARING: Final = ("listen", "sound", "listen_language")


def content_from_json(data: Mapping[str, Any]) -> QuizContent:
    """Rebuild a quiz from :func:`content_to_json`'s mapping. It trusts the mapping: check outside input first."""
    questions = tuple(
        QuestionContent(
            **{
                **question,
                "options": tuple(question.get("options", ())),
                "correct_answers": tuple(question.get("correct_answers", ())),
                "confusable": tuple(question.get("confusable", ())),
                "grading": Grading(**question.get("grading", {})),
                "gaps": tuple(map(gap_from_json, question.get("gaps", ()))),
            }
        )
        for question in data.get("questions", ())
    )
    return QuizContent(**{**data, "questions": questions})


def gap_from_json(data: Mapping[str, Any]) -> Gap:
    """A gap as :func:`content_to_json` writes it."""
    return Gap(tuple(data["correct_answers"]), tuple(data.get("options", ())), Grading(**data.get("grading", {})))


def content_to_json(content: QuizContent) -> dict[str, Any]:
    """The exchange format of PROTOCOL ("A quiz, as POST quizzes takes it"), with every field of it written out.

    But for those of hearing where there is nothing to hear, and for gaps where there are none: releases that do not
    know them play such quizzes, too.
    """
    return {**asdict(content), "questions": [question_to_json(question) for question in content.questions]}


def question_to_json(question: QuestionContent) -> dict[str, Any]:
    """One question of it. What an author cannot say is there only where a session says it."""
    data = asdict(question)
    for name in (*HEARING, "gaps", "again_of"):
        if not data[name]:
            del data[name]
    return data
