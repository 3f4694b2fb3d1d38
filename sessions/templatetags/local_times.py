"""Times as the clock of whoever looks shows them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def local_time(moment: datetime | None) -> SafeString | str:
    """A date and time in the server's zone, named, that static/host/admin.js writes anew in the browser's own."""
    if moment is None:
        return ""
    here = timezone.localtime(moment)
    return format_html(
        '<time data-local datetime="{}">{} {}</time>', here.isoformat(timespec="seconds"), localize(here), here.tzname()
    )
