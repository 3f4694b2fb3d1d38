"""A page names all its modules at once: a browser that found them one after the other would wait for each in turn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import override_settings

from common.page_scripts import modules_of
from tests.support.serving import ROOT

SCRIPTS = sorted(f"{path.parent.name}/{path.name}" for path in (ROOT / "static").glob("*/*.js"))


def rendered(tag: str) -> list[str]:
    return re.findall(
        r'(?:src|href)="/static/(\w+/\w+)[^"]*\.js"', Template("{% load scripts %}" + tag).render(Context())
    )


def test_modules_of_modules_are_found_and_each_once(tmp_path: Path) -> None:
    for name, lines in {
        "a/page.js": 'import { b } from "./b.js";\nimport {\n  c,\n} from "../s/c.js";\nimport("./later.js");\n',
        "a/b.js": 'import "../s/c.js";\n/** @typedef {import("./types.js").T} T */\n',
        "s/c.js": 'export { d } from "./d.js";\n',
        "s/d.js": "export const d = 1;\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(lines)
    with override_settings(STATICFILES_DIRS=[tmp_path]):
        assert modules_of("a/page.js") == ["a/b.js", "s/c.js", "s/d.js"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_needs_a_module_that_is_not_there(name: str) -> None:
    assert set(modules_of(name)) <= set(SCRIPTS)


def test_the_players_page_names_what_only_some_sessions_need_for_those_alone() -> None:
    without = rendered('{% script "player/player.js" %}')
    for_pupils = rendered('{% script "player/player.js" later="player/pupils.js" %}')
    assert without[0] == for_pupils[0] == "player/player"
    assert len(set(without)) == len(without) > 20
    assert set(for_pupils) - set(without) == {"player/pupils"}
    # What only questions that are heard need, and whoever switches sound on, is fetched then.
    assert not {"shared/listen", "shared/sound"} & set(without)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_page_names_a_module_by_hand(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert 'type="module"' not in page
    assert "modulepreload" not in page
