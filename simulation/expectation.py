"""What a client expects an answer to come to, by the contract (docs/protocol.md, "Rules") and docs/grading.md. Pure.

The rules stand here a second time on purpose, so that a mistake in the server's does not check itself. How near a typed
answer comes to a right one is the server's to judge: only one that is spelled as the author did is expected to be
right, and one that has next to nothing in common with any right one to be wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from unicodedata import combining, normalize

from simulation.ledger import AnswerValue
from simulation.quiz import Question

#: The verdicts an answer may get, and the share of the question's points that each of them earns.
Shares = Mapping[str, float]

_RIGHT: Shares = {"correct": 1.0}
_WRONG: Shares = {"wrong": 0.0}
#: A poll has no wrong answer, and earns nothing.
_POLLED: Shares = {"correct": 0.0}

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPING = re.compile(r"[.,](?=\d{3}(?!\d))")
_PLAIN_LETTERS = re.compile(r"[a-z ]+")


class NotAnAnswer(ValueError):
    """The answer has not the shape the question asks for."""


def expected(question: Question, answer: AnswerValue) -> Shares:
    """What may become of an answer; a single verdict where it is sure. Of a text with gaps, the most of each.

    :raises NotAnAnswer: when the question takes no such answer.
    """
    match question.kind:
        case "poll":
            _option(question, answer)
            return _POLLED
        case "multi":
            return _expected_choice(question, set(_options(question, answer)))
        case "order":
            return (
                _RIGHT if _sequence(question, answer) == [_key(item) for item in question.correct_answers] else _WRONG
            )
        case "number":
            return _expected_number(question, answer)
        case "gaps":
            return {verdict: max(may) for verdict, may in _expected_gaps(question, _filled(question, answer)).items()}
        case "typed":
            return _expected_typed(question, _text(answer))
        case _:
            return _RIGHT if _option(question, answer) in _right_options(question) else _WRONG


def expected_shares(question: Question, answer: AnswerValue, verdict: str) -> set[float]:
    """The shares of the points that an answer with this verdict may earn: some of several gaps may be almost right."""
    if question.kind == "gaps":
        return _expected_gaps(question, _filled(question, answer))[verdict]
    return {expected(question, answer)[verdict]}


def expected_points(question: Question, verdict: str, share: float, elapsed_ms: int, step_ms: int = 2_000) -> int:
    """Points by the rule, with speed: ``points + max(0, 5 - floor(t / step))`` for a right answer; nothing for a poll,
    a warm-up of 0 points or a wrong answer; the share of the points, rounded half up, for an almost right one.

    :param step_ms: 0 where the session has no speed points.
    """
    base = int(question.points * share + 0.5)
    earns_bonus = verdict == "correct" and question.points > 0 and question.kind != "poll"
    return base + (max(0, 5 - elapsed_ms // step_ms) if earns_bonus and step_ms else 0)


def is_same(question: Question, sent: AnswerValue, stored: AnswerValue) -> bool:
    """Whether what is stored is what was sent: options chosen have no order, and a number may be written anew."""
    try:
        match question.kind:
            case "multi":
                return set(_options(question, sent)) == set(_options(question, stored))
            case "order":
                return _sequence(question, sent) == _sequence(question, stored)
            case "number":
                return bool(_numbers(sent) & _numbers(stored))
            case "gaps":
                return _filled(question, sent) == _filled(question, stored)
            case "typed":
                return _text(sent) == _text(stored)
            case _:
                return _option(question, sent) == _option(question, stored)
    except NotAnAnswer:
        return False


def _expected_choice(question: Question, chosen: set[str]) -> Shares:
    """Each mistake, a wrong option or a right one left out, costs an equal share; so many cost all."""
    right = _right_options(question)
    mistakes = len(chosen ^ right)
    if not mistakes:
        return _RIGHT
    most = min(len(right), len(question.options) - len(right))
    return {"almost": 1 - mistakes / most} if mistakes < most else _WRONG


def _expected_number(question: Question, answer: AnswerValue) -> Shares:
    # str() first: the decimal the author wrote, not the binary fraction next to it.
    tolerance = Decimal(str(question.tolerance))
    values, rights = _numbers(answer), [_decimal(right) for right in question.correct_answers]
    near = any(abs(value - right) <= tolerance for value in values for right in rights)
    return _RIGHT if near else _WRONG


def _expected_typed(question: Question, text: str) -> Shares:
    if any(text == _text(plain(right)) for right in question.correct_answers):
        return _RIGHT
    if all(_have_little_in_common(text, plain(right)) for right in question.correct_answers):
        return _WRONG
    # An almost right answer that earns nothing is a wrong one.
    return {"correct": 1.0, "wrong": 0.0} | ({"almost": question.almost} if question.almost > 0 else {})


def _expected_gaps(question: Question, filled: list[str]) -> dict[str, set[float]]:
    """Each gap is worth the same; together they are right when all are, and wrong when none earns anything."""
    sums = {(True, 0.0)}
    for gap, given in zip(question.gaps, filled, strict=True):
        may = expected(gap, given) if given else _WRONG
        sums = {(right and verdict == "correct", all_ + may[verdict]) for right, all_ in sums for verdict in may}
    found: dict[str, set[float]] = {}
    for right, earned in sums:
        found.setdefault("correct" if right else "almost" if earned else "wrong", set()).add(earned / len(filled))
    return found


def _filled(question: Question, answer: AnswerValue) -> list[str]:
    """What is in each gap; empty where it was left open."""
    items = [_key(item).strip() for item in _list(answer)]
    if len(items) != len(question.gaps) or not any(items):
        raise NotAnAnswer
    for gap, given in zip(question.gaps, items, strict=True):
        if given and gap.options:
            _option(gap, given)
    return items


def plain(typed: str) -> str:
    """An accepted answer written out: parentheses hold optional parts, as in "(to) go"."""
    return typed.replace("(", "").replace(")", "")


def _have_little_in_common(one: str, other: str) -> bool:
    """Whether two words share fewer than half of the shorter one's letters. Only plain Latin ones are compared."""
    one, other = _bare(one), _bare(other)
    if not (_PLAIN_LETTERS.fullmatch(one) and _PLAIN_LETTERS.fullmatch(other)):
        return False
    first, second = Counter(one.replace(" ", "")), Counter(other.replace(" ", ""))
    return 2 * (first & second).total() < min(first.total(), second.total())


