"""The text of a piece of HTML, as a person reads it. One pass over the source, whatever stands in it."""

from __future__ import annotations

import html as entities
import re
from dataclasses import dataclass, field
from typing import Final

_BLOCK_NAMES: Final = """
address article aside blockquote center dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
header hr li main nav ol p pre section summary table tbody tfoot thead tr ul
"""
_INLINE_NAMES: Final = """
a abbr acronym area b base basefont bdi bdo big body br button caption cite code col colgroup data datalist del dfn dir
em embed font html i iframe img input ins kbd label legend link map mark meta meter nobr noscript object optgroup option
output param picture progress q rb rp rt rtc ruby s samp select small source span strike strong sub sup svg td textarea
th time track tt u var wbr anki-mathjax
"""
_FLAG_NAMES: Final = "async autoplay checked compact controls disabled hidden ismap loop muted nowrap open"
_ORDINAL_ENDS: Final = "st nd rd th er re e ère ème os as o a"
#: Elements that begin and end a line.
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
#: Elements whose text is for no reader. ``rt`` and ``rp`` say how the characters below them are read.
_DROPPED: Final = frozenset({"script", "style", "head", "title", "template", "rt", "rp"})
_SOUNDS: Final = frozenset({"audio", "video"})
#: Anything else between angle brackets is text: "a <b and c> d" is read, "x <y" stays.
_ELEMENTS: Final = _BLOCKS | _DROPPED | _SOUNDS | frozenset(_INLINE_NAMES.split())
# No part can cross another "<", so that a row of "<a " is walked through once. The name is looked up below.
_TAG: Final = re.compile(
    r"""<(/?)([A-Za-z][A-Za-z0-9-]{0,15})((?:\s|/)(?:"[^"<]{0,2000}"|'[^'<]{0,2000}'|[^"'<>])*)?>"""
)
_DECLARATION: Final = re.compile(r"<!\[CDATA\[|\]\]>|<![A-Za-z][^<>]{0,200}>|<\?[^<>]{0,200}>")
#: Attributes that stand without a value. Other words without one are text: "if a <b then c> d".
_FLAGS: Final = frozenset(_FLAG_NAMES.split())
_ORDINALS: Final = frozenset(_ORDINAL_ENDS.split())
_SOURCE: Final = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SPACES: Final = re.compile(r"[ \t\r\n\f]+")

_RAISED: Final = str.maketrans("0123456789+-−=()nixyabcdefghjklmoprstuvwz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱˣʸᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷᶻ")
_LOWERED: Final = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")


@dataclass(slots=True)
class Html:
    """What a piece of HTML says and shows."""

    text: str
    #: Where its images are.
    images: list[str] = field(default_factory=list)
    #: Where its sounds and films are.
    sounds: list[str] = field(default_factory=list)


def html_text(source: str, *, keep_lines: bool = False) -> Html:
    """What a person reads of it, and what it shows and plays besides.

    :param keep_lines: whether line ends of the source are line ends (Moodle's format of that name), not spaces.
    """
    if "<" not in source and "&" not in source:
        return Html(source if keep_lines else _SPACES.sub(" ", source))
    reader = _Reader(keep_lines)
    source = _DECLARATION.sub("", _without_comments(source))
    at = 0
    for tag in _TAG.finditer(source):
        name = tag[2].casefold()
        if name not in _ELEMENTS or not _are_attributes(tag[3] or ""):
            continue
        reader.said(source[at : tag.start()])
        at = tag.end()
        if tag[1]:
            reader.closed(name)
        else:
            reader.opened(name, tag[3] or "")
    reader.said(source[at:])
    return Html(reader.text(), reader.images, reader.sounds)


def _without_comments(source: str) -> str:
    parts = []
    at = 0
    while (start := source.find("<!--", at)) >= 0 and (end := source.find("-->", start + 4)) >= 0:
        parts.append(source[at:start])
        at = end + 3
    return "".join([*parts, source[at:]])


