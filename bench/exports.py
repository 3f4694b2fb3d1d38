"""Checks exports with readers that others wrote: ``python -m bench.exports --anki PYTHON --gift NODE_MODULES``.

Anki packages go through Anki's own library (``pip install anki`` in an environment aside: it is under the AGPL and no
dependency), GIFT through gift-pegjs (``npm install gift-pegjs``, MIT). Content of the demo quizzes and word lists, and
texts full of what either format writes in ways of its own, must come out as it went in.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

TRICKY = (
    r"\(x\) and \[y\]", "a | b", "c\\d", "{{c1::x}}", "[latex]x[/latex]", "<b>bold</b> & more",
    "~tilde = equals # hash", "{braces}", "1: colon", "two\nlines", "[sound:a.mp3]", "=50%half",
    "// no comment", "$CATEGORY: none", "*", "->",
)  # fmt: skip
_ANKI = """
import json, os, sys, tempfile
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
found = []
for package in sys.argv[1:]:
    collection = Collection(os.path.join(tempfile.mkdtemp(), "collection.anki2"))
    wish = ImportAnkiPackageRequest(package_path=package, options=ImportAnkiPackageOptions())
    collection.import_anki_package(wish)
    cards = [collection.get_card(card) for card in collection.find_cards("")]
    told = [(card.question(), card.answer()) for card in cards]
    sound = collection.fix_integrity()[1]
    again = len(collection.import_anki_package(wish).log.new)
    found.append({"notes": collection.note_count(), "cards": told, "sound": sound, "again": again})
    collection.close()
print(json.dumps(found))
"""
_GIFT = """
const { parse } = require("gift-pegjs");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => {
  try { return parse(text); } catch (error) { return String(error); }
})));
"""


def main() -> None:
    """Print what was checked; the exit status is 1 when something came out otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anki", help="an interpreter that has Anki's library")
    parser.add_argument("--gift", help="a folder node_modules with gift-pegjs")
    parser.add_argument("--node", default="node")
    arguments = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizserver.settings")
    import django

    django.setup()
    wrong = [*(_anki(arguments.anki) if arguments.anki else ()), *(_gift(arguments) if arguments.gift else ())]
    print("\n".join(wrong) or "Nothing came out otherwise than it went in.")
    sys.exit(bool(wrong))


def _content() -> tuple[list[Any], list[Any]]:
    from quizzes.rules.content import QuestionContent, QuizContent
    from quizzes.rules.words import WordContent, WordListContent
    from quizzes.services.demo import demo_quizzes, demo_word_lists

    questions = [
        QuestionContent(f"c{place}", "choice", text, options=(text, other, "plain"), correct_answers=(text,))
        for place, (text, other) in enumerate(pairwise(TRICKY))
    ]
    questions += [
        QuestionContent(f"t{place}", "typed", f"Write: {text}", correct_answers=(text, "plain"))
        for place, text in enumerate(TRICKY)
        if "\n" not in text
    ]
    words = tuple(WordContent(text, (f"meaning {place}",)) for place, text in enumerate(TRICKY) if "\n" not in text)
    return (
        [*demo_quizzes(), QuizContent("tricky", "Tricky | {{it}}", questions=tuple(questions))],
        [*demo_word_lists(), WordListContent("tricky", "Tricky", "en", "en", words=words)],
    )


class _Shown(HTMLParser):
    """What a page shows of a card."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.text = ""
        self._style = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """A line break is one."""
        self._style = tag == "style"
        self.text += "\n" if tag == "br" else ""

    def handle_endtag(self, tag: str) -> None:
        """Styles are not shown."""
        self._style = False

    def handle_data(self, data: str) -> None:
        """Text is."""
        self.text += "" if self._style else data


def _anki(interpreter: str) -> Iterator[str]:
    from quizzes.exporters.anki import to_apkg

    quizzes, lists = _content()
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for place, content in enumerate((*quizzes, *lists)):
            path = Path(folder, f"{place}.apkg")
            path.write_bytes(to_apkg(content, {}))
            paths.append(str(path))
        found = json.loads(_run([interpreter, "-c", _ANKI, *paths], ""))
    cards = 0
    for content, told in zip((*quizzes, *lists), found, strict=True):
        sides = [(_Shown(question).text, _Shown(answer).text) for question, answer in told["cards"]]
        cards += len(sides)
        if not told["sound"] or told["again"]:
            yield f"anki: {content.title}: not sound, or not the same when it is read again"
        if hasattr(content, "questions"):
            asked = [(question.text, question.correct_answers) for question in content.questions]
        else:
            asked = [(word.term, word.meanings) for word in content.words]
        if told["notes"] != len(asked):
            yield f"anki: {content.title}: {told['notes']} notes of {len(asked)}"
        for text, answers in asked:
            if not any(text in front and all(answer in back for answer in answers) for front, back in sides):
                yield f"anki: {content.title}: {text!r} has no card, or another one"
    print(f"Anki read {len(found)} packages with {cards} cards.")


def _gift(arguments: argparse.Namespace) -> Iterator[str]:
    from quizzes.exporters.gift import to_gift

    quizzes, _lists = _content()
    texts = json.dumps([to_gift(quiz).decode() for quiz in quizzes])
    found = json.loads(_run([arguments.node, "-e", _GIFT], texts, NODE_PATH=arguments.gift))
    count = 0
    for quiz, parsed in zip(quizzes, found, strict=True):
        if isinstance(parsed, str):
            yield f"gift: {quiz.title}: {parsed}"
            continue
        by_title = {item.get("title"): item for item in parsed}
        for question in quiz.questions:
            count += 1
            item = by_title.get(question.id)
            if item is None:
                yield f"gift: {quiz.title}: {question.id} is missing"
                continue
            stem = item["stem"]["text"]
            if _plain(stem) != _plain(question.text):
                yield f"gift: {quiz.title}: {question.id}: {stem!r} is not {question.text!r}"
            if question.kind in {"choice", "typed"}:
                right = {_plain(choice["text"]["text"]) for choice in item["choices"] if choice["isCorrect"]}
                # Moodle's way to write an asterisk that is none of its wildcards.
                wanted = {_plain(answer) for answer in question.correct_answers}
                if {answer.replace("\\*", "*") for answer in right} != wanted:
                    yield f"gift: {quiz.title}: {question.id}: {right} are not {wanted}"
    print(f"gift-pegjs read {len(found)} quizzes with {count} questions.")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _run(command: list[str], given: str, **environment: str) -> str:
    done = subprocess.run(
        command, input=given, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    main()