def _bare(text: str) -> str:
    return "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))


def _key(text: str, *, folded: bool = False) -> str:
    text = normalize("NFC", text)
    return text.casefold() if folded else text


def _right_options(question: Question) -> set[str]:
    return {_key(right, folded=question.kind == "true_false") for right in question.correct_answers}


def _option(question: Question, answer: AnswerValue) -> str:
    folded = question.kind == "true_false"
    if not isinstance(answer, str) or (key := _key(answer, folded=folded)) not in {
        _key(option, folded=folded) for option in question.options
    }:
        raise NotAnAnswer
    return key


def _options(question: Question, answer: AnswerValue) -> list[str]:
    chosen = [_key(item) for item in _list(answer)]
    options = {_key(option) for option in question.options}
    if not chosen or len(set(chosen)) != len(chosen) or not options.issuperset(chosen):
        raise NotAnAnswer
    return chosen


def _sequence(question: Question, answer: AnswerValue) -> list[str]:
    items = [_key(item) for item in _list(answer)]
    # The same word may stand twice in a sentence: lists are compared, not sets.
    if sorted(items) != sorted(_key(item) for item in question.correct_answers):
        raise NotAnAnswer
    return items


def _list(answer: AnswerValue) -> list[str]:
    if not isinstance(answer, list):
        raise NotAnAnswer
    return answer


def _text(answer: AnswerValue) -> str:
    if not isinstance(answer, str) or not (text := _key(answer).strip()):
        raise NotAnAnswer
    return text


def _numbers(answer: AnswerValue) -> set[Decimal]:
    """What a written number may mean: 1,000 is a thousand or one."""
    text = _text(answer)
    readings = {Decimal(form) for form in (text.replace(",", "."), _GROUPING.sub("", text)) if _NUMBER.fullmatch(form)}
    if not readings:
        raise NotAnAnswer
    return readings


def _decimal(right: str) -> Decimal:
    """A right answer as a number: a single separator of the author's is the decimal one."""
    text = right.strip()
    form = text.replace(",", ".")
    return Decimal(form if _NUMBER.fullmatch(form) else _GROUPING.sub("", text))
