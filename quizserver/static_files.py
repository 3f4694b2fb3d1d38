"""Static files: hashed and compressed once by ``manage.py prepare``, then served for ever from the browsers' caches."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.core.files.base import ContentFile, File
from servestatic import ServeStaticASGI
from servestatic.storage import CompressedManifestStaticFilesStorage

#: The scripts of this project, which have their comments on lines of their own.
_OWN = re.compile(r"(?:host|player|practice|screen|shared)/[^/]+\.js\Z")
_COMMENTS = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)


#: What says of which type a value is, in the middle of a line.
_TYPE = re.compile(r"/\*\* @(?:type|param) [^*]*\*/ ?")


def without_comments(script: str) -> str:
    """The script as browsers get it: comments are a quarter of what would go over the wire."""
    return _TYPE.sub("", _COMMENTS.sub("", script))


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Names carry a hash of the content, in the ``import`` lines of ES modules too."""

    support_js_module_import_aggregation = True
    #: A file that was not collected (an app's own broken reference) is served under its plain name.
    manifest_strict = False

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:
        # Of our own scripts what was saved is read: a type in a comment imports nothing, and two modules may well know
        # each other's types.
        read = {name: (self, name) if _OWN.match(name.replace("\\", "/")) else found for name, found in paths.items()}
        yield from super().post_process(read, *args, **options)

    def _save(self, name: str, content: File[Any]) -> str:
        if _OWN.match(name.replace("\\", "/")):
            # From its beginning: Django has read it before, for its hash.
            script = b"".join(content.chunks()).decode()
            content = ContentFile(without_comments(script).encode())
        saved: str = super()._save(name, content)
        return saved


def serve_static(
    application: Callable[..., Awaitable[None]], root: Path, prefix: str
) -> Callable[..., Awaitable[None]]:
    """The ASGI application with the collected files in front, which then never reach Django.

    :param root: the folder ``collectstatic`` filled; without it every request goes to ``application``.
    """
    if not root.is_dir():
        return application
    served: Callable[..., Awaitable[None]] = ServeStaticASGI(
        application, root=root, prefix=prefix, allow_all_origins=False, add_headers_function=_headers
    )
    return served


def _headers(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def storage_backend(*, debug: bool) -> dict[str, Any]:
    """Django's ``STORAGES["staticfiles"]``. Development serves the files as they stand in their folders."""
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    return {"BACKEND": plain if debug else f"{__name__}.HashedStaticFiles"}
