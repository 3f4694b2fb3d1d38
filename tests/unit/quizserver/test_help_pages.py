"""The pages of the documentation that the server shows itself."""

from __future__ import annotations

import pytest
from django.test import Client

from quizserver.help_pages import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_leads_nowhere_that_is_not_served(client: Client, name: str) -> None:
    page = client.get(f"/help/{name}")
    assert page.status_code == 200
    assert f"<h1>{PAGES[name]}</h1>" in page.text
    assert "<table>" in page.text
    assert '.md"' not in page.text
    assert "](" not in page.text


@pytest.mark.parametrize("name", ["settings", "..%2Fsettings", "first-lesson.md", "x"])
def test_no_other_file_is_shown(client: Client, name: str) -> None:
    assert client.get(f"/help/{name}").status_code == 404
