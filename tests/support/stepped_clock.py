"""A clock of the machine that a test sets, for a server in a process of its own.

Python runs a module ``sitecustomize`` before any other. The one that is written here lets ``time.time`` and
``time.time_ns`` be ahead of the machine's by what a file says; the monotonic clock is left alone, as a step leaves it.
"""

from __future__ import annotations

import os
from pathlib import Path

_SHIM = """
import time

_true = {{name: getattr(time, name) for name in ("time", "time_ns", "monotonic_ns")}}


def _ahead():
    with open({file!r}) as file:
        return float(file.read() or 0)


time.time = lambda: _true["time"]() + _ahead()
time.time_ns = lambda: _true["time_ns"]() + int(_ahead() * 1e9)
if {all_of_it}:
    time.monotonic_ns = lambda: _true["monotonic_ns"]() + int(_ahead() * 1e9)
"""


class SteppedClock:
    """The clock of one process."""

    def __init__(self, folder: Path, *, all_of_it: bool = False) -> None:
        """:param all_of_it: whether the monotonic clock steps too, which no machine's does: a negative control."""
        folder.mkdir()
        self._file = folder / "ahead"
        self._file.write_text("0")
        (folder / "sitecustomize.py").write_text(_SHIM.format(file=str(self._file), all_of_it=all_of_it))
        #: What the process needs in its environment.
        self.environment = {"PYTHONPATH": str(folder)}

    def set(self, seconds: float) -> None:
        """Set it ahead of the true time, or behind."""
        beside = self._file.with_suffix(".new")
        beside.write_text(str(seconds))
        os.replace(beside, self._file)
