"""Whether an answer is right, and what share of the question's points it earns. Pure: no clock, no I/O.

One function per kind of question; typed answers have rules of their own in :mod:`scoring.rules.typed`. docs/grading.md
explains all of them to teachers.

Messages of :class:`InvalidAnswer` are for a person and carry no values, so that the layer that shows them can
translate them with gettext.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from unicodedata import decimal as digit_value

from quizzes.rules.content import Gap, QuestionContent
from quizzes.rules.limits import GAP_LENGTH, OPTION_LENGTH
from quizzes.rules.text import normalize
from scoring.rules.folding import strip_bidi, visible
from scoring.rules.points import Verdict
from scoring.rules.typed import compare, compare_with

MAX_TYPED_LENGTH = 300
MAX_NUMBER_LENGTH = 40
#: What is longer cannot be short enough once it is composed; it is not even looked at.
_RAW_LENGTH = 4 * max(MAX_TYPED_LENGTH, OPTION_LENGTH) + 100
TRUE_FALSE = ("True", "False")
#: Kinds whose answer is a list.
LISTED = frozenset({"multi", "order", "gaps"})
#: Kinds of which a host may accept what was typed, besides the author's answers.
TYPED_KINDS = frozenset({"typed", "gaps"})


@dataclass(frozen=True, slots=True)
class Grade:
    """The judgement of one answer.

    A poll has no wrong answer: its verdict is "correct" (the wire asks for a boolean) and its credit 0.
    """

    verdict: Verdict
    #: Share of the question's points, 0 to 1. Speed points depend on the verdict, not on this.
    credit: float
    #: The accepted answer a typed one was compared with best, for showing the difference; else empty.
    matched: str = ""


class InvalidAnswer(ValueError):
    """The answer has not the shape the question asks for. The message is for the player."""


def gettext_noop(message: str) -> str:
    """Mark a message for translation; rules know no framework, the faces translate."""
    return message


NOT_TEXT = gettext_noop("Send one answer, not a list.")
NOT_LIST = gettext_noop("Send a list of answers.")
NOT_AN_OPTION = gettext_noop("This is not one of the options.")
NOTHING_CHOSEN = gettext_noop("Choose at least one option.")
CHOSEN_TWICE = gettext_noop("Choose each option at most once.")
NOT_THE_SEQUENCE = gettext_noop("Put all the options in order, each once.")
NOT_THE_GAPS = gettext_noop("Send one entry for each gap, an empty one for a gap left open.")
NO_SUCH_GAP = gettext_noop("Say which gap it was typed into.")
NO_GAP_FILLED = gettext_noop("Fill at least one gap.")
NOT_A_NUMBER = gettext_noop("Enter a number.")
EMPTY = gettext_noop("Enter an answer.")
TOO_LONG = gettext_noop("This answer is too long.")
CONTROL_CHARACTERS = gettext_noop("This answer has characters that are not text.")

#: From worst to best.
RANKS: Mapping[Verdict, int] = {"wrong": 0, "almost": 1, "correct": 2}

RIGHT = Grade("correct", 1.0)
WRONG = Grade("wrong", 0.0)
POLLED = Grade("correct", 0.0)


def grade(question: QuestionContent, answer: str | list[str], *, language: str, accepted: Sequence[str] = ()) -> Grade:
    """Judge an answer.

    :param answer: a string; a list of strings for ``multi``, ``order`` and ``gaps``.
    :param language: BCP 47 tag of the quiz, which the question's own goes before; it decides what an article, a case
        or an accent is.
    :param accepted: answers to a ``typed`` question that a host accepted besides the author's; of ``gaps`` as
        :func:`canonical` has them, each gap that is not empty accepted for itself. The best judgement counts, so that
        one more of them never makes another answer worse, whatever their order.
    :raises InvalidAnswer: the answer has not the shape the question asks for.
    """
    if question.kind == "gaps":
        return _together(grade_gaps(question, answer, language=language, accepted=accepted))
    language = question.language or language
    judged = _GRADERS[question.kind](question, answer, language)
    for other in accepted if question.kind == "typed" else ():
        if judged.verdict == "correct":
            break
        compared = compare_with(question, other, _typed_text(answer), language)
        judged = max(judged, _typed_grade(question, *compared), key=lambda each: RANKS[each.verdict])
    return judged


def grade_gaps(
    question: QuestionContent, answer: str | list[str], *, language: str, accepted: Sequence[str] = ()
) -> list[Grade | None]:
    """Judge each gap by itself, as the question that it is; ``None`` for one that was left open.

    As :func:`grade`.
    """
    others = [as_given(question.kind, each) for each in accepted]
    return [
        grade(asked, given, language=language, accepted=[each[place] for each in others if each[place]])
        if given
        else None
        for place, (asked, given) in enumerate(zip(gap_questions(question), _gaps(question, answer), strict=True))
    ]


def as_given(kind: str, stored: str) -> str | list[str]:
    """A stored answer as the client sent it, see :func:`canonical`."""
    if kind not in LISTED:
        return stored
    decoded: list[str] = json.loads(stored)
    return decoded


def in_gap(question: QuestionContent, answer: str, gap: int = 0) -> str:
    """A typed answer as :func:`canonical` has it; of ``gaps`` one in which the other gaps are left open.

    :param gap: which one it was typed into, from 1.
    :raises InvalidAnswer: there is no such gap.
    """
    if question.kind != "gaps":
        return answer
    if not 1 <= gap <= len(question.gaps):
        raise InvalidAnswer(NO_SUCH_GAP)
    return json.dumps([answer if place == gap else "" for place in range(1, len(question.gaps) + 1)])


def canonical(question: QuestionContent, answer: str | list[str]) -> str:
    """The one string that stands for an answer, in the database and as a key of distributions.

    The option's own text for ``choice``, ``true_false`` and ``poll``; a JSON list for ``multi`` (sorted), ``order`` and
    ``gaps`` (an empty text for a gap left open); a plain decimal for ``number``; trimmed NFC text for ``typed``.

    :raises InvalidAnswer: the answer has not the shape the question asks for.
    """
    match question.kind:
        case "multi":
            return json.dumps(sorted(_chosen(question, answer)), ensure_ascii=False)
        case "order":
            return json.dumps(_sequence(question, answer), ensure_ascii=False)
        case "gaps":
            return json.dumps(_gaps(question, answer), ensure_ascii=False)
        case "typed":
            return _typed_text(answer)
        case "number":
            return _plain(_number(question, answer))
        case _:
            return _option(question, answer)


def _grade_choice(question: QuestionContent, answer: str | list[str], _language: str) -> Grade:
    return RIGHT if _option(question, answer) in _right_options(question) else WRONG


def _grade_poll(question: QuestionContent, answer: str | list[str], _language: str) -> Grade:
    _option(question, answer)
    return POLLED


def _grade_multi(question: QuestionContent, answer: str | list[str], _language: str) -> Grade:
    """Each mistake (a wrong option chosen, a right one left out) costs 1/min(R, W) of the points, down to 0.

    R and W are the numbers of right and wrong options; where R <= W this is (right - wrong) / R. Choosing k of the
    n options at random has an expected value of at most 0 before the floor: the expected number of mistakes is
    R + k - 2kR/n, which is at least min(R, W) for every k from 0 to n.
    """
    chosen = _chosen(question, answer)
    right = _right_options(question)
    if chosen == right:
        return RIGHT
    smaller = min(len(right), len(_options(question)) - len(right))
    mistakes = len(chosen ^ right)
    return Grade("almost", 1 - mistakes / smaller) if mistakes < smaller else WRONG


def _grade_order(question: QuestionContent, answer: str | list[str], _language: str) -> Grade:
    return RIGHT if _sequence(question, answer) == [_nfc(item) for item in question.correct_answers] else WRONG


def _grade_number(question: QuestionContent, answer: str | list[str], _language: str) -> Grade:
    value = _number(question, answer)
    # str() first: the decimal the author wrote, not the binary fraction next to it.
    tolerance = Decimal(str(question.tolerance))
    return RIGHT if any(abs(value - right) <= tolerance for right in _right_numbers(question)) else WRONG


def _grade_typed(question: QuestionContent, answer: str | list[str], language: str) -> Grade:
    return _typed_grade(question, *compare(question, _typed_text(answer), language))


def _together(gaps: Sequence[Grade | None]) -> Grade:
    """The judgement of a text by those of its gaps: each is worth the same, and all right ones together everything."""
    if all(gap is not None and gap.verdict == "correct" for gap in gaps):
        return RIGHT
    credit = sum(gap.credit for gap in gaps if gap is not None) / len(gaps)
    return Grade("almost", credit) if credit > 0 else WRONG


def _typed_grade(question: QuestionContent, verdict: Verdict, matched: str) -> Grade:
    share = min(1.0, max(0.0, question.grading.almost))
    if verdict == "almost" and share == 0:
        verdict = "wrong"
    return Grade(verdict, {"correct": 1.0, "almost": share, "wrong": 0.0}[verdict], matched)


_GRADERS: dict[str, Callable[[QuestionContent, str | list[str], str], Grade]] = {
    "choice": _grade_choice,
    "true_false": _grade_choice,
    "poll": _grade_poll,
    "multi": _grade_multi,
    "order": _grade_order,
    "number": _grade_number,
    "typed": _grade_typed,
}


def _nfc(text: str) -> str:
    return normalize("NFC", text)


#: Questions whose options are kept ready: a question is answered by thousands within seconds.
_KEPT = 1_024


@lru_cache(_KEPT)
def _options(question: QuestionContent) -> Mapping[str, str]:
    """The options by what they are compared by."""
    if question.kind == "true_false":
        return {_nfc(option).casefold(): _nfc(option) for option in question.options or TRUE_FALSE}
    return {_nfc(option): _nfc(option) for option in question.options}


@lru_cache(_KEPT)
def _right_options(question: QuestionContent) -> frozenset[str]:
    options = _options(question)
    keys = (_nfc(right) for right in question.correct_answers)
    if question.kind == "true_false":
        keys = (key.casefold() for key in keys)
    return frozenset(options[key] for key in keys if key in options)


def _option(question: QuestionContent, answer: str | list[str]) -> str:
    key = _nfc(_text(answer))
    if question.kind == "true_false":
        key = key.casefold()
    try:
        return _options(question)[key]
    except KeyError:
        raise InvalidAnswer(NOT_AN_OPTION) from None


def _chosen(question: QuestionContent, answer: str | list[str]) -> set[str]:
    options = _options(question)
    items = _list(answer)
    if not items:
        raise InvalidAnswer(NOTHING_CHOSEN)
    if any(item not in options for item in items):
        raise InvalidAnswer(NOT_AN_OPTION)
    chosen = {options[item] for item in items}
    if len(chosen) != len(items):
        raise InvalidAnswer(CHOSEN_TWICE)
    return chosen


def _sequence(question: QuestionContent, answer: str | list[str]) -> list[str]:
    items = _list(answer)
    # The same word may stand twice in a scrambled sentence, so this compares lists, not sets.
    if sorted(items) != sorted(_nfc(option) for option in question.options or question.correct_answers):
        raise InvalidAnswer(NOT_THE_SEQUENCE)
    return items


@lru_cache(_KEPT)
def gap_questions(question: QuestionContent) -> tuple[QuestionContent, ...]:
    """Each gap as the question that it is: a ``choice`` where it has options, else a ``typed`` one."""
    return tuple(_gap_question(question, gap) for gap in question.gaps)


def _gap_question(question: QuestionContent, gap: Gap) -> QuestionContent:
    return replace(
        question,
        kind="choice" if gap.options else "typed",
        options=gap.options,
        correct_answers=gap.correct_answers,
        grading=gap.grading,
        gaps=(),
    )


def _gaps(question: QuestionContent, answer: str | list[str]) -> list[str]:
    """What is in each gap, as it is stored; empty where it was left open."""
    asked = gap_questions(question)
    if isinstance(answer, list) and len(answer) != len(asked):
        raise InvalidAnswer(NOT_THE_GAPS)
    items = _list(answer)
    given = [_in_gap(gap, item) if item.strip() else "" for gap, item in zip(asked, items, strict=True)]
    if not any(given):
        raise InvalidAnswer(NO_GAP_FILLED)
    return given


def _in_gap(gap: QuestionContent, item: str) -> str:
    if gap.kind == "choice":
        return _option(gap, item)
    text = _typed_text(item)
    if len(text) > GAP_LENGTH:
        raise InvalidAnswer(TOO_LONG)
    return text


def _text(answer: str | list[str]) -> str:
    if not isinstance(answer, str):
        raise InvalidAnswer(NOT_TEXT)
    if len(answer) > _RAW_LENGTH:
        raise InvalidAnswer(TOO_LONG)
    return answer


def _list(answer: str | list[str]) -> list[str]:
    if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
        raise InvalidAnswer(NOT_LIST)
    if any(len(item) > _RAW_LENGTH for item in answer):
        raise InvalidAnswer(TOO_LONG)
    return [_nfc(item) for item in answer]


#: C0 and C1 controls, and lone surrogates, which no database stores.
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _typed_text(answer: str | list[str]) -> str:
    text = _nfc(strip_bidi(_text(answer)).replace("\t", " ")).strip()
    if not visible(text).strip():
        raise InvalidAnswer(EMPTY)
    if len(text) > MAX_TYPED_LENGTH:
        raise InvalidAnswer(TOO_LONG)
    if _NOT_TEXT.search(text):
        raise InvalidAnswer(CONTROL_CHARACTERS)
    return text


_NUMBER_SIGNS = str.maketrans(dict.fromkeys("−‐‑‒–﹣－", "-") | dict.fromkeys("，٫﹐", ",") | {"．": ".", "＋": "+"})
_GROUP_SPACES = re.compile(r"(?<=\d)[\s'’٬](?=\d{3})")
_NUMBER = re.compile(r"([+-]?)\s*(\d*)(?:[.,](\d*))?")
#: Digits in groups: 1,000 and 1.000.000, and the Indian 1,00,000.
_GROUPED = re.compile(r"([+-]?)\s*([1-9]\d{0,2}(?:(,)\d{2,3}(?:,\d{2,3})*|(\.)\d{3}(?:\.\d{3})*))(?:[.,](\d*))?")


def _number(question: QuestionContent, answer: str | list[str]) -> Decimal:
    """The number an answer says. 1,000 may be a thousand or one: the reading closer to a right answer counts."""
    readings = _readings(_text(answer))
    if not readings:
        raise InvalidAnswer(NOT_A_NUMBER)
    rights = _right_numbers(question)
    return min(readings, key=lambda value: min((abs(value - right) for right in rights), default=Decimal(0)))


def _right_numbers(question: QuestionContent) -> list[Decimal]:
    """The right answers as numbers. A single separator of theirs is the decimal one."""
    return [readings[0] for readings in map(_readings, question.correct_answers) if readings]


def _readings(text: str) -> list[Decimal]:
    """What a written number may mean, the separator taken as a decimal one first; empty when it is no number."""
    text = strip_bidi(text).strip()
    if len(text) > MAX_NUMBER_LENGTH:
        return []
    # Decimal digits of any script, but not NFKC, which would read the square of ten, 10², as 102.
    text = "".join(str(value) if (value := digit_value(char, None)) is not None else char for char in text)
    text = _GROUP_SPACES.sub("", text.translate(_NUMBER_SIGNS))
    readings = []
    if (found := _NUMBER.fullmatch(text)) and (found[2] or found[3]):
        readings.append(Decimal(f"{found[1]}{found[2] or 0}.{found[3] or 0}"))
    if (found := _GROUPED.fullmatch(text)) and re.search(r"[.,]\d{3}(?!\d)", found[2]):
        readings.append(Decimal(f"{found[1]}{re.sub('[.,]', '', found[2])}.{found[5] or 0}"))
    return readings


def _plain(value: Decimal) -> str:
    """Without exponent, trailing zeros or a minus before zero: 1.50 and 1,5 are one answer."""
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain
