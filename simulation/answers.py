"""What a simulated player answers: right, wrong, or misspelled. Pure; the random generator is an argument."""

from __future__ import annotations

from random import Random

from simulation.expectation import plain
from simulation.ledger import AnswerValue
from simulation.quiz import Question

#: Where there is no other option: an answer of the right shape that is hardly ever right.
_NO_IDEA = "no idea"


def right_answer(question: Question, rng: Random) -> AnswerValue:
    """One of the accepted answers; any option of a poll."""
    match question.kind:
        case "multi":
            chosen = list(question.correct_answers)
            rng.shuffle(chosen)
            return chosen
        case "order":
            return list(question.correct_answers)
        case "poll":
            return rng.choice(question.options)
        case "gaps":
            return [str(right_answer(gap, rng)) for gap in question.gaps]
        case "typed":
            return plain(rng.choice(question.correct_answers))
        case _:
            return rng.choice(question.correct_answers)


def other_answer(question: Question, rng: Random) -> AnswerValue:
    """An answer of the right shape that is not meant to be right; a typed one may still be almost right."""
    match question.kind:
        case "multi":
            others = [option for option in question.options if option not in question.correct_answers]
            return rng.sample(others, rng.randint(1, len(others))) if others else [question.options[0]]
        case "order":
            items = list(question.correct_answers)
            return items[1:] + items[:1]
        case "gaps":
            # Some of the gaps right, some open, at least one filled.
            first, *rest = [str(rng.choice((right_answer, other_answer))(gap, rng)) for gap in question.gaps]
            return [first, *(given if rng.random() < 0.8 else "" for given in rest)]
        case "typed":
            right = rng.choice(question.correct_answers)
            return misspell(right, rng) if rng.random() < 0.7 else _NO_IDEA
        case "number":
            return str(rng.randint(1_000, 9_999))
        case "poll":
            return rng.choice(question.options)
        case _:
            others = [option for option in question.options if option not in question.correct_answers]
            return rng.choice(others or question.options)


def misspell(word: str, rng: Random) -> str:
    """The word with two neighbours swapped, a letter left out, or one doubled."""
    place = rng.randrange(max(1, len(word) - 1))
    return rng.choice(
        (
            word[:place] + word[place + 1 : place + 2] + word[place : place + 1] + word[place + 2 :],
            word[:place] + word[place + 1 :] or word,
            word[:place] + word[place : place + 1] * 2 + word[place + 1 :],
        )
    )
