"""``{% script %}``: a page's script, with every module it needs named at once.

A browser that found them one import after the other would wait for each in turn, which on a phone far away is seconds.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath
from posixpath import normpath

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

#: What a module cannot run without. ``import(...)`` is fetched later, by those who need it.
_IMPORTED = re.compile(r'^(?:import|export)\b[^;]*?"(\.[^"]+)";', re.MULTILINE)


def modules_of(name: str) -> list[str]:
    """The modules that a browser needs before the first line of this one runs, as names of static files."""
    found: list[str] = []
    wanted = [name]
    while wanted:
        one = wanted.pop(0)
        script = (settings.STATICFILES_DIRS[0] / one).read_text(encoding="utf-8")
        for relative in _IMPORTED.findall(script):
            module = normpath(PurePosixPath(one).parent / relative)
            if module != name and module not in found:
                found.append(module)
                wanted.append(module)
    return found


_kept = cache(modules_of)


def _preloads(names: list[str]) -> SafeString:
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', ((static(name),) for name in names))


@register.simple_tag
def script(name: str, later: str = "") -> SafeString:
    """The script of a page.

    :param name: a module among the static files.
    :param later: another one that it imports while it runs, where the page is sure to need that too.
    """
    known = modules_of if settings.DEBUG else _kept
    names = known(name)
    if later:
        names = [*names, *(one for one in [later, *known(later)] if one != name and one not in names)]
    return format_html('<script type="module" src="{}"></script>\n{}', static(name), _preloads(names))
