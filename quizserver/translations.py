"""Catalogues without GNU gettext: found texts, catalogues brought up to date, and their compiled form.

A fresh machine has Python and nothing else, so that ``manage.py prepare`` compiles the catalogues of ``locale/`` into
the data folder, and ``manage.py catalogs`` does what ``makemessages`` would.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

from common.files import write_whole

#: Where ``makemessages`` would look, too.
FOLDERS = ("common", "quizserver", "quizzes", "scoring", "leaderboards", "classes", "sessions", "practice", "templates")
DOMAIN = "django"
#: How a compiled catalogue begins, as polib writes it.
_MO_MAGIC = b"\xde\x12\x04\x95"
_CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_TEMPLATE_CALL = re.compile(r"(?<![\w.])(?:_|n?p?gettext)\(")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


class Text(NamedTuple):
    """A text to translate, as a catalogue names it. ``context`` and ``plural`` are empty for most."""

    context: str
    singular: str
    plural: str = ""


def texts_of(root: Path) -> dict[Text, set[str]]:
    """All texts of the project's modules and templates, with the files that have them.

    :param root: the project's folder.
    """
    found: dict[Text, set[str]] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix == ".py":
                texts = _texts_of_module(path.read_text())
            elif path.suffix == ".html":
                texts = _texts_of_template(path)
            else:
                continue
            for text in texts:
                found.setdefault(text, set()).add(path.relative_to(root).as_posix())
    return found


def _texts_of_module(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield from _text_of_call(node)


def _text_of_call(node: ast.Call) -> Iterator[Text]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name not in _CALLS:
        return
    given = [one.value if isinstance(one, ast.Constant) else None for one in node.args]
    wanted = [given[place] if place is not None and place < len(given) else "" for place in _CALLS[name]]
    if all(isinstance(one, str) for one in wanted) and wanted[1]:
        yield Text(*(str(one) for one in wanted))


def _texts_of_template(path: Path) -> Iterator[Text]:
    # Django turns a template into something like Python, in which only the calls are of interest.
    code = templatize(path.read_text(), origin=str(path))
    for match in _TEMPLATE_CALL.finditer(code):
        end = code.find(")", match.end())
        while end >= 0:
            try:
                call = ast.parse(code[match.start() : end + 1].strip(), mode="eval").body
            except SyntaxError:
                end = code.find(")", end + 1)
                continue
            if isinstance(call, ast.Call):
                yield from _text_of_call(call)
            break


def catalogue_path(root: Path, language: str) -> Path:
    """Where a language's catalogue lies."""
    return root / "locale" / to_locale(language) / "LC_MESSAGES" / f"{DOMAIN}.po"


def update_catalogue(path: Path, texts: dict[Text, set[str]]) -> polib.POFile:
    """Bring a catalogue up to date: new texts come in untranslated, gone ones go, the others keep their translation."""
    catalogue = polib.pofile(str(path), wrapwidth=110)
    old = {Text(entry.msgctxt or "", entry.msgid, entry.msgid_plural or ""): entry for entry in catalogue}
    updated = polib.POFile(wrapwidth=110)
    updated.metadata = catalogue.metadata
    updated.header = catalogue.header
    for text in sorted(texts, key=lambda text: (sorted(texts[text])[0], text)):
        entry = old.get(text) or polib.POEntry(
            msgctxt=text.context or None, msgid=text.singular, msgid_plural=text.plural
        )
        entry.occurrences = [(file, "") for file in sorted(texts[text])]
        entry.flags = ["python-format"] if "%(" in text.singular else []
        if text.plural and not entry.msgstr_plural:
            entry.msgstr_plural = dict.fromkeys(range(plural_count(updated)), "")
        updated.append(entry)
    return updated


def plural_count(catalogue: polib.POFile) -> int:
    """How many forms a counted text has in the catalogue's language."""
    found = re.match(r"nplurals=(\d+)", catalogue.metadata.get("Plural-Forms", ""))
    return int(found[1]) if found else 1


def compile_catalogues(source: Path, target: Path) -> None:
    """Compile every catalogue below ``source`` that changed into the same place below ``target``."""
    for path in sorted(source.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        compiled = target / path.relative_to(source).with_suffix(".mo")
        if _is_whole(compiled) and compiled.stat().st_mtime >= path.stat().st_mtime:
            continue
        compiled.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: another process may be reading it.
        write_whole(compiled, polib.pofile(str(path)).to_binary(), mode=0o644)


def _is_whole(compiled: Path) -> bool:
    """Whether a compiled catalogue is there, and not one that a crash left empty."""
    if not compiled.exists():
        return False
    with compiled.open("rb") as file:
        return file.read(len(_MO_MAGIC)) == _MO_MAGIC
