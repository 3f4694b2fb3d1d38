"""The texts that pages carry for their scripts: none is missing, none is left over."""

from __future__ import annotations

import re

import pytest

from common.config import BASE_DIR
from sessions.host.console_texts import console_texts
from sessions.pages.texts import player_texts, screen_texts

SCRIPTS = BASE_DIR / "static"
#: Keys that a script puts together: the kinds of a result, of a fault and of a bad name.
COMPOSED = re.compile(r"name_\w+|\w+_(name|title|lead)|elsewhere|removed|too_fast|cut_off")
PAGES = {
    "player": (player_texts, ["js/player", "js/join", "js/game", "js/views", "js/kinds", "js/dom"]),
    "screen": (screen_texts, ["js/screen", "js/scenes", "js/dom"]),
    "console": (console_texts, ["host/console", "host/answers", "host/players", "js/dom"]),
}


@pytest.mark.parametrize("page", PAGES)
def test_it_has_every_text_a_script_asks_for_and_no_other(page: str) -> None:
    texts, modules = PAGES[page]
    source = "".join((SCRIPTS / f"{module}.js").read_text() for module in modules)
    asked = set(re.findall(r'\btext\(\s*"(\w+)"', source))
    known = set(texts())
    assert asked - known == set()
    assert {key for key in known if f'"{key}"' not in source and not COMPOSED.fullmatch(key)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_script_fills_every_gap_of_a_text(page: str) -> None:
    texts, modules = PAGES[page]
    source = "".join((SCRIPTS / f"{module}.js").read_text() for module in modules)
    for key, text in texts().items():
        for name in re.findall(r"%\((\w+)\)s", text):
            assert re.search(rf"\b{name}\b", source), f"{key}: {name}"
