"""Files that are none of the formats, called what they are, with what a teacher can do next."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizzes.importers.base import CannotRead

#: How files of PNG, JPEG, GIF, TIFF and BMP begin.
_PICTURES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
#: How files of HEIC and AVIF go on after their first four bytes, which are a length.
_PHONE_PICTURES: Final = (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypavif")
_SOUNDS: Final = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3")

_PICTURE: Final = gettext_lazy(
    "This is a picture. What can be imported is text, a table (CSV or Excel), JSON, Moodle XML or an Anki package."
)
_PDF: Final = gettext_lazy(
    "This is a PDF file. Copy the text out of it and paste that. What can be imported is text, a table (CSV or Excel), "
    "JSON, Moodle XML or an Anki package."
)
_SOUND: Final = gettext_lazy("This is a sound or a film. It can be added to a question, but holds none.")
_OLD_OFFICE: Final = gettext_lazy(
    "This is a file of an old version of Excel or Word. Open it there, save it as .xlsx or CSV, and import that."
)
_DOCUMENT: Final = gettext_lazy(
    "This is a text document (%(name)s). Open it, copy its text or its table, and paste that here."
)
_H5P: Final = gettext_lazy(
    "This is H5P, which is not read. Copy its questions out as text or a table, and import those."
)
_QTI: Final = gettext_lazy(
    "This is QTI. Import it into Moodle, export the questions there as Moodle XML, and import that file."
)
_BACKUP: Final = gettext_lazy(
    "This is a backup of a Moodle course. Export its question bank there as Moodle XML, and import that file."
)
_ARCHIVE: Final = gettext_lazy("This is an archive. Unpack it, and import the files in it one by one.")

#: By how a file begins.
_BEGINNINGS: Final = (
    (_PICTURES, _PICTURE),
    (_SOUNDS, _SOUND),
    ((b"%PDF-",), _PDF),
    ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), _OLD_OFFICE),
    ((b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ"), _ARCHIVE),
)
#: By a member of a zip, the surest first.
_MEMBERS: Final = (
    ("h5p.json", _H5P, ""),
    ("imsmanifest.xml", _QTI, ""),
    ("moodle_backup.xml", _BACKUP, ""),
    ("word/document.xml", _DOCUMENT, "Word"),
    ("ppt/presentation.xml", _DOCUMENT, "PowerPoint"),
    ("META-INF/container.xml", _DOCUMENT, "EPUB"),
    ("Index/Document.iwa", _DOCUMENT, "Pages, Numbers"),
)
#: By what the member "mimetype" says.
_TYPES: Final = {
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/vnd.oasis.opendocument.presentation": "ODP",
    "application/epub+zip": "EPUB",
}
ODS_TYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
#: Bytes of the member "mimetype" that are looked at.
_TYPE_MAX: Final = 200


def refuse_what_is_no_quiz(data: bytes) -> None:
    """Say what was chosen, where reading it as text would only say that it is none.

    :raises CannotRead: for a file that is known, and is none of the formats.
    """
    webp = data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    if webp or data[4:12] in _PHONE_PICTURES:
        raise CannotRead(_PICTURE)
    if data[4:8] == b"ftyp" or (data.startswith(b"RIFF") and data[8:12] in {b"WAVE", b"AVI "}):
        raise CannotRead(_SOUND)
    for beginnings, said in _BEGINNINGS:
        if data.startswith(beginnings):
            raise CannotRead(said)
    if data.lstrip()[:5].lower() == b"{\\rtf":
        raise CannotRead(_DOCUMENT % {"name": "RTF"})


def zip_kind(data: bytes) -> str:
    """What a zip is of what is read: ``apkg``, ``ods``, ``xlsx``; empty for one that is unknown.

    :raises CannotRead: for one that is known, and is none of the formats; or is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if any(name.startswith("collection.anki") for name in names):
                return "apkg"
            if any(name.startswith("xl/") for name in names):
                return "xlsx"
            kind = _said_type(archive) if "mimetype" in names else ""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError, EOFError):
        raise CannotRead(_("This file is damaged, or not what its name says.")) from None
    if kind == ODS_TYPE:
        return "ods"
    if kind in _TYPES:
        raise CannotRead(_DOCUMENT % {"name": _TYPES[kind]})
    for member, said, name in _MEMBERS:
        if member in names:
            raise CannotRead(said % {"name": name} if name else said)
    if any(name.endswith((".csv", ".xlsx", ".txt", ".xml", ".json", ".apkg")) for name in names):
        raise CannotRead(_ARCHIVE)
    return ""


def _said_type(archive: zipfile.ZipFile) -> str:
    with archive.open("mimetype") as member:
        return member.read(_TYPE_MAX).decode("ascii", "replace").strip()


def is_json(text: str) -> bool:
    """Whether a text is JSON, or surely means to be."""
    start = text.lstrip("\ufeff \n\t")[:200]
    if start.startswith("{") and start[1:].lstrip()[:1] in {'"', "}"}:
        return True
    if not start.startswith("["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
