"""A field for a language tag that knows the languages by name: a teacher writes German, not "de"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf.locale import LANG_INFO
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

if TYPE_CHECKING:
    from django.forms.renderers import BaseRenderer


class LanguageInput(UnfoldAdminTextInputWidget):
    """Offers languages by their names in the page's language; takes such a name, or any tag."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The field, and the list of what it offers."""
        attrs = attrs or {}
        list_id = f"{attrs.get('id', name)}_languages"
        field = super().render(name, value, {**attrs, "list": list_id, "autocomplete": "off"}, renderer)
        by_name = sorted(_names().items(), key=lambda item: item[1].casefold())
        options = format_html_join("", '<option value="{}">{}</option>', by_name)
        return format_html('{}<datalist id="{}">{}</datalist>', field, list_id, options)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The tag, also where the language was written out."""
        return _tag_of(super().value_from_datadict(data, files, name))


class LanguageSelect(UnfoldAdminSelectWidget):
    """A list of languages by their names in the page's language, with the tag that is there if none of them has it."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """The list, made anew for each page: its names are in the language of the page."""
        names = {**{tag: tag for tag in value if tag}, **_names()}
        self.choices = sorted(names.items(), key=lambda item: item[1].casefold())
        groups: list[Any] = super().optgroups(name, value, attrs)
        return groups

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The tag, also where the language was written out."""
        return _tag_of(super().value_from_datadict(data, files, name))


def _tag_of(value: Any) -> Any:
    written = str(value or "").strip().casefold()
    return next((tag for tag, known in _names().items() if known.casefold() == written), value)


def language_name(tag: str) -> str:
    """A language by its name in the page's language; empty for none, the tag where there is no name."""
    return _names().get(tag, tag)


def _names() -> dict[str, str]:
    """Languages by tag."""
    return {
        _tag(code): get_language_info(code)["name_translated"] for code, info in LANG_INFO.items() if "name" in info
    }


def _tag(code: str) -> str:
    """Django's code of a language as a BCP 47 tag: ``pt-br`` is ``pt-BR``, ``zh-hans`` is ``zh-Hans``."""
    language, _, rest = code.partition("-")
    if not rest:
        return language
    return f"{language}-{rest.upper() if len(rest) == 2 else rest.capitalize()}"
