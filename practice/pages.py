"""The practice page: a shell that works without a connection. What is in it comes from the API and from the device."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.gzip import gzip_page

from common.page_scripts import modules_of
from practice.texts import practice_texts

#: What the page's script imports, directly and by others.
MODULES: Final = tuple(modules_of("practice/practice.js"))
_REST: Final = (
    *("practice/practice.js", "practice/practice.css", "player/player.css", "shared/base.css"),
    *("shared/icon.svg", "shared/icon-maskable.svg"),
)
_WORKER: Final = "practice/worker.js"


@gzip_page
def page(request: HttpRequest) -> HttpResponse:
    """The page. Which deck it shows its script alone knows: the token stands behind the # of the address."""
    return _page(request)


def _page(request: HttpRequest) -> HttpResponse:
    return render(request, "practice.html", {"data": {"texts": practice_texts()}})


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, told which files make up the page. Another release or language is another worker."""
    files = [static(name) for name in (*MODULES, *_REST)]
    manifest = reverse("practice-manifest")
    stands = [_page(request).content.decode(), *files, static(_WORKER), _contents()]
    shell = {
        "release": hashlib.sha256("\n".join(stands).encode()).hexdigest()[:16],
        "page": reverse("practice"),
        "files": [*files, manifest],
    }
    script = f"self.SHELL = {json.dumps(shell)};\nimportScripts({json.dumps(static(_WORKER))});\n"
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _contents() -> str:
    """In development files change under the same name."""
    return _digest.__wrapped__() if settings.DEBUG else _digest()


@cache
def _digest() -> str:
    found = filter(None, map(finders.find, (*MODULES, *_REST, _WORKER)))
    return hashlib.sha256(b"".join(Path(path).read_bytes() for path in found)).hexdigest()


def manifest(request: HttpRequest) -> JsonResponse:
    """By this a device can keep the page among its apps, beside the start page."""
    icon = {"src": static("shared/icon.svg"), "type": "image/svg+xml", "sizes": "any"}
    told = {
        "name": gettext("Practice"),
        "short_name": gettext("Practice"),
        "lang": get_language(),
        "id": reverse("practice"),
        "start_url": reverse("practice"),
        "scope": reverse("practice"),
        "display": "standalone",
        "background_color": "#f6f1e7",
        "theme_color": "#f6f1e7",
        "icons": [icon, {**icon, "src": static("shared/icon-maskable.svg"), "purpose": "maskable"}],
    }
    return JsonResponse(told, content_type="application/manifest+json")
