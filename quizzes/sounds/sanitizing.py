"""Recordings of words and questions: what comes in is decoded and encoded anew, so that what goes out is sound. Pure.

Nothing of a file survives but its samples, made mono and of one rate: titles, pictures, places and whatever hangs on
its end are gone, and the browser gets one format only, which every browser plays. A recording is named by a digest of
its bytes, as an image is: the same recording is stored once, and its address never changes content.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from quizzes.rules import limits
from quizzes.rules.sound_names import address_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEDIA_TYPE: Final = "audio/mpeg"
#: Samples a second of what is kept: all of a voice that can be told apart.
RATE: Final = 24_000
#: How files begin that are read at all: no decoder of a format that teachers do not have is ever reached.
_STARTS: Final = (b"RIFF", b"fLaC", b"OggS", b"ID3", b"FORM")
#: Of an MP3 without a title: eleven bits that are set.
_MP3: Final = 0xFFE0
_FORMATS: Final = frozenset({"WAV", "WAVEX", "FLAC", "OGG", "MP3", "AIFF"})
#: Formats of telephones and browsers that have no decoder here.
_FOREIGN: Final = {b"ftyp": "M4A", b"\x1a\x45\xdf\xa3": "WebM", b"#!AMR": "AMR", b"0&\xb2u": "WMA"}
#: Rates that are no one's: a header may say any.
_RATES: Final = range(4_000, 192_001)
_CHANNELS_MAX: Final = 8
#: Below this loudest sample (of 1) nobody hears anything.
_SILENCE: Final = 0.002
#: What the loudest sample becomes, and how much louder a faint recording may be made.
_PEAK: Final = 0.9
_GAIN_MAX: Final = 8.0


class NoSound(ValueError):
    """This is no recording, or too long a one. The message is for the person who sent it."""


@dataclass(frozen=True, slots=True)
class SoundFile:
    """A recording as it is stored and served: MP3, mono, at most :data:`limits.SOUND_MS_MAX` long."""

    data: bytes
    duration_ms: int

    @property
    def digest(self) -> str:
        """Its name: half of the SHA-256 of its bytes, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()[:32]

    @property
    def address(self) -> str:
        """Where players get it, relative to the server."""
        return address_of(self.digest)


def read_sound(data: bytes, *, max_bytes: int) -> SoundFile:
    """The recording in a file.

    :param max_bytes: of the file; 0 for no bound.
    :raises NoSound: when it is none, is silent, or has more bytes or seconds than are allowed.
    """
    if max_bytes and len(data) > max_bytes:
        raise NoSound(_("The recording has more than %(max)d bytes.") % {"max": max_bytes})
    if foreign := next((name for mark, name in _FOREIGN.items() if mark in data[:12]), ""):
        message = _("This is %(format)s, which is not read here. Save the recording as MP3, WAV, Ogg or FLAC.")
        raise NoSound(message % {"format": foreign})
    if not data.startswith(_STARTS) and int.from_bytes(data[:2], "big") & _MP3 != _MP3:
        raise _no_sound()
    # Loaded with the first recording: most processes never hear one.
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.format not in _FORMATS or file.samplerate not in _RATES or file.channels > _CHANNELS_MAX:
                raise _no_sound()
            most = file.samplerate * limits.SOUND_MS_MAX // 1_000
            # A header may say any length: one sample more than is allowed is read, and no further.
            samples = file.read(most + 1, dtype="float32", always_2d=True)
            rate = file.samplerate
    except NoSound:
        raise
    except Exception as error:  # decoders raise anything at a broken file
        raise _no_sound() from error
    if len(samples) > most:
        message = _("The recording is longer than %(max)d seconds.")
        raise NoSound(message % {"max": limits.SOUND_MS_MAX // 1_000})
    return encode(samples.mean(axis=1), rate)


def encode(samples: NDArray[Any], rate: int) -> SoundFile:
    """Samples of one channel (-1 to 1) as they are stored.

    :raises NoSound: when there is nothing to hear.
    """
    import numpy
    import soundfile

    samples = numpy.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    if len(samples) < rate * limits.SOUND_MS_MIN // 1_000:
        raise NoSound(_("There is nothing to hear in this recording."))
    samples = _resampled(samples - samples.mean(), rate)
    peak = float(numpy.abs(samples).max())
    if peak < _SILENCE:
        raise NoSound(_("There is nothing to hear in this recording."))
    samples = samples * min(_PEAK / peak, _GAIN_MAX)
    encoded = io.BytesIO()
    soundfile.write(encoded, samples.astype("float32"), RATE, format="MP3", subtype="MPEG_LAYER_III")
    return SoundFile(encoded.getvalue(), round(len(samples) * 1_000 / RATE))


def _resampled(samples: NDArray[Any], rate: int) -> NDArray[Any]:
    """At the rate that is kept: by the spectrum, so that nothing above it folds back into what is heard."""
    import numpy

    if rate == RATE:
        return samples
    count = round(len(samples) * RATE / rate)
    spectrum = numpy.fft.rfft(samples)
    kept = numpy.zeros(count // 2 + 1, dtype=spectrum.dtype)
    shared = min(len(spectrum), len(kept))
    kept[:shared] = spectrum[:shared]
    resampled: NDArray[Any] = numpy.fft.irfft(kept, count) * (count / len(samples))
    return resampled


def _no_sound() -> NoSound:
    return NoSound(_("This is not a recording. Use MP3, WAV, Ogg or FLAC."))
