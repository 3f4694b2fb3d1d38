"""The texts that pages carry for their scripts: none is missing, none is left over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from common.config import BASE_DIR
from common.plurals import Text
from practice.texts import practice_texts
from quizserver.static_files import without_comments
from quizzes.editor.editor_texts import editor_texts
from sessions.host.console_texts import console_texts
from sessions.pages.texts import player_texts, screen_texts

SCRIPTS = BASE_DIR / "static"
#: Keys that a script puts together: the kinds of a result, of a fault, of a bad name, of silence and of a gap.
COMPOSED = re.compile(r"(name|sound|gap)_\w+|\w+_(name|title|lead)|elsewhere|removed|too_fast|cut_off")
#: By page: its texts, and the module it begins with.
PAGES: dict[str, tuple[Callable[[], Mapping[str, Text]], str]] = {
    "player": (player_texts, "player/player.js"),
    "screen": (screen_texts, "screen/screen.js"),
    "practice": (practice_texts, "practice/practice.js"),
    "console": (console_texts, "host/console.js"),
    "editor": (editor_texts, "host/quiz_page.js"),
}
#: What a page's script could ask for and never does: no text with gaps is practised.
NEVER = {"practice": {"gap_of", "hint_gaps"}}
IMPORT = re.compile(r'(?:\bfrom |\bimport\(?)"(\.[^"]+)"')


def source_of(module: str) -> str:
    """A page's script with all that it imports, also later, as browsers get them."""
    found: dict[Path, str] = {}
    wanted = [(SCRIPTS / module).resolve()]
    while wanted:
        path = wanted.pop()
        if path not in found:
            found[path] = without_comments(path.read_text(encoding="utf-8"))
            wanted += [(path.parent / name).resolve() for name in IMPORT.findall(found[path])]
    return "".join(found.values())


@pytest.mark.parametrize("page", PAGES)
def test_it_has_every_text_a_script_asks_for_and_no_other(page: str) -> None:
    texts, module = PAGES[page]
    source = source_of(module)
    asked = set(re.findall(r'\btext\(\s*"(\w+)"', source))
    known = set(texts())
    assert asked - known == NEVER.get(page, set())
    assert {key for key in known if f'"{key}"' not in source and not COMPOSED.fullmatch(key)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_script_fills_every_gap_of_a_text(page: str) -> None:
    texts, module = PAGES[page]
    source = source_of(module)
    for key, text in texts().items():
        forms = [text] if isinstance(text, str) else list(text.values())
        for name in {name for form in forms for name in re.findall(r"%\((\w+)\)s", form)}:
            assert re.search(rf"\b{name}\b", source), f"{key}: {name}"
