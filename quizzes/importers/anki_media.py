"""The images and sounds in an Anki package: a map of names, and members "0", "1" and so on.

Newer versions compress all of them.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

import zstandard
from django.conf import settings
from django.utils.translation import gettext as _

from quizzes.images.sanitizing import ImageFile, NoImage, digest_of, read_image
from quizzes.rules import sound_names
from quizzes.rules.text import normalize
from quizzes.sounds.sanitizing import NoSound, SoundFile, read_sound

#: Images that are read of one package. Each takes some hundredths of a second.
IMAGES_MAX: Final = 300
#: Sounds that are read of one package, likewise.
SOUNDS_MAX: Final = 500
#: Unpacked bytes of the map of names.
_MAP_MAX: Final = 16 * 1024 * 1024
#: Unpacked bytes of an image or a sound where the settings have no bound.
_FILE_MAX: Final = 64 * 1024 * 1024


class Media:
    """The images and sounds of an open package, read when a note shows or plays them."""

    def __init__(self, archive: zipfile.ZipFile, *, packed: bool) -> None:
        """:param packed: whether the map and the members are compressed by zstandard (``collection.anki21b``)."""
        self._archive = archive
        self._packed = packed
        self._members = self._names()
        self._addresses: dict[str, str] = {}
        #: What was read, by the addresses that words give.
        self.images: dict[str, ImageFile] = {}
        self.sounds: dict[str, SoundFile] = {}
        self._sound_addresses: dict[str, str] = {}

    def address(self, source: str, notes: list[str]) -> str:
        """The address of the image that a note shows; empty when it is left out, ``notes`` tell why.

        :param source: of the image's tag: the name of a file of the package.
        """
        member = self._member(source)
        if member is None:
            notes.append(_("An image was left out."))
            return ""
        if member not in self._addresses:
            if len(self._addresses) == IMAGES_MAX:
                notes.append(_("Only the first %(max)d images of the package are read.") % {"max": IMAGES_MAX})
                return ""
            try:
                bound = settings.IMAGE_MAX_BYTES or _FILE_MAX
                image = read_image(self._read(member, bound), max_bytes=bound)
            except NoImage as error:
                notes.append(str(error))
                return ""
            self._addresses[member] = image.address
            self.images[image.address] = image
        return self._addresses[member]

    def sound(self, source: str, notes: list[str]) -> str:
        """The address of the recording that a note plays; as :meth:`address`."""
        member = self._member(source)
        if member is None:
            notes.append(_("A sound was left out."))
            return ""
        if member not in self._sound_addresses:
            if len(self._sound_addresses) == SOUNDS_MAX:
                notes.append(_("Only the first %(max)d sounds of the package are read.") % {"max": SOUNDS_MAX})
                return ""
            try:
                bound = settings.SOUND_MAX_BYTES or _FILE_MAX
                sound = read_sound(self._read(member, bound), max_bytes=bound)
            except NoImage:
                notes.append(_("A sound was left out."))
                return ""
            except NoSound as error:
                notes.append(f"{_('A sound was left out.')} {error}")
                return ""
            self._sound_addresses[member] = sound.address
            self.sounds[sound.address] = sound
        return self._sound_addresses[member]

    def own_sound(self, source: str) -> str:
        """As :meth:`own`, of a recording."""
        address = f"/sounds/{source}"
        if not sound_names.digest_of(address):
            return ""
        if found := self.sound(source, []):
            self.sounds[address] = self.sounds[found]
        return address

    def _member(self, source: str) -> str | None:
        name = normalize("NFC", source)
        return self._members.get(name) or self._members.get(unquote(name))

    def own(self, source: str) -> str:
        """The address of an image of our own export, under which the package brings it along where it can.

        :param source: of the image's tag: the last part of the address, or an address of elsewhere.
        """
        address = f"/images/{source}"
        if not digest_of(address):
            return source
        if found := self.address(source, []):
            self.images[address] = self.images[found]
        return address

    def unread(self) -> int:
        """How many files of the package are neither the image nor the sound of a note."""
        read = {*self._addresses, *self._sound_addresses}
        return len({name for name in self._archive.namelist() if name.isdigit()} - read)

    def _names(self) -> dict[str, str]:
        """Names of files, and the members they are."""
        try:
            source = self._read("media", _MAP_MAX)
            named = _map_of_messages(source) if self._packed else json.loads(source).items()
            return {normalize("NFC", str(name)): str(member) for member, name in named}
        except (ValueError, AttributeError, RecursionError, NoImage):
            return {}

    def _read(self, member: str, bound: int) -> bytes:
        """The bytes of a member, up to one more than the bound.

        :raises NoImage: when there is none, or it is damaged.
        """
        try:
            with self._archive.open(member) as file:
                stream: Any = zstandard.ZstdDecompressor().stream_reader(file) if self._packed else file
                return bytes(stream.read(bound + 1))
        except (
            KeyError,
            zipfile.BadZipFile,
            zstandard.ZstdError,
            OSError,
            RuntimeError,
            EOFError,
            ValueError,
        ) as error:
            raise NoImage(_("An image was left out.")) from error


def _map_of_messages(source: bytes) -> Iterator[tuple[int, str]]:
    """Numbers and names of a ``MediaEntries`` message of protocol buffers, whose entries have their names as field 1.

    https://github.com/ankitects/anki/blob/main/proto/anki/import_export.proto

    :raises ValueError: when it is none.
    """
    for number, entry in enumerate(value for field, value in _fields(source) if field == 1):
        names = [value for field, value in _fields(entry) if field == 1]
        yield number, names[0].decode() if names else ""


def _fields(source: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that have a length: texts, bytes and messages.

    https://protobuf.dev/programming-guides/encoding
    """
    stream = io.BytesIO(source)
    while stream.tell() < len(source):
        tag = _varint(stream)
        match tag & 7:
            case 0:
                _varint(stream)
            case 1:
                stream.read(8)
            case 2:
                length = _varint(stream)
                value = stream.read(length)
                if len(value) != length:
                    raise ValueError("cut off")
                yield tag >> 3, value
            case 5:
                stream.read(4)
            case _:
                raise ValueError("no such wire type")


def _varint(stream: io.BytesIO) -> int:
    value = shift = 0
    while byte := stream.read(1):
        value |= (byte[0] & 127) << shift
        shift += 7
        if byte[0] < 128:
            return value
        if shift > 63:
            break
    raise ValueError("no number")
