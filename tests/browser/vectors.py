"""A page as an SVG: what git can show as text, and a README at any size.

Chromium prints the page, as it looks on the screen, to PDF; MuPDF's ``mutool`` turns that into SVG with letters as
outlines; what is left here is to make it small. Coordinates become whole numbers, relative to the last point: tenths of
a point for what is drawn, and in letters 500 to the em.
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from playwright.sync_api import Page

CONVERTER = "mutool"
#: Units of the picture in a point of the PDF, and of a letter's outline in an em.
UNITS = 10
EM = 500
#: A blurred shadow becomes a bitmap in a PDF: a hairline stands for it.
_FLATTEN = """() => {
    for (const node of document.querySelectorAll("*")) {
        const look = getComputedStyle(node);
        if (look.boxShadow !== "none" && !look.boxShadow.includes("inset") && look.outlineStyle === "none") {
            node.style.outline = "1px solid var(--line, rgb(128 128 128 / 25%))";
            node.style.outlineOffset = "-1px";
        }
        node.style.boxShadow = node.style.filter = node.style.backdropFilter = "none";
    }
}"""


def can_convert() -> bool:
    """Whether the tool that makes SVG of PDF is installed."""
    return shutil.which(CONVERTER) is not None


def save_as_svg(page: Page, path: Path) -> None:
    """Write what the page shows in its window as an SVG. The page has lost its shadows then: reload or close it."""
    size = page.viewport_size
    assert size is not None
    page.evaluate(_FLATTEN)
    page.emulate_media(media="screen")
    with tempfile.TemporaryDirectory() as folder:
        pdf = Path(folder) / "page.pdf"
        page.pdf(
            path=pdf, width=f"{size['width']}px", height=f"{size['height']}px", print_background=True, page_ranges="1"
        )
        command = [CONVERTER, "draw", "-q", "-F", "svg", "-o", "-", str(pdf), "1"]
        drawn = subprocess.run(command, capture_output=True, check=True).stdout
    path.write_text(minified(drawn.decode()), encoding="utf-8")


class Placing(NamedTuple):
    """A transformation without rotation: ``x`` becomes ``a * x + e``, ``y`` becomes ``d * y + f``."""

    a: float = 1
    d: float = 1
    e: float = 0
    f: float = 0

    @classmethod
    def of(cls, node: Element) -> Placing:
        """What the attribute ``transform`` says."""
        told = node.get("transform")
        if told is None:
            return cls()
        a, b, c, d, e, f = map(float, re.fullmatch(r"matrix\((.*)\)", told)[1].split(","))  # type: ignore[index]
        if b or c:
            raise ValueError(f"{told} turns what it places")
        return cls(a, d, e, f)

    def times(self, units: float) -> Placing:
        """The same, in a picture with so many units for one."""
        return Placing(*(units * value for value in self))


def minified(svg: str) -> str:
    """The same picture in fewer bytes.

    Args:
        svg: as ``mutool`` draws it: paths, letters (``use`` of a path) and clippings, in points.

    Raises:
        ValueError: what it draws is neither, such as a bitmap.
    """
    return _Minifier(svg).text()


class _Minifier:
    def __init__(self, svg: str) -> None:
        self._root = ElementTree.fromstring(re.sub(r' xmlns(:\w+)?="[^"]*"|xlink:', "", svg))
        _, _, width, height = map(float, self._root.attrib["viewBox"].split())
        self._size = (round(width * UNITS), round(height * UNITS))
        self._glyphs: dict[str, str] = {}
        self._clips: dict[str, str] = {}
        self._short: dict[str, str] = {}
        for node in self._root.iter():
            if node.tag == "clipPath":
                [inner] = node
                self._clips[node.attrib["id"]] = outline(inner.attrib["d"], Placing.of(inner).times(UNITS))
            elif node.get("id", "").startswith("font"):
                # A letter that the PDF draws, as with some signs, comes wrapped in a group.
                path = node if node.tag == "path" else node.find("path")
                if path is not None:
                    self._glyphs[node.attrib["id"]] = outline(path.attrib["d"], Placing.of(path).times(EM))

    def text(self) -> str:
        body = "".join(self._drawn([node for node in self._root if node.tag != "defs"]))
        width, height = self._size
        used = "".join(self._definitions())
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
            f' width="{round(width / UNITS * 4 / 3)}" height="{round(height / UNITS * 4 / 3)}">\n'
            f"<defs>\n{used}</defs>\n{body}</svg>\n"
        )

    def _definitions(self) -> Iterator[str]:
        for what, name in self._short.items():
            if name.startswith("c"):
                yield f'<clipPath id="{name}"><path d="{what}"/></clipPath>\n'
            else:
                yield f'<path id="{name}" d="{what}"/>\n'

    def _name(self, kind: str, what: str) -> str:
        return self._short.setdefault(what, f"{kind}{len(self._short)}")

    def _drawn(self, nodes: Iterable[Element]) -> Iterator[str]:
        run: list[Element] = []
        for node in nodes:
            if node.tag == "use":
                if run and _style(run[0]) != _style(node):
                    yield self._letters(run)
                    run = []
                run.append(node)
                continue
            if run:
                yield self._letters(run)
                run = []
            if node.tag == "g":
                yield self._group(node)
            elif node.tag == "path":
                yield self._path(node)
            else:
                raise ValueError(f"A page is drawn with <{node.tag}>, of which nothing is known here")
        if run:
            yield self._letters(run)

    def _group(self, node: Element) -> str:
        inner = "".join(self._drawn(node))
        if not inner:
            return ""
        kept = ""
        for name, value in node.items():
            if name == "clip-path":
                clip = self._clips[value.removeprefix("url(#").removesuffix(")")]
                if not self._is_everything(clip):
                    kept += f' clip-path="url(#{self._name("c", clip)})"'
            elif name == "opacity":
                kept += f' opacity="{value}"'
            elif name not in {"id", "data-name", "style"}:
                raise ValueError(f"a group has {name}")
        return f"<g{kept}>\n{inner}</g>\n" if kept else inner

    def _is_everything(self, clip: str) -> bool:
        found = re.fullmatch(r"M(-?\d+)[ ]?(-?\d+)h(\d+)v(\d+)h-\d+z", clip)
        if found is None:
            return False
        x, y, width, height = map(int, found.groups())
        return x <= 0 and y <= 0 and x + width >= self._size[0] and y + height >= self._size[1]

    def _path(self, node: Element) -> str:
        placing = Placing.of(node).times(UNITS)
        drawn = outline(node.attrib["d"], placing)
        if not drawn:
            return ""
        kept = f' d="{drawn}"'
        for name, value in node.items():
            if name == "stroke-width":
                kept += f' {name}="{_short(float(value) * abs(placing.a))}"'
            elif name == "stroke-miterlimit" or (name, value) in {
                ("stroke-linecap", "butt"),
                ("stroke-linejoin", "miter"),
                ("fill-rule", "nonzero"),
            }:
                continue
            elif name not in {"d", "transform"}:
                kept += f' {name}="{value}"'
        return f"<path{kept}/>\n"

    def _letters(self, run: list[Element]) -> str:
        first = Placing.of(run[0])
        size = first.a / EM * UNITS
        uses = ""
        for node in run:
            glyph = self._glyphs[node.attrib["href"].removeprefix("#")]
            if not glyph:
                continue
            x = round((Placing.of(node).e - first.e) * EM / first.a)
            uses += f'<use href="#{self._name("l", glyph)}"' + (f' x="{x}"' if x else "") + "/>"
        if not uses:
            return ""
        shown = "".join(f' {name}="{value}"' for name, value in run[0].items() if name.startswith("fill"))
        place = f"matrix({_short(size, 4)} 0 0 {_short(-size, 4)} {_short(first.e * UNITS)} {_short(first.f * UNITS)})"
        return f'<g{shown} transform="{place}">{uses}</g>\n'


def _style(node: Element) -> tuple[object, ...]:
    placing = Placing.of(node)
    return placing.a, placing.d, placing.f, node.get("fill"), node.get("fill-opacity")


def _short(value: float, digits: int = 1) -> str:
    return re.sub(r"^(-?)0\.", r"\1.", f"{value:.{digits}f}".rstrip("0").rstrip(".")) if round(value, digits) else "0"


def outline(d: str, placing: Placing) -> str:
    """A path with absolute commands ``M L H V C Z``, placed, in whole relative units; empty when it has no extent."""
    at = start = (0, 0)
    parts: list[str] = []
    for command, told in re.findall(r"([A-Z])([^A-Z]*)", d):
        values = [float(value) for value in re.findall(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?", told)]
        if command == "Z":
            parts.append("z")
            at = start
            continue
        points = _points(command, values, at, placing)
        if command == "M":
            at = start = points[0]
            parts.append(f"M{_joined(at)}")
            points = points[1:]
        while points:
            arc, size = _quarter(at, points) if command == "C" else ("", 1)
            steps = [(x - at[0], y - at[1]) for x, y in points[:size]]
            parts.append(arc or _segment(steps))
            at = points[size - 1]
            points = points[size:]
    drawn = _merged(parts)
    return drawn if re.search(r"[aclhv]", drawn) else ""


def _points(command: str, values: list[float], at: tuple[int, int], placing: Placing) -> list[tuple[int, int]]:
    def x(value: float) -> int:
        return round(placing.a * value + placing.e)

    def y(value: float) -> int:
        return round(placing.d * value + placing.f)

    if command == "H":
        return [(x(value), at[1]) for value in values]
    if command == "V":
        return [(at[0], y(value)) for value in values]
    if command not in {"M", "L", "C"}:
        raise ValueError(f"a path has {command}")
    return [(x(a), y(b)) for a, b in zip(values[::2], values[1::2], strict=True)]


def _quarter(start: tuple[int, int], points: list[tuple[int, int]]) -> tuple[str, int]:
    """The round corner that the curves begin with, and how many points it replaces; else nothing, and one curve's."""
    upright = points[0][0] == start[0]
    for size in range(len(points), 6, -3):
        end = points[size - 1]
        across, along = end[0] - start[0], end[1] - start[1]
        if not across or not along:
            continue
        middle = (end[0], start[1]) if upright else (start[0], end[1])
        if all(
            abs(math.hypot((x - middle[0]) / across, (y - middle[1]) / along) - 1) * max(abs(across), abs(along)) < 1.5
            and min(start[0], end[0]) - 1 <= x <= max(start[0], end[0]) + 1
            and min(start[1], end[1]) - 1 <= y <= max(start[1], end[1]) + 1
            for x, y in points[2:size:3]
        ):
            clockwise = int((across * along > 0) != upright)
            return (
                f"a{abs(across)} {abs(along)} 0 0 {clockwise}{'' if across < 0 else ' '}{_joined((across, along))}",
                size,
            )
    return "", 3


def _segment(steps: list[tuple[int, int]]) -> str:
    if not any(part for step in steps for part in step):
        return ""
    if len(steps) > 1:
        return "c" + _joined(part for step in steps for part in step)
    [(x, y)] = steps
    if not y:
        return f"h{x}"
    return f"l{_joined((x, y))}" if x else f"v{y}"


def _merged(parts: Iterable[str]) -> str:
    """Commands in a row that are the same are written once."""
    drawn = last = ""
    for part in filter(None, parts):
        again = part[0] == last and last in "cl"
        drawn += (part[1:] if part[1] == "-" else f" {part[1:]}") if again else part
        last = part[0]
    return drawn


def _joined(values: Iterable[int]) -> str:
    return re.sub(r" (?=-)", "", " ".join(map(str, values)))
