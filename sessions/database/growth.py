"""The growth of a class or of one pupil: what the stored answers come to by the rules of sessions/rules/growth.py."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from classes.models import Pupil, SchoolClass
from classes.services import pupils_by_name
from quizzes.rules.content import QuestionContent
from sessions.database.class_answers import PupilAnswer, pupil_answers
from sessions.database.class_homework import Homework, class_homework
from sessions.rules.growth import (
    Confusion,
    Level,
    StudiedWord,
    WordAnswer,
    WordRow,
    by_pupil,
    confusions,
    fold,
    hardest,
    level,
    over_time,
    word_of,
    word_rows,
)

#: Days with answers that the plot shows, the last ones.
_DAYS = 24
_HARDEST = 10
_CONFUSIONS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A word as people read it: what asks for it, and what is right. From the question that was asked last."""

    question: QuestionContent
    language: str

    @property
    def right(self) -> str:
        """What is right; of a question that is a word by its own text, that text."""
        if self.question.kind in ("choice", "typed"):
            return self.question.correct_answers[0]
        return self.question.shown_text


@dataclass(frozen=True, slots=True)
class Day:
    """How many words were how surely known at the end of a day on which was played, over all pupils."""

    day: datetime
    levels: dict[Level, int]


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil, and how surely the pupil knows what was asked."""

    id: str
    name: str
    answers: int
    right: int
    levels: dict[Level, int]
    last_at: int

    @property
    def percent_right(self) -> int | None:
        """The share of the answers that were right; ``None`` without answers."""
        return round(100 * self.right / self.answers) if self.answers else None


@dataclass(frozen=True, slots=True)
class Growth:
    """All that the page, the exports and REST tell. ``now`` is Unix milliseconds."""

    now: int
    answers: list[WordAnswer]
    #: How many of them were given at home.
    practised: int
    asked: dict[StudiedWord, Asked]
    words: list[WordRow]
    hardest: list[WordRow]
    confusions: list[Confusion]
    #: How confusions are written: the most frequent way.
    typed: dict[tuple[StudiedWord, str], str]
    days: list[Day]
    pupils: list[PupilRow]
    homework: list[Homework]

    def levels(self) -> dict[Level, int]:
        """How many words are how surely known, by the mean of those who were asked."""
        counted = Counter(level(row.sureness) for row in self.words)
        return {"known": counted["known"], "shaky": counted["shaky"], "unknown": counted["unknown"]}


def growth_of(school_class: SchoolClass, pupil: Pupil | None, *, now: int) -> Growth:
    """The growth of a class, or of one pupil of it.

    :param now: Unix milliseconds; what was answered later does not count.
    """
    found = [each for each in pupil_answers(school_class, pupil) if each.at <= now]
    answers, asked, typed = _answers(found)
    chances = by_pupil(answers, now)
    rows = word_rows(answers, chances)
    pupils = [pupil] if pupil is not None else pupils_by_name(school_class)
    return Growth(
        now=now,
        answers=answers,
        practised=sum(each.practised for each in found),
        asked=asked,
        words=rows,
        hardest=hardest(rows, _HARDEST),
        confusions=confusions(answers)[:_CONFUSIONS],
        typed=typed,
        days=_days(answers, now),
        pupils=_pupils(pupils, answers, chances),
        homework=class_homework(school_class, pupils, now=now),
    )


def _answers(
    found: Sequence[PupilAnswer],
) -> tuple[list[WordAnswer], dict[StudiedWord, Asked], dict[tuple[StudiedWord, str], str]]:
    answers: list[WordAnswer] = []
    asked: dict[StudiedWord, Asked] = {}
    ways: dict[tuple[StudiedWord, str], Counter[str]] = defaultdict(Counter)
    words: dict[tuple[str, str], StudiedWord | None] = {}
    for each in found:
        asks = each.session_id, each.question.id
        if asks not in words:
            words[asks] = word_of(each.question, each.quiz.language)
        word = words[asks]
        if word is None:
            continue
        text = each.answer if each.question.kind == "typed" else ""
        answers.append(WordAnswer(each.pupil_id, word, each.verdict, each.at, text))
        asked[word] = Asked(each.question, each.question.language or each.quiz.language)
        if text:
            ways[word, fold(text)][text.strip()] += 1
    typed = {key: min(counted, key=lambda each: (-counted[each], each)) for key, counted in ways.items()}
    return answers, asked, typed


def _days(answers: Sequence[WordAnswer], now: int) -> list[Day]:
    dates = sorted({_local(answer.at).date() for answer in answers})[-_DAYS:]
    ends = [timezone.make_aware(datetime.combine(date + timedelta(days=1), time())) for date in dates]
    moments = [min(now, int(end.timestamp() * 1_000) - 1) for end in ends]
    starts = [end - timedelta(days=1) for end in ends]
    return [Day(start, levels) for start, levels in zip(starts, over_time(answers, moments), strict=True)]


def _pupils(
    pupils: Sequence[Pupil], answers: Sequence[WordAnswer], chances: Mapping[str, Mapping[StudiedWord, float]]
) -> list[PupilRow]:
    given = Counter(answer.pupil for answer in answers)
    right = Counter(answer.pupil for answer in answers if answer.verdict == "correct")
    last: dict[str, int] = {}
    for answer in answers:
        last[answer.pupil] = max(answer.at, last.get(answer.pupil, 0))
    rows = []
    for pupil in pupils:
        counted = Counter(map(level, chances.get(pupil.id, {}).values()))
        levels: dict[Level, int] = {
            "known": counted["known"],
            "shaky": counted["shaky"],
            "unknown": counted["unknown"],
        }
        rows.append(PupilRow(pupil.id, pupil.name, given[pupil.id], right[pupil.id], levels, last.get(pupil.id, 0)))
    return rows


def _local(at: int) -> datetime:
    return timezone.localtime(datetime.fromtimestamp(at / 1_000, tz=timezone.get_current_timezone()))
