"""The catalogues: every text is in every language, with its placeholders, and pages come in the visitor's language."""

from __future__ import annotations

import re
from pathlib import Path

import django
import polib
import pytest
import unfold
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from common.config import BASE_DIR
from quizserver.theme_texts import DJANGO_TEXTS, THEME_TEXTS
from quizserver.translations import PLACEHOLDER, Text, catalogue_path, plural_count, texts_of, update_catalogue
from quizzes.services.demo import demo_quizzes
from quizzes.services.quizzes import quiz_create
from sessions.host.console_texts import console_texts
from sessions.pages.texts import player_texts, screen_texts

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != "en"]
TEXTS = texts_of(BASE_DIR)
MARKUP = re.compile(r"</?[a-z][^>]*>")

#: Braces that show what braces are.
EXAMPLES = {"Put the word in {braces} where it is inflected."}

#: Words that read wrong to people of the language, and came back with new texts (docs/translations.md).
WRONG_WORDS = {
    "ar": "اختبار|كدت تصيب|لم تُصب|تشكيل|^أُجيب:",
    "de": "Geschichte|Auch anerkennen|abgepasst|Lieber Koala|^Beantwortet|Löschen Quiz",
    "es": "[Cc]uestionario|[Ee]xpulsad|[Tt]iempo límite|[Ss]e confunden",
    "fr": "[Ll]angue des sens|question (est |était )?close|Lequel est bien orthographié|Pingouin|Phoque",
    "ja": "解けた問題|速さボーナス",
    "pt-br": "Mensagens demais|^Respondidas(:|$)",
    "vi": "[Đđ]ố vui",
}

every_language = pytest.mark.parametrize("language", LANGUAGES)


def catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(catalogue_path(BASE_DIR, language)))


def placeholders(text: str) -> list[str]:
    return sorted(match.group() for match in PLACEHOLDER.finditer(text))


@every_language
def test_it_has_every_text_of_the_code_and_no_other(language: str) -> None:
    found = {Text(entry.msgctxt or "", entry.msgid, entry.msgid_plural or "") for entry in catalogue(language)}
    assert found == set(TEXTS), "run `manage.py catalogs`, then translate what is new"


@every_language
def test_nothing_is_untranslated_or_fuzzy(language: str) -> None:
    texts = catalogue(language)
    assert [entry.msgid for entry in texts.untranslated_entries()] == []
    assert [entry.msgid for entry in texts.fuzzy_entries()] == []
    assert [entry.msgid for entry in texts.obsolete_entries()] == []


@every_language
def test_placeholders_and_markup_are_those_of_the_text(language: str) -> None:
    for entry in catalogue(language):
        if entry.msgid in EXAMPLES:
            continue
        if not entry.msgid_plural:
            assert placeholders(entry.msgstr) == placeholders(entry.msgid), entry.msgid
            assert sorted(MARKUP.findall(entry.msgstr)) == sorted(MARKUP.findall(entry.msgid)), entry.msgid
            continue
        forms = [entry.msgstr_plural[number] for number in sorted(entry.msgstr_plural)]
        for form in forms:
            # A form for one or two may leave the figure out.
            assert set(placeholders(form)) <= set(placeholders(entry.msgid_plural)), entry.msgid
        assert placeholders(forms[-1]) == placeholders(entry.msgid_plural), entry.msgid


@every_language
def test_counted_texts_have_every_form_of_the_language(language: str) -> None:
    texts = catalogue(language)
    for entry in texts:
        if entry.msgid_plural:
            assert len(entry.msgstr_plural) == plural_count(texts), entry.msgid
            assert all(entry.msgstr_plural.values()), entry.msgid


def test_french_is_set_with_narrow_spaces_and_round_apostrophes() -> None:
    wrong = re.compile(r"[^\u202f][;!?»]|[ \u00a0]:|«[^\u202f]|'")
    texts = [text for entry in catalogue("fr") for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in texts if wrong.search(text)] == [], "see docs/translations.md"


@every_language
def test_the_compiled_catalogue_speaks(language: str) -> None:
    with override("en"):
        english = {**console_texts(), **player_texts(), **screen_texts()}
    with override(language):
        translated = {**console_texts(), **player_texts(), **screen_texts()}
    same = [key for key in english if english[key] == translated[key] and re.search("[a-z]{4}", str(english[key]))]
    assert len(same) < len(english) / 20, same


@pytest.mark.parametrize("accept", ["de", "de-AT,de;q=0.9,en;q=0.5"])
@pytest.mark.django_db
def test_a_page_comes_in_the_visitors_language(accept: str) -> None:
    page = Client().get("/admin/login/", headers={"accept-language": accept}).content.decode()
    assert '<html lang="de" dir="ltr"' in page
    assert "Quizserver" in page


