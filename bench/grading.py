"""Times the grading of typed answers, in microseconds of processor time: ``python -m bench.grading``.

Warm: near misses of the words that come with the server, each typed for the first time to a question that has been
answered before; then the same answers again, as a class gives the same few. Cold: the first answer of a fresh process,
its question unknown and the tables of its language unread. The yardstick is a fixed piece of plain Python: figures of
two machines, or of a busy and an idle one, compare by their ratio to it.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from quizzes.rules.content import QuestionContent
from scoring.rules.grading import grade

CONTENT = Path(__file__).parents[1] / "quizzes" / "content"
#: The least word that has near misses.
_LETTERS = 5
_COLD = """
import time, sys
from quizzes.rules.content import QuestionContent
from scoring.rules.grading import grade
question = QuestionContent("q", "typed", "?", correct_answers=(sys.argv[1],))
start = time.process_time_ns()
grade(question, sys.argv[2], language=sys.argv[3])
print((time.process_time_ns() - start) / 1000)
"""


def words() -> Iterator[tuple[str, str]]:
    """Every term and meaning of the word lists, with its language."""
    for path in sorted(CONTENT.glob("wordlists/*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for word in content["words"]:
            yield word["term"], content["term_language"]
            for meaning in word["meanings"]:
                yield meaning, content["meaning_language"]


def misspelled(word: str, slips: int, dice: random.Random) -> str:
    """The word with so many letters replaced."""
    letters = list(word)
    for place in dice.sample([i for i, char in enumerate(letters) if char.isalpha()], slips):
        letters[place] = dice.choice("aeinrst" if word.isascii() else word)
    return "".join(letters)


def near_misses(each: int) -> list[tuple[QuestionContent, str, str]]:
    """Questions, an answer to each that has not been typed before, and the language."""
    dice = random.Random(1)
    found: dict[tuple[str, str], tuple[QuestionContent, str, str]] = {}
    for word, language in words():
        if sum(map(str.isalpha, word)) < _LETTERS:
            continue
        question = QuestionContent("q", "typed", "?", correct_answers=(word,))
        for slips in range(each):
            answer = misspelled(word, 1 + slips % 2, dice)
            found.setdefault((word, answer), (question, answer, language))
    tried = list(found.values())
    dice.shuffle(tried)
    return tried


def timed(tried: list[tuple[QuestionContent, str, str]]) -> list[float]:
    """Microseconds of processor time of each answer."""
    # As the server does: what is there for good is no garbage to look for.
    gc.collect()
    gc.freeze()
    spent = []
    for question, answer, language in tried:
        start = time.thread_time_ns()
        grade(question, answer, language=language)
        spent.append((time.thread_time_ns() - start) / 1_000)
    return spent


def yardstick() -> float:
    """Microseconds of processor time of a fixed piece of plain Python, the least of many."""

    def once() -> float:
        start = time.thread_time_ns()
        sorted(str(number * 7 % 101) for number in range(100))
        return (time.thread_time_ns() - start) / 1_000

    return min(once() for _ in range(300))


def cold(processes: int) -> list[float]:
    """The first answer of so many fresh processes."""
    tried = near_misses(1)[:processes]
    return [
        float(
            subprocess.run(
                [sys.executable, "-c", _COLD, question.correct_answers[0], answer, language],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for question, answer, language in tried
    ]


def told(name: str, spent: list[float], unit: float) -> str:
    """A line of the table."""
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    return f"{name:28} {len(spent):6} {cuts[49]:8.1f} {cuts[98]:8.1f} {cuts[49] / unit:9.2f} {cuts[98] / unit:9.2f}"


def main() -> None:
    """Print median and P99 of each, and their ratios to the yardstick."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, default=6, help="near misses of each word")
    parser.add_argument("--processes", type=int, default=50, help="fresh processes for the cold figures")
    arguments = parser.parse_args()
    tried = near_misses(arguments.answers)
    for question, _answer, language in tried:
        # What prepares the question, and what a near miss of it needs.
        grade(question, question.correct_answers[0], language=language)
        grade(question, f"{question.correct_answers[0]}q", language=language)
    unit = yardstick()
    print(f"{'us of processor time':28} {'count':>6} {'median':>8} {'P99':>8} {'median/y':>9} {'P99/y':>9}")
    print(told("warm, a new near miss", timed(tried), unit))
    print(told("warm, given before", timed(tried[-2_000:]), unit))
    print(told("cold, a fresh process", cold(arguments.processes), unit))
    print(f"yardstick y: {unit:.1f} us")


if __name__ == "__main__":
    main()
