"""The text of a piece of HTML."""

from __future__ import annotations

from html.parser import HTMLParser

_LINES = frozenset({"br", "div", "p", "li", "tr", "ul", "ol"})
#: ``rt`` and ``rp`` say how the characters below them are read.
_DROPPED = frozenset({"script", "style", "head", "rt", "rp"})


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.images: list[str] = []
        self._dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropped += 1
        elif tag in _LINES and (tag == "br" or self.parts):
            self.parts.append("\n")
        elif tag == "img":
            self.images += [source for name, source in attrs if name == "src" and source]

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED and self._dropped:
            self._dropped -= 1

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.parts.append(data)


def html_text(source: str) -> tuple[str, list[str]]:
    """What a person reads of it, and where the images are that it shows besides."""
    if "<" not in source and "&" not in source:
        return source, []
    parser = _Text()
    parser.feed(source)
    parser.close()
    return "".join(parser.parts), parser.images
