"""The plural forms that scripts are given."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import ngettext

from common.plurals import Text, plural_forms


def forms(language: str) -> Text:
    with translation.override(language):
        return plural_forms("points", lambda points: ngettext("%(points)s point", "%(points)s points", points))


def test_english_has_a_form_for_one_and_japanese_one_for_all() -> None:
    assert forms("en") == {"by": "points", "one": "%(points)s point", "other": "%(points)s points"}
    japanese = forms("ja")
    assert isinstance(japanese, dict)
    assert japanese.keys() == {"by", "other"}


def test_french_takes_nought_for_singular_and_arabic_tells_all_it_has() -> None:
    french, arabic = forms("fr"), forms("ar")
    assert isinstance(french, dict)
    assert isinstance(arabic, dict)
    assert french["zero"] == french["one"] != french["other"]
    assert len({arabic[category] for category in ("one", "two", "few", "other")}) == 4
    assert arabic.get("many", arabic["other"]) == arabic["other"]
