"""Reading a file that somebody sent, in a process of its own that can be killed.

Parsers are fed by strangers. Whatever a file does to one (a bomb of zip or XML, an expression that never ends), it
does to a process with bounds of time and memory, at low priority, that knows no secrets and no database, while the
players of this one notice nothing. What it read comes back as data: only the records of importers are made of it here.
"""

from __future__ import annotations

import io
import logging
import os
import pickle
import subprocess
import sys
import threading
from dataclasses import is_dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import metrics
from common.config import BASE_DIR, CONFIG
from quizzes.importers import formats
from quizzes.importers.base import CannotRead, Imported
from quizzes.importers.formats import Source

logger = logging.getLogger(__name__)

_COMMAND = [sys.executable, "-m", "quizzes.services.reading_process"]
#: Files that are read at a time; others wait.
_AT_ONCE = 2
_turns = threading.BoundedSemaphore(_AT_ONCE)
#: What importers ask Django's settings for.
_SETTINGS = ("LOCALE_PATHS", "LANGUAGE_CODE", "USE_I18N", "IMPORT_MAX_BYTES", "IMAGE_MAX_BYTES")
#: Settings that a process which reads strangers' files has no use for.
_SECRETS = (
    "DATABASE_URL", "DATABASE_REPLICA_URL", "REDIS_URL", "OPERATOR_API_KEY", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET",
)  # fmt: skip
#: What it gets in the place of the key of sessions and tokens; it signs nothing.
_NO_KEY = "this-process-signs-nothing"
_ERROR_BYTES = 4_000


def read_source(source: Source) -> Imported:
    """What a file holds, as :func:`quizzes.importers.formats.read_source` reads it.

    :raises CannotRead: when it is not what it should be, or takes more time or memory than there is for it.
    """
    if not CONFIG.import_seconds:
        return formats.read_source(source)
    if not _turns.acquire(timeout=CONFIG.import_seconds):
        raise CannotRead(_("Too many files are being read just now. Please try again in a moment."))
    try:
        told = _read_apart(source)
    finally:
        _turns.release()
    if told is None:
        metrics.limits_hit.labels("import").inc()
        raise CannotRead(_("This file takes too much time or memory to read. Please send a smaller part of it."))
    if isinstance(told, str):
        raise CannotRead(told)
    return told


def _read_apart(source: Source) -> Imported | str | None:
    """What the process read, why it refused, or ``None`` when it was stopped."""
    asked = pickle.dumps({name: getattr(settings, name) for name in _SETTINGS}) + pickle.dumps((source, get_language()))
    # This very interpreter, and nothing from outside among the arguments.
    with subprocess.Popen(  # noqa: S603
        [*_COMMAND, str(CONFIG.import_seconds), str(CONFIG.import_memory_bytes)],
        cwd=BASE_DIR,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            told, complaint = process.communicate(asked, timeout=CONFIG.import_seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            process.kill()
    if process.returncode:
        logger.warning(
            "import_stopped",
            extra={"code": process.returncode, "error": complaint[-_ERROR_BYTES:].decode(errors="replace")},
        )
        return None
    return _Records(io.BytesIO(told)).load()  # type: ignore[no-any-return]  # of those two by what writes it


def _environment() -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    return {
        **given,
        **dict.fromkeys(_SECRETS, ""),
        "SECRET_KEY": _NO_KEY,
        "DATA_DIR": str(CONFIG.data_dir),
    }


class _Records(pickle.Unpickler):
    """Makes the records of importers and nothing else: what is read comes from a process that met a stranger's file."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith("quizzes.") else None
        if isinstance(found, type) and is_dataclass(found):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no record.")
