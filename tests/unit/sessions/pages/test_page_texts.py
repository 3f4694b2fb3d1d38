"""The texts that pages carry for their scripts: none is missing, none is left over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from common.config import BASE_DIR
from common.plurals import Text
from practice.texts import practice_texts
from quizzes.editor.editor_texts import editor_texts
from sessions.host.console_texts import console_texts
from sessions.pages.texts import player_texts, screen_texts

SCRIPTS = BASE_DIR / "static"
#: Keys that a script puts together: the kinds of a result, of a fault, of a bad name and of silence.
COMPOSED = re.compile(r"(name|sound)_\w+|\w+_(name|title|lead)|elsewhere|removed|too_fast|cut_off")
PAGES: dict[str, tuple[Callable[[], Mapping[str, Text]], str]] = {
    "player": (player_texts, "player/*"),
    "screen": (screen_texts, "screen/*"),
    "practice": (practice_texts, "practice/* player/{kinds,accents}"),
    "console": (console_texts, "host/{console,stage,state,api,closing,dialogs,answers,players,person}"),
    "editor": (editor_texts, "host/{quiz_page,question_card,form_draft,attachments,recorder}"),
}


def source_of(modules: str) -> str:
    """The page's own modules, and what all pages share."""
    own = [path for part in modules.split(" ") for path in modules_of(part)]
    source = "".join(path.read_text() for path in [*own, SCRIPTS / "shared" / "dom.js"])
    named = set(re.findall(r"/shared/(\w+)\.js\"", source)) - {"dom"}
    return source + "".join((SCRIPTS / "shared" / f"{name}.js").read_text() for name in sorted(named))


def modules_of(part: str) -> list[Path]:
    """The modules of a folder that are meant."""
    folder, _, names = part.partition("/")
    wanted = names.strip("{}").split(",")
    found = [path for path in (SCRIPTS / folder).glob("*.js") if names == "*" or path.stem in wanted]
    assert len(found) >= len(wanted)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_it_has_every_text_a_script_asks_for_and_no_other(page: str) -> None:
    texts, modules = PAGES[page]
    source = source_of(modules)
    asked = set(re.findall(r'\btext\(\s*"(\w+)"', source))
    known = set(texts())
    assert asked - known == set()
    assert {key for key in known if f'"{key}"' not in source and not COMPOSED.fullmatch(key)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_script_fills_every_gap_of_a_text(page: str) -> None:
    texts, modules = PAGES[page]
    source = source_of(modules)
    for key, text in texts().items():
        forms = [text] if isinstance(text, str) else list(text.values())
        for name in {name for form in forms for name in re.findall(r"%\((\w+)\)s", form)}:
            assert re.search(rf"\b{name}\b", source), f"{key}: {name}"
