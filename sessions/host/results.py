"""What the results page of a session shows: figures, plots, and tables per question and per player.

Everything is counted by the database, so that a session of ten thousand players costs a few queries.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils.translation import gettext as _

from common.batching import chunks
from common.database import VALUES_AT_ONCE
from leaderboards.ranking import shared_places
from quizzes.rules.content import QuestionContent
from quizzes.rules.gaps import BLANK
from scoring.models import AnswerSubmission
from scoring.rules.difference import Segment, difference_shown, gaps_shown
from scoring.rules.grading import as_given
from scoring.rules.points import Verdict, points_rule
from scoring.rules.regrading import right_answers
from sessions.database.counting import counted_answers, counted_players, counted_rows, has_attempts
from sessions.database.pupils import KnownPupil, name_of
from sessions.database.results import team_results
from sessions.database.rows import setup_of
from sessions.host.charts import Part, histogram, quantile, stacked
from sessions.host.points_in_words import SCORING, points_in_words
from sessions.models import Participant, QuizSession
from sessions.rules.again import SHARE, QuestionTally, missed
from sessions.rules.answer_groups import AnswerGroup, group_answers, with_differences
from sessions.rules.attempts import person_of
from sessions.rules.lifecycle import why_not_accept
from sessions.rules.state import SessionSetup, SessionState, state_from_json

#: View box of the score distribution.
PLOT_WIDTH, PLOT_HEIGHT = 640, 180
_PLAYERS_PER_PAGE = 100
_HARDEST = 5
_TOP_ANSWERS = 4
#: Answers to each typed question that are offered to be accepted, the most frequent ones.
_TYPED_ANSWERS = 12


@dataclass(frozen=True, slots=True)
class GapAnswer:
    """What is in a gap of an answer; empty, and without a verdict, where it was left open."""

    text: str
    verdict: Verdict | None
    difference: list[Segment] | None


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer and how many gave it."""

    text: str
    count: int
    verdict: Verdict
    #: What parts an almost right typed answer from the right one.
    difference: list[Segment] | None = None
    #: Of a text with gaps, what is in each.
    gaps: tuple[GapAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """A row of the questions' table. Times in milliseconds."""

    number: int
    question: QuestionContent
    right: str
    parts: list[Part]
    answered: int
    correct: int
    #: Share of the answers that were right, in percent; ``None`` where there is nothing to be right about.
    percent: int | None
    given: list[AnswerRow]
    median_ms: int
    #: The quarter of the answers that were fastest and slowest begin here, in percent of the longest time limit.
    box: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class TypedResult:
    """A typed question whose answers were not all right, and what a host may accept of them."""

    number: int
    question: QuestionContent
    right: str
    answers: list[AnswerGroup]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a player's answer came to: the verdict, or nothing, and the points with their rule in words."""

    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class PlayerResult:
    """A row of the players' table, with a mark for each question. Equal scores share a place."""

    place: int
    username: str
    score: int
    correct: int
    answered: int
    #: From 1 on; 0 for none.
    team: int
    marks: list[Mark]


def result_page(
    session: QuizSession, *, page: str, every_player: bool, pupils: Mapping[str, KnownPupil]
) -> dict[str, Any]:
    """The context of the template.

    :param page: number of the page of players, as the address has it.
    :param every_player: all players on one page, for printing.
    :param pupils: the players who are pupils, by user id.
    """
    setup, state = setup_of(session), state_from_json(session.state)
    questions = setup.quiz.questions
    players = counted_players(session)
    scores = [player.score for player in players]
    rows = _questions(session, setup, state, player_count=len(scores))
    asked = [row for row in rows if row.percent is not None and row.answered]
    answered = sum(row.answered for row in rows)
    graded = sum(row.answered for row in asked)
    paginator = Paginator(players, max(1, len(scores)) if every_player else _PLAYERS_PER_PAGE)
    on_page = paginator.get_page(page)
    return {
        "session": session,
        "player_count": len(scores),
        "answer_count": answered,
        "percent_right": round(100 * sum(row.correct for row in asked) / graded) if graded else None,
        "average_score": round(sum(scores) / len(scores), 1) if scores else None,
        "score_bars": histogram(scores, width=PLOT_WIDTH, height=PLOT_HEIGHT),
        "questions": rows,
        "accepting": [] if session.purged_at else _typed(session, setup, state),
        "hardest": sorted(
            (row for row in asked if row.correct < row.answered),
            key=lambda row: (row.correct / row.answered, row.number),
        )[:_HARDEST],
        "missed": _missed_count(setup, state, rows) if state.status == "completed" else 0,
        "longest_ms": _longest_ms(setup),
        "players": _players(
            on_page,
            setup,
            questions,
            shared_places(sorted(scores, reverse=True)),
            pupils,
            asked=len(questions) if setup.pace == "self" else state.question_index + 1,
            rows_of=counted_rows(session) if has_attempts(session) else {},
        ),
        "scoring": SCORING[setup.scoring],
        "teams": team_results(players),
        "page": on_page,
        "page_numbers": paginator.get_elided_page_range(on_page.number),
    }


def _missed_count(setup: SessionSetup, state: SessionState, rows: Sequence[QuestionResult]) -> int:
    """How many questions would be asked again."""
    tallies = {row.question.id: QuestionTally(row.answered, row.correct) for row in rows}
    return len(missed(setup, state, tallies, SHARE))


def _typed(session: QuizSession, setup: SessionSetup, state: SessionState) -> list[TypedResult]:
    """What was typed and is not right, where it can be accepted."""
    numbered = enumerate(setup.quiz.questions, start=1)
    open_to_it = [(number, question) for number, question in numbered if why_not_accept(setup, state, question) is None]
    rows = counted_answers(session).filter(question_id__in=[question.id for _, question in open_to_it])
    typed: dict[str, list[tuple[str, Verdict, int]]] = defaultdict(list)
    counted = rows.exclude(verdict="correct").values_list("question_id", "answer", "verdict")
    for question_id, answer, verdict, count in counted.annotate(count=Count("user_id")):
        typed[question_id].append((answer, verdict, count))
    found = []
    for number, question in open_to_it:
        accepted = state.accepted_to(question.id)
        found_all = group_answers(question, typed[question.id], language=setup.quiz.language, accepted=accepted)
        groups = [group for group in found_all if group.verdict != "correct"]
        if groups:
            shown = with_differences(question, groups[:_TYPED_ANSWERS], language=setup.quiz.language, accepted=accepted)
            found.append(TypedResult(number, question, _right(question, state), shown))
    return found


def _right(question: QuestionContent, state: SessionState) -> str:
    return _readable(question.kind, right_answers(question, state.accepted_to(question.id)))


def _longest_ms(setup: SessionSetup) -> int:
    return max(map(setup.limit_ms, setup.quiz.questions), default=1)


def _questions(
    session: QuizSession, setup: SessionSetup, state: SessionState, *, player_count: int
) -> list[QuestionResult]:
    questions = setup.quiz.questions
    answers = counted_answers(session)
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    given: dict[str, list[AnswerRow]] = defaultdict(list)
    counted = answers.values_list("question_id", "answer", "verdict").annotate(count=Count("user_id"))
    for question_id, answer, verdict, count in counted.order_by("-count", "answer"):
        verdicts[question_id][verdict] += count
        if len(given[question_id]) < _TOP_ANSWERS:
            given[question_id].append(_compared(setup, state, question_id, AnswerRow(answer, count, verdict)))
    times: dict[str, list[int]] = defaultdict(list)
    for question_id, took in answers.order_by("time_taken_ms").values_list("question_id", "time_taken_ms"):
        times[question_id].append(took)
    longest = _longest_ms(setup)
    rows = []
    for number, question in enumerate(questions, start=1):
        counts, took_all = verdicts[question.id], times[question.id]
        answered = sum(counts.values())
        # Of a question that was never opened nobody owes an answer.
        opened = setup.pace == "self" or number <= state.question_index + 1
        missing = max(0, player_count - answered) if opened else 0
        poll = question.kind == "poll"
        parts = [("given", answered)] if poll else [(kind, counts[kind]) for kind in ("correct", "almost", "wrong")]
        rows.append(
            QuestionResult(
                number=number,
                question=question,
                right=_right(question, state),
                parts=stacked([*parts, ("missing", missing)]),
                answered=answered,
                correct=counts["correct"],
                percent=None if poll or not answered else round(100 * counts["correct"] / answered),
                given=given[question.id],
                median_ms=quantile(took_all, 0.5),
                box=_box(took_all, longest),
            )
        )
    return rows


def _box(times: list[int], longest: int) -> tuple[float, float, float]:
    low, middle, high = (min(100.0, 100 * quantile(times, share) / longest) for share in (0.25, 0.5, 0.75))
    return round(low, 2), round(middle, 2), round(high, 2)


def _players(
    page: Page[Participant],
    setup: SessionSetup,
    questions: Sequence[QuestionContent],
    places: Sequence[int],
    pupils: Mapping[str, KnownPupil],
    *,
    asked: int,
    rows_of: Mapping[str, str],
) -> list[PlayerResult]:
    shown = list(page.object_list)
    given: dict[str, dict[str, tuple[Verdict, int]]] = defaultdict(dict)
    users = [rows_of.get(player.user_id, player.user_id) for player in shown]
    for some in chunks(users, VALUES_AT_ONCE):
        rows = AnswerSubmission.objects.filter(session_id=setup.id, user_id__in=some)
        for user_id, question_id, verdict, points in rows.values_list("user_id", "question_id", "verdict", "points"):
            given[person_of(user_id)][question_id] = (cast(Verdict, verdict), points)
    return [
        PlayerResult(
            place=places[rank - 1],
            username=name_of(player, pupils),
            score=player.score,
            correct=sum(verdict == "correct" for verdict, _points in given[player.user_id].values()),
            answered=len(given[player.user_id]),
            team=player.team,
            marks=[
                _mark(setup, question, given[player.user_id].get(question.id), asked=number <= asked)
                for number, question in enumerate(questions, start=1)
            ],
        )
        for rank, player in enumerate(shown, start=page.start_index())
    ]


def _compared(setup: SessionSetup, state: SessionState, question_id: str, row: AnswerRow) -> AnswerRow:
    """The row, for people to read."""
    question = setup.quiz.question(question_id)
    if question is None:
        return replace(row, text=_answer_text("choice", row.text))
    language, accepted = setup.quiz.language, state.accepted_to(question_id)
    difference = difference_shown(question, row.text, row.verdict, language=language, accepted=accepted)
    shown = gaps_shown(question, row.text, language=language, accepted=accepted)
    given = as_given(question.kind, row.text)
    gaps = tuple(GapAnswer(text, *gap) for text, gap in zip(given, shown, strict=True)) if shown else ()
    return replace(row, text=_answer_text(question.kind, row.text), difference=difference, gaps=gaps)


def _mark(setup: SessionSetup, question: QuestionContent, came_to: tuple[Verdict, int] | None, *, asked: bool) -> Mark:
    if not asked:
        return Mark("", _("not asked"))
    verdict, points = came_to or (None, 0)
    rule = points_rule(question, setup.scoring, verdict, points)
    return Mark(verdict or "", points_in_words(rule, points, worth=question.points))


def _answer_text(kind: str, stored: str) -> str:
    answer = as_given(kind, stored)
    return _readable(kind, [answer] if isinstance(answer, str) else answer)


def _readable(kind: str, parts: Sequence[str]) -> str:
    """An answer, or several, as one line for a person."""
    if kind == "true_false":
        # Kept in English, whatever the language of the quiz and of who reads.
        names = {"True": _("True"), "False": _("False")}
        parts = [names.get(part, part) for part in parts]
    if kind == "gaps":
        parts = [part or BLANK for part in parts]
    # Unlike an arrow, this sign is mirrored where the line runs from right to left.
    return (" › " if kind == "order" else " · ").join(parts)
