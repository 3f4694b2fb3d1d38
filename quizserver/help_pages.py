"""The two pages of the documentation that people need before they have found it: served by the server itself."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

from common.config import RESOURCES

PAGES = {"first-lesson": "Your first lesson", "first-day": "First day"}
#: A link to another page of the documentation, which the server does not serve.
_ELSEWHERE = re.compile(r"\[([^\]]+)\]\((?!https?://)[^)]+\)")


def help_page(request: HttpRequest, name: str) -> HttpResponse:
    """One of the pages."""
    if name not in PAGES:
        raise Http404
    text = (RESOURCES / "docs" / f"{name}.md").read_text(encoding="utf-8")
    text = _ELSEWHERE.sub(lambda link: f"docs/{link[1]}" if link[1].endswith(".md") else link[1], text)
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return render(request, "help.html", {"title": PAGES[name], "body": mark_safe(body)})  # noqa: S308 - our own text