@pytest.mark.parametrize("accept", ["pt", "pt-PT", "pt-BR,pt;q=0.9,en;q=0.5"])
@pytest.mark.django_db
def test_every_portuguese_visitor_gets_the_brazilian_pages(accept: str) -> None:
    page = Client().get("/admin/login/", headers={"accept-language": accept}).content.decode()
    assert '<html lang="pt-br" dir="ltr"' in page


@pytest.mark.django_db
def test_arabic_is_written_from_right_to_left() -> None:
    page = Client().get("/admin/login/", headers={"accept-language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in page


@pytest.mark.django_db
def test_the_switcher_is_remembered() -> None:
    client = Client(headers={"accept-language": "fr"})
    response = client.post("/i18n/setlang/", {"language": "es", "next": "/admin/login/"})
    assert response.headers["Location"] == "/admin/login/"
    assert '<html lang="es"' in client.get("/admin/login/").content.decode()


@every_language
def test_no_wrong_word_comes_back(language: str) -> None:
    entries = polib.pofile(str(catalogue_path(BASE_DIR, language)))
    said = [text for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())]
    assert [text for text in said if re.search(WRONG_WORDS[language], text)] == []


def test_texts_are_found_in_code_and_templates(tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "sessions" / "code.py").write_text(
        'a = _("one " "text")\nb = pgettext("bank", "note")\nc = ngettext("a cat", "cats", n)\nd = _(variable)\n'
    )
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}{% translate "in (parentheses)" %}{% translate "right" context "answer" %}'
        "{% blocktranslate count n=n %}{{ n }} dog{% plural %}{{ n }} dogs{% endblocktranslate %}"
        "{% blocktranslate with name=user.name %}Hi {{ name }}{% endblocktranslate %}"
    )
    assert set(texts_of(tmp_path)) == {
        Text("", "one text"),
        Text("bank", "note"),
        Text("", "a cat", "cats"),
        Text("", "in (parentheses)"),
        Text("answer", "right"),
        Text("", "%(n)s dog", "%(n)s dogs"),
        Text("", "Hi %(name)s"),
    }


def test_the_themes_texts_are_those_it_has() -> None:
    theme = Path(unfold.__file__).parent
    words = " ".join(path.read_text() for kind in ("*.py", "*.html") for path in theme.rglob(kind))
    assert [text for text in THEME_TEXTS if text not in words] == []


@pytest.mark.django_db
def test_the_theme_speaks_the_visitors_language() -> None:
    page = Client().get("/admin/login/", headers={"accept-language": "de"}).content.decode()
    assert "Willkommen beim Quizserver" in page
    assert "Welcome" not in page


def test_what_we_say_in_djangos_place_it_says() -> None:
    catalogue = Path(django.__file__).parent / "contrib/admin/locale/de/LC_MESSAGES/django.po"
    known = {entry.msgid for entry in polib.pofile(str(catalogue))}
    assert [text for text in DJANGO_TEXTS if text not in known] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ["Quiz löschen", "Verlauf", "Speichern und weiter bearbeiten"]),
        ("es", ["Eliminar quiz", "Historial"]),
        ("fr", ["Supprimer\u202f: quiz", "Historique"]),
        ("ja", ["クイズを削除", "履歴"]),
        ("pt-br", ["Excluir quiz", "Histórico"]),
        ("vi", ["Xóa quiz", "Lịch sử"]),
        ("ar", ["حذف مسابقة", "السجل"]),
    ],
)
def test_the_editor_names_its_buttons_in_the_order_of_the_language(
    admin_client: Client, language: str, said: list[str]
) -> None:
    quiz = quiz_create(next(iter(demo_quizzes())))
    page = admin_client.get(f"/admin/quizzes/quiz/{quiz.pk}/change/", headers={"accept-language": language}).text
    assert [text for text in said if not re.search(text, page)] == []
    assert "Geschichte" not in page


@pytest.mark.django_db
def test_a_host_is_welcomed_in_one_sentence() -> None:
    def page(language: str) -> str:
        return Client().get("/admin/login/", headers={"accept-language": language}).text

    assert "クイズサーバーへようこそ" in page("ja")
    assert "Bienvenue sur le serveur de quiz" in page("fr")


def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    old = polib.POFile()
    old.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=2; plural=(n != 1);"}
    old.append(polib.POEntry(msgid="kept", msgstr="behalten"))
    old.append(polib.POEntry(msgid="gone", msgstr="fort"))
    old.save(str(path))
    updated = update_catalogue(path, {Text("", "kept"): {"a.py"}, Text("", "a cat", "cats"): {"a.py"}})
    assert {entry.msgid: entry.msgstr for entry in updated} == {"kept": "behalten", "a cat": ""}
    assert [entry.msgid for entry in updated.untranslated_entries()] == ["a cat"]