def _are_attributes(text: str) -> bool:
    words = text.strip(" \t\r\n\f/")
    return not words or "=" in words or all(word.casefold() in _FLAGS for word in words.split())


class _Reader:
    def __init__(self, keep_lines: bool) -> None:
        self.images: list[str] = []
        self.sounds: list[str] = []
        self._keep_lines = keep_lines
        self._parts: list[str] = []
        self._dropped = 0
        self._muted = 0
        self._plain = 0
        self._had_plain = False
        #: Whether nothing stands in the line yet.
        self._fresh = True
        #: What stands in an open ``sup`` or ``sub``.
        self._shifted: list[str] | None = None
        self._cells = 0

    def opened(self, name: str, attributes: str) -> None:
        if name in _DROPPED:
            self._dropped += 1
        elif name in _SOUNDS:
            self._muted += 1
            self._play(attributes)
        elif name == "source" and self._muted:
            self._play(attributes)
        elif name == "img":
            if found := _address(attributes):
                self.images.append(found)
        elif name in {"sup", "sub"}:
            self._shifted = []
        elif name == "br":
            self._put("\n")
        elif name in {"td", "th"}:
            if self._cells:
                self._put(" ")
            self._cells += 1
        elif name in _BLOCKS:
            self._cells = 0
            self._plain += name == "pre"
            self._had_plain |= name == "pre"
            self._line()

    def closed(self, name: str) -> None:
        if name in _DROPPED:
            self._dropped = max(0, self._dropped - 1)
        elif name in _SOUNDS:
            self._muted = max(0, self._muted - 1)
        elif name in {"sup", "sub"} and self._shifted is not None:
            said, self._shifted = "".join(self._shifted), None
            self._put(_shifted(said, name == "sup", "".join(self._parts[-1:])))
        elif name in _BLOCKS:
            self._plain = max(0, self._plain - (name == "pre"))
            self._line()

    def said(self, source: str) -> None:
        if not source or self._dropped or self._muted:
            return
        text = entities.unescape(source)
        if not self._plain:
            # A space that may not break is one for the eye, and no white space of HTML.
            text = re.sub(r"[ \t]+", " ", text) if self._keep_lines else _SPACES.sub(" ", text)
        self._put(text)

    def text(self) -> str:
        if self._shifted:
            self._parts.append("".join(self._shifted))
        lines = "".join(self._parts).replace("\u00a0", " ").split("\n")
        if not self._had_plain:
            lines = [" ".join(filter(None, line.split(" "))) for line in lines]
        return "\n".join(line.rstrip() for line in lines).strip("\n")

    def _put(self, text: str) -> None:
        if self._shifted is not None:
            self._shifted.append(text)
            return
        self._parts.append(text)
        end = text.rpartition("\n")[2]
        self._fresh = not end.strip(" ") and (self._fresh or "\n" in text)

    def _line(self) -> None:
        """Begin a line, unless nothing stands in the last one."""
        if not self._fresh:
            self._put("\n")

    def _play(self, attributes: str) -> None:
        if found := _address(attributes):
            self.sounds.append(found)


def _address(attributes: str) -> str:
    found = _SOURCE.search(attributes)
    return entities.unescape(next(filter(None, found.groups()), "")) if found else ""


def _shifted(said: str, raised: bool, before: str) -> str:
    """Raised or lowered text in characters that are so, or behind a mark where there are none.

    A raised figure behind a figure gets the mark: a small 3 is easily overlooked in 10³.
    """
    said = said.strip()
    if not said:
        return ""
    shifted = said.translate(_RAISED if raised else _LOWERED)
    behind_figure = raised and before[-1:].isdigit()
    if behind_figure and said in _ORDINALS:
        return said
    if all(a != b for a, b in zip(said, shifted, strict=True)) and not behind_figure:
        return shifted
    mark = "^" if raised else "_"
    return f"{mark}{said}" if len(said) == 1 or said.isalnum() else f"{mark}({said})"
