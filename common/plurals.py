"""Texts with a number, in the plural forms of a language, for scripts that learn the number later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

#: A number of each category that CLDR has, as Intl.PluralRules names them. The catalogues' forms are in this order.
SAMPLES: Final = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}

#: A text, or its forms by category, and under ``by`` which of its values they go by.
Text = str | dict[str, str]


def plural_forms(by: str, translated: Callable[[int], str]) -> Text:
    """The forms of a text in the active language.

    :param by: the name of the value that decides.
    :param translated: the text for a number, a call of ``ngettext`` so that it is found for the catalogues.
    """
    other = translated(SAMPLES["other"])
    forms = {category: translated(number) for category, number in SAMPLES.items()}
    told = {category: form for category, form in forms.items() if form != other}
    return {"by": by, "other": other, **told}
