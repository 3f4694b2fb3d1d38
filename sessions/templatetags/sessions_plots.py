"""Filters for the plots of the results page."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def number(value: float) -> str:
    """A number as SVG attributes need it, whatever the language of the page writes."""
    return f"{value:g}"


@register.filter
def plus(value: float, other: float) -> float:
    """The sum."""
    return value + other


@register.filter
def minus(value: float, other: float) -> float:
    """The difference."""
    return value - other


@register.filter
def seconds(milliseconds: int) -> str:
    """Milliseconds as seconds with one decimal, in the language of the page."""
    return number_format(milliseconds / 1000, 1)
