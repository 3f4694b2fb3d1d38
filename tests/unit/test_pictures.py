"""The pictures in the README and the documentation: there, told in words, and nothing but drawings."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from math import cos, pi, sin, tan
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.browser.vectors import minified
from tests.support.serving import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDER = ROOT / "docs" / "pictures"
DRAWN_WITH = {"svg", "defs", "clipPath", "g", "path", "use"}
LARGEST_BYTES = 100_000


class Images(HTMLParser):
    """The addresses and alternative texts of a page's images."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        text = page.read_text()
        self.found = [(where, alt) for alt, where in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text)]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what an image says."""
        if tag == "img":
            told = dict(attrs)
            self.found.append((told.get("src") or "", told.get("alt") or ""))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_picture_is_there_and_told_in_words(page: Path) -> None:
    for where, alt in Images(page).found:
        assert "://" not in where, "no request leaves the repository"
        assert (page.parent / where).is_file(), where
        assert alt, where


def test_every_picture_stands_somewhere() -> None:
    shown = {(page.parent / where).resolve() for page in PAGES for where, _ in Images(page).found}
    assert set(FOLDER.iterdir()) <= shown
    assert len(list(FOLDER.iterdir())) >= 5


@pytest.mark.parametrize("picture", sorted(FOLDER.iterdir()), ids=lambda picture: picture.name)
def test_a_picture_is_drawn_without_bitmaps_scripts_or_anything_from_elsewhere(picture: Path) -> None:
    assert picture.suffix == ".svg"
    assert picture.stat().st_size < LARGEST_BYTES
    root = ElementTree.parse(picture).getroot()
    assert {node.tag.removeprefix("{http://www.w3.org/2000/svg}") for node in root.iter()} <= DRAWN_WITH
    for node in root.iter():
        for name, value in node.items():
            assert not name.startswith("on"), name
            assert "href" not in name or value.startswith("#"), value
            assert "url(" not in value or value.startswith("url(#"), value


def drawing(*nodes: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60">{"".join(nodes)}</svg>'


def test_a_drawing_is_written_in_whole_relative_units() -> None:
    square = '<path transform="matrix(.5,0,0,.5,10,0)" d="M0 2H20V22H0Z" fill="#35328c"/>'
    letter = '<defs><path id="font_1_2" d="M0 0L.5 .7V0Z"/></defs>'
    word = "".join(
        f'<use data-text="a" xlink:href="#font_1_2" transform="matrix(12,0,0,-12,{x},30)" fill="#fff"/>'
        for x in (6, 12)
    )
    made = minified(
        drawing(letter, square, word).replace("viewBox", 'xmlns:xlink="http://www.w3.org/1999/xlink" viewBox')
    )
    assert '<path d="M100 10h100v100h-100z" fill="#35328c"/>' in made
    assert '<path id="l0" d="M0 0l250 350v-350z"/>' in made
    assert '<use href="#l0"/><use href="#l0" x="250"/>' in made


def test_a_round_corner_is_one_arc() -> None:
    ends = [pi / 8 * turn for turn in range(5)]
    pull = 4 / 3 * tan(pi / 32)
    curves = [
        [
            (cos(start) - pull * sin(start), sin(start) + pull * cos(start)),
            (cos(end) + pull * sin(end), sin(end) - pull * cos(end)),
            (cos(end), sin(end)),
        ]
        for start, end in pairwise(ends)
    ]
    points = [f"{10 - 10 * x:.3f} {10 - 10 * y:.3f}" for curve in curves for x, y in curve]
    quarter = f"M0 10C{' '.join(points)}V10Z"
    assert '<path d="M0 100a100 100 0 0 1 100-100v100z"/>' in minified(drawing(f'<path d="{quarter}"/>'))


@pytest.mark.parametrize("node", ['<image href="data:image/png;base64,AA=="/>', "<mask/>", "<script/>"])
def test_a_page_that_cannot_be_drawn_is_refused(node: str) -> None:
    with pytest.raises(ValueError, match="nothing is known"):
        minified(drawing(node))
