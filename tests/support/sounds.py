"""Recordings for tests, made here."""

from __future__ import annotations

import io
from typing import Any

import numpy
import soundfile


def tone(
    kind: str = "WAV",
    *,
    seconds: float = 0.5,
    rate: int = 16_000,
    pitch: float = 440.0,
    loud: float = 0.5,
    **options: Any,
) -> bytes:
    """A recording of one tone."""
    channels = options.pop("channels", 1)
    wave = loud * numpy.sin(2 * numpy.pi * pitch * numpy.arange(int(seconds * rate)) / rate)
    data = io.BytesIO()
    soundfile.write(data, numpy.stack([wave] * channels, axis=1), rate, format=kind, **options)
    return data.getvalue()


def heard(data: bytes) -> tuple[Any, int]:
    """The samples of a recording and its rate."""
    samples, rate = soundfile.read(io.BytesIO(data))
    return samples, int(rate)


def pitch_of(data: bytes) -> float:
    """The loudest pitch of a recording, in hertz."""
    samples, rate = heard(data)
    spectrum = numpy.abs(numpy.fft.rfft(samples))
    return float(spectrum.argmax() * rate / len(samples))
