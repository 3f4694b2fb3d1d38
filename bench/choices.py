"""Counts the faults of choice questions made from pasted lists: ``python -m bench.choices``.

Of 400 questions: those with a second right answer, those that give themselves away (the right option alone has its
article, its capital, its parentheses or its mark), and wrong options of another part of speech. Then it times a quiz
of 500 questions from a list of 1,000 words, in seconds of CPU.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

from quizzes.rules.content import QuestionContent
from quizzes.rules.generator import Exercise, generate
from quizzes.rules.matching import leading, readings
from quizzes.rules.words import WordContent, WordListContent

FOLDER = Path(__file__).with_name("word_lists")
LANGUAGES = {"german": "de", "french": "fr", "spanish": "es"}
EXERCISES: tuple[Exercise, ...] = ("term_to_meaning", "meaning_to_term")


def pasted(name: str) -> tuple[WordListContent, dict[str, str]]:
    """A list without its parts of speech, and those by either side of a word."""
    words, kinds = [], {}
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        pair, _bar, kind = line.partition(" | ")
        term, _equals, meaning = pair.partition(" = ")
        words.append(WordContent(term, (meaning,)))
        kinds[term] = kinds[meaning] = kind
    return WordListContent(name, name, LANGUAGES[name], "en", words=tuple(words)), kinds


def gives_itself_away(question: QuestionContent) -> bool:
    """Whether something but its meaning parts the right option from all the others, which have it in common."""
    right = question.correct_answers[0]
    wrong = [option for option in question.options if option != right]

    def alone(of: object, others: list[object]) -> bool:
        return len(set(others)) == 1 and of != others[0]

    looks = (leading, lambda text: text[:1].isupper(), lambda text: "(" in text, lambda text: text[-1:] in "!?")
    return any(alone(look(right), [look(option) for option in wrong]) for look in looks)


def has_second_right(question: QuestionContent, words: WordListContent) -> bool:
    """Whether a wrong option means the same, by the list itself."""
    right = question.correct_answers[0]

    def partners(text: str) -> set[str]:
        return {
            reading
            for word in words.words
            for mine, other in ((word.term, word.meanings[0]), (word.meanings[0], word.term))
            if mine == text
            for reading in readings(other)
        }

    return any(partners(option) & partners(right) for option in question.options if option != right)


def count(total: int) -> Counter[str]:
    """The faults of so many questions, a third from each list."""
    found: Counter[str] = Counter()
    for place, name in enumerate(LANGUAGES):
        words, kinds = pasted(name)
        wanted = total // 3 + (place < total % 3)
        made = 0
        for seed in range(100):
            quiz = generate(words, quiz_id="q", title="q", exercises=EXERCISES, count=wanted - made, seed=seed).quiz
            made += len(quiz.questions)
            for question in quiz.questions:
                right = question.correct_answers[0]
                wrong = [option for option in question.options if option != right]
                found["questions"] += 1
                found["second right answer"] += has_second_right(question, words)
                found["gives itself away"] += gives_itself_away(question)
                found["wrong options"] += len(wrong)
                found["of another kind"] += sum(kinds[option] != kinds[right] for option in wrong)
            if made >= wanted:
                break
    return found


def timed(words: int, questions: int) -> float:
    """Seconds of CPU for a quiz of all exercises from a list of made-up words."""
    syllables = [first + vowel for first in "bdfgklmnprst" for vowel in "aeiou"]
    count = len(syllables)
    content = tuple(
        WordContent(
            f"der {syllables[i % count].title()}{syllables[i // count % count]}{syllables[(7 * i) % count]}",
            (f"thing {syllables[(3 * i) % count]}{syllables[i // count]}{syllables[(11 * i + 5) % count]}",),
        )
        for i in range(words)
    )
    start = time.process_time()
    generate(WordListContent("x", "x", "de", "en", words=content), quiz_id="q", title="q", count=questions)
    return time.process_time() - start


def main() -> None:
    """Print the counts and the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=400)
    found = count(parser.parse_args().questions)
    for name, number in found.items():
        of = found["wrong options"] if name == "of another kind" else found["questions"]
        print(f"{name:22} {number:5} {100 * number / of:6.1f} %")
    print(f"1,000 words, 500 questions: {timed(1_000, 500):.2f} s of CPU")


if __name__ == "__main__":
    main()
