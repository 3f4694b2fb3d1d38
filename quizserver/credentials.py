"""The credentials of a server on one's own machine: told again at each start, readable by its owner alone."""

from __future__ import annotations

import json

import msgspec
from django.core.management.base import CommandError

from common.config import CONFIG
from common.files import write_whole

#: The account that is made where there is none.
HOST = "host"
_FILE = "credentials.json"


def read_credentials() -> dict[str, str]:
    """``password`` and ``api_key``, as far as they were made here.

    :raises CommandError: when the file is damaged, with what to do.
    """
    path = CONFIG.data_dir / _FILE
    if not path.exists():
        return {}
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except msgspec.DecodeError:
        raise CommandError(
            f"{path} is damaged. Delete it and start again: a new API key is made. The host's password stays what it "
            f"is in the database; where nobody knows it, `manage.py changepassword {HOST}` sets a new one."
        ) from None
    return kept


def write_credentials(kept: dict[str, str]) -> None:
    """Keep them for the next start."""
    write_whole(CONFIG.data_dir / _FILE, json.dumps(kept).encode())
