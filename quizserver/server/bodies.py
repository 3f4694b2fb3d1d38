"""How large the body of a request may be: only where a route takes one, and as large as that route needs.

The servers ask before they read a body. What a body holds is the view's own matter.
"""

from __future__ import annotations

import re

from django.conf import settings

from common.config import CONFIG

#: Where no body is expected: clients send `{}` with anything.
_NONE = 4_096
#: A form or a command.
_FORM = 65_536
#: What a form has around its file.
_AROUND = 65_536

_IMPORT = re.compile(r"/api/v1/(?:quizzes|wordlists)/import/?")
_CONTENT = re.compile(r"/api/v1/(?:quizzes|wordlists|sessions)(?:/.*)?")


def body_bound(method: str, path: str) -> int:
    """Bytes that the body of a request may have; -1 for no bound, where a setting says so.

    :param path: as it stands in the request, without the query.
    """
    path = path.removeprefix(CONFIG.base_path)
    if method not in ("POST", "PUT", "PATCH"):
        return _NONE
    if _IMPORT.fullmatch(path):
        return _file(CONFIG.import_max_bytes)
    if path == "/api/v1/images":
        return _file(CONFIG.image_max_bytes)
    if path == "/api/v1/sounds":
        return _file(CONFIG.sound_max_bytes)
    if _CONTENT.fullmatch(path):
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if path.startswith("/admin/") and not path.startswith("/admin/login"):
        # Forms with files. What they are, whether and for whom, the page decides: nginx bounds them alike.
        bounds = tuple(map(_file, (CONFIG.import_max_bytes, CONFIG.image_max_bytes, CONFIG.sound_max_bytes)))
        return -1 if -1 in bounds else max(bounds)
    if path.startswith(("/api/v1/", "/admin/", "/i18n/", "/oidc/", "/ws")):
        return _FORM
    return _NONE


def _file(most: int) -> int:
    return most + _AROUND if most else -1
